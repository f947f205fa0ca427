"""Any moment of a run is brought back to the bit, and going on from it is as if nobody had looked."""

from __future__ import annotations

import itertools
import time

import pytest
from nets import config, trainer

from dltui.core import ConfigError, Trainer
from dltui.core.disk.home import find_home
from dltui.core.run.moment import look_back_from, moment_of
from dltui.core.run.replay import resume_trainer
from dltui.core.run.run import JournaledRun
from dltui.core.run.start import continue_run, keep_run
from dltui.core.run.verify import verify
from dltui.core.run.way import Stretch, Way
from dltui.core.store.folder import RunDir
from dltui.core.store.keeper import Keeper
from dltui.core.store.runs import open_run
from dltui.core.store.status import RunStatus

CHANGES: dict[int, dict[str, object]] = {
    30: {"optimizer.name": "sgd"},
    55: {"network.hidden": [6, 4]},
    80: {"network.activation": "relu"},
}


def made(kept: bool = False) -> JournaledRun:
    """A run whose states are kept at every look."""
    one = Trainer(config())
    run = JournaledRun(one, keep_run(one, "", "looked at") if kept else None)
    look_back_from(run, None)
    return run


def train(run: JournaledRun, last: int, piece: int = 7) -> None:
    while run.trainer.step < last:
        step = run.trainer.step
        if step in CHANGES and not any(event.step == step and event.kind == "change" for event in run.trainer.events):
            run.apply(CHANGES[step])
        stops = [at for at in CHANGES if at > step]
        assert run.past is not None
        run.past._due = 0.0
        run.advance(min(piece, last - step, *(at - step for at in stops)))


def digests(last: int) -> dict[int, str]:
    """The digest at every step, just behind what was decided there."""
    run, found = trainer(), {}
    for step in range(last + 1):
        if step in CHANGES:
            run.apply(CHANGES[step])
        found[step] = run.digest()
        run.advance(1)
    return found


EXPECTED: dict[int, str] = {}


@pytest.fixture(scope="module", autouse=True)
def _expected() -> None:
    EXPECTED.update(digests(120))


def test_every_step_comes_back_to_the_bit() -> None:
    run = made()
    train(run, 120)
    before = run.trainer.digest()
    for step in range(0, 120, 3):
        place = moment_of(run, step)
        assert place.step == step and place.bookmark.digest() == EXPECTED[step]
        assert [change.text for change in place.changes] == [
            text for at, text in zip(CHANGES, [change.text for change in run.changes], strict=True) if at <= step
        ]
    assert run.trainer.digest() == before == EXPECTED[120]


def test_the_state_before_a_change_comes_back_too() -> None:
    run = made()
    train(run, 70)
    twin = trainer()
    twin.advance(30)
    place = moment_of(run, 30, before=True)
    assert place.bookmark.digest() == twin.digest() and place.n == 0 and moment_of(run, 30).n == 1


def test_going_on_from_a_moment_is_as_if_nobody_had_looked() -> None:
    run = made(kept=True)
    train(run, 110)
    run.go_back(moment_of(run, 62))
    assert run.trainer.step == 62 and len(run.changes) == 2
    train(run, 120)
    assert run.trainer.digest() == EXPECTED[120]
    run.undo()
    assert run.trainer.config.network.activation != "relu"
    assert run.keeper is not None and run.keeper.run is not None
    assert run.close(RunStatus("closed", 120), 20.0)
    verdict = verify(RunDir(run.keeper.run.path, write=False), Trainer)
    assert verdict.problems == () and verdict.digest == run.trainer.digest()


def test_what_was_left_behind_does_not_come_back() -> None:
    run = made()
    train(run, 110)
    run.go_back(moment_of(run, 20))
    train(run, 28, piece=3)
    run.apply({"optimizer.name": "lion"})
    run.advance(60)
    twin = trainer()
    twin.advance(28)
    twin.apply({"optimizer.name": "lion"})
    twin.advance(40)
    assert moment_of(run, 68).bookmark.digest() == twin.digest()
    assert moment_of(run, 15).bookmark.digest() == EXPECTED[15]


def test_a_run_that_was_undone_and_redone_finds_its_way() -> None:
    run = made()
    train(run, 70)
    run.undo()  # the layers: back to 55
    train_on = trainer()
    train_on.advance(30)
    train_on.apply(CHANGES[30])
    train_on.advance(30)
    assert run.past is not None
    for _ in range(4):
        run.past._due = 0.0
        run.advance(2)
    assert moment_of(run, 60).bookmark.digest() == train_on.digest()
    run.redo()
    assert run.trainer.step == 70
    assert moment_of(run, 60).bookmark.digest() == EXPECTED[60]
    assert moment_of(run, 50).bookmark.digest() == EXPECTED[50]


def test_it_works_after_a_resume() -> None:
    run = made(kept=True)
    train(run, 100)
    assert run.keeper is not None and run.keeper.run is not None
    run.show(RunStatus("training", 100))
    run.keeper.drain(10.0)
    run.keeper.run.close()
    folder = open_run(find_home().runs, run.keeper.run.id)
    again = continue_run(folder, resume_trainer(folder, Trainer)[0], Keeper(folder), time.monotonic)
    look_back_from(again, folder)
    assert again.trainer.step == 100
    for step in (0, 29, 30, 56, 99):
        assert moment_of(again, step).bookmark.digest() == EXPECTED[step]
    again.go_back(moment_of(again, 40))
    train(again, 120)
    assert again.trainer.digest() == EXPECTED[120]
    again.close(RunStatus(), 20.0)


def test_a_new_start_begins_a_way_of_its_own() -> None:
    run = made()
    train(run, 90)
    run.restart(5)
    run.advance(40)
    assert run.way.stretches == (Stretch(4, 0),)
    twin = trainer(training__seed=5, network__activation="relu", network__hidden=[6, 4], optimizer__name="sgd")
    twin.advance(25)
    assert moment_of(run, 25).bookmark.digest() == twin.digest()


def test_a_moment_may_come_a_little_early_where_there_is_no_time() -> None:
    run = made()
    train(run, 90)
    assert run.past is not None
    run.past._kept.clear()
    place = moment_of(run, 85, budget_s=0.0)
    assert place.step == 0 and place.bookmark.digest() == EXPECTED[0]


def test_states_are_thinned_out_evenly() -> None:
    run = made()
    for _ in range(400):
        assert run.past is not None
        run.past._due = 0.0
        run.advance(5)
    steps = run.past.steps(run.way)
    assert len(steps) <= 33 and steps[0] == 0 and steps[-1] > 1800
    gaps = [b - a for a, b in itertools.pairwise(steps)]
    assert max(gaps) <= 300


def test_where_decisions_are_lost_nothing_is_brought_back() -> None:
    from dltui.core.run.way import way_of
    from dltui.core.store.journal import GAP, Record

    with pytest.raises(ConfigError, match="lost"):
        way_of(config(), [Record(3, 5, GAP)])
    assert Way().at(7) == (0, 7) and Way().before(0) == (0, 0)
