"""Sliding windows: the three products every convolution is made of.

A convolution couples a *wide* image (its input) with a *narrow* one (its output): wide pixel (y, x) meets narrow pixel
(i, j) through weight (ky, kx), where y = i * step - padding + ky, and x likewise. In NumPy, for one sample, with
`framed` the wide image inside `padding` zeros:

    for i, j in np.ndindex(rows, columns):
        window = np.s_[:, i * step : i * step + size, j * step : j * step + size]
        narrow[:, i, j] = bias + np.einsum("ocyx,cyx->o", weights, framed[window])      # narrow
        framed[window] += np.einsum("ocyx,o->cyx", weights, narrow[:, i, j])            # widen
        gradient += np.einsum("o,cyx->ocyx", narrow[:, i, j], framed[window])           # weight_gradient

Narrowing is the forward pass of a convolution and the gradient by the input of a transposed one, widening is the other
pass of each, and the gradient of the weights is the same sum for both.

`narrow` and `widen` copy the lines that a line of output needs to a panel, column by column, for one vector of samples.
So a window is one run of memory, which stays in the fastest cache while all output channels are computed from it:

    panel     | column 0              | column 1              | column 2              | …    each a vector
              | line 0    | line 1 …  | line 0    | line 1 …  |                       |
              | c0 c1 …   | c0 c1 …   | c0 c1 …   | c0 c1 …   |                       |
                          the window of the second output pixel: from column 1 · step on, `size` columns

    packed    | w0 w1 w2 w3 of the window's first vector | of its second | …    four output channels side by side,
              | w4 w5 w6 w7 of its first vector          | …                    then the next four

An output pixel is then a sum over a run of vectors, four channels at a time because they share each vector that is
loaded. In flat memory weights lie as (kx, ky, wide channel, narrow channel). The working memory of all three products:

    scratch   | zeros | packed weights        | panel        |      narrow, widen
    vectors   | 1     | 6 sums | held inputs                 |      weight_gradient
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
from ...kernel.arrays import vectors_for
from ...simd import FLOAT_BYTES, LANES, VECTOR_BYTES, broadcast, fma, load, splat, store, total
from ...simd.products import weighted4
from ..base import Tensor

TILE = 4
"""Output channels computed at once."""
MOST_HELD = 56
"""About how many vectors, of samples and pixels, are summed at once: few enough to stay in the cache."""
TAPS = 6
"""Weights of one output channel whose inputs are held at once."""
SUMS = 6
"""Sums of products made at once: of three inputs with two output channels."""

SOURCE, INTO, BIAS = EXTRA + 9, EXTRA + 10, EXTRA + 11
"""Cells, after `Plan.cells`, in which a product finds the addresses it works on: the two images, and the bias or 0."""
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


def scratch_vectors(n_wide: int, n_narrow: int, wide_columns: int, narrow_columns: int, size: int) -> int:
    """Vectors of working memory for the products below."""
    most_channels = max(n_wide, n_narrow) + TILE
    packed = vectors_for(size * size * most_channels * most_channels)
    panel = size * max(wide_columns * n_wide, narrow_columns * n_narrow)
    return 1 + SUMS + max(packed + panel, TAPS * max(MOST_HELD, narrow_columns))


@helper
def geometry(row: Row) -> tuple[int, ...]:
    """(wide channels, height, width, narrow channels, rows, columns, size, step, padding): `Plan.cells`."""
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
def copy(source: Address, hop: int, target: Address, target_hop: int, n: int) -> None:
    """Copy `n` vectors, `hop` vectors apart at the source and `target_hop` at the target."""
    for k in range(n):
        store(target, k * target_hop, load(source, k * hop))


@helper
def all_channels(
    panel: Address,
    first: int,
    n: int,
    packed: Address,
    n_taps: int,
    tap: int,
    bias: Address,
    image: Address,
    at: int,
    plane: int,
    n_channels: int,
) -> None:
    """Compute one output pixel in every channel: a run of panel vectors times the packed weights, plus the bias.

    Args:
        panel: The panel.
        first: First vector of the run.
        n: Vectors of the run.
        packed: The packed weights.
        n_taps: Vectors of a whole window.
        tap: Vector of the window the run begins with: not 0 where the window reaches over the left edge.
        bias: The biases, or 0.
        image: The output image.
        at: Vector of the pixel in its first channel.
        plane: Vectors from one of its channels to the next.
        n_channels: How many it has.
    """
    for channel in range(0, n_channels, TILE):
        a = b = c = d = splat(np.float32(0.0))
        if bias:
            a = broadcast(bias, channel)
            b = broadcast(bias, channel + 1)
            c = broadcast(bias, channel + 2)
            d = broadcast(bias, channel + 3)
        weights = packed + FLOAT_BYTES * (channel * n_taps + TILE * tap)
        a, b, c, d = weighted4(a, b, c, d, weights, 1, TILE, panel + VECTOR_BYTES * first, 1, n)
        to = channel * plane + at
        store(image, to, a)
        if channel + 1 < n_channels:
            store(image, to + plane, b)
        if channel + 2 < n_channels:
            store(image, to + 2 * plane, c)
        if channel + 3 < n_channels:
            store(image, to + 3 * plane, d)


@kernel
def narrow(row: Row) -> None:
    """Narrow image = windows of the wide image, times the weights, plus the bias."""
    wide, narrowed, bias = cell(row, SOURCE), cell(row, INTO), cell(row, BIAS)
    n_wide, height, width, n_narrow, rows, columns, size, step, padding = geometry(row)
    zeros, weights = cell(row, SCRATCH), cell(row, W)
    stride, n_vectors = cell(cell(row, CONTROL), STRIDE), cell(cell(row, CONTROL), N_VECTORS)
    n_taps, depth = size * size * n_wide, size * n_wide
    packed = zeros + VECTOR_BYTES
    panel = packed + VECTOR_BYTES * ((n_taps * (n_narrow + TILE - 1) + LANES - 1) // LANES)
    store(zeros, 0, splat(np.float32(0.0)))
    for tap in range(n_taps):
        for channel in range((n_narrow + TILE - 1) // TILE * TILE):
            value = get(weights, tap * n_narrow + channel) if channel < n_narrow else np.float32(0.0)
            put(packed, (channel // TILE * n_taps + tap) * TILE + channel % TILE, value)
    for i in range(rows):
        top = i * step - padding
        for v in range(n_vectors):
            for ky in range(size):
                for channel in range(n_wide):
                    to = ky * n_wide + channel
                    inside = 0 <= top + ky < height
                    line = wide + VECTOR_BYTES * ((channel * height + top + ky) * width * stride + v)
                    copy(line if inside else zeros, stride if inside else 0, panel + VECTOR_BYTES * to, depth, width)
            for j in range(columns):
                left = j * step - padding
                first, last = most(left, 0), least(left + size, width)
                all_channels(
                    panel, first * depth, (last - first) * depth, packed, n_taps, (first - left) * depth,
                    bias, narrowed, (i * columns + j) * stride + v, rows * columns * stride, n_narrow,
                )  # fmt: skip


@helper
def pack_class(row: Row, packed: Address, class_y: int, class_x: int, size_y: int, size_x: int) -> None:
    """Pack the weights one class of wide pixels meets (see `widen`), mirrored: later pixels meet earlier weights."""
    n_wide, _, _, n_narrow, _, _, size, step, _ = geometry(row)
    weights = cell(row, W)
    n_taps, depth = size_y * size_x * n_narrow, size_y * n_narrow
    for j in range(size_x):
        kx = class_x + step * (size_x - 1 - j)
        for i in range(size_y):
            ky = class_y + step * i
            base = (kx * size + ky) * n_wide * n_narrow
            for channel in range((n_wide + TILE - 1) // TILE * TILE):
                to = (channel // TILE * n_taps + j * depth + i * n_narrow) * TILE + channel % TILE
                for k in range(n_narrow):
                    value = get(weights, base + channel * n_narrow + k) if channel < n_wide else np.float32(0.0)
                    put(packed, to + TILE * k, value)


@kernel
def widen(row: Row) -> None:
    """Wide image = every pixel of the narrow image spread over its window, plus the bias.

    Wide pixels `step` apart meet the same weights: they are a class, and each of the step * step classes is a
    convolution of its own, of the narrow image with every step-th weight.
    """
    narrowed, wide, bias = cell(row, SOURCE), cell(row, INTO), cell(row, BIAS)
    n_wide, height, width, n_narrow, rows, columns, size, step, padding = geometry(row)
    zeros = cell(row, SCRATCH)
    stride, n_vectors = cell(cell(row, CONTROL), STRIDE), cell(cell(row, CONTROL), N_VECTORS)
    packed = zeros + VECTOR_BYTES
    panel = packed + VECTOR_BYTES * ((size * size * n_narrow * (n_wide + TILE - 1) + LANES - 1) // LANES)
    store(zeros, 0, splat(np.float32(0.0)))
    for of_class in range(step * step):
        class_y, class_x = of_class // step, of_class % step
        size_y = most(size - class_y + step - 1, 0) // step
        size_x = most(size - class_x + step - 1, 0) // step
        n_taps, depth = size_y * size_x * n_narrow, size_y * n_narrow
        pack_class(row, packed, class_y, class_x, size_y, size_x)
        for y in range((class_y - padding) % step, height, step):
            bottom = (y + padding) // step
            for v in range(n_vectors):
                for i in range(size_y):
                    for channel in range(n_narrow):
                        to = i * n_narrow + channel
                        inside = 0 <= bottom - i < rows
                        line = narrowed + VECTOR_BYTES * ((channel * rows + bottom - i) * columns * stride + v)
                        copy(
                            line if inside else zeros,
                            stride if inside else 0,
                            panel + VECTOR_BYTES * to,
                            depth,
                            columns,
                        )
                for x in range((class_x - padding) % step, width, step):
                    left = (x + padding) // step - size_x + 1
                    first, last = most(left, 0), least(left + size_x, columns)
                    all_channels(
                        panel, first * depth, most(last - first, 0) * depth, packed, n_taps, (first - left) * depth,
                        bias, wide, (y * width + x) * stride + v, height * width * stride, n_wide,
                    )  # fmt: skip


@helper
def sum_products(
    inputs: Address, first: Address, second: Address, n_runs: int, run: int, stride: int, sums: Address
) -> None:
    """Six sums of products: of three inputs side by side with the gradients of two output channels.

    Args:
        inputs: The inputs, three of each pixel and vector of samples side by side.
        first: Gradients of one channel.
        second: Gradients of the other.
        n_runs: Runs of gradients without a gap.
        run: Vectors in each.
        stride: Vectors from one run of gradients to the next.
        sums: Receives the sums: each input with the first channel, then with the second.
    """
    a = b = c = d = e = f = splat(np.float32(0.0))
    for _ in range(n_runs):
        for t in range(run):
            g, h = load(first, t), load(second, t)
            x = load(inputs, 3 * t)
            a, b = fma(x, g, a), fma(x, h, b)
            x = load(inputs, 3 * t + 1)
            c, d = fma(x, g, c), fma(x, h, d)
            x = load(inputs, 3 * t + 2)
            e, f = fma(x, g, e), fma(x, h, f)
        inputs += 3 * VECTOR_BYTES * run
        first += VECTOR_BYTES * stride
        second += VECTOR_BYTES * stride
    store(sums, 0, a)
    store(sums, 1, b)
    store(sums, 2, c)
    store(sums, 3, d)
    store(sums, 4, e)
    store(sums, 5, f)


@kernel
def weight_gradient(row: Row) -> None:
    """Gradient of the weights: wide vectors times narrow vectors, summed over pixels and samples.

    Worked through in blocks of lines and samples, so that what is used again is still in the first cache. What a block
    of narrow pixels sees through TAPS weights is copied first, three weights side by side:

        held   | pixel 0, vector 0: t0 t1 t2 | vector 1: t0 t1 t2 | … | pixel 1: … |    and after all pixels t3 t4 t5

    Both halves stay in one function: a call for each block costs small images a few percent of their time.
    """
    wide, narrowed = cell(row, SOURCE), cell(row, INTO)
    n_wide, height, width, n_narrow, rows, columns, size, step, padding = geometry(row)
    zeros, gradient = cell(row, SCRATCH), cell(row, GW)
    sums, held = zeros + VECTOR_BYTES, zeros + VECTOR_BYTES * (1 + SUMS)
    stride, n_vectors = cell(cell(row, CONTROL), STRIDE), cell(cell(row, CONTROL), N_VECTORS)
    n_taps, plane = size * size * n_wide, rows * columns * stride
    most_held = least(n_vectors, most(1, MOST_HELD // columns))
    most_lines = most(1, MOST_HELD // (columns * n_vectors))
    store(zeros, 0, splat(np.float32(0.0)))
    for k in range(n_taps * n_narrow):
        put(gradient, k, np.float32(0.0))
    for i_first in range(0, rows, most_lines):
        n_lines = least(most_lines, rows - i_first)
        n_pixels = n_lines * columns
        for v_first in range(0, n_vectors, most_held):
            n_held = least(most_held, n_vectors - v_first)
            # Where the vectors of neighboring pixels touch, all of them are one run.
            together = n_held == stride
            n_runs, run = 1 if together else n_pixels, n_pixels * stride if together else n_held
            start = i_first * columns * stride + v_first
            for tap in range(0, n_taps, TAPS):
                for q in range(TAPS):
                    k = tap + q
                    kx, ky, channel = k // (size * n_wide), k // n_wide % size, k % n_wide
                    to = q // 3 * 3 * n_pixels * n_held + q % 3
                    for i in range(n_lines):
                        y = (i_first + i) * step - padding + ky
                        for j in range(columns):
                            x = j * step - padding + kx
                            inside = k < n_taps and 0 <= y < height and 0 <= x < width
                            pixel = wide + VECTOR_BYTES * (((channel * height + y) * width + x) * stride + v_first)
                            copy(pixel if inside else zeros, 1 if inside else 0, held + VECTOR_BYTES * to, 3, n_held)
                            to += 3 * n_held
                for channel in range(0, n_narrow, 2):
                    first = narrowed + VECTOR_BYTES * (channel * plane + start)
                    second = narrowed + VECTOR_BYTES * (least(channel + 1, n_narrow - 1) * plane + start)
                    for q in range(0, least(TAPS, n_taps - tap), 3):
                        inputs = held + VECTOR_BYTES * q * n_pixels * n_held
                        sum_products(inputs, first, second, n_runs, run, stride, sums)
                        for k in range(2 * least(3, n_taps - tap - q)):
                            if channel + k % 2 < n_narrow:
                                to = (tap + q + k // 2) * n_narrow + channel + k % 2
                                put(gradient, to, get(gradient, to) + total(load(sums, k)))


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
def bias_gradient(row: Row, gradients: Address, n_channels: int, n_pixels: int) -> None:
    """Sum of every channel over pixels and samples."""
    sums = cell(row, GB)
    stride, n_vectors = cell(cell(row, CONTROL), STRIDE), cell(cell(row, CONTROL), N_VECTORS)
    for channel in range(n_channels):
        a = splat(np.float32(0.0))
        at = channel * n_pixels * stride
        for _ in range(n_pixels):
            for v in range(n_vectors):
                a = a + load(gradients, at + v)
            at += stride
        put(sums, channel, total(a))
