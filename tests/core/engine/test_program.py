"""A table made of stages: which buffers are shared, what an evaluation leaves out, and what the rows point at."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from nets import IMAGES, trainer

from dltui.core.engine import loops as engine
from dltui.core.engine.program import Program, stride_of
from dltui.core.kernel import BATCH, DX, DY, GW, SEED, STATE, STEP, STRIDE, TRAIN, W, X, Y
from dltui.core.kernel.arrays import vectors_for
from dltui.core.simd import FLOAT_BYTES


def program(train: bool = True, **changes: Any) -> tuple[Program, np.ndarray]:
    """A program of a small network, and the rows of its stages."""
    state = trainer(**changes).state
    made = Program(state.network, state.config, state.memory, 20, train=train)
    first, last = made.bounds[[engine.LAYERS, engine.LOSS]]
    return made, made.table[first:last]


def test_units_of_large_batches_do_not_fall_into_the_same_cache_lines() -> None:
    assert [stride_of(n) for n in (1, 16, 17, 112)] == [1, 1, 2, 7]
    for n in (113, 128, 256, 1000):
        assert stride_of(n) % 2 == 1 and 0 <= stride_of(n) - vectors_for(n) <= 1


def test_each_stage_reads_what_the_one_before_wrote() -> None:
    _, rows = program(network__hidden=[5, 4])
    assert (rows[1:, X] == rows[:-1, Y]).all()
    assert len(set(rows[:, Y])) == len(rows)


def test_an_activation_writes_its_gradient_over_the_one_it_was_given() -> None:
    made, rows = program(network__hidden=[5, 4])
    elementwise = [
        k for k, stage in enumerate(trainer(network__hidden=[5, 4]).state.network.stages) if stage.elementwise
    ]
    assert elementwise
    for k in elementwise:
        assert rows[k, DX] == rows[k, DY]
    assert rows[0, DX] == 0, "nobody asks for the gradient by the data"
    assert (rows[1:, DX] == rows[:-1, DY]).all()
    assert made.table[made.bounds[engine.LOSS], DX] == rows[-1, DY]


def test_an_evaluation_has_layers_and_loss_alone() -> None:
    made, rows = program(train=False, regularization__l2=0.1, averaging__name="swa")
    sizes = np.diff(made.bounds)
    assert [section for section in range(engine.N_SECTIONS) if sizes[section]] == [engine.LAYERS, engine.LOSS]
    assert not rows[:, [DX, DY]].any()
    assert made.control[TRAIN] == 0 and not made.gradients_are_hooked


def test_the_control_block_says_what_all_rows_share() -> None:
    made, _ = program(training__seed=9)
    assert made.control[[TRAIN, SEED, BATCH, STRIDE, STEP]].tolist() == [1, 9, 20, stride_of(20), 0]


def test_rows_point_at_the_weights_or_at_their_average() -> None:
    state = trainer(averaging__name="swa", network__normalization="batch_norm").state
    for averaged, array in ((False, state.memory.weights), (True, state.memory.average)):
        made = Program(state.network, state.config, state.memory, 20, train=False, averaged=averaged)
        rows = made.table[made.bounds[engine.LAYERS] : made.bounds[engine.LOSS]]
        for row, stage in zip(rows, state.network.stages, strict=True):
            if stage.weights:
                assert row[W] == array.ctypes.data + FLOAT_BYTES * stage.weights[0].offset
                assert row[GW] == state.memory.gradients.ctypes.data + FLOAT_BYTES * stage.weights[0].offset
            assert bool(row[STATE]) == bool(stage.buffers)


@pytest.mark.parametrize("base", [{"network": {"hidden": [5, 4]}}, IMAGES], ids=["dense", "images"])
def test_the_outputs_of_a_stage_can_be_looked_at(base: dict) -> None:
    made = trainer(base, training__batch_size=7)
    made.advance(1)
    program, network = made.machine.program, made.state.network
    last = program.values_of(len(network.stages) - 1)
    assert last.shape == (network.n_outputs, 7)
    for k, stage in enumerate(network.stages):
        assert program.values_of(k).shape == (int(np.prod(stage.output)), 7)
        assert np.isfinite(program.values_of(k)).all()


def test_a_switch_makes_another_table_over_the_same_numbers() -> None:
    made = trainer(steps=5)
    before, weights = made.machine.program, made.memory.weights.copy()
    made.apply({"optimizer.learning_rate": 0.02})
    after = made.machine.program
    assert after is not before and np.array_equal(made.memory.weights, weights)
    assert after.table[after.bounds[engine.OPTIMIZER], W] == made.memory.weights.ctypes.data
