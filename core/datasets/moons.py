"""Two half circles that reach into each other, scikit-learn's shape, centered and three times as large."""

from __future__ import annotations

import numpy as np

from ..registry import Settings
from .base import FEATURES, N_SAMPLES, Dataset, Samples, equal_classes, noise, plane_classes


def load(settings: Settings, rng: np.random.Generator) -> Samples:
    """Draw the points evenly along the two half circles."""
    labels = equal_classes(settings["n_samples"], 2)
    t = np.pi * rng.random(len(labels))
    upper = np.stack((np.cos(t), np.sin(t)), axis=1)
    lower = np.stack((1.0 - np.cos(t), 0.5 - np.sin(t)), axis=1)
    points = 3.0 * (np.where(labels[:, None] == 0, upper, lower) - np.array([0.5, 0.25]))
    return plane_classes(points, labels, ("upper", "lower"), settings, rng)


MOONS = Dataset(
    name="moons",
    title="Moons",
    summary="Two half circles that reach into each other.",
    formula="(cos t, sin t) and (1 - cos t, 1/2 - sin t), t in [0, pi], times 3",
    paper="Pedregosa et al. 2011, scikit-learn",
    params=(N_SAMPLES, noise(0.3, "the points"), FEATURES),
    load=load,
)
