"""What prepares a row for the network is kept with the run, and does the same when it is read back."""

from pathlib import Path

import numpy as np
import pytest

from dltui.core import ConfigError, load_preset
from dltui.core.data import prepare
from dltui.core.data.preparation import data_without_rows, preparation_of


def test_all_that_prepares_a_row_survives(tmp_path: Path) -> None:
    rows = [f'{"" if i % 9 == 0 else i},{("red", "green", "")[i % 3]},"${i * 100:,}",{"ab"[i % 2]}' for i in range(60)]
    (tmp_path / "t.csv").write_text("size,color,price,kind\n" + "\n".join(rows) + "\n", encoding="utf-8")
    table = load_preset(tmp_path / "t.csv")
    presets = (load_preset("iris"), load_preset("digits"), load_preset("diabetes"), load_preset("autoencoder"))
    for config in (table, table.with_changes({"data.target": "price"}), *presets):
        data = prepare(config.data, 0)
        again = data_without_rows(preparation_of(data), "state")
        x = np.random.default_rng(0).normal(size=(7, *data.input_shape))
        np.testing.assert_array_equal(data.scale(x), again.scale(x))
        y = np.random.default_rng(0).normal(size=(7, data.n_outputs))
        np.testing.assert_array_equal(data.in_unit(y), again.in_unit(y))
        assert again.encoder == data.encoder
        for name in ("class_names", "input_names", "output_names", "digest", "task", "image_shape", "n_outputs"):
            assert getattr(again, name) == getattr(data, name)
        for name in ("class_counts", "target_mean"):
            np.testing.assert_array_equal(getattr(again, name), getattr(data, name))


def test_what_is_no_preparation_is_refused() -> None:
    sound = preparation_of(prepare(load_preset("iris").data, 0)).tobytes()
    swapped = [
        (b'"values"', b'"colors"'),
        (b"[4]", b"[-4]"),
        (b'"task"', b'"tusk"'),
        (b'"fitted":{', b'"fitted":{"a":{},'),
    ]
    broken = [b"", b"[]", b"{}", b'{"format": 2}', sound[:-5], *(sound.replace(a, b) for a, b in swapped if a in sound)]
    assert len(broken) > 6
    for content in broken:
        with pytest.raises(ConfigError):
            data_without_rows(np.frombuffer(content, np.uint8), "state")
