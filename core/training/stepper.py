"""Makes the steps of a run: chunks, evaluations when they are due, early stopping, a halt at the last sound state."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from ..engine import loops
from ..engine.state import TrainState
from ..snapshot import Event
from . import cadence
from .history import History
from .machine import Machine
from .rates import is_over
from .trouble import Trouble, find_trouble

CHUNK = 65536
"""Most steps of one call into the engine."""


@dataclass(frozen=True)
class Advance:
    """What `Trainer.advance` did."""

    n_steps: int
    """Steps whose update was made."""
    stopped: str | None
    """None, "diverged", "early stopping" or "finished"."""


def scores(machine: Machine) -> dict[str, float]:
    """What an evaluation measures: val_loss, train_accuracy and the like; the training loss is that of the steps."""
    measured = {
        f"{part}_{name}": value
        for part, rows in (("train", machine.sample), ("val", machine.val))
        for name, value in machine.evaluator.metrics(rows).items()
    }
    measured.pop("train_loss", None)
    return measured


class Stepper:
    """Advances one training state, in place.

    Args:
        state: Where to begin.
        history: Receives what is measured.
        events: What happened so far; read to tell since which change numbers are not finite.
    """

    def __init__(self, state: TrainState, history: History, events: Sequence[Event]) -> None:
        self.history, self.events = history, events
        self.trouble: Trouble | None = None
        self.resting_from: int | None = None
        """Step since which the schedule leaves a rate of 0 for the rest of the run; None: it does not."""
        self._sound: TrainState | None = None
        self._run_from(state)

    def _run_from(self, state: TrainState) -> None:
        self.machine = Machine(state)
        self.state = state
        self._longest = cadence.longest_interval(state)

    def advance(self, n_steps: int) -> Advance:
        """Make `n_steps` steps, or fewer where the run ends."""
        done = 0
        while done < n_steps and self.state.stopped is None:
            if cadence.evaluation_is_due(self.state, self._longest):
                self._evaluate()
                continue
            planned = min(n_steps - done, self._steps_to_event(), CHUNK)
            if planned <= 0:
                break
            done += self._chunk(planned)
        # Without a step nothing is checked, so that a run does not depend on how often it was advanced by none.
        if self.state.stopped is None and n_steps > 0:
            ended = cadence.steps_to_end(self.state) <= 0
            due = cadence.evaluation_is_due(self.state, self._longest)
            if (ended or due) and self.state.last_evaluation < self.state.step:
                self._evaluate()
            if ended and self.state.stopped is None:
                if self.state.config.training.early_stopping:
                    self.state.stopper.restore(self.state.memory)
                self.state.stopped = "finished"
        return Advance(done, self.state.stopped)

    def _steps_to_event(self) -> int:
        due = cadence.next_evaluation(self.state, self._longest) - self.state.step
        return min(cadence.steps_to_end(self.state), due)

    def _chunk(self, n_steps: int) -> int:
        state = self.state
        if self._sound is None or state.step - self._sound.step >= self.machine.copy_every:
            self._sound = state.copy()
        start, losses = state.step, np.empty(n_steps, np.float32)
        done, outcome = self.machine.run(n_steps, losses)
        rates = self.machine.rates
        if outcome != loops.OK or not state.memory.sound:
            self._halt(outcome)
            done = max(0, self.state.step - start)
        self.history.of("train_loss").extend(start, losses[:done])
        self.history.of("learning_rate").extend(start, rates[:done])
        if self.resting_from is None and done and not rates[done - 1] and is_over(self.state):
            moved = np.flatnonzero(rates[:done])
            self.resting_from = start + (int(moved[-1]) + 1 if moved.size else 0)
        return done

    def _halt(self, outcome: int) -> None:
        """Note what happened, and return to the last state in which all numbers are finite."""
        if outcome != loops.OK:
            self.trouble = find_trouble(self.state, self.machine.program, outcome, self.events)
        sound = self._sound
        if sound is not None and not self.state.memory.sound:
            self._return_to_sound(sound)
        self.state.stopped = "diverged"

    def _return_to_sound(self, sound: TrainState) -> None:
        """Make steps again from a sound state, up to the last one that leaves all numbers finite.

        What is not finite stays so. So that step is found by halving, but tried first where it nearly always is: just
        before the end.
        """
        low, high = sound.step, max(self.state.step - 1, sound.step)
        step = high
        while low < high:
            self._make_again(sound, step)
            low, high = (step, high) if self.state.memory.sound else (low, step - 1)
            step = (low + high + 1) // 2
        if self.trouble is None:
            self._make_again(sound, low + 1)
            found = find_trouble(self.state, self.machine.program, loops.OK, self.events)
            self.trouble = replace(found, step=low)
        self._make_again(sound, low)

    def _make_again(self, sound: TrainState, step: int) -> None:
        last, stopper = self.state.last_evaluation, self.state.stopper
        self._run_from(replace(sound.copy(), last_evaluation=last, stopper=stopper))
        self.machine.run(step - sound.step, np.empty(step - sound.step, np.float32))

    def _evaluate(self) -> None:
        state, machine = self.state, self.machine
        state.last_evaluation = state.step
        for name, value in scores(machine).items():
            self.history.of(name).append(state.step, value)
        if len(machine.val):
            loss = self.history.of("val_loss").latest
            self._update_schedule(loss)
            self._update_stopper(loss)

    def _update_schedule(self, loss: float) -> None:
        schedule, base = self.state.config.schedule, self.state.config.optimizer.learning_rate
        observe = schedule.member.observe
        if observe is not None:
            self.state.schedule_memory = observe(loss, schedule.settings, self.state.schedule_memory, base)
            # Steps made again from a copy must see the same rates, so no copy may be older than an evaluation heard.
            self._sound = None

    def _update_stopper(self, loss: float) -> None:
        """Early stopping: wait for a better evaluation, then restore the network of the best one."""
        memory, stopper = self.state.memory, self.state.stopper
        patience = self.state.config.training.early_stopping
        if not patience:
            return
        stopper.update(loss, memory)
        if stopper.waited >= patience and stopper.weights is not None:
            stopper.restore(memory)
            self.state.stopped = "early stopping"
