"""A change says the settings whose default was another once, so that a journal of any age means what it meant."""

from __future__ import annotations

import pytest
from nets import config

from dltui.core import Trainer
from dltui.core.config.stated import with_stated_defaults
from dltui.core.disk.home import find_home
from dltui.core.registry import families
from dltui.core.run.course import configs_after
from dltui.core.run.replay import replay, resume_trainer, start_trainer
from dltui.core.run.run import JournaledRun
from dltui.core.run.start import changes_made, continue_run, keep_run, resume_run
from dltui.core.run.verify import verify
from dltui.core.store.folder import RunDir
from dltui.core.store.journal import Record
from dltui.core.store.runs import open_run

WITH_END = sorted(name for name, member in families["schedules"].items() if member.length)


def record(n: int, step: int, changes: dict[str, object]) -> Record:
    return Record(n=n, step=step, kind="apply", intent={"changes": changes, "cold": False})


@pytest.mark.parametrize("name", WITH_END)
def test_what_comes_with_a_schedule_is_said(name):
    path = f"schedule.{families['schedules'][name].length}"
    asked = {"schedule.name": name}
    assert with_stated_defaults(asked, config()) == {**asked, path: 0}
    assert with_stated_defaults(asked, config(), formerly=True) == {**asked, path: 1000}
    told = {**asked, path: 77}
    assert with_stated_defaults(told, config()) == with_stated_defaults(told, config(), formerly=True) == told
    remembered = config().with_changes(told).with_changes({"schedule.name": "constant"})
    assert with_stated_defaults(asked, remembered) == with_stated_defaults(asked, remembered, formerly=True) == told
    same = config().with_changes(told)
    assert with_stated_defaults(asked, same) == with_stated_defaults(asked, same, formerly=True) == asked, (
        "it is in force already"
    )


@pytest.mark.parametrize("changes", [{"schedule.name": 3}, {"schedule.name": "cosin"}, {"optimizer.beta1": 0.5}, {}])
def test_what_says_nothing_of_it_is_left_as_it_is(changes):
    assert with_stated_defaults(changes, config()) == changes


def test_a_journal_that_does_not_say_it_is_replayed_as_it_was():
    old, told = Trainer(config()), Trainer(config())
    replay(old, [record(1, 30, {"schedule.name": "cosine"}), record(2, 60, {"schedule.name": "constant"}),
                 record(3, 90, {"schedule.name": "cosine", "schedule.eta_min": 0.001})])  # fmt: skip
    for step, changes in ((30, {"schedule.t_max": 1000}), (60, {}), (90, {"schedule.eta_min": 0.001})):
        told.advance(step - told.step)
        told.apply({"schedule.name": "cosine" if step != 60 else "constant", **changes})
    old.advance(100), told.advance(100)
    assert old.digest() == told.digest() and old.config == told.config
    assert old.config.schedule.settings["t_max"] == 1000 and old.state.schedule_steps == 0
    configs = configs_after(config(), [record(1, 30, {"schedule.name": "cosine"})])
    assert configs[1].schedule.settings["t_max"] == 1000


def test_an_old_change_that_was_taken_back_is_known_to_be():
    records = [record(1, 3, {"schedule.name": "cosine"}), record(2, 6, {"schedule.name": "constant"})]
    assert changes_made(config(), records) == []
    records = [*records, record(3, 9, {"schedule.name": "cosine"})]
    (change,) = changes_made(config(), records)
    assert change.inverse == {"schedule.name": "constant"}


def a_run() -> tuple[JournaledRun, str]:
    made = Trainer(config(schedule__name="cosine"))
    run = JournaledRun(made, keep_run(made, "", "rest"))
    assert run.keeper is not None and run.keeper.run is not None
    return run, run.keeper.run.path


def closed(run: JournaledRun) -> None:
    run.show(run.about("training"))
    assert run.close(run.about("closed"), 20.0)


def test_a_run_that_takes_the_rest_is_made_again_to_the_bit():
    run, folder = a_run()
    run.aim(300)
    run.advance(100)
    run.apply({"schedule.name": "polynomial"})
    run.advance(20)
    run.undo()
    assert run.changes == [] and run.trainer.config.schedule.settings["t_max"] == 0
    assert run.trainer.state.schedule_steps == 180
    run.advance(20)
    run.aim(0)
    run.apply({"schedule.name": "linear"})
    assert run.trainer.state.schedule_steps == 1000
    run.advance(30)
    digest = run.trainer.digest()
    closed(run)
    opened = RunDir(folder, write=False)
    made = start_trainer(opened, Trainer)
    replay(made, opened.records, [opened.last_shown()])
    assert made.digest() == digest
    outcome = verify(RunDir(folder, write=False), Trainer)
    assert not outcome.problems
    back, _ = resume_trainer(RunDir(folder, write=False), Trainer)
    assert back.digest() == digest and len(continue_run(RunDir(folder, write=False), back, None).changes) == 1


def test_a_session_does_not_know_where_the_run_is_to_end():
    run, _ = a_run()
    run.aim(300)
    run.advance(100)
    assert run.keeper is not None and run.keeper.run is not None
    name = run.keeper.run.id
    closed(run)
    back = resume_run(name, lambda config, title: Trainer(config), lambda: 0.0)
    assert (back.trainer.state.aim, back.trainer.state.schedule_steps) == (0, 300)
    back.apply({"schedule.name": "linear"})
    assert back.trainer.state.schedule_steps == 1000
    back.advance(10)
    closed(back)
    opened = open_run(find_home().runs, name, write=False)
    assert [record.kind for record in opened.records] == ["aim", "aim", "apply"]
    assert not verify(opened, Trainer).problems
