"""The rows of a step after the gradient: their order, what they cover, and the counts they keep."""

from __future__ import annotations

import numpy as np
import pytest
from nets import config, same_weights, trainer

from dltui.core import Trainer, families
from dltui.core.engine import loops as engine
from dltui.core.kernel import COLUMNS, FORWARD, ROWS, SCRATCH, SLOTS, N, W
from dltui.core.simd import FLOAT_BYTES, LANES


def rows(made: Trainer, section: int) -> np.ndarray:
    """The rows of one section of the training program."""
    program = made.machine.program
    return program.table[program.bounds[section] : program.bounds[section + 1]]


def covered(made: Trainer, section: int) -> list[tuple[int, int]]:
    """The stretches of the flat weights that the rows of a section work on."""
    base = made.memory.weights.ctypes.data
    return [
        ((row[W] - base) // FLOAT_BYTES, (row[W] - base) // FLOAT_BYTES + row[N] * LANES) for row in rows(made, section)
    ]


def test_an_optimizer_without_matrices_is_one_loop_over_all_weights() -> None:
    made = trainer(optimizer__name="adam")
    assert covered(made, engine.OPTIMIZER) == [(0, made.memory.weights.size)]
    (row,) = rows(made, engine.OPTIMIZER)
    assert [int(row[SLOTS + k]) for k in range(2)] == [
        made.memory.slots[name].ctypes.data for name in families["optimizers"]["adam"].slots
    ]


def test_frozen_layers_are_left_out_of_the_update_and_keep_their_weights() -> None:
    made = trainer(network__hidden=[5, 4], network__frozen=["dense2"])
    spans = made.state.network.weights
    frozen = [spans[f"dense2.{part}"].bounds for part in ("weight", "bias")]
    for first, last in covered(made, engine.OPTIMIZER):
        assert all(last <= low or high <= first for low, high in frozen)
    assert covered(made, engine.OPTIMIZER) == [(0, frozen[0][0]), (frozen[1][1], made.memory.weights.size)]
    before = made.parameters
    made.advance(50)
    after = made.parameters
    for name in before:
        assert np.array_equal(before[name], after[name]) == name.startswith("dense2")


def test_an_optimizer_of_matrices_gets_a_row_for_each_tensor_with_its_shape() -> None:
    made = trainer(optimizer__name="muon", network__hidden=[5, 4])
    found = rows(made, engine.OPTIMIZER)
    spans = made.state.network.weights
    assert len(found) == len(spans)
    for row, span in zip(found, spans.values(), strict=True):
        expected = (span.shape[1], span.shape[0]) if len(span.shape) == 2 else (span.size, 0)
        assert (row[ROWS], row[COLUMNS]) == expected
        assert bool(row[SCRATCH]) == (len(span.shape) == 2)


def test_hooks_stand_in_their_sections_in_the_order_their_records_say() -> None:
    made = trainer(regularization__l2=0.1, regularization__clip_norm=1.0, regularization__weight_decay=0.1,
                   regularization__max_norm=2.0, regularization__l1=0.01)  # fmt: skip
    hooks = families["regularizers"]
    wanted = sorted((hooks[name] for name in ("l1", "l2", "clip_norm")), key=lambda hook: (hook.order, hook.name))
    addresses = [int(row[FORWARD]) for row in rows(made, engine.GRADIENT_HOOKS)]
    assert addresses[1:] == [hook.on_gradient.address for hook in wanted if hook.on_gradient]
    assert made.machine.program.gradients_are_hooked, "the first row keeps the gradient as it was"
    decay, limit = hooks["weight_decay"].before_update, hooks["max_norm"].on_weights
    assert decay and [int(row[FORWARD]) for row in rows(made, engine.BEFORE_HOOKS)] == [decay.address]
    assert limit and {int(row[FORWARD]) for row in rows(made, engine.WEIGHT_HOOKS)} == {limit.address}


def test_without_hooks_the_gradient_is_not_copied() -> None:
    made = trainer()
    assert not len(rows(made, engine.GRADIENT_HOOKS)) and not made.machine.program.gradients_are_hooked
    assert len(rows(made, engine.CHECK)) == 1


def test_the_gradient_shown_is_that_before_the_hooks() -> None:
    clipped, free = trainer(regularization__clip_norm=1e-4), trainer()
    clipped.advance(1)
    free.advance(1)
    assert all(np.array_equal(clipped.gradients[name], free.gradients[name]) for name in free.gradients)
    assert not same_weights(clipped, free)


@pytest.mark.parametrize("every", [1, 3])
def test_counts_come_back_from_the_rows(every: int) -> None:
    made = trainer(averaging__name="swa", averaging__every=every)
    made.advance(10)
    assert made.memory.t == 10
    assert made.memory.n_averaged == 10 // every
    assert made.memory.waited == 10 % every
    again = Trainer(config(averaging__name="swa", averaging__every=every))
    for _ in range(10):
        again.advance(1)
    assert (again.memory.n_averaged, again.memory.waited) == (made.memory.n_averaged, made.memory.waited)
