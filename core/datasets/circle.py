"""A disc inside a ring, as in TensorFlow Playground."""

from __future__ import annotations

import numpy as np

from ..registry import Settings
from .base import FEATURES, N_SAMPLES, Dataset, Samples, circle, equal_classes, noise, plane_classes


def load(settings: Settings, rng: np.random.Generator) -> Samples:
    """Draw half of the points in the disc and half in the ring."""
    labels = equal_classes(settings["n_samples"], 2)
    share = rng.random(len(labels))
    radius = np.where(labels == 0, 2.5 * share, 3.5 + 1.5 * share)
    points = circle(radius, rng.uniform(0.0, 2.0 * np.pi, len(labels)))
    return plane_classes(points, labels, ("inner", "outer"), settings, rng)


CIRCLE = Dataset(
    name="circle",
    title="Circle",
    summary="A disc inside a ring: no straight line separates them.",
    formula="class 0 where the radius < 2.5, class 1 from 3.5 to 5",
    paper="Smilkov et al. 2017, arXiv:1708.03788",
    params=(N_SAMPLES, noise(0.1, "the points"), FEATURES),
    load=load,
)
