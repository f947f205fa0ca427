"""Bars and stripes: a small picture has either whole columns or whole rows lit, by chance.

The pictures all dark and all lit are both, and are left out.
"""

from __future__ import annotations

import numpy as np

from ..registry import Param, Settings
from .base import AS_IMAGE, AUTOENCODER, N_SAMPLES, Dataset, Samples, equal_classes, noise, pictures, pixels_within


def load(settings: Settings, rng: np.random.Generator) -> Samples:
    """Light whole columns or whole rows by chance."""
    size = settings["size"]
    pixels_within(settings["n_samples"], size)
    labels = rng.permutation(equal_classes(settings["n_samples"], 2))
    lit = rng.random((len(labels), size)) < 0.5
    # All lines equal would be both a bar and a stripe: one line of such a picture is turned over.
    same = np.flatnonzero((lit == lit[:, :1]).all(axis=1))
    lit[same, rng.integers(0, size, len(same))] ^= True
    images = np.repeat(lit[:, None, None, :].astype(np.float64), size, axis=2)
    stripes = labels == 1
    images[stripes] = images[stripes].transpose(0, 1, 3, 2)
    images += settings["noise"] * rng.normal(size=images.shape)
    return pictures(images, labels, ("bars", "stripes"), settings)


BARS_AND_STRIPES = Dataset(
    name="bars_and_stripes",
    title="Bars and stripes",
    summary="Small pictures of lit columns or lit rows.",
    formula="each column (bars) or row (stripes) lit with chance 1/2",
    paper="MacKay 2003, Information Theory, Inference and Learning Algorithms",
    params=(
        N_SAMPLES,
        noise(0.1, "the pixels"),
        Param(name="size", default=4, low=2, high=32, unit="pixels", summary="Width and height of a picture."),
        AS_IMAGE,
        AUTOENCODER,
    ),
    load=load,
)
