"""Pictures of discs, squares, triangles and crosses of random size and place, with soft edges.

Each is drawn from its distance function, so that any resolution works and the edges carry where they lie.
"""

from __future__ import annotations

import numpy as np

from ..registry import Param, Settings
from .base import AS_IMAGE, AUTOENCODER, N_SAMPLES, Dataset, Samples, equal_classes, noise, pictures, pixels_within

_NAMES = ("disc", "square", "triangle", "cross")


def _distance(kind: int, x: np.ndarray, y: np.ndarray) -> np.ndarray:
    """Distance outside the outline of a shape of size 1 (negative inside), up to a factor near 1."""
    distance: np.ndarray
    if kind == 0:
        distance = np.hypot(x, y) - 1.0
    elif kind == 1:
        distance = np.maximum(np.abs(x), np.abs(y)) - 0.85
    elif kind == 2:
        distance = np.maximum(y - 0.7, 0.894 * np.abs(x) - 0.447 * y - 0.447)
    else:
        lying = np.maximum(np.abs(x) - 1.0, np.abs(y) - 0.3)
        upright = np.maximum(np.abs(y) - 1.0, np.abs(x) - 0.3)
        distance = np.minimum(lying, upright)
    return distance


def load(settings: Settings, rng: np.random.Generator) -> Samples:
    """Draw each shape at a random place in a random size."""
    size = settings["size"]
    pixels_within(settings["n_samples"], size)
    labels = rng.permutation(equal_classes(settings["n_samples"], len(_NAMES)))
    radius = rng.uniform(0.22, 0.38, len(labels)) * size
    place = radius + (size - 2.0 * radius) * rng.random((2, len(labels)))
    pixel = np.arange(size) + 0.5
    images = np.empty((len(labels), 1, size, size))
    for kind in range(len(_NAMES)):
        of = labels == kind
        unit = radius[of, None, None]
        x = (pixel[None, None, :] - place[0, of, None, None]) / unit
        y = (pixel[None, :, None] - place[1, of, None, None]) / unit
        images[of, 0] = np.clip(0.5 - _distance(kind, x, y) * unit, 0.0, 1.0)
    images += settings["noise"] * rng.normal(size=images.shape)
    return pictures(images, labels, _NAMES, settings)


SHAPES = Dataset(
    name="shapes",
    title="Drawn shapes",
    summary="Pictures of discs, squares, triangles and crosses anywhere in the frame.",
    formula="brightness = clip(1/2 - distance to the outline, 0, 1)",
    params=(
        N_SAMPLES,
        noise(0.05, "the pixels"),
        Param(name="size", default=12, low=8, high=64, unit="pixels", summary="Width and height of a picture."),
        AS_IMAGE,
        AUTOENCODER,
    ),
    load=load,
)
