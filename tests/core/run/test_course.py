"""The course of a run from its decisions alone: the Configs it had, and what is still planned."""

from __future__ import annotations

from typing import Any

import pytest
from nets import config

from dltui.core import ConfigError
from dltui.core.run.course import configs_after, plan_after
from dltui.core.store import decisions as d
from dltui.core.store.journal import Record

Plan = dict[int, dict[str, object]]

START = config(optimizer__name="adam", averaging__name="swa")


def records(*decisions: tuple[int, Any]) -> list[Record]:
    """Records of (step, decision), numbered from 1."""
    made = []
    for n, (step, decision) in enumerate(decisions, 1):
        kind, intent = decision.intent()
        made.append(Record(n=n, step=step, kind=kind, intent=intent))
    return made


def change(path: str, value: object, **more: bool) -> d.ApplyDecision:
    return d.ApplyDecision({path: value}, **more)


def test_each_decision_leads_to_a_config() -> None:
    found = configs_after(
        START,
        records(
            (10, change("optimizer.name", "sgd")),
            (20, change("network.activation", "gelu")),
            (20, d.OverwriteDecision("reinitialize", "dense1")),
            (30, d.OverwriteDecision("keep average")),
            (40, d.RestartDecision(7)),
            (0, d.RestartDecision()),
            (50, d.EndDecision(40, 10, "finished")),
        ),
    )
    assert list(found) == list(range(8)) and found[0] is START
    assert [found[n].optimizer.name for n in range(3)] == ["adam", "sgd", "sgd"]
    assert found[3] == found[2] and found[2].network.activation == "gelu"
    assert (found[3].averaging.name, found[4].averaging.name) == ("swa", "none")
    assert (found[4].training.seed, found[5].training.seed, found[6].training.seed) == (3, 7, 7)
    assert found[7] == found[6]


def test_returning_brings_the_config_back() -> None:
    found = configs_after(
        START,
        records(
            (10, change("optimizer.name", "sgd")),
            (20, change("optimizer.learning_rate", 0.5)),
            (10, d.RewindDecision(1, 10)),
            (0, d.RewindDecision(0, 0)),
        ),
    )
    assert found[3] == found[1] and found[4] == START
    with pytest.raises(ConfigError, match="decision 1 returns to decision 4, which there is not"):
        configs_after(START, records((0, d.RewindDecision(4, 0))))


def test_nothing_is_known_behind_a_gap() -> None:
    decided = records((10, change("optimizer.name", "sgd")), (20, d.GapDecision()), (30, d.RestartDecision(7)))
    found = configs_after(START, decided)
    assert list(found) == [0, 1]


def test_a_plan_takes_the_place_of_the_one_before_it() -> None:
    first: Plan = {40: {"optimizer.name": "sgd"}}
    second: Plan = {50: {"optimizer.name": "lion"}, 60: {"training.seed": 4}}
    assert plan_after([]) == ({}, frozenset())
    assert plan_after(records((5, d.PlanDecision(first)), (6, d.PlanDecision(second)))) == (second, frozenset())
    assert plan_after(records((5, d.PlanDecision(first)), (6, d.PlanDecision({})))) == ({}, frozenset())


def test_planned_changes_are_made_once_unless_the_run_returns_to_before_them() -> None:
    plan: Plan = {40: {"optimizer.name": "sgd"}, 50: {"optimizer.name": "lion"}}
    planned = [
        (5, d.PlanDecision(plan)),
        (40, change("optimizer.name", "sgd", planned=True)),
        (45, change("optimizer.learning_rate", 0.1)),
        (50, change("optimizer.name", "lion", planned=True)),
    ]
    assert plan_after(records(*planned)) == (plan, frozenset({40, 50}))
    assert plan_after(records(*planned, (41, d.RewindDecision(2, 41)))) == (plan, frozenset({40}))
    assert plan_after(records(*planned, (6, d.RewindDecision(1, 6)))) == (plan, frozenset())
    assert plan_after(records(*planned, (0, d.RestartDecision()))) == (plan, frozenset())
