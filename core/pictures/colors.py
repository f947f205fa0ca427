"""The colors that carry values: one diverging scale, ten hues for classes, one gray scale.

Blue for positive and orange for negative stay apart for every common kind of color blindness, and so do the ten hues
(Okabe and Ito, extended). Scales come in few steps, so that a cell whose value barely moved is not sent again.
"""

from __future__ import annotations

from functools import lru_cache

import numpy as np

STEPS = 12
"""Steps from zero to one on a scale: few, since a shade nobody sees is not worth sending."""

_NEUTRAL = {True: (30, 33, 40), False: (240, 240, 240)}
_POSITIVE = {True: (47, 124, 214), False: (25, 105, 180)}
_NEGATIVE = {True: (224, 122, 20), False: (225, 115, 10)}
_HUES = (
    (47, 124, 214),
    (230, 159, 0),
    (0, 158, 115),
    (204, 121, 167),
    (86, 180, 233),
    (213, 94, 0),
    (240, 228, 66),
    (136, 34, 85),
    (150, 150, 150),
    (68, 170, 153),
)


def diverging(values: np.ndarray, dark: bool = True) -> np.ndarray:
    """Colors of values in [-1, 1].

    Args:
        values: Any shape; NaN is drawn as zero.
        dark: Whether zero is drawn dark.

    Returns:
        uint8 array of `values.shape + (3,)`.
    """
    index = np.rint(np.clip(np.nan_to_num(values, nan=0.0), -1, 1) * STEPS).astype(np.int64) + STEPS
    return np.asarray(_diverging_table(dark)[index])


def classes(shares: np.ndarray, dark: bool = True) -> np.ndarray:
    """Colors of class probabilities: the hue of the likeliest class, the stronger the surer.

    Args:
        shares: (..., n_classes) probabilities.
        dark: Whether "not sure" is drawn dark.

    Returns:
        uint8 array of `shares.shape[:-1] + (3,)`.
    """
    clean = np.nan_to_num(shares, nan=0.0)
    n = shares.shape[-1]
    best = clean.argmax(axis=-1)
    sure = np.clip((clean.max(axis=-1) - 1 / n) / max(1 - 1 / n, 1e-9), 0, 1)
    sure = np.rint(sure * STEPS) / STEPS
    hue = np.asarray(_HUES, float)[best % len(_HUES)]
    base = np.asarray(_NEUTRAL[dark], float)
    return np.asarray(base + (hue - base) * (0.15 + 0.75 * sure[..., None]), np.uint8)


def gray(values: np.ndarray) -> np.ndarray:
    """Gray of values in [0, 1], zero black: uint8 array of `values.shape + (3,)`."""
    level = np.rint(np.clip(np.nan_to_num(values, nan=0.0), 0, 1) * STEPS) / STEPS
    return np.repeat((14 + level * 226).astype(np.uint8)[..., None], 3, axis=-1)


@lru_cache(maxsize=64)
def hue(number: int) -> str:
    """The color of a class as a role."""
    return hex_color(_HUES[number % len(_HUES)])


@lru_cache(maxsize=64)
def tint(number: int, n_classes: int, dark: bool = True) -> str:
    """The color of a point of a class: like its region, but so much lighter or darker that it stands out on it."""
    pair = (_NEGATIVE[dark], _POSITIVE[dark])
    base = np.asarray(pair[number % 2] if n_classes <= 2 else _HUES[number % len(_HUES)], float)
    return hex_color(base + (255 - base) * 0.62 if dark else base * 0.45)


def signed(value: float, dark: bool = True) -> str:
    """The color of one value in [-1, 1] as a role."""
    return hex_color(diverging(np.asarray(value), dark))


def hex_color(rgb: np.ndarray | tuple[int, ...]) -> str:
    """A color as "#rrggbb"."""
    r, g, b = (int(c) for c in rgb)
    return f"#{r:02x}{g:02x}{b:02x}"


@lru_cache(maxsize=2)
def _diverging_table(dark: bool) -> np.ndarray:
    t = np.linspace(-1, 1, 2 * STEPS + 1)[:, None]
    zero = np.asarray(_NEUTRAL[dark], float)
    ends = np.where(t < 0, np.asarray(_NEGATIVE[dark], float), np.asarray(_POSITIVE[dark], float))
    strength = np.abs(t) ** 0.8
    return np.asarray(np.rint(zero + (ends - zero) * strength * 0.88), np.uint8)
