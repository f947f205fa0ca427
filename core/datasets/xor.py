"""The four quarters of a square, opposite ones in one class: what a perceptron cannot learn."""

from __future__ import annotations

import numpy as np

from ..registry import Settings
from .base import FEATURES, N_SAMPLES, Dataset, Samples, equal_classes, noise, plane_classes


def load(settings: Settings, rng: np.random.Generator) -> Samples:
    """Draw points in all four quarters, away from the axes."""
    labels = equal_classes(settings["n_samples"], 2)
    gap = 0.3
    sizes = rng.uniform(gap, 5.0, (len(labels), 2))
    first = rng.choice((-1.0, 1.0), len(labels))
    second = np.where(labels == 1, first, -first)
    points = sizes * np.stack((first, second), axis=1)
    return plane_classes(points, labels, ("different signs", "same signs"), settings, rng)


XOR = Dataset(
    name="xor",
    title="XOR",
    summary="Opposite corners belong together; needs a hidden layer.",
    formula="class 1 where x1 x2 > 0",
    paper="Minsky, Papert 1969, Perceptrons",
    params=(N_SAMPLES, noise(0.0, "the points"), FEATURES),
    load=load,
)
