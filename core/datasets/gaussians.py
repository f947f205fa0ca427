"""Round clouds around centers on a circle, one class each."""

from __future__ import annotations

import numpy as np

from ..registry import Param, Settings
from .base import FEATURES, N_SAMPLES, Dataset, Samples, circle, equal_classes, noise, plane_classes


def load(settings: Settings, rng: np.random.Generator) -> Samples:
    """Draw each point around the center of its class."""
    n_classes = settings["classes"]
    labels = equal_classes(settings["n_samples"], n_classes)
    centers = circle(np.full(n_classes, 3.0), np.pi / 4 + 2.0 * np.pi * np.arange(n_classes) / n_classes)
    points = centers[labels] + settings["spread"] * rng.normal(size=(len(labels), 2))
    return plane_classes(points, labels, tuple(f"cloud {i + 1}" for i in range(n_classes)), settings, rng)


GAUSSIANS = Dataset(
    name="gaussians",
    title="Gaussian clouds",
    summary="One round cloud per class; a straight line separates two of them.",
    formula="centers on a circle of radius 3, deviation `spread`",
    paper="Smilkov et al. 2017, arXiv:1708.03788",
    params=(
        N_SAMPLES,
        noise(0.0, "the points"),
        Param(name="classes", default=2, low=2, high=10, summary="Number of clouds."),
        Param(name="spread", default=0.8, low=0.0, high=5.0, summary="Standard deviation of each cloud."),
        FEATURES,
    ),
    load=load,
)
