"""What was tried of a lesson's experiments, and what came of it.

A try is an ordinary change of the run, made by its key or by hand in the controls. Its scores are taken just before it
and again a number of steps later, on the whole parts of the data, so that they do not depend on chunks or on the
screen.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np

from ..config.tries import DIVERGED, Try
from ..errors import ConfigError
from ..observe.layers import layer_stats
from ..run.run import JournaledRun, UndoableChange, as_json
from ..snapshot import TryState
from ..training.cadence import NEVER
from ..training.trainer import Trainer


def scores_of(trainer: Trainer) -> dict[str, float]:
    """What a check may speak of, at the present step."""
    scores = {DIVERGED: float(trainer.stopped == "diverged")}
    with np.errstate(all="ignore"):
        for part in ("train", "val"):
            scores |= {f"{part}_{name}": float(value) for name, value in trainer.evaluate(part).items()}
        layers = layer_stats(trainer, None)
    if layers:
        last = layers[-1].gradient_norm
        scores["dead"] = max(layer.dead for layer in layers)
        scores["gradient_share"] = layers[0].gradient_norm / last if last > 0.0 else math.nan
    return scores


def try_of(tries: Sequence[Try], changes: Mapping[str, object]) -> int | None:
    """Which of the tries a change of settings makes: of several the one that changes most; None where it makes none."""
    said = {path: as_json(value) for path, value in changes.items()}
    made = [
        number
        for number, one in enumerate(tries)
        if all(path in said and said[path] == as_json(value) for path, value in one.change.items())
    ]
    return max(made, key=lambda number: (len(tries[number].change), not tries[number].restart), default=None)


def outcome_text(tries: Sequence[Try], state: TryState) -> str:
    """What came of a try, for the list of what happened."""
    verdict = "as foretold" if state.outcome == "held" else "not as foretold this time"
    numbers = tries[state.number].outcome(state.before, state.after)
    return f"try {state.number + 1}: {numbers}: {verdict}" if numbers else f"try {state.number + 1}: {verdict}"


class TryLog:
    """The tries made in a session, in order."""

    def __init__(self) -> None:
        self.states: tuple[TryState, ...] = ()
        """One for each try that was made; of the same try the last one only."""
        self._made: tuple[UndoableChange, ...] = ()
        """The changes of the run that the last try is made of."""
        self._inverse: Mapping[str, object] = {}
        """What takes the last try back where its change cannot be rewound."""

    @property
    def waiting(self) -> TryState | None:
        """The try whose outcome is not known yet."""
        return next((state for state in self.states if state.outcome == "waiting"), None)

    def steps_left(self, step: int) -> int:
        """Steps until the waiting try is looked at; `NEVER` without one."""
        waiting = self.waiting
        return max(waiting.due - step, 0) if waiting is not None and waiting.due >= 0 else NEVER

    def changes_for(self, run: JournaledRun, number: int) -> dict[str, object]:
        """The changes that make a try, from the settings before the last one.

        Raises:
            ConfigError: The lesson has no such try.
        """
        tries = run.trainer.config.preset.tries
        if not 0 <= number < len(tries):
            allowed = f"1 to {len(tries)}" if tries else "none in this lesson"
            raise ConfigError("is not a try of this lesson", field="try", value=number + 1, allowed=allowed)
        inverse = {} if self._can_rewind(run) else self._inverse
        return {**inverse, **tries[number].change}

    def make(self, run: JournaledRun, number: int) -> None:
        """Make a try; what the one before it changed is taken back first.

        Raises:
            ConfigError: There is none of this number, or it cannot be made now.
        """
        changes = self.changes_for(run, number)
        one = run.trainer.config.preset.tries[number]
        while self._can_rewind(run):
            run.rewind()
        self.left()
        before = scores_of(run.trainer)
        run.make(run.trainer.plan(changes))
        self.note_change(run, changes, before, number)
        if one.restart:
            run.restart()
            self.note_restart(run)

    def note_change(
        self,
        run: JournaledRun,
        changes: Mapping[str, object],
        before: Mapping[str, float],
        number: int | None = None,
    ) -> None:
        """A change was made: perhaps a try, by hand or by its key; the outcome of another one is open no more.

        Args:
            run: After it.
            changes: What was asked for.
            before: The scores before it.
            number: The try that was meant; None where that is to be found out.
        """
        self.left()
        tries = run.trainer.config.preset.tries
        number = try_of(tries, changes) if number is None else number
        if number is None:
            return
        one, step = tries[number], run.trainer.step
        due = -1 if one.restart else step + one.after
        state = TryState(number, step, due, dict(before), {}, "waiting")
        self.states = (*(other for other in self.states if other.number != number), state)
        self._made = tuple(run.changes[-1:])
        self._inverse = self._made[0].inverse if self._made else {}

    def note_restart(self, run: JournaledRun) -> None:
        """The run began again: a try that asks for it begins to count."""
        waiting = self.waiting
        if waiting is None:
            return
        tries = run.trainer.config.preset.tries
        # Another try may be the same change and a new start.
        alike = [number for number, one in enumerate(tries) if one.change == tries[waiting.number].change]
        number = waiting.number if tries[waiting.number].restart else next((i for i in alike if tries[i].restart), None)
        if number is not None:
            self.left()
            begun = replace(waiting, number=number, step=0, due=tries[number].after)
            self.states = (*(other for other in self.states if other.number != number), begun)
            self._made += tuple(run.changes[-1:])
        else:
            self.left()

    def left(self) -> None:
        """Whatever comes of the waiting try no longer says anything about it."""
        self.states = tuple(state for state in self.states if state.outcome != "waiting")

    def look(self, trainer: Trainer) -> TryState | None:
        """The outcome of the waiting try, where it is due now or the run has ended before; None otherwise."""
        waiting = self.waiting
        if waiting is None or waiting.due < 0 or (trainer.step < waiting.due and trainer.stopped is None):
            return None
        after = scores_of(trainer)
        held = trainer.config.preset.tries[waiting.number].holds(waiting.before, after)
        state = replace(waiting, due=trainer.step, after=after, outcome="held" if held else "failed")
        self._put(state)
        return state

    def _put(self, state: TryState) -> None:
        self.states = tuple(state if other.number == state.number else other for other in self.states)

    def _can_rewind(self, run: JournaledRun) -> bool:
        """Whether the last change of the run is one of the last try, and the state before it is remembered."""
        last = run.changes[-1] if run.changes else None
        return last is not None and last.before is not None and any(last is made for made in self._made)
