"""Six round hills and valleys over two inputs, as in TensorFlow Playground: cones of radius 2, height 1 or -1."""

from __future__ import annotations

import numpy as np

from ..registry import Settings
from .base import FEATURES, N_SAMPLES, Dataset, Samples, noise, plane_values

_HILLS = (
    (-4.0, 2.5, 1.0), (0.0, 2.5, -1.0), (4.0, 2.5, 1.0),
    (-4.0, -2.5, -1.0), (0.0, -2.5, 1.0), (4.0, -2.5, -1.0),
)  # fmt: skip
"""Place and height of each."""


def _height(x1: np.ndarray, x2: np.ndarray) -> np.ndarray:
    """The tallest of the cones over each point."""
    y = np.zeros_like(x1)
    for center1, center2, height in _HILLS:
        cone = height * np.maximum(0.0, 1.0 - np.hypot(x1 - center1, x2 - center2) / 2.0)
        y = np.where(np.abs(cone) > np.abs(y), cone, y)
    return y


def load(settings: Settings, rng: np.random.Generator) -> Samples:
    """Sample the hills and valleys."""
    return plane_values(_height, settings, rng)


MULTI_GAUSSIAN = Dataset(
    name="multi_gaussian",
    title="Hills and valleys",
    summary="Six round hills and valleys on a plane.",
    formula="y = sum of s_k max(0, 1 - |x - c_k| / 2)",
    paper="Smilkov et al. 2017, arXiv:1708.03788",
    params=(N_SAMPLES, noise(0.05, "the values"), FEATURES),
    load=load,
)
