"""What a decision says: through the journal and back, and one error for whatever no dltui writes."""

from __future__ import annotations

from typing import Any

import pytest

from dltui.core import ConfigError
from dltui.core.store import decisions as d
from dltui.core.store.journal import Record

DECISIONS: list[Any] = [
    d.ApplyDecision({"optimizer.name": "sgd"}),
    d.ApplyDecision({"optimizer.name": "sgd"}, cold=True, planned=True),
    d.OverwriteDecision("reinitialize", "dense1"),
    d.OverwriteDecision("keep average"),
    d.OverwriteDecision("reinitialize", "dense1", 3),
    d.OverwriteDecision("edit weight", "dense1", 0, -1, 0.25),
    d.RewindDecision(3, 120),
    d.AimDecision(0),
    d.AimDecision(20_000),
    d.RestartDecision(),
    d.RestartDecision(d.MAX_SEED),
    d.EndDecision(10, 500, "finished"),
    d.PlanDecision({}),
    d.PlanDecision({40: {"optimizer.name": "sgd"}, 90: {"network.activation": "gelu", "optimizer.learning_rate": 0.1}}),
    d.GapDecision(),
]


def record(kind: str, intent: Any, step: int = 20) -> Record:
    return Record(n=5, step=step, kind=kind, intent=intent)


@pytest.mark.parametrize("decision", DECISIONS, ids=lambda decision: type(decision).__name__)
def test_it_comes_back_as_it_was_meant(decision: Any) -> None:
    assert d.decision_of(record(*decision.intent())) == decision


def test_every_kind_of_decision_is_tried_here() -> None:
    assert {type(decision) for decision in DECISIONS} == set(d.Decision.__args__)


@pytest.mark.parametrize(
    ("kind", "intent", "says"),
    [
        ("aply", {}, "decision 5 is of an unknown kind"),
        ("apply", {}, r"decision 5, apply\.changes is missing"),
        ("apply", {"changes": []}, r"apply\.changes"),
        ("apply", {"changes": {}, "cold": 1}, r"apply\.cold"),
        ("apply", [], "decision 5, apply"),
        ("overwrite", {"what": "format the disk"}, r"overwrite\.what"),
        ("overwrite", {"what": "reinitialize", "layer": 3}, r"overwrite\.layer"),
        ("rewind", {"n": -1, "step": 3}, r"rewind\.n"),
        ("rewind", {"n": 1}, r"rewind\.step is missing"),
        ("restart", {"seed": -1}, r"restart\.seed"),
        ("restart", {"seed": 2**63}, r"restart\.seed"),
        ("end", {"from": 1, "n": 2, "stopped": None}, r"end\.stopped"),
        ("plan", {"plan": {}}, r"plan\.plan"),
        ("plan", {"plan": [{"step": 19, "changes": {}}]}, r"plan\.plan\.0\.step"),
        ("plan", {"plan": [{"step": 30, "changes": {}}, {"step": 30, "changes": {}}]}, r"plan\.plan"),
        ("plan", {"plan": [{"step": k + 20, "changes": {}} for k in range(d.MAX_PLANNED + 1)]}, r"plan\.plan"),
    ],
)
def test_what_no_dltui_writes_is_refused_by_its_name(kind: str, intent: Any, says: str) -> None:
    with pytest.raises(ConfigError, match=says):
        d.decision_of(record(kind, intent))
