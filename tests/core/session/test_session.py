"""The session's thread: commands in, snapshots out, nothing lost and nothing waited for."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pytest
from nets import CLASSES, IMAGES, VALUES, config, trainer
from patience import LIMIT_S

from dltui.core import ConfigError, Session
from dltui.core import commands as ask
from dltui.core.observe.probes import PROBES
from dltui.core.session.worker import STORY_TOLD
from dltui.core.snapshot import Snapshot


@pytest.fixture
def session() -> Iterator[Session]:
    made = Session(config(training__max_steps=0))
    made.start()
    made.wait(lambda snapshot: snapshot.status == "paused", LIMIT_S)
    yield made
    assert made.close()


def after(session: Session, command: ask.Command, condition: object) -> Snapshot:
    session.send(command)
    return session.wait(condition, LIMIT_S)  # type: ignore[arg-type]


def test_steps_are_counted_exactly(session: Session) -> None:
    assert after(session, ask.Step(5), lambda s: s.step == 5 and s.status == "paused").epoch == 0
    assert after(session, ask.Step(1, "epoch"), lambda s: s.epoch == 1 and s.status == "paused").step == 6
    assert after(session, ask.Step(2, "epoch"), lambda s: s.epoch == 3 and s.status == "paused").step == 18


def test_a_change_while_training_is_marked_where_it_was_made(session: Session) -> None:
    after(session, ask.Run(), lambda s: s.step > 100)
    done = after(session, ask.Apply({"optimizer.name": "sgd"}), lambda s: s.config.optimizer.name == "sgd")
    mark = done.events[-1]
    assert mark.before is not None and mark.after is not None
    assert (mark.kind, mark.text) == ("change", "optimizer: adam → sgd")
    assert 0 < mark.step <= done.step
    assert np.isfinite([mark.before, mark.after]).all()
    assert session.wait(lambda s: s.step > mark.step + 100, LIMIT_S).status == "training"


def test_a_refused_change_says_why_and_training_goes_on(session: Session) -> None:
    after(session, ask.Run(), lambda s: s.step > 10)
    refused = after(session, ask.Apply({"optimizer.name": "adma"}), lambda s: s.events[-1].kind == "refused")
    assert "did you mean 'adam'" in refused.events[-1].text
    assert session.wait(lambda s: s.step > refused.step, LIMIT_S).status == "training"


def test_undo_and_rewind(session: Session) -> None:
    after(session, ask.Step(50), lambda s: s.step == 50)
    after(session, ask.Apply({"optimizer.learning_rate": 0.5}), lambda s: s.base_rate == 0.5)
    after(session, ask.Step(10), lambda s: s.step == 60)
    assert after(session, ask.Undo(), lambda s: s.base_rate == 0.01).step == 60
    after(session, ask.Apply({"optimizer.learning_rate": 0.7}), lambda s: s.base_rate == 0.7)
    after(session, ask.Step(10), lambda s: s.step == 70)
    rewound = after(session, ask.Undo(rewind=True), lambda s: s.base_rate == 0.01)
    assert rewound.step == 60
    assert rewound.curves["train_loss"].steps.max() == 59


def test_restart_is_the_same_start_and_another_seed_another(session: Session) -> None:
    first = after(session, ask.Step(20), lambda s: s.step == 20).curves["train_loss"].values
    after(session, ask.Restart(), lambda s: s.step == 0)
    assert np.array_equal(after(session, ask.Step(20), lambda s: s.step == 20).curves["train_loss"].values, first)
    after(session, ask.Restart(seed=77), lambda s: s.config.training.seed == 77 and s.step == 0)
    other = after(session, ask.Step(20), lambda s: s.step == 20).curves["train_loss"].values
    assert not np.array_equal(other, first)


def test_weights_can_be_overwritten_by_hand(session: Session) -> None:
    after(session, ask.Apply({"averaging.name": "swa"}), lambda s: s.config.averaging.name == "swa")
    after(session, ask.Step(20), lambda s: s.step == 20)
    kept = after(session, ask.KeepAverage(), lambda s: s.config.averaging.name == "none")
    assert kept.step == 20
    begun = after(session, ask.Reinitialize("dense1"), lambda s: s.events[-1].text == "dense1 began anew")
    assert begun.step == 20
    assert "back to step 20" in begun.undo[0]
    taken = after(session, ask.Undo(), lambda s: s.redo)
    assert "undone: reinitialize dense1" in taken.events[-1].text
    assert after(session, ask.Redo(), lambda s: not s.redo).step == 20
    assert after(session, ask.Redo(), lambda s: s.events[-1].kind == "refused").events[-1].text == (
        "there is nothing to redo"
    )
    refused = after(session, ask.Reinitialize("dense7"), lambda s: "dense7" in s.events[-1].text)
    assert "is not a layer with weights" in refused.events[-1].text


def test_a_preview_changes_nothing(session: Session) -> None:
    after(session, ask.Step(30), lambda s: s.step == 30)
    shown = after(session, ask.Preview({"optimizer.name": "sgd"}), lambda s: s.preview is not None)
    assert shown.preview is not None
    assert [offer.name for offer in shown.preview.offers] == ["remap", "keep", "usual"]
    assert shown.config.optimizer.name == "adam"
    wrong = after(session, ask.Preview({"optimizer.name": "x"}), lambda s: s.preview is not None and s.preview.error)
    assert "is not an optimizer" in wrong.preview.error


def test_slow_motion_is_slow_and_still_answers(session: Session) -> None:
    session.send(ask.SetSpeed(20.0))
    first = after(session, ask.Run(), lambda s: s.step >= 2)
    paused = after(session, ask.Pause(), lambda s: s.status == "paused")
    assert paused.step < first.step + 100


@pytest.fixture
def lesson() -> Iterator[Session]:
    made = Session(config(preset__steps=400, training__max_steps=0))
    made.start()
    made.wait(lambda snapshot: snapshot.status == "paused", LIMIT_S)
    yield made
    assert made.close()


def test_a_lesson_pauses_once_where_its_story_ends(lesson: Session) -> None:
    lesson.send(ask.SetSpeed(pace=100.0))
    told = after(lesson, ask.Run(), lambda s: s.status == "paused" and s.step > 0)
    assert told.step == 400 and told.pace == 100.0 and told.speed_limit > 0.0
    assert told.status_text == told.events[-1].text == STORY_TOLD
    on = after(lesson, ask.Run(), lambda s: s.step > 1000)
    assert on.status == "training" and on.status_text == ""
    assert sum(event.text == STORY_TOLD for event in on.events) == 1
    again = after(lesson, ask.Restart(), lambda s: s.step == 400 and s.status == "paused")
    assert again.status_text == STORY_TOLD


def test_the_pace_changes_nothing_but_the_time(lesson: Session) -> None:
    lesson.send(ask.SetSpeed(pace=50.0))
    after(lesson, ask.Run(), lambda s: s.step > 20)
    lesson.send(ask.SetSpeed(pace=20.0))
    told = lesson.wait(lambda s: s.step == 400 and s.status == "paused", LIMIT_S)
    twin = trainer(steps=400)
    assert told.curves["train_loss"].values.tolist() == twin.history["train_loss"][1].tolist()
    assert told.metrics["val_loss"] == twin.evaluate("val")["loss"], "of this very step"


def test_steps_that_are_counted_go_beyond_the_end_of_the_story(lesson: Session) -> None:
    lesson.send(ask.SetSpeed(pace=100.0))
    assert after(lesson, ask.Step(1), lambda s: s.step == 1 and s.status == "paused").status_text == ""
    done = after(lesson, ask.Step(500), lambda s: s.status == "paused" and s.step > 1)
    assert done.step == 501 and done.status_text == ""


def test_a_run_resumed_after_its_story_goes_on_at_full_speed() -> None:
    run_id = ""
    for n_steps, wanted in ((500, 0.0), (100, 1.0)):
        made = Session(config(preset__steps=400, training__max_steps=0), keep=True)
        made.start()
        run_id = after(made, ask.Step(n_steps), lambda s, n=n_steps: s.step == n and s.status == "paused").run
        assert made.close()
        resumed = Session("", resume=run_id, keep=True)
        resumed.start()
        resumed.send(ask.SetSpeed(pace=1.0))
        assert after(resumed, ask.Run(), lambda s, n=n_steps: s.step > n).pace == wanted
        resumed.send(ask.SetSpeed(pace=2.0))
        assert resumed.wait(lambda s: s.pace == 2.0, LIMIT_S).status == "training", "and it can be turned"
        assert resumed.close()


def test_as_fast_as_possible_there_is_no_story(lesson: Session) -> None:
    lesson.send(ask.SetSpeed(pace=1.0))
    slow = after(lesson, ask.Run(), lambda s: s.step >= 1)
    assert slow.pace == 1.0 and slow.step < 100
    on = after(lesson, ask.SetSpeed(), lambda s: s.step > 1000)
    assert on.pace == on.speed_limit == 0.0 and on.status == "training"


def test_the_scores_of_a_run_that_stopped_early_are_those_of_the_weights_it_went_back_to() -> None:
    made = Session("overfitting_early_stopping")
    made.start()
    made.send(ask.Run())
    stopped = made.wait(lambda s: s.status == "finished", LIMIT_S)
    assert stopped.metrics["val_loss"] == pytest.approx(stopped.curves["val_loss"].values.min(), rel=1e-4)
    assert stopped.metrics["val_loss"] < stopped.curves["val_loss"].values[-1]
    assert made.close()


def test_a_run_that_diverges_pauses_with_a_reason() -> None:
    made = Session(config(VALUES, optimizer__name="sgd", network__activation="relu", optimizer__learning_rate=1e6))
    made.start()
    made.send(ask.Run())
    stopped = made.wait(lambda s: s.status == "diverged", LIMIT_S)
    assert "stopped being finite at step" in stopped.status_text
    assert stopped.events[-1].kind == "diverged"
    made.send(ask.Apply({"optimizer.learning_rate": 1e-3}))
    assert made.wait(lambda s: s.status == "paused", LIMIT_S).base_rate == 1e-3
    assert made.close()


@pytest.mark.parametrize("base", [CLASSES, VALUES, IMAGES], ids=["classes", "values", "images"])
def test_every_panel_can_be_shown(base: dict) -> None:
    made = Session(config(base))
    made.start()
    made.send(ask.Watch(frozenset(PROBES)))
    shown = after(made, ask.Step(30), lambda s: s.step == 30 and s.status == "paused" and s.layers)
    assert {line.name for line in shown.layers} >= {"dense1"}
    assert shown.weights
    if base is CLASSES:
        assert shown.decision is not None
        assert shown.decision.values.shape == (64, 64)
        assert np.abs(shown.decision.values).max() <= 1.0
        assert shown.confusion is not None
        assert shown.confusion.counts.sum() == shown.n_val
        assert [maps.maps.shape[0] for maps in shown.unit_maps] == [2, 5, 4, 2]
    if base is VALUES:
        assert shown.fit is not None
        assert shown.scatter is not None
    if base is IMAGES:
        assert {images.kind for images in shown.images} == {"filters"}
        assert shown.samples is not None
    assert made.close()


def test_what_cannot_be_opened_is_said() -> None:
    made = Session("no such preset")
    made.start()
    with pytest.raises(ConfigError, match="no such preset"):
        made.wait(lambda s: True, LIMIT_S)
    assert made.close()


def test_another_preset_can_be_loaded(session: Session) -> None:
    after(session, ask.Run(), lambda s: s.step > 10)
    loaded = after(session, ask.Load("xor"), lambda s: s.config.data.name == "xor" and s.status == "training")
    assert loaded.events[0].kind == "start"


def test_a_preset_that_cannot_be_loaded_leaves_the_run_untouched(session: Session) -> None:
    before = after(session, ask.Run(), lambda s: s.step > 10)
    refused = after(session, ask.Load("no such preset"), lambda s: s.events[-1].kind == "refused")
    assert refused.preset == before.preset
    assert session.wait(lambda s: s.step > refused.step, LIMIT_S).status == "training"


def test_watching_does_not_change_the_run() -> None:
    alone = trainer(steps=3000)
    made = Session(config())
    made.start()
    made.send(ask.Watch(frozenset(PROBES)))
    for n in (1, 10, 300, 1000, 1689):
        at = made.latest().step if made.latest() is not None else 0
        after(made, ask.Step(n), lambda s, goal=at + n: s.step == goal and s.status == "paused")
    seen = made.latest()
    assert seen is not None
    assert seen.step == 3000
    assert seen.metrics == alone.history.latest()
    assert made.close()


def test_scores_after_a_change_at_rest_are_those_of_the_changed_network(session: Session) -> None:
    session.send(ask.Watch(frozenset({"confusion"})))
    before = after(session, ask.Step(400), lambda s: s.step == 400 and s.status == "paused")
    changed = after(session, ask.Apply({"network.activation": "relu"}), lambda s: s.events != before.events)
    assert changed.confusion is not None
    right = np.trace(changed.confusion.counts) / changed.n_val
    assert changed.metrics["val_accuracy"] == pytest.approx(right)
    assert changed.metrics != before.metrics
    assert changed.curves["val_loss"].steps[-1] < 400
    later = after(session, ask.Step(600), lambda s: s.step == 1000 and s.status == "paused")
    twin = trainer(steps=400)
    twin.apply({"network.activation": "relu"})
    twin.advance(600)
    assert later.metrics == twin.history.latest()
