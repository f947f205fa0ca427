"""Arms wound around each other, one class each, as in TensorFlow Playground."""

from __future__ import annotations

import numpy as np

from ..registry import Param, Settings
from .base import FEATURES, N_SAMPLES, Dataset, Samples, circle, equal_classes, noise, plane_classes


def load(settings: Settings, rng: np.random.Generator) -> Samples:
    """Draw the points evenly along the arms."""
    n_classes = settings["classes"]
    labels = equal_classes(settings["n_samples"], n_classes)
    t = rng.random(len(labels))
    points = circle(5.0 * t, 2.0 * np.pi * (settings["turns"] * t + labels / n_classes))
    return plane_classes(points, labels, tuple(f"arm {i + 1}" for i in range(n_classes)), settings, rng)


SPIRAL = Dataset(
    name="spiral",
    title="Spirals",
    summary="Arms wound around each other: hard without hidden layers.",
    formula="radius = 5 t, angle = 2 pi (turns t + class / classes)",
    paper="Lang, Witbrock 1988, Learning to tell two spirals apart",
    params=(
        N_SAMPLES,
        noise(0.1, "the points"),
        Param(name="turns", default=1.75, low=0.1, high=6.0, summary="How often an arm goes around; more is harder."),
        Param(name="classes", default=2, low=2, high=10, summary="Number of arms."),
        FEATURES,
    ),
    load=load,
)
