"""Turns a Config into steps. It knows no clock, no thread and no screen.

Between two steps anything may change (`apply`); the steps themselves run in compiled chunks. The length of a chunk
never matters: rates, evaluations, order and random numbers all follow from the step alone.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from copy import copy
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from ..config import Config
from ..config.arguments import check_config, check_part, check_steps
from ..data import Data, from_arrays, prepare
from ..disk.files import check_path, failures_named
from ..disk.typed import Fields
from ..engine.memory import Memory, write_parameters
from ..engine.network import Network
from ..engine.state import TrainState
from ..errors import ConfigError, failures_refused
from ..snapshot import Event, Score
from ..store import checkpoint
from . import cadence
from .bookmark import KIND, Bookmark, digest_of, without_jump
from .history import History
from .machine import Machine
from .rates import future_rates, words_for_rest
from .scores import class_scores, value_scores
from .stepper import Advance, Stepper
from .switch import PlannedChange, aimed, begin, plan_change, state_after
from .trouble import Trouble, why_stopped

RESTS = "the learning rate stays 0 from here on"
"""How the sentence begins that says of a schedule that nothing is learned any more."""


@dataclass(frozen=True)
class Mark:
    """What a change of settings leaves on the curves."""

    text: str
    """The change on one line."""
    segment: bool
    """Whether the unit of the loss changes, or a new run begins."""
    losses: tuple[float | None, float | None] = (None, None)
    """Loss of the next batch, before the change and after it."""


@dataclass(frozen=True, eq=False)
class Prepared:
    """A change of a run that has only to be put in place: whatever could fail has been done."""

    stepper: Stepper
    """At the state the change leads to, with the curves it leads to."""
    events: list[Event]
    """What happened so far in that run."""
    notes: tuple[str, ...] = ()
    """What the change does to the weights, one sentence each."""
    last_run: TrainState | None = None
    """The state at the last step that ran, from which a further change before the next step is made; None: this one."""
    mark: Mark | None = None
    """None where it leaves none."""


class Trainer:
    """A network in training.

    Args:
        config: What the user chose.
        data: (x_train, y_train, x_val, y_val) in place of the Config's `[data]`.
        prepare: Called before the first compiled function is needed; may compile them with a display of progress.

    Raises:
        ConfigError: The Config does not fit the data, or the data cannot be read.
    """

    def __init__(
        self,
        config: Config,
        data: tuple[np.ndarray | None, ...] | None = None,
        prepare: Callable[[TrainState], None] | None = None,
    ) -> None:
        self._given = from_arrays(data) if data is not None else None
        state = begin(check_config(config), self.data_for(config))
        if prepare is not None:
            prepare(state)
        self.events: list[Event] = []
        self._before: TrainState | None = None
        """The state at the last step that ran, where changes were made since."""
        self.history = History()
        self.commit(Prepared(Stepper(state, self.history, self.events), self.events, state.notes))

    @property
    def state(self) -> TrainState:
        """All that decides about the steps to come; not to be changed."""
        return self._stepper.state

    def data_for(self, config: Config, current: TrainState | None = None) -> Data:
        """The data a Config asks for; those of the current state where they are the same."""
        if self._given is not None:
            return self._given
        if current is not None:
            old = current.config
            if (old.data, old.training.seed) == (config.data, config.training.seed):
                return current.data
        return prepare(config.data, config.training.seed)

    @property
    def config(self) -> Config:
        """The Config in force."""
        return self.state.config

    @property
    def data(self) -> Data:
        """The data in force."""
        return self.state.data

    @property
    def step(self) -> int:
        """Steps made."""
        return self.state.step

    @property
    def epoch(self) -> int:
        """Whole passes over the training rows."""
        return self.state.epoch

    @property
    def stopped(self) -> str | None:
        """Why no further step will be made; None if one will."""
        return self.state.stopped

    @property
    def trouble(self) -> Trouble | None:
        """What stopped being finite, where the run diverged."""
        return self._stepper.trouble

    @property
    def why_stopped(self) -> str:
        """Why no further step will be made and what would let it, for people; "" where one will."""
        return why_stopped(self.state, self.trouble)

    @property
    def steps_to_end(self) -> int:
        """Steps until a limit of the Config; `cadence.NEVER` without one."""
        return cadence.steps_to_end(self.state)

    def steps_of_epochs(self, n_epochs: int) -> int:
        """Steps to the end of the n-th epoch from here."""
        return cadence.steps_of_epochs(self.state, n_epochs)

    @property
    def learning_rate(self) -> float:
        """The effective rate of the next step."""
        return float(future_rates(self.state, 1)[0])

    @property
    def parameters(self) -> dict[str, np.ndarray]:
        """Copies of all weights by name, float32 in PyTorch's shapes."""
        return {name: span.read(self.state.memory.weights) for name, span in self.state.network.weights.items()}

    @property
    def network(self) -> Network:
        """Stages and layout in force."""
        return self.state.network

    @property
    def memory(self) -> Memory:
        """The flat arrays; not to be written to."""
        return self.state.memory

    @property
    def machine(self) -> Machine:
        """What runs the state in force; not to be changed."""
        return self._stepper.machine

    @property
    def buffers(self) -> dict[str, np.ndarray]:
        """Copies of kept statistics (batch normalization) by name."""
        return {name: span.read(self.state.memory.buffers) for name, span in self.state.network.buffers.items()}

    @property
    def gradients(self) -> dict[str, np.ndarray]:
        """Gradient of the last step before clipping, by the names of `parameters`."""
        flat = self.machine.flat_gradients
        return {name: span.read(flat) for name, span in self.state.network.weights.items()}

    def set_parameters(self, values: Mapping[str, object]) -> None:
        """Overwrite weights (or kept statistics) by name.

        Raises:
            ConfigError: A name or a shape is wrong, or a value not finite; nothing is written then.
        """
        write_parameters(self.network, self.memory, values)
        self.commit(replace(self.prepare_state(self.state), notes=()))

    def advance(self, n_steps: int) -> Advance:
        """Make `n_steps` steps, or fewer where the run ends.

        A loss or gradient that is not finite ends it before it touches the weights.

        Raises:
            ConfigError: `n_steps` is not a whole number, or below 0.
        """
        result = self._stepper.advance(check_steps(n_steps))
        if result.n_steps:
            self._before = None
        self._note_rest()
        return result

    def _note_rest(self) -> None:
        """Say once that the schedule leaves a rate of 0 from some step on."""
        step, since = self._stepper.resting_from, self.state.schedule_start
        if step is None or any(event.step >= since and event.text.startswith(RESTS) for event in self.events):
            return
        title = self.config.schedule.member.title.lower()
        self.note("note", f"{RESTS}: {title} is at its end, and nothing more is learned", step=step)

    def aim(self, step: int) -> None:
        """Say at which step the run is meant to end, where the Config does not.

        A schedule that begins here or later, and takes the rest of the run, goes by it. The run itself goes on past it.

        Args:
            step: Counted from the start of the run; 0: none is known.

        Raises:
            ConfigError: It is not a whole number, or below 0, or the schedule cannot be fitted into so few steps.
        """
        before = self.state
        with failures_refused():
            prepared = self.prepare_state(aimed(before, check_steps(step)))
        guessed = words_for_rest(before) if before.schedule_start == before.step else ()
        self.events[:] = [event for event in self.events if not (event.step == before.step and event.text in guessed)]
        last_run = aimed(self._before, step) if self._before is not None else None
        self.commit(replace(prepared, last_run=last_run))

    def evaluate(self, part: str) -> dict[str, float]:
        """Loss and accuracy or r² over the whole "train" or "val" part; {} where it is empty.

        Raises:
            ConfigError: There is no such part.
        """
        machine = self.machine
        return machine.evaluator.metrics(machine.train if check_part(part) == "train" else machine.val)

    def scores(self, part: str) -> tuple[Score, ...]:
        """Figures over the whole "train" or "val" part in the unit of the data, each beside that of a constant answer;
        () where the part is empty, and for an autoencoder.

        Raises:
            ConfigError: There is no such part.
        """
        data = self.data
        x, y = (data.x_train, data.y_train) if check_part(part) == "train" else (data.x_val, data.y_val)
        if not len(x) or data.target_is_input:
            return ()
        outputs = self.machine.evaluator.predict(x)
        with np.errstate(all="ignore"):  # of a run that diverged
            if data.class_counts is not None:
                both = np.concatenate((1.0 - outputs, outputs), axis=1) if outputs.shape[1] == 1 else outputs
                return class_scores(y, both, data.class_counts / data.n_train)
            assert data.target_mean is not None
            return value_scores(data.in_unit(y), data.in_unit(outputs), data.target_mean)

    def predict(self, x: object) -> np.ndarray:
        """Probabilities for classes, values in their unit otherwise: float32 (n, n_outputs), for inputs in the units of
        the data.

        Raises:
            ConfigError: The inputs are no numbers, or have another shape than the network's.
        """
        return self.data.in_unit(self.machine.evaluator.predict(self.data.scale(x)))

    def apply(self, changes: Mapping[str, object], *, cold: bool = False) -> Event | None:
        """Change settings between two steps.

        Args:
            changes: Config paths and new values.
            cold: Start the optimizer's state from zero instead of carrying it.

        Returns:
            The mark on the curves; None where nothing changed.

        Raises:
            ConfigError: Something is not allowed; everything stays as it was.
        """
        prepared = self.prepare(self.plan(changes, cold=cold))
        return self.commit(prepared) if prepared is not None else None

    def plan(self, changes: Mapping[str, object], *, cold: bool = False) -> PlannedChange:
        """A change of settings, checked and laid out; nothing happens yet.

        Raises:
            ConfigError: The change is not allowed.
        """
        with failures_refused():
            return plan_change(changes, self.config, self._last_run, self.data_for, cold=cold)

    def up_to_date(self, change: PlannedChange) -> PlannedChange:
        """A change planned a while ago, planned again if other settings came into force since."""
        if change.old is self.config and change.start is self._last_run.config:
            return change
        return self.plan(change.changes, cold=change.cold)

    def state_after(self, change: PlannedChange) -> TrainState:
        """The state a change would lead to.

        Raises:
            ConfigError: The network cannot be changed in this way.
        """
        with failures_refused():
            return state_after(change, self._last_run)

    def prepare(self, change: PlannedChange) -> Prepared | None:
        """All that a change takes, for `commit`; None where it changes nothing.

        Raises:
            ConfigError: The network cannot be changed in this way.
        """
        if change.changes_nothing:
            # It may still be other settings that are remembered for members not in force.
            self.state.config = change.new
            return None
        with failures_refused():
            state = state_after(change, self._last_run)
            if change.starts_anew:
                return replace(self._prepared_start(state), mark=Mark(change.text, segment=True))
            prepared = self._prepared(state)
            losses = self.machine.next_loss(), prepared.stepper.machine.next_loss()
            return replace(prepared, last_run=self._last_run, mark=Mark(change.text, change.starts_segment, losses))

    def prepare_state(self, state: TrainState) -> Prepared:
        """All it takes to continue from another state of this run, with the same curves.

        Raises:
            ConfigError: The memory does not suffice.
        """
        with failures_refused():
            return self._prepared(state)

    def prepare_return(self, bookmark: Bookmark) -> Prepared:
        """All it takes to go back to a state: the same weights, curves and events.

        Raises:
            ConfigError: The memory does not suffice.
        """
        with failures_refused():
            events = list(bookmark.events)
            return Prepared(Stepper(bookmark.state.copy(), bookmark.history.copy(), events), events)

    def prepare_restart(self, seed: int | None = None) -> Prepared:
        """All it takes to begin again: with the same start, or another seed's.

        Raises:
            ConfigError: There is no such seed, or the data can no longer be read.
        """
        config = self.config if seed is None else self.config.with_changes({"training.seed": seed})
        with failures_refused():
            return self._prepared_start(begin(config, self.data_for(config, self.state)))

    def _prepared(self, state: TrainState) -> Prepared:
        return Prepared(Stepper(state, self.history, self.events), self.events, state.notes)

    @staticmethod
    def _prepared_start(state: TrainState) -> Prepared:
        events: list[Event] = []
        return Prepared(Stepper(state, History(), events), events, state.notes)

    def commit(self, prepared: Prepared) -> Event | None:
        """Put a prepared change in place; the mark on the curves, where it makes one."""
        self._stepper, self._before = prepared.stepper, prepared.last_run
        self.history, self.events = prepared.stepper.history, prepared.events
        for sentence in prepared.notes:
            self.note("note", sentence)
        mark = prepared.mark
        if mark is None:
            return None
        before, after = mark.losses
        return self.note("change", mark.text, segment=mark.segment, before=before, after=after)

    @property
    def _last_run(self) -> TrainState:
        """The state at the last step that ran."""
        return self._before if self._before is not None else self.state

    def become(self, state: TrainState) -> None:
        """Continue from another state of this run, with the same curves."""
        self.commit(self.prepare_state(state))

    def copy(self) -> Trainer:
        """An independent trainer at the same state, with the same curves and events."""
        twin = self.at(self.bookmark())
        # Of changes since the last step it has to be known what was there before them.
        twin._before = self._before.copy() if self._before is not None else None
        return twin

    def at(self, bookmark: Bookmark) -> Trainer:
        """An independent trainer at another state of this run, with the curves and events of then.

        Raises:
            ConfigError: The memory does not suffice.
        """
        twin = copy(self)
        twin.return_to(bookmark)
        return twin

    def begun(self, config: Config) -> Trainer:
        """A trainer that begins anew with these settings, on the same data where they ask for no others.

        Raises:
            ConfigError: The settings do not fit the data, or the data can no longer be read.
        """
        with failures_refused():
            begun = self._prepared_start(begin(config, self.data_for(config, self.state)))
        twin = copy(self)
        twin.commit(begun)
        return twin

    def sibling(self, changes: Mapping[str, object]) -> Trainer:
        """A trainer that begins anew with some settings changed, on the same data where they ask for no others.

        Raises:
            ConfigError: A change is not allowed.
        """
        return self.begun(self.config.with_changes(changes))

    def note(
        self,
        kind: str,
        text: str,
        *,
        step: int | None = None,
        before: float | None = None,
        after: float | None = None,
        segment: bool = False,
    ) -> Event:
        """Add something that happened, at this step where no earlier one is named, to the list of events."""
        number = self.events[-1].number + 1 if self.events else 1
        step = self.step if step is None else step
        event = Event(number=number, step=step, kind=kind, text=text, before=before, after=after, segment=segment)
        self.events.append(event)
        return event

    def bookmark(self) -> Bookmark:
        """The present state, to return to."""
        return Bookmark(self.state.copy(), self.history.copy(), tuple(self.events))

    def return_to(self, bookmark: Bookmark) -> None:
        """Go back to a state: the same weights, curves and events."""
        self.commit(self.prepare_return(bookmark))

    def restart(self, seed: int | None = None) -> None:
        """Begin again: the same start, or another seed's.

        Raises:
            ConfigError: There is no such seed, or the data can no longer be read.
        """
        self.commit(self.prepare_restart(seed))

    def digest(self) -> str:
        """Hash of weights, optimizer state, kept statistics, counters and curves: equal digests mean the same run."""
        return digest_of(self.state, self.history)

    def save(self, path: str | Path) -> None:
        """Write all that an exact resume needs.

        Raises:
            ConfigError: The file cannot be written.
        """
        file = check_path(path)
        with failures_named(file):
            checkpoint.save(file, *self.bookmark().to_arrays())

    @classmethod
    def load(cls, path: str | Path, data: tuple[np.ndarray | None, ...] | None = None) -> Trainer:
        """A trainer that continues exactly where `save` was called.

        Raises:
            ConfigError: The file is damaged, or no state of a run.
        """
        file = check_path(path)
        arrays, content = checkpoint.load(file)
        if content.get("kind") != KIND:
            raise ConfigError("is not the state of a run", file=file)
        values = Fields(content, "state")
        config = Config.from_dict(values.mapping("config"), file=file)
        trainer = cls(without_jump(config), data)
        trainer.return_to(Bookmark.from_arrays(arrays, values, config, trainer.data, file))
        return trainer
