"""Where an array lies in the flat memory, and what a stage says of itself."""

from __future__ import annotations

import numpy as np
import pytest
from nets import IMAGES, config, trainer

from dltui.core.engine.design import design
from dltui.core.engine.network import TensorSpan


def test_what_is_written_is_read_back_and_nothing_beside_it_is_touched() -> None:
    memory = np.full(64, 7.0, np.float32)
    span = TensorSpan("a", (3, 5), 16, None)
    array = np.arange(15, dtype=np.float32).reshape(3, 5)
    span.write(memory, array)
    np.testing.assert_array_equal(span.read(memory), array)
    assert span.size == 15 and span.bounds == (16, 32)
    assert (memory[:16] == 7).all() and (memory[31:] == 7).all()


def test_a_read_array_is_a_copy() -> None:
    memory = np.zeros(16, np.float32)
    TensorSpan("a", (4,), 0, None).read(memory)[:] = 1
    assert not memory.any()


@pytest.mark.parametrize("base", [{"network": {"hidden": [5, 4]}}, IMAGES], ids=["dense", "convolution"])
def test_weights_of_any_order_in_memory_have_pytorchs_shape(base: dict) -> None:
    made = trainer(base)
    network = made.state.network
    for name, span in network.weights.items():
        memory = np.zeros(network.n_floats, np.float32)
        array = np.random.default_rng(1).normal(size=span.shape).astype(np.float32)
        span.write(memory, array)
        np.testing.assert_array_equal(span.read(memory), array, err_msg=name)
        assert np.count_nonzero(memory) == array.size


def test_a_stage_knows_what_it_is() -> None:
    made = design(
        config(network__hidden=[5], network__normalization="layer_norm", regularization__dropout=0.5),
        (2,),
        "classes",
        2,
    )
    dense, norm, activation, hook, last = made.stages
    assert [stage.kind for stage in made.stages] == ["layer", "layer", "activation", "hook", "layer"]
    assert (norm.normalizes, dense.normalizes) == ("sample", "")
    assert dense.sums is not None and norm.sums is None
    assert activation.elementwise and hook.elementwise and not dense.elementwise
    assert hook.passes == "units" and last.passes == ""
    assert {stage.owner for stage in made.stages[:4]} >= {"dense1"}


def test_a_stage_that_only_reshapes_does_not_run() -> None:
    layers = [{"kind": "reshape", "channels": 1, "height": 2, "width": 2}, {"kind": "flatten"}]
    made = design(config({"network": {"layers": layers}}), (4,), "classes", 2)
    assert [stage.runs for stage in made.stages] == [False, False, True]
    assert made.stages[0].output == (1, 2, 2)
