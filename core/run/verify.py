"""Proves that a kept run is what its files say: every step is made again, every saved state is compared.

What does not agree is named by file and step; so is what could not be compared.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import dataclass

from ..config import Config
from ..errors import ConfigError
from ..store import checkpoint
from ..store.fingerprint import differences, fingerprint
from ..store.folder import RunDir
from ..training.trainer import Trainer
from .replay import Point, replay, start_trainer


@dataclass(frozen=True)
class Verdict:
    """What a replay found."""

    step: int
    """Steps of the run as replayed."""
    digest: str
    """The trainer's there."""
    n_decisions: int
    n_states: int
    """Written states compared."""
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
    notes = [f"this is another machine: {phrase}" for phrase in differences(run.meta.fingerprint, fingerprint())]
    states = _states(run, problems) if compare else {}
    shown, last_n = run.last_shown(), run.records[-1].n if run.records else 0
    points = {*states, *([shown] if shown[0] == last_n else [])}
    compared: list[str] = []
    trainer = start_trainer(run, make_trainer)

    def visit(point: Point) -> None:
        for state in states.get(point, []):
            if state.stopped is not None and trainer.stopped is None:
                trainer.advance(0)
            compared.append(state.file)
            if trainer.digest() != state.digest:
                problems.append(f"{state.file}: at step {point[1]} the replay differs from this state")

    try:
        replay(trainer, run.records, points, visit)
    except ConfigError as error:
        problems.append(f"the decisions cannot be made again from step {trainer.step} on: {error}")
    for point, found in sorted(states.items()):
        for state in found:
            if state.file not in compared:
                notes.append(
                    f"{state.file}: step {point[1]} after decision {point[0]} was not reached, so not compared"
                )
    return Verdict(trainer.step, trainer.digest(), len(run.records), len(compared), tuple(problems), tuple(notes))


def _states(run: RunDir, problems: list[str]) -> dict[Point, list[_State]]:
    """The sound states on the disk by their point in the run."""
    found: dict[Point, list[_State]] = {}
    for _, step, name in run.checkpoints():
        path = os.path.join(run.path, name)
        try:
            _, content = checkpoint.load(path)
            state = content["state"]
            point = (int(content["n"]), int(content["step"]))
            found.setdefault(point, []).append(_State(name, str(state["digest"]), state["counters"]["stopped"]))
        except ConfigError as error:
            if os.path.exists(path):  # the writer of a run in use removes states it no longer needs
                problems.append(f"{error} (state of step {step})")
        except (KeyError, TypeError, ValueError):
            problems.append(f"{name}: does not describe the state of step {step}")
    return found
