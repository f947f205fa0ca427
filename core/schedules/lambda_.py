"""A rate the user writes down. The text is parsed by an allowlist and tried over its horizon before it counts."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache

import numpy as np

from ..errors import ConfigError
from ..expression import Expression, compile_expression
from ..registry import Param, Settings
from .base import Clock, Schedule

HORIZON = 100_000
"""Steps over which an expression is tried before it is accepted."""
STEPS_PER_EPOCH = (1, 100)
"""Lengths of an epoch tried, as the data is not known yet."""


@lru_cache(maxsize=64)
def _compiled(text: str) -> Expression:
    return compile_expression(text, ("step", "epoch", "base"))


def _values(text: str, base: float, t: np.ndarray, epoch: np.ndarray) -> np.ndarray:
    return _compiled(text)(step=t, epoch=epoch, base=np.asarray(base))


def rates(base: float, clock: Clock, settings: Settings, memory: Mapping[str, float]) -> np.ndarray:
    """The user's expression; past the horizon it was tried over, what is negative or not finite becomes 0."""
    values = _values(settings["expression"], base, clock.t, clock.epoch)
    return np.where(np.isfinite(values) & (values > 0.0), values, 0.0)


def check(settings: Settings, base: float) -> None:
    """Try the expression over the horizon.

    Raises:
        ConfigError: It cannot be read, or is negative or not finite at some step.
    """
    text = settings["expression"]
    try:
        _compiled(text)
    except ConfigError as error:
        raise ConfigError(
            error.problem, field="expression", value=error.value, allowed=error.allowed, column=error.column
        ) from None
    t = np.arange(HORIZON)
    for length in STEPS_PER_EPOCH:
        values = _values(text, base, t, t // length)
        wrong = ~(np.isfinite(values) & (values >= 0.0))
        if wrong.any():
            step = int(np.argmax(wrong))
            what = "negative" if np.isfinite(values[step]) else "not finite"
            raise ConfigError(
                f"is {what} at step {step} (epoch {step // length}, base {base:g})",
                field="expression",
                value=text,
                allowed=f"finite rates of at least 0 over {HORIZON} steps",
            )


LAMBDA = Schedule(
    name="lambda",
    title="Your own formula",
    summary="A rate you write down yourself, as an expression of step, epoch and base.",
    formula="η(t) = expression(step, epoch, base)",
    paper="PyTorch LambdaLR",
    params=(
        Param(
            name="expression",
            default="base * 0.999 ** step",
            summary="Arithmetic with step, epoch, base, pi, e, min, max, exp, log, sqrt, sin, cos, …, if else.",
        ),
    ),
    rates=rates,
    check=check,
)
