"""The loss around the weights: exact at the weights, along the true gradient, and without a trace in the run."""

from __future__ import annotations

import numpy as np
import pytest
from nets import VALUES, trainer

from dltui.core import ConfigError
from dltui.core.foresight.landscape import SIDE, loss_slice, path_plane, random_plane


def test_the_run_is_left_as_it_was() -> None:
    run, alone = trainer(steps=50), trainer(steps=50)
    states = [run.memory.weights.copy()]
    run.advance(20)
    alone.advance(20)
    states.append(run.memory.weights.copy())
    before = run.digest()
    loss_slice(run)
    random_plane(run)
    path_plane(run, states)
    assert run.digest() == before == alone.digest()
    run.advance(30)
    alone.advance(30)
    assert run.digest() == alone.digest()


def test_a_slice_falls_along_the_negative_gradient_and_meets_the_step_of_plain_descent() -> None:
    run = trainer(steps=30, optimizer__name="sgd", optimizer__learning_rate=0.05, training__batch_size="full")
    found = loss_slice(run)
    assert found.step == pytest.approx(0.05, rel=1e-3)
    here = int(np.abs(found.rates).argmin())
    assert found.losses[here] == pytest.approx(run.evaluate("train")["loss"], rel=1e-6)
    assert found.losses[here + 1] < found.losses[here] < found.losses[here - 1]
    assert found.step_loss == pytest.approx(np.interp(0.05, found.rates, found.losses), rel=1e-3)


@pytest.mark.parametrize("changes", [{}, {"averaging__name": "ema"}, {"network__normalization": "batch_norm"}])
def test_a_plane_holds_the_loss_of_the_weights_in_its_middle(changes: dict[str, str]) -> None:
    run = trainer(VALUES, 40, **changes)
    bare = run.copy()
    if changes.get("averaging__name"):
        bare.apply({"averaging.name": "none"})
    found = random_plane(run)
    middle = SIDE // 2
    assert found.losses[middle, middle] == pytest.approx(bare.evaluate("train")["loss"], rel=1e-6)
    assert len(np.unique(found.losses)) > SIDE


def test_directions_are_as_long_as_the_weights_filter_by_filter() -> None:
    from dltui.core.foresight.landscape import _filter_normalized

    run = trainer(steps=10)
    flat = _filter_normalized(run, 0)
    for name, span in run.network.weights.items():
        direction, weights = span.read(flat), run.parameters[name]
        wanted = np.linalg.norm(weights, axis=1) if weights.ndim == 2 else np.zeros(len(weights))
        found = np.linalg.norm(direction, axis=1) if weights.ndim == 2 else np.abs(direction)
        np.testing.assert_allclose(found, wanted, rtol=1e-5)
    assert not np.allclose(flat, _filter_normalized(run, 1))


def test_the_path_lies_in_its_plane_and_ends_where_the_run_stands() -> None:
    run = trainer()
    states = []
    for _ in range(12):
        states.append(run.memory.weights.copy())
        run.advance(25)
    found = path_plane(run, states)
    assert found.path.shape == (13, 2) and np.allclose(found.path[-1], 0.0, atol=1e-6)
    assert 0.5 < found.share <= 1.0
    assert found.across[0] < found.path[:, 0].min() and found.across[-1] > found.path[:, 0].max()


def test_what_has_no_way_on_is_refused() -> None:
    with pytest.raises(ConfigError, match="ended"):
        loss_slice(trainer(steps=30, training__max_steps=20))
    with pytest.raises(ConfigError, match="too few states"):
        path_plane(trainer(steps=5), [])
