"""When a run is evaluated and when it ends: functions of its state alone, whatever the steps it is advanced by."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from nets import CLASSES, trainer

from dltui.core.engine.state import TrainState
from dltui.core.training import cadence

N = 36
"""Training rows of the small network."""


def state(**changes: Any) -> TrainState:
    return trainer(**{"training__evaluate_every": 0, **changes}).state


def evaluations(steps: list[int], **changes: Any) -> list[int]:
    """Steps at which a run was evaluated that was advanced by these."""
    made = trainer(**{"training__evaluate_every": 0, **changes})
    for n in steps:
        made.advance(n)
    return [int(step) for step in made.history["val_loss"][0]]


@given(st.integers(1, 300), st.integers(1, 300), st.integers(0, 5))
def test_sampled_rows_are_spread_over_all_of_them(n: int, wanted: int, seed: int) -> None:
    wanted = min(n, wanted)
    rows = cadence.sampled_rows(n, wanted, seed)
    assert len(rows) == wanted == len(set(rows.tolist()))
    bounds = np.arange(wanted + 1) * n // wanted
    assert (rows >= bounds[:-1]).all() and (rows < bounds[1:]).all()
    assert np.array_equal(rows, cadence.sampled_rows(n, wanted, seed))


@pytest.mark.parametrize(("batch", "steps"), [(1, 36), (7, 6), (18, 2), (36, 1), ("full", 1)])
def test_an_epoch_has_as_many_steps_as_batches(batch: Any, steps: int) -> None:
    at = state(training__batch_size=batch)
    assert cadence.steps_of_an_epoch(at) == steps
    assert cadence.steps_of_epochs(at, 1) == steps
    assert cadence.steps_of_epochs(at, 3) == 3 * steps


def test_from_the_middle_of_an_epoch_the_rest_of_it_is_the_first() -> None:
    at = replace(state(training__batch_size=7), position=21)
    assert cadence.steps_of_epochs(at, 1) == 3
    assert cadence.steps_of_epochs(at, 2) == 3 + 6


def test_the_nearest_limit_ends_a_run() -> None:
    assert cadence.steps_to_end(state()) == cadence.NEVER
    assert cadence.steps_to_end(state(training__max_steps=50)) == 50
    assert cadence.steps_to_end(state(training__max_steps=50, training__max_epochs=2)) == 2 * 6
    at = replace(state(training__max_steps=50, training__max_epochs=9), step=20, epoch=3, position=14)
    assert cadence.steps_to_end(at) == 30
    assert cadence.steps_to_end(replace(at, epoch=9, position=0)) == 0
    assert cadence.steps_to_end(replace(at, step=60)) <= 0


def test_a_chosen_interval_is_kept() -> None:
    assert evaluations([100], training__evaluate_every=30) == [0, 30, 60, 90]


def test_a_run_is_evaluated_after_every_epoch_at_first_and_then_less_and_less_often() -> None:
    found = np.array(evaluations([4000], training__batch_size=7))
    gaps = np.diff(found)
    assert found[:4].tolist() == [0, 6, 12, 18]
    assert (np.diff(gaps) >= 0).all() and gaps[-1] > gaps[0]
    assert (gaps % 6 == 0).all(), "whole epochs"
    assert gaps.max() <= cadence.longest_interval(state(training__batch_size=7))


def test_whoever_listens_hears_every_epoch() -> None:
    for listening in ({"training__early_stopping": 1000}, {"schedule__name": "plateau"}):
        assert cadence.longest_interval(state(**listening)) == cadence.steps_of_an_epoch(state(**listening))
        assert (np.diff(evaluations([300], **listening)) == 6).all()


def test_evaluating_takes_a_twentieth_of_the_time_at_most() -> None:
    for units in ([2], [50, 50], [300, 300]):
        at = state(network__hidden=units)
        rows = len(at.data.x_val) + min(len(at.data.x_train), cadence.TRAIN_ROWS)
        evaluation_ns = 120_000.0 + 0.02 * at.network.n_parameters * rows
        assert cadence.longest_interval(at) * cadence.step_cost_ns(at) >= 20 * evaluation_ns


@given(st.lists(st.integers(1, 90), min_size=1, max_size=12))
def test_when_does_not_depend_on_how_the_run_is_advanced(steps: list[int]) -> None:
    assert evaluations(steps) == evaluations([sum(steps)])


def test_the_first_evaluation_is_due_at_once() -> None:
    at = state()
    assert at.last_evaluation == -1 and cadence.evaluation_is_due(at, 100)
    assert not cadence.evaluation_is_due(replace(at, last_evaluation=0), 100)
    assert CLASSES["training"]["evaluate_every"] == 11, "the small network of the other tests says itself when"
