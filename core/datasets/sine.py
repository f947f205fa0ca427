"""Sine waves over (-3, 3)."""

from __future__ import annotations

import numpy as np

from ..registry import Param, Settings
from .base import HALF_WIDTH, N_SAMPLES, Dataset, Samples, line_values, noise


def load(settings: Settings, rng: np.random.Generator) -> Samples:
    """Sample the waves."""
    per_unit = 2.0 * np.pi * settings["waves"] / (2.0 * HALF_WIDTH)
    return line_values(lambda x: np.sin(per_unit * (x + HALF_WIDTH)), settings, rng)


SINE = Dataset(
    name="sine",
    title="Sine",
    summary="Sine waves of one length.",
    formula="y = sin(2 pi waves (x + 3) / 6)",
    paper="common practice",
    params=(
        N_SAMPLES,
        noise(0.1, "the values"),
        Param(name="waves", default=2.0, low=0.1, high=20.0, summary="Number of waves; more need more units."),
    ),
    load=load,
)
