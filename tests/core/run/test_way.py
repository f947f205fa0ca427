"""Of all decisions those that led to where a run is: what was returned from does not count."""

from __future__ import annotations

import pytest
from nets import config

from dltui.core import ConfigError
from dltui.core.run.way import Stretch, Way, way_of
from dltui.core.store.decisions import ApplyDecision, Decision, PlanDecision, RestartDecision, RewindDecision
from dltui.core.store.journal import GAP, Record


def records(*decisions: tuple[int, Decision]) -> list[Record]:
    return [Record(n, step, *decision.intent()) for n, (step, decision) in enumerate(decisions, 1)]


RATE = ApplyDecision({"optimizer.learning_rate": 0.5})
LAYERS = ApplyDecision({"network.hidden": [6]})
SEED = ApplyDecision({"training.seed": 9})


def numbers(way: Way) -> list[tuple[int, int]]:
    return [(one.n, one.start) for one in way.stretches]


def test_what_was_returned_from_does_not_count() -> None:
    way = way_of(config(), records((10, RATE), (30, LAYERS), (60, RewindDecision(1, 20)), (40, RATE)))
    assert numbers(way) == [(0, 0), (1, 10), (3, 20), (4, 40)]
    assert way.at(25) == (3, 25) and way.at(10) == (1, 10) and way.before(10) == (0, 10)
    assert way.leads_through((1, 15)) and way.leads_through((1, 20)) and way.leads_through((4, 500))
    assert not way.leads_through((1, 21)) and not way.leads_through((2, 35))
    assert [record.n for record in way.between((0, 5), (4, 50))] == [1, 4]
    assert [record.n for record in way.changes_at(40)] == [4] and way.changes_at(20) == ()


def test_what_was_redone_counts_again() -> None:
    made = records((30, LAYERS), (60, RewindDecision(0, 30)), (45, RewindDecision(1, 60, redo=True)))
    way = way_of(config(), made)
    assert numbers(way) == [(0, 0), (1, 30), (3, 60)]
    assert not way.leads_through((2, 40))


@pytest.mark.parametrize("anew", [RestartDecision(5), SEED])
def test_a_new_start_begins_the_way_anew(anew: Decision) -> None:
    way = way_of(config(), records((10, RATE), (20, PlanDecision({})), (50, anew), (15, RATE)))
    assert numbers(way) == [(3, 0), (4, 15)] and way.stretches[0] == Stretch(3, 0)


def test_where_decisions_are_lost_the_way_is_not_known() -> None:
    with pytest.raises(ConfigError, match="lost"):
        way_of(config(), [Record(3, 5, GAP)])
    with pytest.raises(ConfigError, match="returns to decision 7"):
        way_of(config(), records((9, RewindDecision(7, 2))))
