"""Moves of training pictures, (channels, height, width): bilinear between pixels, the border going on beyond it."""

from __future__ import annotations

import numpy as np

from .randomness import mix, unit

Array = np.ndarray


def _taken(picture: Array, rows: Array, columns: Array) -> Array:
    """The picture at places between its pixels, each (height, width)."""
    height, width = picture.shape[1:]
    rows, columns = np.clip(rows, 0, height - 1), np.clip(columns, 0, width - 1)
    top, left = np.floor(rows).astype(int), np.floor(columns).astype(int)
    bottom, right = np.minimum(top + 1, height - 1), np.minimum(left + 1, width - 1)
    down, across = rows - top, columns - left
    upper = picture[:, top, left] * (1 - across) + picture[:, top, right] * across
    lower = picture[:, bottom, left] * (1 - across) + picture[:, bottom, right] * across
    return upper * (1 - down) + lower * down


def _both_ways(key: int, number: int) -> float:
    """A number in (-1, 1)."""
    return 2.0 * unit(mix(key, number)) - 1.0


def shifted(picture: Array, key: int, sample: int, most: float) -> Array:
    """Moved by up to so many pixels each way."""
    rows, columns = np.indices(picture.shape[1:]) * 1.0
    down, across = most * _both_ways(key, 2 * sample), most * _both_ways(key, 2 * sample + 1)
    return _taken(picture, np.add(rows, down), np.add(columns, across))


def rotated(picture: Array, key: int, sample: int, most: float) -> Array:
    """Turned about the center by up to so many degrees."""
    height, width = picture.shape[1:]
    angle = np.radians(most * _both_ways(key, sample))
    i, j = np.indices((height, width))
    i, j = i - (height - 1) / 2, j - (width - 1) / 2
    rows = (height - 1) / 2 + np.cos(angle) * i - np.sin(angle) * j
    columns = (width - 1) / 2 + np.sin(angle) * i + np.cos(angle) * j
    return _taken(picture, rows, columns)


def flipped(picture: Array, key: int, sample: int, share: float) -> Array:
    """Mirrored left to right, or not."""
    return picture[:, :, ::-1] if unit(mix(key, sample)) < share else picture
