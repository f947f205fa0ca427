"""Proves that a kept run is what its files say: every step is made again, every saved state is compared.

What does not agree is named by file and step, and so is what does not belong to the run, and what ought to be there and
is not. Notes are only what another machine or another writer explains.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import dataclass

from ..config import Config
from ..disk.lock import is_locked
from ..disk.typed import Fields
from ..errors import ConfigError
from ..store.decisions import AIM, PLAN
from ..store.fingerprint import differences, fingerprint
from ..store.folder import RunDir, lost_decisions
from ..training.trainer import Trainer
from .replay import CLOSE, Point, replay, start_trainer


@dataclass(frozen=True)
class Verdict:
    """What a replay found."""

    step: int
    """Steps of the run as replayed."""
    digest: str
    """The trainer's there."""
    n_decisions: int
    """Decisions that changed the run; plans and aims do so later, by what is made of them."""
    n_states: int
    """Saved states compared."""
    problems: tuple[str, ...]
    """What differs from the files, a sentence each."""
    notes: tuple[str, ...]
    """What else to know: how this machine differs, what could not be compared."""


@dataclass(frozen=True)
class _State:
    file: str
    digest: str
    stopped: str | None


def verify(run: RunDir, make_trainer: Callable[[Config], Trainer], compare: bool = True) -> Verdict:
    """Replay a run from its start to the step it last showed.

    Args:
        run: Open for reading; may be in use.
        make_trainer: Makes a fresh trainer of a Config.
        compare: Whether to compare the states on the disk.

    Raises:
        ConfigError: It cannot be replayed from its start: its data have changed, or what it was made with is not there.
    """
    problems = list(run.messages)
    if problems:
        last = f"decision {run.records[-1].n} at step {run.records[-1].step}" if run.records else "the start"
        problems.append(f"what was decided after {last} cannot be made again")
    notes = [f"this machine is another: {phrase}" for phrase in differences(run.meta.fingerprint, fingerprint())]
    trainer = start_trainer(run, make_trainer)
    states = _states(run, problems) if compare else {}
    known_n = max(run.last_known_n(), *(n for n, _ in states), 0)
    # A run in use may have gone on since its journal was read.
    if known_n > run.last_n and not is_locked(os.path.join(run.path, "LOCK")):
        problems.append(f"{lost_decisions(run.last_n + 1, known_n)} lost from the journal of {run.id}")
    shown = run.last_shown()
    points = {*states, *([shown] if shown[0] == run.last_n else [])}
    furthest = max(run.furthest_step(), *(step + CLOSE for _, step in states), 0)
    compared: list[str] = []

    def visit(point: Point) -> None:
        for state in states.get(point, []):
            if state.stopped is not None and trainer.stopped is None:
                trainer.advance(0)
            compared.append(state.file)
            if trainer.digest() != state.digest:
                problems.append(f"{state.file}: at step {point[1]} the replay is in another state than this one")

    try:
        replay(trainer, run.records, points, visit, furthest)
    except ConfigError as error:
        problems.append(f"the decisions cannot be made again from step {trainer.step} on: {error}")
    for (n, step), at in sorted(states.items()):
        for state in at:
            if state.file not in compared:
                problems.append(f"{state.file}: step {step} after decision {n} was not reached, so not compared")
    n_decisions = sum(record.kind not in (AIM, PLAN) for record in run.records)
    return Verdict(trainer.step, trainer.digest(), n_decisions, len(compared), tuple(problems), tuple(notes))


def _states(run: RunDir, problems: list[str]) -> dict[Point, list[_State]]:
    """The sound states of the run on the disk, by where they lie in it."""
    found: dict[Point, list[_State]] = {}
    for _, step, name in run.checkpoints():
        try:
            state = run.read_state(name)
            values = Fields(state.values, name)
            counters = values.table("counters")
            stopped = counters.text("stopped") if counters.raw("stopped") is not None else None
            found.setdefault((state.n, state.step), []).append(_State(name, values.text("digest"), stopped))
        except ConfigError as error:
            if os.path.exists(os.path.join(run.path, name)):  # the writer of a run in use removes those not needed
                problems.append(f"{error} (state of step {step})")
    return found
