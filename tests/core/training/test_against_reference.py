"""Everything crossed with everything, against the slow reference.

Each member is compared with its reference alone elsewhere; what goes wrong between two of them shows here. Every pair
of values of the factors in `reference.crossing` occurs in a run of 200 steps with a change of settings in the middle,
whose weights, averages, statistics, optimizer state, curves and metrics must be the reference's to 1e-5. A few cases
run by default, all of them with `pytest -m slow`; `-rP` prints how many runs and pairs there were.
"""

from __future__ import annotations

import random
from collections.abc import Iterable, Iterator
from pathlib import Path

import pytest
from reference.both import Outcome, outcome_of
from reference.cases import NETWORKS, OPTIMIZERS, SCHEDULES, STRENGTHS
from reference.crossing import FACTORS, Case, cases, pairs_of, possible, possible_pairs

from dltui.core import families

N_SAMPLED = 10
"""Runs of the sample; about a second of processor time each."""
CANDIDATES = 40
"""Cases drawn for each of them, of which the one with the most new pairs is taken."""


def drawn(rng: random.Random) -> Case:
    """A possible case, drawn at random."""
    while True:
        case = {factor: rng.choice(values) for factor, values in FACTORS.items()}
        if possible(case):
            return case


def sampled(n: int, seed: int) -> Iterator[Case]:
    """Cases drawn by a seed, each holding as many new pairs as one of some dozen can."""
    rng, covered = random.Random(seed), set[tuple[str, str, str, str]]()
    for _ in range(n):
        case = max((drawn(rng) for _ in range(CANDIDATES)), key=lambda one: len(pairs_of(one) - covered))
        covered |= pairs_of(case)
        yield case


SAMPLE = tuple(sampled(N_SAMPLED, 1))


def said(case: Case) -> str:
    """A case in one line."""
    return ", ".join(f"{factor} {value}" for factor, value in case.items())


def run_all(chosen: Iterable[Case], folder: Path) -> list[Outcome]:
    """Run cases and say of each that is wrong what is."""
    outcomes, wrong = [], []
    for number, case in enumerate(chosen):
        outcome = outcome_of(case, number, folder)
        outcomes.append(outcome)
        if outcome.wrong or outcome.stopped[0] != outcome.stopped[1]:
            farthest = sorted(outcome.wrong.items(), key=lambda item: -item[1])[:8]
            wrong.append(f"{said(case)}\n    {dict(farthest)}, stopped {outcome.stopped}")
    assert not wrong, "\n".join([f"{len(wrong)} of {len(outcomes)} runs are not the reference's:", *wrong])
    return outcomes


def report(chosen: Iterable[Case], outcomes: list[Outcome]) -> int:
    """Print what was run; the number of pairs of values in it."""
    n_pairs = len(set[tuple[str, str, str, str]]().union(*map(pairs_of, chosen)))
    worst = max(max(outcome.distances.values()) for outcome in outcomes)
    print(f"{len(outcomes)} runs hold {n_pairs} of {len(possible_pairs())} pairs of values of {len(FACTORS)} factors")
    print(f"farthest from the reference: {worst:.1e}; stopped early: {sum(outcome.early for outcome in outcomes)}")
    print(f"seeds drawn for a steady run: {sum(outcome.draws for outcome in outcomes)}")
    return n_pairs


def test_every_member_has_its_place_in_the_crossing() -> None:
    assert set(NETWORKS) == set(families["layers"])
    assert set(OPTIMIZERS) == set(families["optimizers"])
    of_columns = {name for name, member in families["regularizers"].items() if not member.of_pictures}
    assert set(STRENGTHS) == of_columns
    assert set(SCHEDULES) == set(families["schedules"])


def test_a_sample_of_the_crossing(tmp_path: Path) -> None:
    assert set[tuple[str, str, str, str]]().union(*map(pairs_of, SAMPLE)) <= possible_pairs()
    outcomes = run_all(SAMPLE, tmp_path)
    assert report(SAMPLE, outcomes) >= 800


@pytest.mark.slow
def test_every_pair_of_settings(tmp_path: Path) -> None:
    outcomes = run_all(cases(), tmp_path)
    assert report(cases(), outcomes) == len(possible_pairs())
    # Early stopping is part of a third of the cases; were it never reached, it would not be crossed with anything.
    patient = [outcome for case, outcome in zip(cases(), outcomes, strict=True) if case["stopping"] == "patience"]
    assert sum(outcome.early for outcome in patient) >= len(patient) / 3
