"""A staircase from -1 to 1 over (-3, 3)."""

from __future__ import annotations

import numpy as np

from ..registry import Param, Settings
from .base import HALF_WIDTH, N_SAMPLES, Dataset, Samples, line_values, noise


def load(settings: Settings, rng: np.random.Generator) -> Samples:
    """Sample the staircase."""
    n_steps = settings["steps"]

    def stairs(x: np.ndarray) -> np.ndarray:
        level = np.floor((x + HALF_WIDTH) / (2.0 * HALF_WIDTH) * (n_steps + 1))
        y: np.ndarray = 2.0 * np.minimum(level, n_steps) / n_steps - 1.0
        return y

    return line_values(stairs, settings, rng)


STEP = Dataset(
    name="step",
    title="Steps",
    summary="A staircase: jumps are hard for smooth units.",
    formula="y = -1 + 2 floor((steps + 1) t) / steps, t = (x + 3) / 6",
    paper="common practice",
    params=(
        N_SAMPLES,
        noise(0.1, "the values"),
        Param(name="steps", default=1, low=1, high=20, summary="Number of jumps."),
    ),
    load=load,
)
