"""A change in a few words, for the mark on the curves and the list of what happened."""

from __future__ import annotations

from typing import Any

from .config import Config, diff


def change_text(old: Config, new: Config) -> str:
    """The change on one line: "optimizer: sgd → adam, learning_rate: 0.1 → 0.01"."""
    parts = []
    for path, (before, after) in diff(old, new).items():
        name = path.removesuffix(".name").removeprefix("regularization.")
        section, _, key = name.rpartition(".")
        short = key if section in ("optimizer", "schedule", "training", "network", "data", "loss") else name
        parts.append(f"{short}: {_value(before)} → {_value(after)}")
    return ", ".join(parts[:4]) + (f" and {len(parts) - 4} more" if len(parts) > 4 else "")


def starts_segment(old: Config, new: Config) -> bool:
    """Whether the unit of the loss changed."""
    return any(path.startswith(("loss.", "data.")) for path in diff(old, new))


def _value(value: Any) -> str:
    if isinstance(value, float):
        return f"{value:g}"
    if isinstance(value, tuple):
        return "[" + ", ".join(_value(item) for item in value) + "]"
    return "–" if value is None or value == "" else str(value)
