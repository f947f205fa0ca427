"""The course: lessons in order, the done ones remembered, the next one on a key."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from fakes import make_snapshot
from harness import make_app, until
from stage import Stage, text

from dltui.core.commands import Apply, Load
from dltui.core.config import Config
from dltui.core.config.presets import list_presets, load_preset
from dltui.core.progress import Progress, read_progress, write_progress
from dltui.core.snapshot import TryState
from dltui.tui.screens.course import Course
from dltui.tui.screens.dashboard.screen import Dashboard
from dltui.tui.widgets.lesson import Lesson

NAMES = [head.name for head in list_presets()]


def run_of(name: str, **changes: Any) -> Any:
    return make_snapshot(config=load_preset(name), **changes)


def test_a_lesson_is_done_when_its_story_is_told() -> None:
    course = Course()
    steps = load_preset("xor").preset.steps
    course.note(run_of("xor", step=steps - 1, status="training"))
    assert read_progress()[0].done == frozenset()
    course.note(run_of("xor", step=steps, status="paused"))
    course.note(run_of("exploding_gradient", step=5, status="diverged"))
    assert read_progress()[0].done == {"xor", "exploding_gradient"}
    assert Course().progress.done == {"xor", "exploding_gradient"}


def test_experiments_are_remembered_once_their_outcome_is_known() -> None:
    course, waiting = Course(), TryState(1, 5, 9, {}, {}, "waiting")
    course.note(run_of("xor", step=1, status="training", tries=(waiting,)))
    assert not read_progress()[0].tried
    course.note(
        run_of("xor", step=9, status="training", tries=(replace(waiting, after={"dead": 0.0}, outcome="held"),))
    )
    assert read_progress()[0].tried == {"xor": {1}}


def test_own_data_are_no_lesson() -> None:
    course = Course()
    course.note(make_snapshot(config=Config.from_dict({}), status="finished"))
    assert read_progress()[0] == Progress()
    assert course.name_of(None) == ""


def test_the_next_lesson_follows_in_order_and_after_the_last_comes_what_is_left() -> None:
    course = Course()
    following = course.next_after(NAMES[0])
    assert following is not None and following.name == NAMES[1]
    write_progress(Progress(done=frozenset(NAMES[:2])))
    left = Course().next_after(NAMES[-1])
    assert left is not None and left.name == NAMES[2]
    write_progress(Progress(done=frozenset(NAMES)))
    assert Course().next_after("") is None


async def test_a_key_trains_the_next_lesson() -> None:
    app, session = make_app()
    async with app.run_test(size=(120, 36)) as pilot:
        session.snapshot = run_of(NAMES[3], step=10, elapsed_s=1.0)
        await until(pilot, lambda: isinstance(app.screen, Dashboard) and app.screen.snapshot is session.snapshot)
        await pilot.press("N")
        await until(pilot, lambda: any(command == Load(NAMES[4]) for command in session.commands))


async def test_what_a_class_does_not_see_cannot_be_turned() -> None:
    app, session = make_app()
    async with app.run_test(size=(120, 36)) as pilot:
        config = Config.from_dict({"preset": {"title": "Ours", "hide": ["optimizer"]}})
        session.snapshot = make_snapshot(config=config, step=10)
        await until(pilot, lambda: isinstance(app.screen, Dashboard) and app.screen.snapshot is session.snapshot)
        await pilot.press("o", "right_square_bracket")
        await until(pilot, lambda: sum("is hidden in this lesson" in n.message for n in app._notifications) == 2)
        assert isinstance(app.screen, Dashboard)
        assert not [command for command in session.commands if isinstance(command, Apply)]
        paths = [row.path for row in app.screen.controls.list.rows]
        assert "network.activation" in paths and "optimizer.name" not in paths


async def test_the_panel_asks_when_the_story_is_told_and_leads_on_when_all_was_tried() -> None:
    config = load_preset("xor")
    tries = tuple(TryState(number, 5, 9, {"val_accuracy": 0.9}, {"val_accuracy": 0.5}, "held") for number in range(2))
    stage = Stage(Lesson())
    async with stage.run_test(size=(60, 30)) as pilot:
        for status, step, states, said in (
            ("training", config.preset.steps - 1, (), ""),
            ("paused", config.preset.steps, (), "Story told. What do you think?"),
            ("paused", 9, tries[:1], ""),
            ("finished", 9, tries, "All tried. N is the next lesson."),
        ):
            stage.panel.show(make_snapshot(config=config, status=status, step=step, tries=states))
            await pilot.pause()
            assert said in text(stage)
            assert ("Story told" in text(stage)) == said.startswith("Story")
