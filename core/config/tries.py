"""The experiments of a lesson: what to change, what to ask oneself before, and what must come out.

A try is data in a preset, checked where the preset is read; the session makes it, the tests train it. What must come
out is an expression over the scores when it was made (`before_val_loss`) and a number of steps later (`val_loss`).
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass, fields
from types import MappingProxyType
from typing import Any

from ..errors import ConfigError
from ..registry import Param
from .build import as_table, unknown

MOST_TRIES = 3
"""Experiments of one lesson: each has a key of its own."""

METRICS = ("train_loss", "val_loss", "train_accuracy", "val_accuracy", "train_r2", "val_r2", "dead", "gradient_share")
"""Scores of the whole parts of the data, the largest share of dead units in a layer, and the gradient of the first
layer over that of the last."""
DIVERGED = "diverged"
"""In a check: 1 where the run has diverged, else 0."""
NAMES = (*METRICS, DIVERGED, *(f"before_{name}" for name in METRICS))
"""What a check may speak of."""

LABELS = {
    "train_loss": "training loss",
    "val_loss": "validation loss",
    "train_accuracy": "training accuracy",
    "val_accuracy": "validation accuracy",
    "train_r2": "training R²",
    "val_r2": "validation R²",
    "dead": "share of dead units",
    "gradient_share": "first gradient / last gradient",
}
"""The scores in words."""

PANELS = (
    "loss",
    "decision",
    "fit",
    "scatter",
    "samples",
    "confusion",
    "network",
    "controls",
    "rate",
    "score",
    "layers",
    "events",
    "lesson",
    "weights",
    "doctor",
    "pictures",
    "branches",
)
"""What a lesson can ask a screen to show."""


@dataclass(frozen=True, kw_only=True)
class Try:
    """One experiment of a lesson."""

    say: str
    """What is done, in the words of the controls."""
    change: Mapping[str, Any]
    """Config paths and their new values."""
    restart: bool = False
    """Whether it begins again from the first weights."""
    question: str
    """What to ask oneself before."""
    answer: str
    """Shown once it was tried."""
    after: int
    """Steps after which it is looked at."""
    check: str
    """What holds then: "val_loss < before_val_loss / 2"."""

    def holds(self, before: Mapping[str, float], after: Mapping[str, float]) -> bool:
        """Whether what was foretold came out.

        Args:
            before: Scores when it was made.
            after: Scores `after` steps later, with `DIVERGED`.
        """
        known = {name: after.get(name, math.nan) for name in (*METRICS, DIVERGED)}
        known |= {f"before_{name}": before.get(name, math.nan) for name in METRICS}
        import numpy as np  # the list of presets does without

        from ..expression import compile_expression

        values = {name: np.array(value) for name, value in known.items()}
        return bool(compile_expression(self.check, NAMES)(**values).all())

    def speaks_of(self) -> tuple[str, ...]:
        """The scores that its check compares."""
        words = set(re.findall(r"\w+", self.check))
        return tuple(name for name in METRICS if name in words or f"before_{name}" in words)

    def outcome(self, before: Mapping[str, float], after: Mapping[str, float]) -> str:
        """What came out, in numbers: "validation loss 0.31 → 0.04"."""
        if after.get(DIVERGED):
            return "the run diverged"
        names = [name for name in self.speaks_of() if name in after]
        return ", ".join(f"{LABELS[name]} {_number(before.get(name))} → {_number(after[name])}" for name in names)

    def table(self) -> dict[str, object]:
        """As it stands in a preset."""
        change = {path: list(value) if isinstance(value, tuple) else value for path, value in self.change.items()}
        restart = {"restart": True} if self.restart else {}
        return {
            "say": self.say,
            "change": change,
            **restart,
            "question": self.question,
            "answer": self.answer,
            "after": self.after,
            "check": self.check,
        }


AT = Param(name="at", default=0, low=0, high=10**12, unit="steps", summary="The step before which it is made.")
MOST_PLANNED = 1000
"""Changes to come in a preset."""
AFTER = Param(name="after", default=1, low=1, high=10**9, unit="steps", summary="Steps after which it is looked at.")


def tries_from(tables: object, path: str) -> tuple[Try, ...]:
    """The experiments that stand in a preset.

    Raises:
        ConfigError: One of them lacks something or says what is not allowed; names its place.
    """
    if not isinstance(tables, (list, tuple)) or len(tables) > MOST_TRIES:
        value = len(tables) if isinstance(tables, (list, tuple)) else tables
        raise ConfigError("is not allowed", field=path, value=value, allowed=f"at most {MOST_TRIES} tables")
    return tuple(item if isinstance(item, Try) else _try(item, f"{path}.{i}") for i, item in enumerate(tables))


def plan_from(tables: object, config: Any, path: str) -> dict[int, dict[str, object]]:
    """The changes to come that stand in a preset, step -> Config paths and values, tried one after the other.

    Args:
        tables: `at` a step, `change` a table of settings.
        config: In force before the first.
        path: Where they stand.

    Raises:
        ConfigError: One of them lacks something or asks for what is not allowed; names its place.
    """
    if not isinstance(tables, (list, tuple)) or len(tables) > MOST_PLANNED:
        raise ConfigError("is not allowed", field=path, allowed=f"at most {MOST_PLANNED} tables")
    found: dict[int, tuple[str, dict[str, object]]] = {}
    for i, values in enumerate(tables):
        table = as_table(values, f"{path}.{i}")
        for key in table:
            if key not in ("at", "change"):
                raise unknown(f"{path}.{i}.{key}", ("at", "change"))
        for key in ("at", "change"):
            if key not in table:
                raise ConfigError("is missing", field=f"{path}.{i}.{key}")
        at: int = AT.check(table["at"], f"{path}.{i}.at")
        change = _flat(as_table(table["change"], f"{path}.{i}.change"))
        if at in found or not change:
            problem = "is planned twice" if at in found else "changes nothing"
            raise ConfigError(problem, field=f"{path}.{i}.{'at' if at in found else 'change'}", value=at)
        found[at] = f"{path}.{i}.change", change
    for at in sorted(found):
        config = _tried(config, found[at][1], found[at][0])
    return {at: found[at][1] for at in sorted(found)}


def plan_tables(plan: Mapping[int, Mapping[str, object]]) -> list[dict[str, object]]:
    """Changes to come as they stand in a preset."""
    return [
        {"at": at, "change": {p: list(v) if isinstance(v, tuple) else v for p, v in plan[at].items()}}
        for at in sorted(plan)
    ]


def check_changes(tries: tuple[Try, ...], config: Any, path: str) -> None:
    """Refuse an experiment whose change the preset's own settings do not allow.

    Raises:
        ConfigError: Names the try and the setting.
    """
    for i, one in enumerate(tries):
        _tried(config, one.change, f"{path}.{i}.change")


def _tried(config: Any, changes: Mapping[str, object], path: str) -> Any:
    """The Config with changes; what it refuses is named by its place in the preset."""
    try:
        return config.with_changes(changes)
    except ConfigError as error:
        field = f"{path}.{error.field}" if error.field else path
        raise ConfigError(
            error.problem, field=field, value=error.value, allowed=error.allowed, choices=error.choices
        ) from None


def _try(values: object, path: str) -> Try:
    table = as_table(values, path)
    names = [item.name for item in fields(Try)]
    for key in table:
        if key not in names:
            raise unknown(f"{path}.{key}", names)
    for key in names:
        if key not in table and key != "restart":
            raise ConfigError("is missing", field=f"{path}.{key}")
    restart, change = table.get("restart", False), _flat(as_table(table["change"], f"{path}.change"))
    if not isinstance(restart, bool):
        raise ConfigError("is not allowed", field=f"{path}.restart", value=restart, allowed="true or false")
    if not change:
        raise ConfigError("changes nothing", field=f"{path}.change")
    words = {key: _text(table[key], f"{path}.{key}") for key in ("say", "question", "answer", "check")}
    _check_check(words["check"], f"{path}.check")
    after: int = AFTER.check(table["after"], f"{path}.after")
    return Try(change=MappingProxyType(change), restart=restart, after=after, **words)


def _number(value: float | None) -> str:
    return f"{value:.3g}" if value is not None and math.isfinite(value) else "–"


def _text(value: object, path: str) -> str:
    if not isinstance(value, str) or not value.strip():
        raise ConfigError("is not allowed", field=path, value=value, allowed="text")
    return " ".join(value.split())


def _flat(table: Mapping[str, object], path: str = "") -> dict[str, object]:
    """Tables in tables as one, their keys joined by dots; lists as tuples."""
    flat: dict[str, object] = {}
    for key, value in table.items():
        at = f"{path}.{key}" if path else key
        if isinstance(value, Mapping):
            flat |= _flat({str(name): item for name, item in value.items()}, at)
        else:
            flat[at] = tuple(value) if isinstance(value, list) else value
    return flat


def _check_check(text: str, path: str) -> None:
    """Refuse a check that cannot be read, or is a number and neither true nor false."""
    from ..expression import compile_expression

    try:
        compile_expression(text, NAMES)
    except ConfigError as error:
        raise ConfigError(error.problem, field=path, value=text, allowed=error.allowed, column=error.column) from None
    if not any(sign in text for sign in "<>="):
        example = "a comparison, such as val_loss < before_val_loss / 2"
        raise ConfigError("is neither true nor false", field=path, value=text, allowed=example)
