"""Handwritten digits of 8 by 8 pixels (UCI optical recognition, test part), brightness 0 to 16 scaled to [0, 1]."""

from __future__ import annotations

import numpy as np

from ..registry import Settings
from .base import AS_IMAGE, AUTOENCODER, Dataset, Samples, pictures, shipped_rows


def load(settings: Settings, rng: np.random.Generator) -> Samples:
    """Read the shipped pictures."""
    rows = shipped_rows("digits.csv.gz")
    images = rows[:, :64].reshape(-1, 1, 8, 8) / 16.0
    return pictures(images, rows[:, 64], tuple(str(digit) for digit in range(10)), settings)


DIGITS = Dataset(
    name="digits",
    title="Handwritten digits",
    summary="1,797 pictures of 8 by 8 pixels, ten classes.",
    paper="Alpaydin, Kaynak 1998, UCI Machine Learning Repository, doi:10.24432/C50P49",
    params=(AS_IMAGE, AUTOENCODER),
    load=load,
    kind="real",
)
