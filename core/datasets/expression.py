"""A function the user types, f(x), sampled over a range: the data for "can a network learn any function?"."""

from __future__ import annotations

import numpy as np

from ..errors import ConfigError
from ..expression import compile_expression
from ..registry import Param, Settings
from .base import HALF_WIDTH, N_SAMPLES, Dataset, Samples, line_values, noise


def load(settings: Settings, rng: np.random.Generator) -> Samples:
    """Sample the user's function.

    Raises:
        ConfigError: It cannot be read, or has no finite value at some x.
    """
    low, high, text = settings["x_low"], settings["x_high"], settings["formula"]
    if low >= high:
        raise ConfigError("must lie below x_high", field="data.x_low", value=low, allowed=f"a number below {high:g}")
    try:
        f = compile_expression(text, ("x",))
    except ConfigError as error:
        raise ConfigError(
            error.problem,
            field="data.formula",
            value=text,
            allowed=error.allowed,
            choices=error.choices,
            column=error.column,
        ) from error

    def checked(x: np.ndarray) -> np.ndarray:
        y: np.ndarray = f(x=x)
        bad = ~(np.abs(y) < 1e30)
        if bad.any():
            problem = f"has no finite value at x = {x[np.flatnonzero(bad)[0]]:.4g}"
            raise ConfigError(problem, field="data.formula", value=text)
        return y

    return line_values(checked, settings, rng, low, high)


EXPRESSION = Dataset(
    name="expression",
    title="Your own f(x)",
    summary="Any function of x you type, such as sin(3*x) + abs(x).",
    formula="y = f(x)",
    params=(
        Param(name="formula", default="sin(2*x) + 0.3*x", summary="The function, written with x."),
        Param(name="x_low", default=-HALF_WIDTH, low=-1000.0, high=1000.0, summary="Smallest x."),
        Param(name="x_high", default=HALF_WIDTH, low=-1000.0, high=1000.0, summary="Largest x."),
        N_SAMPLES,
        noise(0.1, "the values"),
    ),
    load=load,
)
