"""Arrays for kernels: where they begin, what lies past their end, and how samples lie in the lanes."""

import numpy as np
import pytest

from dltui.core.kernel.arrays import aligned, flat, from_lanes, padded, to_lanes, vectors_for
from dltui.core.simd import LANES, VECTOR_BYTES


@pytest.mark.parametrize("n", [1, 15, 16, 17, 1000])
def test_aligned_zeros(n):
    array = aligned(n)
    assert array.shape == (n,) and array.dtype == np.float32 and not array.any()
    assert array.ctypes.data % VECTOR_BYTES == 0
    assert vectors_for(n) == -(-n // 16) and padded(n) == vectors_for(n) * LANES


def test_there_is_room_for_a_vector_past_the_end():
    array = aligned(5)
    room = array.base
    end = (array.ctypes.data - room.ctypes.data) // 4 + 5
    assert room.size - end >= LANES


def test_flat_is_padded_with_zeros():
    array = flat(np.arange(6.0).reshape(2, 3))
    assert array.tolist() == [0, 1, 2, 3, 4, 5, *[0] * 10]


def test_samples_lie_in_the_lanes():
    values = np.arange(40.0).reshape(20, 2)
    lanes = to_lanes(values, stride=3, padding=-1.0)
    assert lanes.shape == (2 * 3 * LANES,)
    assert lanes[: 3 * LANES].tolist() == [*values[:, 0], *[-1.0] * 28]
    assert lanes[3 * LANES + 19] == values[19, 1]
    np.testing.assert_array_equal(from_lanes(lanes, 20, 2), values)
