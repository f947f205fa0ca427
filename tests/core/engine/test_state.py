"""What early stopping remembers, and what a copy of a state shares."""

from __future__ import annotations

import numpy as np
import pytest
from nets import trainer

from dltui.core.engine.memory import Memory
from dltui.core.engine.state import Stopper, batch_of


def memory(value: float, average: float | None = None) -> Memory:
    made = Memory(16, 16, averaging=True)
    made.weights[:], made.buffers[:] = value, -value
    if average is not None:
        made.average[:], made.n_averaged, made.waited = average, 4, 2.0
    return made


def test_the_best_evaluation_is_kept_and_the_others_are_waited_for() -> None:
    stopper = Stopper()
    for loss, value in ((0.5, 1.0), (0.3, 2.0), (0.3, 3.0), (0.4, 4.0)):
        stopper.update(loss, memory(value))
    assert (stopper.best, stopper.waited) == (0.3, 2)
    now = memory(9.0)
    stopper.restore(now)
    assert (now.weights == 2.0).all() and (now.buffers == -2.0).all()


def test_a_loss_that_is_no_number_is_no_best_one() -> None:
    stopper = Stopper()
    stopper.update(float("nan"), memory(1.0))
    assert (stopper.best, stopper.waited, stopper.weights) == (float("inf"), 1, None)
    now = memory(9.0, average=5.0)
    stopper.restore(now)
    assert (now.weights == 9.0).all() and (now.average == 5.0).all()


def test_the_average_that_was_judged_comes_back_with_its_counts() -> None:
    stopper = Stopper()
    stopper.update(0.5, memory(1.0, average=0.5))
    now = memory(9.0, average=8.0)
    now.n_averaged, now.waited = 70, 0.0
    stopper.restore(now)
    assert (now.average == 0.5).all() and (now.n_averaged, now.waited) == (4, 2.0)
    before_averaging = Stopper()
    before_averaging.update(0.5, memory(1.0))
    before_averaging.restore(now)
    assert not now.average.any() and now.n_averaged == 0


def test_what_is_kept_does_not_move_with_the_run() -> None:
    stopper, running = Stopper(), memory(1.0)
    stopper.update(0.5, running)
    running.weights[:] = 7.0
    assert stopper.weights is not None and (stopper.weights == 1.0).all()


def test_a_copy_of_a_state_goes_its_own_way() -> None:
    made = trainer(steps=30, training__early_stopping=50)
    state, copy = made.state, made.state.copy()
    weights, step = copy.memory.weights.copy(), copy.step
    made.advance(30)
    assert copy.step == step == 30 and state.step == 60
    assert np.array_equal(copy.memory.weights, weights)
    assert copy.stopper is not state.stopper


@pytest.mark.parametrize(("size", "expected"), [(7, 7), (36, 36), (500, 36), ("full", 36)])
def test_a_batch_is_never_larger_than_the_data(size: object, expected: int) -> None:
    made = trainer(training__batch_size=size)
    assert made.data.n_train == 36
    assert batch_of(made.config, made.data) == made.state.batch == expected
