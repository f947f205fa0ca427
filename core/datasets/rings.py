"""Concentric rings, one class each."""

from __future__ import annotations

import numpy as np

from ..registry import Param, Settings
from .base import FEATURES, N_SAMPLES, SIDE, Dataset, Samples, circle, equal_classes, noise, plane_classes


def load(settings: Settings, rng: np.random.Generator) -> Samples:
    """Draw each point within the ring of its class."""
    n_classes = settings["classes"]
    labels = equal_classes(settings["n_samples"], n_classes)
    width = SIDE / n_classes
    radius = (labels + 0.25 + 0.5 * rng.random(len(labels))) * width
    points = circle(radius, rng.uniform(0.0, 2.0 * np.pi, len(labels)))
    return plane_classes(points, labels, tuple(f"ring {i + 1}" for i in range(n_classes)), settings, rng)


RINGS = Dataset(
    name="rings",
    title="Rings",
    summary="Rings inside each other, one class each.",
    formula="radius = 6 (class + 1/2) / classes",
    paper="common practice",
    params=(
        N_SAMPLES,
        noise(0.1, "the points"),
        Param(name="classes", default=3, low=2, high=10, summary="Number of rings."),
        FEATURES,
    ),
    load=load,
)
