"""The loss around the weights, asked of a session: its answers come in snapshots, and the run is not touched."""

from __future__ import annotations

from functools import partial

import pytest
from nets import config, trainer
from patience import LIMIT_S

from dltui.core import Session
from dltui.core.commands import LANDSCAPES, LookAround, Step
from dltui.core.session.surveyor import landscape_of
from dltui.core.snapshot import Snapshot


def _shows(kind: str, snapshot: Snapshot) -> bool:
    return snapshot.landscape is not None and snapshot.landscape.kind == kind


def test_every_view_is_answered_and_the_run_goes_on_as_if_nobody_had_looked() -> None:
    session = Session(config())
    session.start()
    session.send(Step(50))
    session.wait(lambda s: s.step == 50 and s.status == "paused", LIMIT_S)
    for kind in LANDSCAPES:
        session.send(LookAround(kind))
        seen = session.wait(partial(_shows, kind), LIMIT_S)
        assert seen.landscape is not None and seen.landscape.step == 50
    session.send(LookAround(""))
    session.wait(lambda s: s.landscape is None, LIMIT_S)
    session.send(Step(50))
    end = session.wait(lambda s: s.step == 100 and s.status == "paused", LIMIT_S)
    assert end.metrics["train_loss"] == trainer(steps=100).history.latest()["train_loss"]
    assert session.close(LIMIT_S)


@pytest.mark.parametrize("kind", LANDSCAPES)
def test_looking_leaves_the_digest_as_it_is(kind: str) -> None:
    run = trainer(steps=60)
    before = run.digest()
    states = [trainer(steps=20).memory.weights, trainer(steps=40).memory.weights]
    found = landscape_of(run, kind, states)
    assert not found.refused and run.digest() == before


def test_what_cannot_be_seen_is_said() -> None:
    assert "too few states" in landscape_of(trainer(), "path", []).refused
