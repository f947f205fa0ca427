"""What a lesson foretells of its experiments happens: each is made as its key makes it, where the story ends."""

from __future__ import annotations

from functools import cache
from typing import Any

import pytest

from dltui.core.config.presets import list_presets, load_preset
from dltui.core.run.run import JournaledRun
from dltui.core.session.tries import TryLog, scores_of
from dltui.core.training.trainer import Trainer

NAMES = [head.name for head in list_presets()]
TRIES = [(head.name, number) for head in list_presets() for number in range(head.n_tries)]


@cache
def told(name: str) -> Trainer:
    """A lesson where its story ends."""
    trainer = Trainer(load_preset(name))
    trainer.advance(trainer.config.preset.steps)
    return trainer


@pytest.mark.parametrize(("name", "number"), TRIES, ids=lambda value: str(value))
def test_what_is_foretold_happens(name: str, number: int) -> None:
    run, log = JournaledRun(told(name).copy()), TryLog()
    one = run.trainer.config.preset.tries[number]
    before = scores_of(run.trainer)
    log.make(run, number)
    assert log.waiting is not None, "it is not seen as the try it is"
    run.advance(log.steps_left(run.trainer.step))
    state = log.look(run.trainer)
    assert state is not None, "the run ended before anything came out"
    assert set(one.speaks_of()) <= set(state.after), "the check speaks of what this run does not have"
    assert state.outcome == "held", f"{one.check}: {before} -> {state.after}"
    assert one.holds(before, state.after) and state.before.keys() == before.keys()


def test_most_lessons_have_something_to_try() -> None:
    assert len({name for name, _ in TRIES}) >= 40


@pytest.mark.parametrize("name", NAMES)
def test_a_lesson_says_where_it_stands_and_what_shows_its_claim(name: str) -> None:
    preset = load_preset(name).preset
    assert preset.order > 0
    assert 2 <= len(preset.panels) <= 5
    assert len(set(preset.panels)) == len(preset.panels)


def test_no_two_lessons_of_a_group_have_one_place() -> None:
    places = [(head.group, head.order) for head in list_presets()]
    assert len(set(places)) == len(places)


def test_the_course_begins_with_one_unit_and_diseases_come_before_cures() -> None:
    assert NAMES[0] == "perceptron"
    for disease in ("vanishing_gradient", "exploding_gradient", "dead_relu", "overfitting", "unscaled_input"):
        cures = [name for name in NAMES if name != disease and name.startswith(disease.partition("_gradient")[0])]
        assert all(NAMES.index(disease) < NAMES.index(cure) for cure in cures)


@pytest.mark.parametrize(("name", "number"), TRIES, ids=lambda value: str(value))
def test_the_words_of_a_try_are_plain(name: str, number: int) -> None:
    one = load_preset(name).preset.tries[number]
    assert "?" in one.question and not one.answer.endswith("?")
    for text in (one.say, one.question, one.answer):
        assert text[0].isupper() and text.rstrip(")").endswith((".", "?", "!"))
    assert len(one.say) <= 100 and len(one.question) <= 160 and len(one.answer) <= 330
    words = one.say.lower()
    assert ("begin again" in words) == one.restart
    for path, value in one.change.items():
        key = path.rpartition(".")[2]
        label = path.split(".")[-2] if key == "name" else key.replace("_", " ")
        assert label in words, f"{one.say!r} does not name {label!r}"
        assert _said(value) in words.replace(",", ""), f"{one.say!r} does not say {_said(value)!r}"


def _said(value: Any) -> str:
    """A value as a text says it."""
    if value in ("", (), "x1,x2"):
        return {"": "nothing", (): "nothing"}.get(value, "x1x2")
    if isinstance(value, tuple):
        return "" if len(value) > 3 else " ".join(map(str, value))
    return f"{value:g}" if isinstance(value, (int, float)) else str(value).replace(",", "")
