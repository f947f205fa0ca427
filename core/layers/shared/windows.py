"""Sliding windows: the three products every convolution is made of.

A convolution couples a *wide* image (its input) with a *narrow* one (its output): wide pixel (y, x) meets narrow pixel
(i, j) through weight (ky, kx) where y = i * stride - padding + ky, and x likewise. Narrowing it is the forward pass of
a convolution and the input gradient of a transposed one, widening it is the other pass of each, and the gradient of
the weights is the same sum for both.

One row of pixels of 16 samples is copied to a panel, column by column, so that a window is one run of memory that stays
in the fastest cache while all channels are computed from it; four channels share each vector that is loaded. Weights
lie in memory as (kx, ky, wide channel, narrow channel) and are packed four output channels side by side.
"""

from __future__ import annotations

import numpy as np

from ...kernel import (
    CONTROL,
    EXTRA,
    GB,
    GW,
    N_VECTORS,
    PARTS,
    SCRATCH,
    STRIDE,
    Address,
    Row,
    W,
    call,
    cell,
    get,
    helper,
    kernel,
    least,
    most,
    put,
    set_cell,
)
from ...simd import broadcast, fma, load, splat, store, total
from ...simd.products import weighted4
from ..base import Tensor

TILE = 4
"""Output channels computed at once."""
STEPS = 56
"""Vectors after which the sums of a weight gradient are taken, at least: few enough that they stay in the cache."""
TAPS = 6
"""Weights whose inputs are held for one pass over the output gradient."""

SOURCE, INTO, BIAS = EXTRA + 9, EXTRA + 10, EXTRA + 11
"""Cells, behind `Plan.cells`, in which a product finds the addresses it works on: the two images, and the bias or 0."""
NARROW, WIDEN, GRADIENT = PARTS, PARTS + 1, PARTS + 2
"""Cells with the addresses of the products."""


def weights_tensor(n_narrow: int, n_wide: int, size: int, *, fan_in: int, fan_out: int) -> Tensor:
    """The weights between two images: (narrow, wide, ky, kx) outside, (kx, ky, wide, narrow) in memory."""
    return Tensor(
        name="weight",
        shape=(n_narrow, n_wide, size, size),
        fan_in=fan_in,
        fan_out=fan_out,
        to_store=lambda array: np.ascontiguousarray(array.transpose(3, 2, 1, 0)),
        from_store=lambda flat: np.ascontiguousarray(flat.reshape(size, size, n_wide, n_narrow).transpose(3, 2, 1, 0)),
    )


def scratch_vectors(n_wide: int, n_narrow: int, wide_columns: int, narrow_columns: int, kernel: int) -> int:
    """Vectors of working memory for the passes below."""
    most = max(n_wide, n_narrow) + TILE
    packed = -(-kernel * kernel * most * most // 16)
    panel = kernel * max(wide_columns * n_wide, narrow_columns * n_narrow)
    return 7 + max(packed + panel, TAPS * max(STEPS, narrow_columns))


@helper
def geometry(row: Row) -> tuple[int, ...]:
    """(wide channels, height, width, narrow channels, rows, columns, kernel, stride, padding): `Plan.cells`."""
    return (
        cell(row, EXTRA),
        cell(row, EXTRA + 1),
        cell(row, EXTRA + 2),
        cell(row, EXTRA + 3),
        cell(row, EXTRA + 4),
        cell(row, EXTRA + 5),
        cell(row, EXTRA + 6),
        cell(row, EXTRA + 7),
        cell(row, EXTRA + 8),
    )


@helper
def copy(source: Address, hop: int, target: Address, step: int, n: int) -> None:
    """Copy `n` vectors, `hop` vectors apart at the source and `step` at the target."""
    for k in range(n):
        store(target, k * step, load(source, k * hop))


@helper
def pixel(
    panel: Address,
    first: int,
    n: int,
    packed: Address,
    n_taps: int,
    tap: int,
    bias: Address,
    y: Address,
    at: int,
    plane: int,
    n_y: int,
) -> None:
    """All channels of one output pixel: `n` vectors from `first` on, times as many weights from `tap` on."""
    for channel in range(0, n_y, 4):
        a = b = c = d = splat(np.float32(0.0))
        if bias:
            a = broadcast(bias, channel)
            b = broadcast(bias, channel + 1)
            c = broadcast(bias, channel + 2)
            d = broadcast(bias, channel + 3)
        weights = packed + 4 * (channel * n_taps + 4 * tap)
        a, b, c, d = weighted4(a, b, c, d, weights, 1, 4, panel + 64 * first, 1, n)
        target = channel * plane + at
        store(y, target, a)
        if channel + 1 < n_y:
            store(y, target + plane, b)
        if channel + 2 < n_y:
            store(y, target + 2 * plane, c)
        if channel + 3 < n_y:
            store(y, target + 3 * plane, d)


@kernel
def narrow(row: Row) -> None:
    """Narrow image `y` = windows of the wide image `x`, times the weights, plus the bias (0: none)."""
    x, y, bias = cell(row, SOURCE), cell(row, INTO), cell(row, BIAS)
    n_x, height, width, n_y, rows, columns, size, step, padding = geometry(row)
    scratch, weights = cell(row, SCRATCH), cell(row, W)
    stride, n_vectors = cell(cell(row, CONTROL), STRIDE), cell(cell(row, CONTROL), N_VECTORS)
    n_taps = size * size * n_x
    packed = scratch + 64
    panel = packed + 64 * ((n_taps * (n_y + 3) + 15) // 16)
    for tap in range(n_taps):
        for channel in range((n_y + 3) // 4 * 4):
            value = get(weights, tap * n_y + channel) if channel < n_y else np.float32(0.0)
            put(packed, (channel // 4 * n_taps + tap) * 4 + channel % 4, value)
    depth = size * n_x
    store(scratch, 0, splat(np.float32(0.0)))
    for line in range(rows):
        top = line * step - padding
        for v in range(n_vectors):
            for ky in range(size):
                for channel in range(n_x):
                    to = ky * n_x + channel
                    inside = 0 <= top + ky < height
                    source = x + 64 * ((channel * height + top + ky) * width * stride + v) if inside else scratch
                    copy(source, stride if inside else 0, panel + 64 * to, depth, width)
            for column in range(columns):
                left = column * step - padding
                first, last = most(left, 0), least(left + size, width)
                pixel(
                    panel, first * depth, (last - first) * depth, packed, n_taps, (first - left) * depth,
                    bias, y, (line * columns + column) * stride + v, rows * columns * stride, n_y,
                )  # fmt: skip


@kernel
def widen(row: Row) -> None:
    """Wide image `x` = every pixel of the narrow image `y` spread over its window, plus the bias (0: none).

    Wide pixels `step` apart meet the same weights, so each of the step * step classes is a convolution of its own.
    """
    y, x, bias = cell(row, SOURCE), cell(row, INTO), cell(row, BIAS)
    n_x, height, width, n_y, rows, columns, size, step, padding = geometry(row)
    scratch, weights = cell(row, SCRATCH), cell(row, W)
    stride, n_vectors = cell(cell(row, CONTROL), STRIDE), cell(cell(row, CONTROL), N_VECTORS)
    packed = scratch + 64
    panel = packed + 64 * ((size * size * n_y * (n_x + 3) + 15) // 16)
    store(scratch, 0, splat(np.float32(0.0)))
    for phase in range(step * step):
        phase_y, phase_x = phase // step, phase % step
        size_y = most(size - phase_y + step - 1, 0) // step
        size_x = most(size - phase_x + step - 1, 0) // step
        n_taps = size_y * size_x * n_y
        depth = size_y * n_y
        for j in range(size_x):
            kx = phase_x + step * (size_x - 1 - j)
            for i in range(size_y):
                base = (kx * size + phase_y + step * i) * n_x * n_y
                for channel in range((n_x + 3) // 4 * 4):
                    to = (channel // 4 * n_taps + j * depth + i * n_y) * 4 + channel % 4
                    for k in range(n_y):
                        value = get(weights, base + channel * n_y + k) if channel < n_x else np.float32(0.0)
                        put(packed, to + 4 * k, value)
        for line in range((phase_y - padding) % step, height, step):
            middle = (line + padding) // step
            for v in range(n_vectors):
                for i in range(size_y):
                    for channel in range(n_y):
                        to = i * n_y + channel
                        inside = 0 <= middle - i < rows
                        source = y + 64 * ((channel * rows + middle - i) * columns * stride + v) if inside else scratch
                        copy(source, stride if inside else 0, panel + 64 * to, depth, columns)
                for column in range((phase_x - padding) % step, width, step):
                    left = (column + padding) // step - size_x + 1
                    first, last = most(left, 0), least(left + size_x, columns)
                    pixel(
                        panel, first * depth, most(last - first, 0) * depth, packed, n_taps, (first - left) * depth,
                        bias, x, (line * width + column) * stride + v, height * width * stride, n_x,
                    )  # fmt: skip


@kernel
def weight_gradient(row: Row) -> None:
    """Gradient of the weights: wide vectors times narrow vectors, summed over pixels and samples."""
    x, y = cell(row, SOURCE), cell(row, INTO)
    n_x, height, width, n_y, rows, columns, size, step, padding = geometry(row)
    scratch, gradient = cell(row, SCRATCH), cell(row, GW)
    sums, held = scratch + 64, scratch + 64 * 7
    stride, n_vectors = cell(cell(row, CONTROL), STRIDE), cell(cell(row, CONTROL), N_VECTORS)
    n_taps = size * size * n_x
    part = least(n_vectors, most(1, STEPS // columns))
    n_rows = most(1, STEPS // (columns * n_vectors))
    nothing = splat(np.float32(0.0))
    store(scratch, 0, nothing)
    plane = rows * columns * stride
    for k in range(n_taps * n_y):
        put(gradient, k, np.float32(0.0))
    for line in range(0, rows, n_rows):
        n_lines = least(n_rows, rows - line)
        for v in range(0, n_vectors, part):
            n_parts = least(part, n_vectors - v)
            # Where the vectors of neighboring pixels touch, all of them are one run.
            together = n_parts == stride
            n_runs = 1 if together else n_lines * columns
            run = n_lines * columns * stride if together else n_parts
            start = line * columns * stride + v
            for tap in range(0, n_taps, TAPS):
                for q in range(TAPS):
                    k = tap + q
                    kx, ky, channel = k // (size * n_x), k // n_x % size, k % n_x
                    to = (q // 3) * 3 * n_lines * columns * n_parts + q % 3
                    for i in range(n_lines):
                        above = (line + i) * step - padding + ky
                        source = (channel * height + above) * width
                        for j in range(columns):
                            beside = j * step - padding + kx
                            inside = k < n_taps and 0 <= above < height and 0 <= beside < width
                            origin = x + 64 * ((source + beside) * stride + v) if inside else scratch
                            copy(origin, 1 if inside else 0, held + 64 * to, 3, n_parts)
                            to += 3 * n_parts
                for channel in range(0, n_y, 2):
                    second = least(channel + 1, n_y - 1)
                    for q in range(0, least(TAPS, n_taps - tap), 3):
                        left = held + 64 * q * n_lines * columns * n_parts
                        a = b = c = d = e = f = nothing
                        one, two = y + 64 * (channel * plane + start), y + 64 * (second * plane + start)
                        for _ in range(n_runs):
                            for t in range(run):
                                g, h = load(one, t), load(two, t)
                                u = load(left, 3 * t)
                                a, b = fma(u, g, a), fma(u, h, b)
                                u = load(left, 3 * t + 1)
                                c, d = fma(u, g, c), fma(u, h, d)
                                u = load(left, 3 * t + 2)
                                e, f = fma(u, g, e), fma(u, h, f)
                            left += 192 * run
                            one += 64 * stride
                            two += 64 * stride
                        store(sums, 0, a)
                        store(sums, 1, b)
                        store(sums, 2, c)
                        store(sums, 3, d)
                        store(sums, 4, e)
                        store(sums, 5, f)
                        for i in range(2 * least(3, n_taps - tap - q)):
                            if channel + i % 2 < n_y:
                                to = (tap + q + i // 2) * n_y + channel + i % 2
                                put(gradient, to, get(gradient, to) + total(load(sums, i)))


PRODUCTS = (narrow, widen, weight_gradient)
"""`parts` of a layer that runs them."""


@helper
def run(row: Row, product: int, source: Address, into: Address, bias: Address) -> None:
    """Run a product between two images."""
    set_cell(row, SOURCE, source)
    set_cell(row, INTO, into)
    set_cell(row, BIAS, bias)
    call(cell(row, product), row)


@helper
def bias_gradient(row: Row, y: Address, n_channels: int, n_pixels: int) -> None:
    """Sum of every channel over pixels and samples."""
    sums = cell(row, GB)
    stride, n_vectors = cell(cell(row, CONTROL), STRIDE), cell(cell(row, CONTROL), N_VECTORS)
    for channel in range(n_channels):
        a = splat(np.float32(0.0))
        at = channel * n_pixels * stride
        for _ in range(n_pixels):
            for v in range(n_vectors):
                a = a + load(y, at + v)
            at += stride
        put(sums, channel, total(a))
