"""Every value of every command is bounded, whoever sends it."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Any

import pytest
from nets import config
from patience import LIMIT_S

from dltui.core import ConfigError, Session
from dltui.core import commands as ask
from dltui.core.commands import FASTEST, FASTEST_PACE, MOST_STEPS, SLOWEST, SLOWEST_PACE, check_command

SOUND: list[Any] = [
    ask.Run(),
    ask.Pause(),
    ask.Step(),
    ask.Step(MOST_STEPS, "epoch"),
    ask.Apply({"optimizer.learning_rate": 0.5}, cold=True),
    ask.Restart(),
    ask.Restart(3),
    ask.Load("moons"),
    ask.Undo(True),
    ask.MakeTry(),
    ask.MakeTry(2),
    ask.Redo(),
    ask.Reinitialize("dense1"),
    ask.KeepAverage(),
    ask.SetSpeed(),
    ask.SetSpeed(SLOWEST),
    ask.SetSpeed(FASTEST, FASTEST_PACE),
    ask.SetSpeed(pace=SLOWEST_PACE),
    ask.SetSpeed(pace=1),
    ask.Preview({}),
    ask.TellLine(),
    ask.Evaluate(),
    ask.LookAround(),
    ask.LookAround("path"),
    ask.LookAround(""),
    ask.Ask(),
    ask.EditWeight("dense1", 2, -1, 0.5),
    ask.Hold("dense1", 2, -3, signals=True),
    ask.Ask({"a": "1"}, (0.5,), on=False),
    ask.PlanChange(500, {"optimizer.name": "adam"}),
    ask.PlanChange(0, {}, instead_of=3),
    ask.Fork(),
    ask.Fork("twin"),
    ask.RenameBranch(1, "other"),
    ask.EndBranch(1),
    ask.KeepBranch(1),
    ask.Promote(),
    ask.LookAt(),
    ask.LookAt(500),
    ask.LookAt(by=-3),
    ask.MeasureEffect(),
    ask.MeasureEffect(500, 100),
    ask.Foresee(),
    ask.Foresee(({}, {"optimizer.name": "adam"}), 200),
    ask.Watch(frozenset({"layers"})),
    ask.Close(),
]

SPEEDS: list[Any] = [1e-10, 1e-6, -1.0, math.nan, math.inf, 2e9, 10**400, True, "fast", None]
PACES: list[Any] = [1e-10, -1.0, math.nan, math.inf, 1e9, "fast"]
COUNTS: list[Any] = [0, -1, MOST_STEPS + 1, 10**40, 1.5, math.nan, True, "1", None]
UNITS: list[Any] = ["hour", "", None, 3]
SEEDS: list[Any] = [-1, 2**70, 1.5, "x", True]
SOURCES: list[Any] = [None, 3, "x" * 10_000]
CHANGES: list[Any] = [None, [1], {3: 4}, {"x" * 5_000: 1}, {f"data.x{i}": 1 for i in range(5_000)}]
PANELS: list[Any] = [frozenset({3}), "layers", frozenset(f"p{i}" for i in range(5_000))]
OTHERS: list[Any] = ["yes", None, 1]

WILD: list[Any] = [
    *map(ask.SetSpeed, SPEEDS),
    *(ask.SetSpeed(pace=pace) for pace in PACES),
    *map(ask.Step, COUNTS),
    *(ask.Step(1, unit) for unit in UNITS),
    *map(ask.Restart, SEEDS),
    *map(ask.Load, SOURCES),
    *map(ask.Apply, CHANGES),
    *map(ask.Preview, CHANGES),
    *(ask.Foresee((changes,)) for changes in CHANGES),
    *(ask.Foresee((), n) for n in COUNTS if n != 0),
    ask.Foresee([{}]),  # type: ignore[arg-type]
    ask.Foresee(({},) * 101),
    *(ask.Apply({}, cold=cold) for cold in OTHERS),
    *(kind(number) for kind in (ask.EndBranch, ask.KeepBranch, ask.Promote) for number in SEEDS),
    *(ask.RenameBranch(1, name) for name in (*SOURCES, "  ")),
    *map(ask.Fork, SOURCES),
    *(ask.MeasureEffect(n) for n in COUNTS if n not in (0, -1)),
    *(ask.LookAt(by=n) for n in COUNTS if n not in (0, -1)),
    *(ask.LookAt(n) for n in COUNTS if n not in (0, -1)),
    *(ask.PlanChange(5, changes) for changes in CHANGES),
    *(ask.PlanChange(n) for n in COUNTS if n != 0),
    *(ask.PlanChange(5, {}, instead_of=n) for n in COUNTS if n not in (0, -1)),
    *map(ask.Undo, OTHERS),
    *map(ask.Reinitialize, OTHERS[1:]),
    *map(ask.MakeTry, SEEDS),
    *map(ask.Watch, PANELS),
    object(),
    None,
    ask.Run,
]


@pytest.mark.parametrize("command", SOUND, ids=lambda command: type(command).__name__)
def test_what_can_be_done_is_let_through(command: object) -> None:
    check_command(command)


@pytest.mark.parametrize("command", WILD, ids=lambda command: type(command).__name__)
def test_what_cannot_be_done_is_refused_in_one_sentence(command: object) -> None:
    with pytest.raises(ConfigError) as caught:
        check_command(command)
    assert str(caught.value).isprintable() and len(str(caught.value)) < 600


@pytest.fixture
def session() -> Iterator[Session]:
    made = Session(config(training__max_steps=0))
    made.start()
    made.wait(lambda snapshot: snapshot.status == "paused", LIMIT_S)
    yield made
    assert made.close()


def test_no_command_ends_the_run(session: Session) -> None:
    session.send(ask.Run())
    for command in WILD:
        session.send(command)
    session.wait(lambda s: sum(event.kind == "refused" for event in s.events) >= min(len(WILD), 20), LIMIT_S)
    session.send(ask.Pause())
    paused = session.wait(lambda s: s.status == "paused" and s.step > 0, LIMIT_S)
    session.send(ask.Step(5))
    assert session.wait(lambda s: s.step == paused.step + 5, LIMIT_S).status
    assert session.alive and not session.failure and paused.speed_limit == 0.0
