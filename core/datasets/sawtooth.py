"""Straight rises from -1 to 1 with a sudden fall after each."""

from __future__ import annotations

import numpy as np

from ..registry import Param, Settings
from .base import HALF_WIDTH, N_SAMPLES, Dataset, Samples, line_values, noise


def load(settings: Settings, rng: np.random.Generator) -> Samples:
    """Sample the teeth."""
    per_unit = settings["teeth"] / (2.0 * HALF_WIDTH)
    return line_values(lambda x: 2.0 * (((x + HALF_WIDTH) * per_unit) % 1.0) - 1.0, settings, rng)


SAWTOOTH = Dataset(
    name="sawtooth",
    title="Sawtooth",
    summary="Straight rises with a sudden fall after each.",
    formula="y = 2 frac(teeth (x + 3) / 6) - 1",
    paper="common practice",
    params=(
        N_SAMPLES,
        noise(0.1, "the values"),
        Param(name="teeth", default=3, low=1, high=20, summary="Number of teeth; more need more units."),
    ),
    load=load,
)
