"""Looking ahead: the pieces never matter."""

from __future__ import annotations

import pytest
from nets import trainer

from dltui.core.foresight.future import look_ahead


def test_a_future_is_what_the_run_comes_to_whatever_the_pieces() -> None:
    run = trainer(steps=30)
    future = look_ahead(run.copy(), 777)
    run.advance(777)
    assert (future.n_steps, future.step, future.digest) == (777, 807, run.digest())
    assert future.elapsed_s > 0.0 and future.step_ns == pytest.approx(1e9 * future.elapsed_s / 777)


def test_it_ends_where_the_run_ends() -> None:
    future = look_ahead(trainer(training__max_steps=50), 200)
    assert (future.n_steps, future.stopped) == (50, "finished")
    assert future.metrics["val_loss"] > 0.0
