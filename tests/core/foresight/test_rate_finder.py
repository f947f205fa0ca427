"""The rate finder: each rate's own loss, the marks it draws, and a run that is left as it was."""

from __future__ import annotations

import numpy as np
import pytest
from nets import trainer

from dltui.core.foresight.rate_finder import RateFinding, find_rate


def test_each_rate_is_trained_from_the_state_in_force() -> None:
    run = trainer(steps=20, optimizer__name="sgd")
    before = run.digest()
    found = find_rate(run, 60, n_rates=9)
    assert run.digest() == before
    for k in (2, 5):
        twin = run.copy()
        twin.apply({"optimizer.learning_rate": float(found.rates[k])})
        twin.advance(60)
        assert found.losses[k] == twin.evaluate("train")["loss"]
    assert found.before == run.evaluate("train")["loss"]
    assert found.best is not None and found.last_good is not None and found.steepest is not None
    assert found.losses.min() < found.before
    assert found.steepest <= found.last_good


def test_marks_of_a_known_curve() -> None:
    rates = np.geomspace(1e-4, 1.0, 5)
    found = RateFinding(rates, np.array([0.9, 0.8, 0.2, 0.5, np.inf]), 0.9, 10)
    assert found.best == pytest.approx(0.01) and found.last_good == pytest.approx(0.1)
    assert found.steepest == pytest.approx(np.sqrt(0.001 * 0.01))
    none = RateFinding(rates, np.full(5, np.inf), 0.9, 10)
    assert (none.best, none.steepest, none.last_good) == (None, None, None)
