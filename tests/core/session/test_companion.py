"""The lesson's pair: trained beside the run, as far as the run has come, and never a part of it."""

import numpy as np
import pytest
from patience import LIMIT_S, until

from dltui.core import Trainer, load_preset
from dltui.core.commands import Restart, Step
from dltui.core.config.presets import list_presets
from dltui.core.session import Session
from dltui.core.session.companion import Companion

PAIRS = {head.name: load_preset(head.name).preset.beside for head in list_presets()}


@pytest.mark.parametrize("name", [name for name, beside in PAIRS.items() if beside])
def test_a_lesson_and_its_pair_can_be_compared(name):
    here, there = load_preset(name), load_preset(PAIRS[name])
    assert PAIRS[name] != name and here.loss.name == there.loss.name and here.data.name == there.data.name
    assert here.training.seed == there.training.seed


def test_the_pairs_of_which_the_lessons_speak_are_there():
    assert PAIRS["optimizer_adam"] == "optimizer_sgd" and PAIRS["schedule_cosine"] == "schedule_constant"
    assert PAIRS["overfitting_dropout"] == "overfitting" and PAIRS["spiral"] == ""


def test_it_comes_as_far_as_the_run_and_is_the_run_it_would_be_alone():
    companion = Companion("optimizer_sgd", 3)
    try:
        assert companion.latest() is None and not companion.is_awaited(None)
        companion.follow(150)
        until(lambda: (news := companion.latest()) is not None and news.step == 150)
        assert companion.is_awaited(None) and not companion.is_awaited(companion.latest())
        old = companion.latest()
        companion.follow(300)
        assert companion.is_awaited(old)
        until(lambda: (news := companion.latest()) is not None and news.step == 300)
        news = companion.latest()
        assert news is not None and news.name == "optimizer_sgd" and news.note == ""
        alone = Trainer(load_preset("optimizer_sgd").with_changes({"training.seed": 3}))
        alone.advance(300)
        np.testing.assert_array_equal(news.curves["train_loss"].values, alone.history["train_loss"][1])
    finally:
        companion.close(20.0)
    assert not companion._thread.is_alive()


def test_a_preset_that_is_not_there_is_said_and_ends_nothing():
    companion = Companion("no_such_lesson", 0)
    companion.follow(1)
    until(lambda: companion.failure)
    assert "no_such_lesson cannot be trained beside this run" in companion.failure
    companion.close()


def test_a_session_shows_it_also_while_the_run_is_paused_and_begins_it_anew_with_another_seed():
    session = Session("optimizer_adam")
    session.start()
    try:
        session.send(Step(200))
        shown = session.wait(lambda s: s.step == 200 and s.beside is not None and s.beside.step == 200, LIMIT_S)
        assert shown.beside is not None and shown.beside.name == "optimizer_sgd" and shown.status == "paused"
        session.send(Restart(7))
        session.send(Step(50))
        again = session.wait(lambda s: s.step == 50 and s.beside is not None and s.beside.step == 50, LIMIT_S)
        assert again.beside is not None and again.beside.config.training.seed == 7
        alone = Trainer(load_preset("optimizer_adam").with_changes({"training.seed": 7}))
        alone.advance(50)
        np.testing.assert_array_equal(again.curves["train_loss"].values, alone.history["train_loss"][1])
    finally:
        session.close(20.0)
