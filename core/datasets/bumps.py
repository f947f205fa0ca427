"""Narrow hills and valleys that alternate, evenly spaced over (-3, 3)."""

from __future__ import annotations

import numpy as np

from ..registry import Param, Settings
from .base import HALF_WIDTH, N_SAMPLES, Dataset, Samples, line_values, noise


def load(settings: Settings, rng: np.random.Generator) -> Samples:
    """Place the hills and valleys evenly, and sample them."""
    n_bumps = settings["bumps"]
    gap = 2.0 * HALF_WIDTH / n_bumps
    centers = -HALF_WIDTH + gap * (np.arange(n_bumps) + 0.5)
    signs = np.where(np.arange(n_bumps) % 2 == 0, 1.0, -1.0)

    def hills(x: np.ndarray) -> np.ndarray:
        heights: np.ndarray = np.exp(-0.5 * ((x[:, None] - centers) / (0.15 * gap)) ** 2) @ signs
        return heights

    return line_values(hills, settings, rng)


BUMPS = Dataset(
    name="bumps",
    title="Bumps",
    summary="Narrow hills and valleys that alternate.",
    formula="y = sum of (-1)^k exp(-((x - c_k) / w)^2 / 2)",
    paper="common practice",
    params=(
        N_SAMPLES,
        noise(0.1, "the values"),
        Param(name="bumps", default=4, low=1, high=20, summary="Number of hills and valleys."),
    ),
    load=load,
)
