"""What the panels say of each layer: how fast its weights move, and what its flat units are."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pytest
from nets import config, trainer
from patience import LIMIT_S

from dltui.core import Session
from dltui.core import commands as ask
from dltui.core.observe.layers import layer_stats
from dltui.core.snapshot import Snapshot


@pytest.fixture
def session() -> Iterator[Session]:
    made = Session(config())
    made.start()
    made.wait(lambda snapshot: snapshot.status == "paused", LIMIT_S)
    yield made
    assert made.close()


def ratios(snapshot: Snapshot) -> tuple[float, ...]:
    return tuple(layer.update_ratio for layer in snapshot.layers)


def test_it_is_measured_again_and_again(session: Session) -> None:
    session.send(ask.Run())
    seen: set[tuple[float, ...]] = set()

    def changed(snapshot: Snapshot) -> bool:
        if snapshot.layers and np.isfinite(ratios(snapshot)).all():
            seen.add(ratios(snapshot))
        return len(seen) >= 4

    session.wait(changed, LIMIT_S)


@pytest.mark.parametrize("n", [1, 7, 400])
def test_where_a_run_pauses_it_is_that_of_the_last_step(session: Session, n: int) -> None:
    session.send(ask.Step(n))
    shown = session.wait(lambda s: s.step == n and s.status == "paused", LIMIT_S)
    twin = trainer(steps=n - 1)
    before = twin.memory.weights.copy()
    twin.advance(1)
    assert ratios(shown) == tuple(layer.update_ratio for layer in layer_stats(twin, before))


def test_a_short_run_that_ends_has_one() -> None:
    made = Session(config(training__max_steps=30))
    made.start()
    made.send(ask.Run())
    assert np.isfinite(ratios(made.wait(lambda s: s.status == "finished", LIMIT_S))).all()
    assert made.close()


@pytest.mark.parametrize(
    "command",
    [ask.Apply({"network.hidden": [5, 5, 4]}), ask.Restart(), ask.Undo(rewind=True), ask.Reinitialize("dense1")],
    ids=["another network", "restart", "rewind", "weights by hand"],
)
def test_it_is_not_kept_for_other_weights(session: Session, command: ask.Command) -> None:
    session.send(ask.Apply({"optimizer.learning_rate": 0.02}))
    session.send(ask.Step(20))
    before = session.wait(lambda s: s.step == 20 and s.status == "paused", LIMIT_S)
    assert np.isfinite(ratios(before)).all()
    session.send(command)
    shown = session.wait(lambda s: s.events != before.events, LIMIT_S)
    assert shown.layers
    assert np.isnan(ratios(shown)).all()


def test_another_rate_leaves_it(session: Session) -> None:
    session.send(ask.Step(20))
    before = session.wait(lambda s: s.step == 20 and s.status == "paused", LIMIT_S)
    session.send(ask.Apply({"optimizer.learning_rate": 0.5}))
    assert ratios(session.wait(lambda s: s.base_rate == 0.5, LIMIT_S)) == ratios(before)


@pytest.mark.parametrize(("name", "saturates"), [("tanh", True), ("sigmoid", True), ("relu", False), ("gelu", False)])
def test_a_layer_says_whether_its_flat_units_are_saturated(name: str, saturates: bool) -> None:
    made = trainer(steps=1, network__activation=name)
    assert [layer.saturates for layer in layer_stats(made, None)] == [saturates, saturates, False]
