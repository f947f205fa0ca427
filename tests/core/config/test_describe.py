"""What changed is said in words a person would type."""

from __future__ import annotations

from typing import Any

import pytest

from dltui.core import ConfigError, load_preset
from dltui.core.config.describe import change_text

CHANGES: list[tuple[str, dict[str, Any], str]] = [
    ("spiral", {"network.hidden": [24, 16, 8]}, "hidden: 16 16 → 24 16 8"),
    ("spiral", {"network.hidden": []}, "hidden: 16 16 → none"),
    ("spiral", {"training.shuffle": False}, "shuffle: on → off"),
    ("spiral", {"optimizer.name": "sgd"}, "optimizer: adam → sgd"),
    ("digits_conv", {"network.hidden": [32]}, "hidden: none → 32"),
    ("spiral", {"network.layers": [{"kind": "batch_norm"}]}, "layers: 16 16 → batch_norm"),
    ("schedule_cosine", {"schedule.t_max": 0}, "t_max: 4000 → the rest of the run"),
    ("digits_conv", {"network.layers.0.filters": 12}, "network.layers.0.filters: 8 → 12"),
]


@pytest.mark.parametrize(("preset", "changes", "text"), CHANGES, ids=[text for _, _, text in CHANGES])
def test_a_change_is_said_as_it_is_typed(preset: str, changes: dict[str, Any], text: str) -> None:
    config = load_preset(preset)
    assert change_text(config, config.with_changes(changes)) == text


def test_no_change_shows_how_it_is_kept() -> None:
    config = load_preset("digits_conv")
    for info in config.fields():
        for value in info.choices:
            if value != info.value:
                try:
                    changed = config.with_changes({info.path: value})
                except ConfigError:
                    continue
                assert not set("{}'=") & set(change_text(config, changed))
