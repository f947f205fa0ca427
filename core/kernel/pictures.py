"""Moves one picture of a batch, all its channels alike, along a straight map of its pixels.

Between pixels it is bilinear, and beyond the border the nearest pixel of the border goes on (PyTorch's `grid_sample`
with `padding_mode="border"`): after scaling no number means "nothing there".
"""

from __future__ import annotations

from ..simd import LANES
from .access import cell, get, put
from .cells import CHANNELS, CONTROL, HEIGHT, SCRATCH, STRIDE, WIDTH, Row, X
from .compile import helper


@helper
def _between(low: float, value: float, high: float) -> float:
    return max(low, min(value, high))


@helper
def move_picture(row: Row, sample: int, turn: tuple[float, float, float, float], shift: tuple[float, float]) -> None:
    """Give a pixel the value at another place: its own place from the center, turned, and then shifted.

    Args:
        row: Of a hook on the batch: `X`, the shape of a picture, `SCRATCH` for one channel.
        sample: Lane of the batch.
        turn: (rows by rows, rows by columns, columns by rows, columns by columns).
        shift: (rows, columns), in pixels.
    """
    channels, height, width = cell(row, CHANNELS), cell(row, HEIGHT), cell(row, WIDTH)
    x, before = cell(row, X), cell(row, SCRATCH)
    step = LANES * cell(cell(row, CONTROL), STRIDE)
    middle_i, middle_j = 0.5 * (height - 1), 0.5 * (width - 1)
    for channel in range(channels):
        first = channel * height * width
        for k in range(height * width):
            put(before, k, get(x, (first + k) * step + sample))
        for i in range(height):
            for j in range(width):
                down, across = i - middle_i, j - middle_j
                at_i = _between(0.0, middle_i + turn[0] * down + turn[1] * across + shift[0], height - 1.0)
                at_j = _between(0.0, middle_j + turn[2] * down + turn[3] * across + shift[1], width - 1.0)
                top, left = int(at_i), int(at_j)
                bottom, right = min(top + 1, height - 1), min(left + 1, width - 1)
                part_i, part_j = at_i - top, at_j - left
                upper = get(before, top * width + left) * (1.0 - part_j) + get(before, top * width + right) * part_j
                lower = get(before, bottom * width + left) * (1.0 - part_j)
                lower += get(before, bottom * width + right) * part_j
                put(x, (first + i * width + j) * step + sample, upper * (1.0 - part_i) + lower * part_i)
