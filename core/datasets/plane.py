"""A tilted plane over two inputs, as in TensorFlow Playground."""

from __future__ import annotations

import numpy as np

from ..registry import Settings
from .base import FEATURES, N_SAMPLES, Dataset, Samples, noise, plane_values


def _height(x1: np.ndarray, x2: np.ndarray) -> np.ndarray:
    y: np.ndarray = (x1 + x2) / 10.0
    return y


def load(settings: Settings, rng: np.random.Generator) -> Samples:
    """Sample the plane."""
    return plane_values(_height, settings, rng)


PLANE = Dataset(
    name="plane",
    title="Plane",
    summary="A tilted plane: one linear unit is enough.",
    formula="y = (x1 + x2) / 10",
    paper="Smilkov et al. 2017, arXiv:1708.03788",
    params=(N_SAMPLES, noise(0.05, "the values"), FEATURES),
    load=load,
)
