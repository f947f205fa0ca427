"""The story of each lesson: its claim is seen where the story is told, and not before it has been watched.

Measured with the Trainer, at the steps that `[preset] steps` says. That the same is seen on the screen, and in time, is
tested by `tests/terminal/test_lessons_on_screen.py`.
"""

from __future__ import annotations

import numpy as np
import pytest
from stories import STORIES, scores_of

from dltui.core.config.presets import list_presets, load_preset
from dltui.core.training.trainer import Trainer

NAMES = [head.name for head in list_presets()]
EARLY = 0.1
"""Share of a story in which its claim is not to be over."""


def test_every_lesson_has_a_story() -> None:
    assert set(STORIES) == set(NAMES)
    assert all(load_preset(name).preset.steps > 0 for name in NAMES)


@pytest.mark.parametrize("name", NAMES)
def test_the_claim_is_seen_where_the_story_is_told_and_not_before(name: str) -> None:
    story, trainer = STORIES[name], Trainer(load_preset(name))
    n_steps = trainer.config.preset.steps
    early = max(int(n_steps * EARLY), 1)
    trainer.advance(early)
    if not story.stays:
        assert not story.is_told(scores_of(trainer)), f"over at step {trainer.step}: {scores_of(trainer)}"
    assert trainer.stopped is None
    trainer.advance(n_steps - early)
    ends = {None: "paused", "diverged": "diverged"}.get(trainer.stopped, "finished")
    assert ends == story.ends, "a run that ends by itself does so in its story"
    assert trainer.step <= n_steps
    if trainer.stopped != "diverged":
        assert story.is_told(scores_of(trainer)), f"at step {trainer.step}: {scores_of(trainer)}"


def test_schedules_turn_within_their_story() -> None:
    def rates(name: str) -> np.ndarray:
        trainer = Trainer(load_preset(name))
        trainer.advance(trainer.config.preset.steps)
        return trainer.history["learning_rate"][1]

    cyclic = rates("schedule_cyclic")
    turns = np.flatnonzero(np.diff(np.sign(np.diff(cyclic[cyclic > 0])))) + 1
    assert len(turns) >= 7
    assert int((np.diff(rates("schedule_warm_restarts")) > 0.1).sum()) == 3
    assert len(np.unique(rates("schedule_step").round(6))) >= 5
