"""A condition on the metrics of a run, as typed: 'val_accuracy >= 0.95 or step >= 20000'."""

from __future__ import annotations

import ast
import math
import re
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from ..errors import ConfigError
from ..expression import compile_expression

if TYPE_CHECKING:  # a condition is read before the compiler is loaded
    from .trainer import Trainer

METRICS = (
    "train_loss",
    "val_loss",
    "train_accuracy",
    "val_accuracy",
    "train_r2",
    "val_r2",
    "learning_rate",
    "step",
    "epoch",
    "elapsed_s",
)
"""Names a condition may use."""
FLAG = "--until"


@dataclass(frozen=True)
class Condition:
    """What has to hold, and what must be known to say whether it does."""

    text: str
    """As typed."""
    holds: Callable[[Mapping[str, float]], bool]
    """Whether it holds for these metrics; one that is missing is not a number."""
    needs: frozenset[str]
    """Metrics it uses."""
    stops: tuple[int, ...]
    """Steps at which to look at it."""

    def check_known(self, names: Collection[str]) -> None:
        """Refuse a condition that could never hold because the run has no such metric.

        Args:
            names: Metrics the run has.

        Raises:
            ConfigError: Names the metrics this run has.
        """
        of_run = [name for name in METRICS if name in names or not name.startswith(("train_", "val_"))]
        for name in sorted(self.needs.difference(of_run)):
            raise ConfigError("is not a metric of this run", field=FLAG, value=name, choices=of_run)


def read_condition(text: str) -> Condition:
    """The condition a text says.

    Raises:
        ConfigError: It cannot be read, or compares nothing.
    """
    try:
        condition = compile_expression(text, METRICS)
    except ConfigError as error:
        raise ConfigError(error.problem, field=FLAG, value=text, allowed=error.allowed) from None
    if not _compares(ast.parse(text.strip(), mode="eval").body):
        example = "a comparison, such as 'val_accuracy >= 0.95 or step >= 20000'"
        raise ConfigError("is neither true nor false", field=FLAG, value=text, allowed=example)
    names = frozenset(name for name in METRICS if re.search(rf"\b{name}\b", text))
    stops = tuple(int(number) for number in re.findall(r"\bstep\s*[><=]+\s*(\d+)", text))

    def holds(metrics: Mapping[str, float]) -> bool:
        values = {name: np.array(metrics.get(name, math.nan)) for name in METRICS}
        return bool(np.all(condition(**values)))

    return Condition(text, holds, names, stops)


def measure(trainer: Trainer, needs: frozenset[str], elapsed_s: float) -> dict[str, float]:
    """The metrics asked for, as they are now."""
    metrics = {
        "step": float(trainer.step),
        "epoch": float(trainer.epoch),
        "elapsed_s": elapsed_s,
        "learning_rate": float(trainer.learning_rate),
    }
    for part in ("train", "val"):
        if any(name.startswith(f"{part}_") for name in needs):
            metrics |= {f"{part}_{name}": float(value) for name, value in trainer.evaluate(part).items()}
    return metrics


def _compares(node: ast.expr) -> bool:
    """Whether an expression is true or false, and not a number."""
    match node:
        case ast.Compare():
            return True
        case ast.BoolOp(values=parts):
            return all(map(_compares, parts))
        case ast.UnaryOp(op=ast.Not(), operand=operand):
            return _compares(operand)
        case ast.IfExp(body=body, orelse=orelse):
            return _compares(body) and _compares(orelse)
    return False
