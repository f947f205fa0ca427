"""A change in a few words, for the mark on the curves and the list of what happened."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from ..layers import DEFAULT as DEFAULT_LAYER
from ..schedules.base import REST
from .by_hand import POINTS
from .config import Config, Differences, diff
from .sections import LayerConfig


def change_text(old: Config, new: Config, differences: Differences | None = None) -> str:
    """The change on one line: "optimizer: sgd → adam, learning_rate: 0.1 → 0.01".

    Args:
        old: The Config before.
        new: The Config after.
        differences: What `diff` says of the two, where it is known.
    """
    parts = []
    for path, (before, after) in (diff(old, new) if differences is None else differences).items():
        if path == "network.layers" and _others(before) == _others(after):
            path, before, after = "network.hidden", old.network.hidden, new.network.hidden
        name = path.removesuffix(".name").removeprefix("regularization.")
        section, _, key = name.rpartition(".")
        if path.startswith("schedule."):
            before, after = (_word(config, path, value) for config, value in ((old, before), (new, after)))
        if path == POINTS:  # told by how many there are
            before, after = f"{len(before)} edits", f"{len(after)} by hand"
        short = key if section in ("optimizer", "schedule", "training", "network", "data", "loss") else name
        parts.append(f"{short}: {_value(before)} → {_value(after)}")
    return ", ".join(parts[:4]) + (f" and {len(parts) - 4} more" if len(parts) > 4 else "")


def starts_segment(differences: Iterable[str]) -> bool:
    """Whether the unit of the loss changed, by the paths that did; it stays where a few points come and go."""
    return any(path.startswith(("loss.", "data.")) and path != POINTS for path in differences)


def _word(config: Config, path: str, value: Any) -> Any:
    """What a value of a schedule's setting means where it is a word."""
    schedule = config.schedule
    return REST if path == f"schedule.{schedule.member.length}" and value == 0 else value


def _value(value: Any) -> str:
    if isinstance(value, float):
        return f"{value:g}"
    if isinstance(value, bool):
        return "on" if value else "off"
    if isinstance(value, LayerConfig):
        return _layer(value)
    if isinstance(value, tuple) and value:
        return " ".join(_value(item) for item in value)
    if value == ():
        return "none"
    return "–" if value is None or value == "" else str(value)


def _others(layers: tuple[LayerConfig, ...]) -> list[LayerConfig]:
    """The layers that `hidden` does not tell of."""
    return [layer for layer in layers if layer.kind != DEFAULT_LAYER]


def _layer(layer: LayerConfig) -> str:
    """A layer as the short form of a network names it: a dense one by its units, another by its kind and size."""
    width = layer.member.width
    size = str(layer.settings[width]) if width else ""
    return size if layer.kind == DEFAULT_LAYER else f"{layer.kind}({size})" if size else layer.kind
