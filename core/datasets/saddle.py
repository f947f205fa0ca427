"""A saddle over two inputs: the regression twin of XOR."""

from __future__ import annotations

import numpy as np

from ..registry import Settings
from .base import FEATURES, N_SAMPLES, Dataset, Samples, noise, plane_values


def _height(x1: np.ndarray, x2: np.ndarray) -> np.ndarray:
    y: np.ndarray = x1 * x2 / 18.0
    return y


def load(settings: Settings, rng: np.random.Generator) -> Samples:
    """Sample the saddle."""
    return plane_values(_height, settings, rng)


SADDLE = Dataset(
    name="saddle",
    title="Saddle",
    summary="Up along one diagonal, down along the other; not linear.",
    formula="y = x1 x2 / 18",
    paper="common practice",
    params=(N_SAMPLES, noise(0.05, "the values"), FEATURES),
    load=load,
)
