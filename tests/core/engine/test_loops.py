"""The compiled loops: the order of an epoch, counters, what ends a chunk, and that chunks may be cut anywhere."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from nets import VALUES, same_weights, trainer

from dltui.core import Trainer
from dltui.core.engine import loops as engine
from dltui.core.kernel import random


def order(n: int, seed: int, epoch: int, shuffled: int = 1) -> np.ndarray:
    found = np.empty(n, np.int64)
    engine.fill_order(found.ctypes.data, n, seed, epoch, shuffled)
    return found


@pytest.mark.parametrize("n", [1, 2, 17, 100])
def test_an_epoch_visits_every_row_once(n: int) -> None:
    assert np.array_equal(np.sort(order(n, 3, 0)), np.arange(n))
    assert np.array_equal(order(n, 3, 0, shuffled=0), np.arange(n))


def test_the_order_is_fisher_and_yates_with_numbers_of_the_seed_and_the_epoch() -> None:
    for seed, epoch in ((3, 0), (3, 7), (2**40, 1)):
        expected = np.arange(60)
        places = random.bits(seed, random.ORDER, epoch, 60) >> np.uint64(32)
        for i in range(59, 0, -1):
            j = int(places[i]) * (i + 1) >> 32
            expected[[i, j]] = expected[[j, i]]
        assert np.array_equal(order(60, seed, epoch), expected)
    assert not np.array_equal(order(60, 3, 0), order(60, 3, 1))
    assert not np.array_equal(order(60, 3, 0), order(60, 4, 0))


def test_no_place_of_the_order_is_preferred() -> None:
    counts = np.zeros((6, 6))
    for epoch in range(3000):
        counts[np.arange(6), order(6, 1, epoch)] += 1
    assert np.abs(counts / 500 - 1).max() < 5 / 500**0.5


def run(made: Trainer, n: int) -> tuple[int, int, np.ndarray]:
    losses = np.full(n, -1.0, np.float32)
    done, outcome = made.machine.run(n, losses)
    return done, outcome, losses


@pytest.mark.parametrize("batch", [1, 7, 36, "full"])
def test_counters_advance_with_the_rows(batch: Any) -> None:
    made = trainer(training__batch_size=batch)
    n_rows, size = made.data.n_train, made.data.n_train if batch == "full" else batch
    steps = -(-n_rows // size)
    for k in range(1, 2 * steps + 1):
        assert run(made, 1)[:2] == (1, engine.OK)
        assert (made.state.step, made.state.epoch) == (k, k // steps)
        assert made.state.position == (k % steps) * size


@pytest.mark.parametrize("shuffle", [True, False])
def test_a_chunk_may_be_cut_anywhere(shuffle: bool) -> None:
    whole, pieces = (trainer(training__shuffle=shuffle, regularization__dropout=0.2) for _ in range(2))
    _, _, losses = run(whole, 60)
    cut = np.concatenate([run(pieces, n)[2] for n in (1, 2, 30, 7, 20)])
    assert np.array_equal(losses, cut)
    assert same_weights(whole, pieces)


def test_the_loss_of_a_step_is_that_before_its_update() -> None:
    made = trainer(steps=25)
    expected = made.machine.next_loss()
    assert made.machine.next_loss() == expected, "asking changes nothing"
    _, _, losses = run(made, 1)
    assert losses[0] == pytest.approx(expected, rel=1e-6)


@pytest.mark.parametrize(("size", "outcome"), [(1e18, engine.GRADIENT_NOT_FINITE), (1e25, engine.LOSS_NOT_FINITE)])
def test_what_is_not_finite_ends_the_chunk_before_it_touches_the_weights(size: float, outcome: int) -> None:
    """Outputs of 1e18 have a squared error that is a number and a gradient that is none; those of 1e25 neither."""
    made = trainer(VALUES, steps=10)
    last = made.state.network.weights["dense3.weight"]
    last.write(made.memory.weights, np.full(last.shape, size))
    before, moments = made.memory.weights.copy(), made.memory.slots["first_moment"].copy()
    done, found, losses = run(made, 20)
    assert (done, found) == (0, outcome)
    assert np.array_equal(made.memory.weights, before)
    assert np.array_equal(made.memory.slots["first_moment"], moments)
    assert (losses == -1).all() and made.step == 10


def test_rows_are_scored_in_blocks_of_any_size() -> None:
    made = trainer(steps=40)
    evaluator, val = made.machine.evaluator, made.machine.val
    predicted = made.predict(made.data.x_val).argmax(1)
    metrics = evaluator.metrics(val)
    assert metrics["accuracy"] == pytest.approx((predicted == made.data.y_val).mean())
    assert np.isfinite(metrics["loss"])
