"""The rates of the steps to come: schedules that take what is left of the run, and a rate that stays 0."""

from __future__ import annotations

import pytest
from nets import config

from dltui.core import ConfigError, Trainer
from dltui.core.registry import families
from dltui.core.schedules.base import WITHOUT_END
from dltui.core.training.trainer import RESTS

WITH_END = {name: member for name, member in families["schedules"].items() if member.length}
OTHERS = {"linear": {"schedule.end_factor": 0.0}}


def trainer(**changes) -> Trainer:
    return Trainer(config(**{"data__n_samples": 40, "training__batch_size": 10, **changes}))


def notes(made: Trainer) -> list[tuple[int, str]]:
    return [(event.step, event.text) for event in made.events if event.kind == "note"]


def test_schedules_with_an_end_are_known():
    assert set(WITH_END) == {"cosine", "linear", "one_cycle", "polynomial"}
    for member in WITH_END.values():
        (param,) = (param for param in member.params if param.name == member.length)
        assert (param.default, param.former, param.zero) == (0, WITHOUT_END, "the rest of the run")


@pytest.mark.parametrize("name", sorted(WITH_END))
@pytest.mark.parametrize("warmup", [0, 7])
def test_a_schedule_takes_what_is_left_up_to_a_limit_of_the_config(name, warmup):
    made = trainer(training__max_steps=100)
    made.advance(40)
    made.apply({"schedule.name": name, "schedule.warmup_steps": warmup, **OTHERS.get(name, {})})
    told = trainer(training__max_steps=100)
    told.advance(40)
    stated = {"schedule.name": name, f"schedule.{WITH_END[name].length}": 60 - warmup}
    told.apply({**stated, "schedule.warmup_steps": warmup, **OTHERS.get(name, {})})
    assert made.state.schedule_steps == 60 - warmup and told.state.schedule_steps == 0
    rates = []
    while made.stopped is None:
        assert made.learning_rate == told.learning_rate > 0.0
        rates.append(made.learning_rate)
        made.advance(1), told.advance(1)
    assert len(rates) == 60 and rates[-1] < 0.05 * max(rates)
    assert made.digest() == told.digest()
    title = WITH_END[name].title.lower()
    assert notes(made) == [(40, f"{title} takes the rest of the run: {60 - warmup} steps")] and notes(told) == []


def test_epochs_are_an_end_too_and_the_start_counts():
    made = trainer(schedule__name="cosine", training__max_epochs=6, data__val_fraction=0.0)
    assert made.state.schedule_steps == made.steps_to_end == 24
    assert notes(made) == [(0, "cosine annealing takes the rest of the run: 24 steps")]
    made.advance(1000)
    assert made.history["learning_rate"][1].min() > 0.0 and not any(RESTS in text for _, text in notes(made))


def test_a_run_without_an_end_is_told_how_many_it_takes():
    made = trainer(schedule__name="polynomial")
    assert made.state.schedule_steps == WITHOUT_END
    said = "the run has no end, so polynomial decay takes 1,000 steps; schedule.total_iters can say how many"
    assert notes(made) == [(0, said)]


def test_where_the_run_is_meant_to_end_is_what_the_schedule_goes_by():
    made = trainer(schedule__name="cosine")
    made.aim(500)
    assert notes(made) == [(0, "cosine annealing takes the rest of the run: 500 steps")]
    made.advance(300)
    made.apply({"schedule.name": "constant"})
    made.advance(10)
    made.apply({"schedule.name": "linear"})
    assert made.state.schedule_steps == 190
    made.aim(0)
    made.advance(10)
    made.apply({"schedule.name": "cosine"})
    assert made.state.schedule_steps == WITHOUT_END


def test_an_end_that_moves_leaves_a_running_schedule_and_is_told():
    made = trainer(schedule__name="cosine", training__max_steps=100)
    made.advance(50)
    rate = made.learning_rate
    made.apply({"training.max_steps": 200})
    assert made.learning_rate == rate
    said = "cosine annealing ends at step 100, where the run was to end, and holds the rate 0 from there; "
    assert notes(made)[-1] == (50, said + "schedule.t_max = 150 begins it again for the steps left")
    made.advance(150)
    assert notes(made)[-1] == (100, f"{RESTS}: cosine annealing is at its end, and nothing more is learned")
    n = len(notes(made))
    made.apply({"training.max_steps": 300})
    made.apply({"network.activation": "relu"})
    made.advance(50)
    assert [text for _, text in notes(made)[n:] if RESTS in text] == [], "it is said once"
    made.apply({"schedule.eta_min": 0.001})
    assert made.state.schedule_steps == 50 and made.learning_rate > 0.0


@pytest.mark.parametrize("pieces", [[1000], [100] * 10, [1] * 1000], ids=["at once", "in parts", "one by one"])
@pytest.mark.parametrize(
    ("changes", "step"),
    [
        ({"name": "cosine", "t_max": 300}, 300),
        ({"name": "polynomial", "total_iters": 300}, 300),
        ({"name": "linear", "total_iters": 300, "end_factor": 0.0}, 300),
        ({"name": "multistep", "milestones": [300], "gamma": 0.0}, 300),
        ({"name": "lambda", "expression": "base if step < 300 else 0"}, 300),
        ({"name": "lambda", "expression": "base if step < 300 or step > 900 else 0"}, None),
        ({"name": "cosine", "t_max": 300, "eta_min": 1e-9}, None),
        ({"name": "warm_restarts", "t_0": 100}, None),
    ],
)
def test_a_rate_that_stays_0_is_said_once_at_its_step(changes, step, pieces):
    made = trainer(**{f"schedule__{key}": value for key, value in changes.items()})
    for piece in pieces:
        made.advance(piece)
    assert [at for at, text in notes(made) if text.startswith(RESTS)] == ([] if step is None else [step])


def test_a_base_rate_of_0_is_what_was_asked_for():
    made = trainer(optimizer__learning_rate=0.0)
    made.advance(50)
    assert notes(made) == []


def test_too_few_steps_for_a_cycle_are_refused_and_leave_the_run(tmp_path):
    made = trainer(training__max_steps=100)
    made.advance(98)
    before = made.digest()
    with pytest.raises(ConfigError, match="leaves no step to rise"):
        made.apply({"schedule.name": "one_cycle"})
    with pytest.raises(ConfigError, match="leaves no step to rise"):
        made.apply({"schedule.name": "one_cycle", "schedule.pct_start": 0.1})
    assert made.digest() == before and made.config.schedule.name == "constant"
    with pytest.raises(ConfigError, match="leaves no step to rise"):
        trainer(schedule__name="one_cycle").aim(2)


@pytest.mark.parametrize("end", [True, 1.5, -1, "x", None, 2**70])
def test_an_aim_that_is_no_step_is_refused(end):
    with pytest.raises(ConfigError):
        trainer().aim(end)


def test_a_saved_state_goes_on_with_the_same_rates(tmp_path):
    made = trainer(schedule__name="cosine")
    made.aim(400)
    made.advance(250)
    made.save(tmp_path / "state")
    back = Trainer.load(tmp_path / "state")
    assert (back.state.aim, back.state.schedule_steps) == (400, 400)
    for one in (made, back):
        one.apply({"optimizer.name": "adam"})
        one.advance(150)
    assert made.digest() == back.digest() and not any(RESTS in text for _, text in notes(back))
