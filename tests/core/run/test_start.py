"""A run that was resumed knows its changes: they can be taken back as if it had never been interrupted."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from nets import config

from dltui.core import ConfigError, Trainer
from dltui.core.run.run import JournaledRun
from dltui.core.run.start import resume_run, start_run
from dltui.core.store.status import RunStatus


def made(asked, title: str) -> Trainer:
    return Trainer(asked)


def begin() -> JournaledRun:
    return start_run(config(), "", made, True, lambda: 0.0)


def interrupted(run: JournaledRun) -> JournaledRun:
    run.show(RunStatus(step=run.trainer.step))
    assert run.close(RunStatus(step=run.trainer.step), 20.0)
    assert run.keeper is not None and run.keeper.run is not None
    return resume_run(run.keeper.run.id, made, lambda: 0.0)


def some_changes(run: JournaledRun) -> None:
    run.advance(30)
    run.apply({"optimizer.learning_rate": 0.2})
    run.advance(10)
    run.apply({"network.hidden": [6, 4], "optimizer.name": "sgd"})
    run.advance(10)


def undone(run: JournaledRun) -> None:
    some_changes(run)
    run.apply({"training.batch_size": 9})
    run.undo()


def rewound(run: JournaledRun) -> None:
    some_changes(run)
    run.apply({"training.batch_size": 9})
    run.advance(3)
    run.rewind()


def restarted(run: JournaledRun) -> None:
    some_changes(run)
    run.restart(8)
    run.advance(5)
    run.apply({"network.activation": "relu"})


def by_hand(run: JournaledRun) -> None:
    some_changes(run)
    run.overwrite("reinitialize", "dense1")


@pytest.mark.parametrize("story", [some_changes, undone, rewound, restarted, by_hand])
def test_the_same_changes_are_known(story: Callable[[JournaledRun], None]) -> None:
    run = begin()
    story(run)
    known = [(dict(change.inverse), change.n) for change in run.changes]
    again = interrupted(run)
    assert [(dict(change.inverse), change.n) for change in again.changes] == known
    again.close(RunStatus(), 20.0)


def test_undo_after_a_resume_is_undo_without_one() -> None:
    digests = []
    for stops in (False, True):
        run = begin()
        run.advance(30)
        run.apply({"optimizer.learning_rate": 0.2})
        run.advance(10)
        run.apply({"network.activation": "relu", "optimizer.name": "sgd"})
        run.advance(10)
        run = interrupted(run) if stops else run
        run.undo()
        run.advance(10)
        run.undo()
        run.advance(10)
        assert (run.trainer.config.network.activation, run.trainer.config.optimizer.learning_rate) == ("tanh", 0.01)
        with pytest.raises(ConfigError, match="no change to undo"):
            run.undo()
        digests.append(run.trainer.digest())
        run.close(RunStatus(), 20.0)
    assert digests[0] == digests[1]


def test_a_network_from_before_a_resume_comes_back_as_near_as_it_can_and_that_is_said_before() -> None:
    run = begin()
    some_changes(run)
    run = interrupted(run)
    assert "no longer remembered" in run.undo_line()[0][0]
    left = run.trainer.digest()
    run.undo()
    assert run.trainer.config.network.hidden == (5, 4)
    run.redo()
    assert run.trainer.digest() == left
    run.close(RunStatus(), 20.0)


def test_a_change_from_before_a_resume_cannot_be_rewound_and_says_so() -> None:
    run = begin()
    some_changes(run)
    run = interrupted(run)
    digest = run.trainer.digest()
    with pytest.raises(ConfigError, match="can be undone, but not rewound"):
        run.rewind()
    assert run.trainer.digest() == digest
    run.apply({"optimizer.learning_rate": 0.4})
    run.advance(5)
    run.rewind()
    assert run.trainer.digest() == digest
    run.close(RunStatus(), 20.0)
