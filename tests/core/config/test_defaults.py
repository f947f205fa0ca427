"""What a preset for a file leaves open: it follows from the size alone, and what is stated wins."""

import pytest

from dltui.core import Config
from dltui.core.config.defaults import complete_preset, settings_for
from dltui.core.tables.reading.size import Size


@pytest.mark.parametrize("n_rows", [1, 5, 60, 300, 3000, 20_000, 1_000_000])
@pytest.mark.parametrize("pictures", [False, True])
def test_every_size_has_settings_that_end_the_run(n_rows: int, pictures: bool) -> None:
    config = Config.from_dict(settings_for(Size(n_rows, 10, pictures)))
    assert config.training.max_epochs >= 10
    assert config.training.early_stopping > 0
    assert config.data.val_fraction == 0.2
    assert isinstance(config.training.batch_size, int)
    assert (config.data.scaler == "none") == pictures


def test_what_is_stated_wins() -> None:
    size = Size(500, 10)
    assert complete_preset({"data": {"val_fraction": 0.5}}, size)["data"]["val_fraction"] == 0.5
    assert "hidden" not in complete_preset({"network": {"layers": []}}, size)["network"]
    assert complete_preset({"optimizer": {"name": "sgd"}}, size)["optimizer"] == {"name": "sgd"}
    assert complete_preset({"optimizer": {"learning_rate": 0.5}}, size)["optimizer"] == {
        "name": "adam",
        "learning_rate": 0.5,
    }
    assert "max_epochs" not in complete_preset({"training": {"max_steps": 7}}, size)["training"]
    given = {"data": {"name": "csv"}, "training": "wrong"}
    assert complete_preset(given, size)["training"] == "wrong"
    assert given == {"data": {"name": "csv"}, "training": "wrong"}
