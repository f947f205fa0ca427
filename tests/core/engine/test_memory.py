"""The flat arrays of a run: copied as a whole, checked, and written by name."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from nets import config, trainer

from dltui.core import ConfigError
from dltui.core.engine.design import design
from dltui.core.engine.memory import Memory, aligned_copy, write_parameters

ARRAYS = ("weights", "gradients", "raw_gradients", "buffers", "average")


def test_arrays_begin_where_a_vector_may() -> None:
    memory = Memory(160, 32, averaging=True)
    for name in ARRAYS:
        array = getattr(memory, name)
        assert array.dtype == np.float32 and array.ctypes.data % 64 == 0 and not array.any()
    assert aligned_copy(np.arange(16, dtype=np.float32)).ctypes.data % 64 == 0
    assert Memory(160, 32).average.size == 0


def test_a_copy_shares_nothing() -> None:
    memory = trainer(steps=20, averaging__name="swa", network__normalization="batch_norm").memory
    copy = memory.copy()
    for name in ARRAYS:
        np.testing.assert_array_equal(getattr(copy, name), getattr(memory, name))
        assert not np.shares_memory(getattr(copy, name), getattr(memory, name))
    assert copy.slots.keys() == memory.slots.keys() != set()
    assert not any(np.shares_memory(copy.slots[name], memory.slots[name]) for name in memory.slots)
    assert (copy.t, copy.n_averaged, copy.waited) == (memory.t, memory.n_averaged, memory.waited)
    assert copy.t == 20


@pytest.mark.parametrize("where", ["weights", "buffers", "average", "slots"])
@pytest.mark.parametrize("value", [np.nan, np.inf])
def test_it_is_sound_while_everything_that_lives_on_is_finite(where: str, value: float) -> None:
    memory = Memory(32, 32, averaging=True)
    memory.slots["velocity"] = np.zeros(32, np.float32)
    memory.gradients[3] = np.nan  # made anew by each step
    assert memory.sound
    (memory.slots["velocity"] if where == "slots" else getattr(memory, where))[5] = value
    assert not memory.sound


def test_parameters_are_written_by_name_or_not_at_all() -> None:
    network = design(config(network__hidden=[3], network__normalization="batch_norm"), (2,), "classes", 2)
    memory = Memory(network.n_floats, network.n_buffer_floats)
    write_parameters(network, memory, {"dense1.weight": np.ones((3, 2)), "batchnorm1.running_mean": [1.0, 2.0, 3.0]})
    assert memory.weights.sum() == 6 and memory.buffers.sum() == 6
    before = memory.copy()
    wrong: tuple[tuple[Any, str], ...] = (
        ({"dense1.bias": np.ones(3), "dense7.bias": np.ones(3)}, "'dense7.bias' is not a parameter"),
        ({"dense1.bias": np.ones(3), "dense1.weight": np.ones((2, 3))}, r"has shape \(2, 3\); allowed: shape \(3, 2\)"),
        ({"dense1.bias": np.ones(3), "dense2.bias": [1.0, np.nan]}, "not finite"),
        ({"dense1.bias": np.ones(3), "dense2.bias": [1.0, 1e39]}, "not finite"),
        ([("dense1.bias", np.ones(3))], "not a table of arrays by name"),
    )
    for values, says in wrong:
        with pytest.raises(ConfigError, match=says):
            write_parameters(network, memory, values)
        np.testing.assert_array_equal(memory.weights, before.weights)
