"""Undo and redo are one line of changes: whatever was done, going along it ends where a list says."""

from __future__ import annotations

import random
from dataclasses import dataclass

import pytest
from nets import config

from dltui.core import ConfigError, Trainer
from dltui.core.run.replay import replay, start_trainer
from dltui.core.run.run import MOST_CHANGES, REWINDS, JournaledRun
from dltui.core.run.start import keep_run, start_run
from dltui.core.run.verify import verify
from dltui.core.store.folder import RunDir
from dltui.core.store.status import RunStatus


def begin(keep: bool = False) -> JournaledRun:
    return start_run(config(), "", lambda asked, title: Trainer(asked), keep, lambda: 0.0)


def test_undoing_another_network_brings_the_weights_back() -> None:
    run = begin()
    run.advance(200)
    good = run.trainer.digest()
    run.apply({"network.hidden": [3, 3, 3]})
    run.advance(50)
    other = run.trainer.digest()
    assert "back to step 200" in run.undo_line()[0][0]
    run.undo()
    assert (run.trainer.digest(), run.trainer.step) == (good, 200)
    run.redo()
    assert (run.trainer.digest(), run.trainer.step) == (other, 250)
    run.undo()
    assert run.trainer.digest() == good


def test_steps_made_after_an_undo_are_kept_by_a_redo() -> None:
    run = begin()
    run.advance(100)
    run.apply({"network.hidden": [9]})
    run.undo()
    run.advance(60)
    here = run.trainer.digest()
    run.redo()
    assert (run.trainer.config.network.hidden, run.trainer.step) == ((9,), 100)
    run.undo()
    assert (run.trainer.digest(), run.trainer.step) == (here, 160)


def test_a_change_after_an_undo_says_what_can_no_longer_be_redone() -> None:
    run = begin()
    run.apply({"network.hidden": [8, 8, 8]})
    run.undo()
    run.apply({"optimizer.learning_rate": 0.05})
    assert "can no longer be redone" in run.trainer.events[-1].text and "8" in run.trainer.events[-1].text
    run.rewind()
    with pytest.raises(ConfigError, match="no change to undo"):
        run.undo()
    run.redo()
    assert run.trainer.config.optimizer.learning_rate == 0.05
    with pytest.raises(ConfigError, match="nothing to redo"):
        run.redo()


def test_a_setting_is_undone_and_redone_from_here_on() -> None:
    run = begin()
    run.advance(10)
    run.apply({"optimizer.learning_rate": 0.5})
    run.advance(10)
    assert "from here on" in run.undo_line()[0][0]
    run.undo()
    assert (run.trainer.step, run.trainer.config.optimizer.learning_rate) == (20, 0.01)
    run.redo()
    assert (run.trainer.step, run.trainer.config.optimizer.learning_rate) == (20, 0.5)


@pytest.mark.parametrize("again", ["restart", "new seed 9", "dense1 began anew", "initializer"])
def test_what_draws_new_weights_can_be_undone(again: str) -> None:
    run = begin()
    run.advance(120)
    before = run.trainer.digest()
    match again:
        case "restart":
            run.restart()
        case "new seed 9":
            run.restart(9)
        case "initializer":
            run.apply({"network.initializer": "orthogonal"})
        case _:
            run.overwrite("reinitialize", "dense1")
    run.advance(30)
    after = run.trainer.digest()
    assert after != before
    run.undo()
    assert run.trainer.digest() == before
    run.redo()
    assert run.trainer.digest() == after


def test_of_many_changes_the_newest_are_returned_to_and_none_is_forgotten_without_a_word() -> None:
    run = begin()
    for n in range(REWINDS + 4):
        run.apply({"network.hidden": [3 + n % 5, 4]})
        run.advance(1)
    told = run.undo_line()[0]
    assert len(told) == REWINDS + 4 <= MOST_CHANGES
    assert all("back to step" in text for text in told[:REWINDS])
    assert all("no longer remembered" in text for text in told[REWINDS:])
    for _ in told:
        run.undo()
    assert run.trainer.config == begin().trainer.config


CHANGES: tuple[dict[str, object], ...] = (
    {"network.hidden": [3]},
    {"network.hidden": [6, 5]},
    {"network.hidden": [5, 4, 4]},
    {"optimizer.learning_rate": 0.003},
    {"optimizer.learning_rate": 0.02},
    {"optimizer.name": "sgd", "optimizer.learning_rate": 0.1},
    {"optimizer.name": "momentum"},
    {"network.activation": "relu"},
    {"regularization.dropout": 0.1},
    {"training.batch_size": 7},
    {"network.initializer": "he_normal"},
    {"training.seed": 5},
    {"loss.name": "mse"},
)


@dataclass
class Line:
    """What the line of changes must come to: the Config after each change, and how many of them are in force."""

    configs: list
    at: int = 0

    def change(self, config) -> None:
        del self.configs[self.at + 1 :]
        self.configs.append(config)
        self.at += 1


def storm(seed: int, n: int) -> JournaledRun:
    """Changes, steps, undo, rewind and redo at random, compared with a list after each."""
    rng, run = random.Random(seed), begin(keep=True)
    line = Line([run.trainer.config])
    returned: dict[int, str] = {}  # place on the line -> digest from which its change was taken back
    for _ in range(n):
        draw = rng.random()
        if draw < 0.35:
            old = run.trainer.config
            run.apply(rng.choice(CHANGES))
            if run.trainer.config != old:
                line.change(run.trainer.config)
                returned = {at: digest for at, digest in returned.items() if at <= line.at - 1}
        elif draw < 0.40:
            run.restart(rng.choice((None, 2)))
            line.change(run.trainer.config)
            returned = {at: digest for at, digest in returned.items() if at <= line.at - 1}
        elif draw < 0.60 and line.at:
            left, rewound = run.trainer.digest(), rng.random() < 0.4 and run.changes[-1].before is not None
            before = run.changes[-1].before
            if rewound:
                run.rewind()
            elif run.changes[-1].inverse or before is not None:
                run.undo()
            else:
                continue
            returned.pop(line.at, None)
            if run.undone[-1].after is not None:
                returned[line.at] = left
                if before is not None:
                    assert run.trainer.digest() == before.bookmark.digest()
            line.at -= 1
        elif draw < 0.75 and line.at < len(line.configs) - 1:
            exact = run.undone[-1].after is not None
            run.redo()
            line.at += 1
            if exact:
                assert run.trainer.digest() == returned[line.at]
        else:
            run.advance(rng.choice((1, 3, 20)))
        assert run.trainer.config == line.configs[line.at]
        assert (len(run.changes), len(run.undone)) == (line.at, len(line.configs) - 1 - line.at)
    return run


def check(run: JournaledRun) -> None:
    """Compare a run with what its journal makes of it."""
    digest, keeper = run.trainer.digest(), run.keeper
    assert keeper is not None and keeper.run is not None
    run.show(RunStatus(step=run.trainer.step))
    assert run.close(RunStatus(step=run.trainer.step), 20.0)
    folder = RunDir(keeper.run.path, write=False)
    again = start_trainer(folder, Trainer)
    last = folder.last_shown()
    replay(again, folder.records, [last] if folder.records and last[0] == folder.records[-1].n else [])
    assert again.digest() == digest
    verdict = verify(RunDir(keeper.run.path, write=False), Trainer)
    assert verdict.problems == () and verdict.digest == digest


@pytest.mark.parametrize("seed", range(4))
def test_a_storm_ends_where_the_list_says_and_is_repeated_to_the_bit(seed: int) -> None:
    check(storm(seed, 60))


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(100, 140))
def test_many_storms_end_where_the_list_says(seed: int) -> None:
    check(storm(seed, 250))


def test_a_redo_is_known_after_a_resume() -> None:
    made = Trainer(config())
    run = JournaledRun(made, keep_run(made, "", "redone"))
    run.advance(20)
    run.apply({"network.hidden": [9]})
    run.advance(10)
    run.undo()
    run.redo()
    check(run)
