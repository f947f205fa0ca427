"""The three products of convolutions against their plain form in NumPy."""

import numpy as np
import pytest

from dltui.core.kernel import EXTRA
from dltui.core.kernel.arrays import aligned, flat, from_lanes, padded, to_lanes
from dltui.core.kernel.row import StandaloneRow
from dltui.core.layers.shared.windows import (
    BIAS,
    INTO,
    SOURCE,
    narrow,
    scratch_vectors,
    weight_gradient,
    weights_tensor,
    widen,
)
from dltui.core.simd import LANES

SHAPES = [(1, 5, 6, 3, 3, 1, 0, 4), (3, 7, 5, 5, 2, 2, 0, 17), (2, 6, 6, 4, 3, 2, 1, 16), (4, 9, 8, 7, 5, 3, 2, 33)]
"""Wide channels, height, width, narrow channels, size, step, padding, samples."""


@pytest.fixture(params=SHAPES, ids=str)
def images(request):
    """A wide and a narrow image, weights and bias, and the row that couples them."""
    n_wide, height, width, n_narrow, size, step, padding, n = request.param
    rows, columns = ((length + 2 * padding - size) // step + 1 for length in (height, width))
    rng = np.random.default_rng(sum(request.param))
    wide = rng.normal(size=(n, n_wide, height, width)).astype(np.float32)
    narrowed = rng.normal(size=(n, n_narrow, rows, columns)).astype(np.float32)
    weights = rng.normal(size=(n_narrow, n_wide, size, size)).astype(np.float32)
    row = StandaloneRow(n)
    row.cells[EXTRA : EXTRA + 9] = n_wide, height, width, n_narrow, rows, columns, size, step, padding
    tensor = weights_tensor(n_narrow, n_wide, size, fan_in=1, fan_out=1)
    scratch = aligned(scratch_vectors(n_wide, n_narrow, width, columns, size) * row.stride * LANES)
    assert tensor.to_store
    row.set(w=flat(tensor.to_store(weights)), gw=aligned(padded(weights.size)), scratch=scratch)
    return row, wide, narrowed, weights, rng.normal(size=n_narrow).astype(np.float32), tensor, step, padding


def windows(wide, narrowed, weights, step, padding):
    """The wide image in its frame, and each narrow pixel with its window."""
    size = weights.shape[-1]
    framed = np.pad(wide, ((0, 0), (0, 0), (padding, padding), (padding, padding))).astype(np.float64)
    pixels = np.ndindex(narrowed.shape[2:])
    places = [(i, j, np.s_[:, :, i * step : i * step + size, j * step : j * step + size]) for i, j in pixels]
    return framed, places


def run(kernel, row, source, into, bias=None):
    """What a product makes of one image in the place of the other."""
    result = to_lanes(np.full((len(into), into[0].size), 7.0), row.stride)
    given = [to_lanes(source.reshape(len(source), -1), row.stride), flat(np.zeros(1) if bias is None else bias)]
    row.cells[[SOURCE, INTO]] = given[0].ctypes.data, result.ctypes.data
    row.cells[BIAS] = 0 if bias is None else given[1].ctypes.data
    row.run(kernel)
    return from_lanes(result, len(into), into[0].size).reshape(into.shape)


def test_narrow(images):
    row, wide, narrowed, weights, bias, _, step, padding = images
    framed, places = windows(wide, narrowed, weights, step, padding)
    expected = np.empty(narrowed.shape)
    for i, j, window in places:
        expected[:, :, i, j] = bias + np.einsum("ocyx,ncyx->no", weights, framed[window])
    np.testing.assert_allclose(run(narrow, row, wide, narrowed, bias), expected, rtol=1e-4, atol=1e-4)


def test_widen(images):
    row, wide, narrowed, weights, _, _, step, padding = images
    framed, places = windows(np.zeros_like(wide), narrowed, weights, step, padding)
    for i, j, window in places:
        framed[window] += np.einsum("ocyx,no->ncyx", weights, narrowed[:, :, i, j])
    height, width = wide.shape[2:]
    expected = framed[:, :, padding : padding + height, padding : padding + width]
    np.testing.assert_allclose(run(widen, row, narrowed, wide), expected, rtol=1e-4, atol=1e-4)


def test_weight_gradient(images):
    row, wide, narrowed, weights, _, tensor, step, padding = images
    framed, places = windows(wide, narrowed, weights, step, padding)
    expected = np.zeros(weights.shape)
    for i, j, window in places:
        expected += np.einsum("no,ncyx->ocyx", narrowed[:, :, i, j], framed[window])
    gradient = aligned(padded(weights.size))
    row.set(gw=gradient)
    given = [to_lanes(image.reshape(len(image), -1), row.stride) for image in (wide, narrowed)]
    row.cells[[SOURCE, INTO]] = [array.ctypes.data for array in given]
    row.run(weight_gradient)
    found = tensor.from_store(gradient[: weights.size])
    np.testing.assert_allclose(found, expected, rtol=1e-4, atol=1e-3)
