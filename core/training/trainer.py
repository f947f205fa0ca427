"""Turns a Config into steps. It knows no clock, no thread and no screen.

Between two steps anything may change (`apply`); the steps themselves run in compiled chunks. The length of a chunk
never matters: rates, evaluations, order and random numbers all follow from the step alone.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import numpy as np

from ..config import Config
from ..config.arguments import check_config, check_part, check_steps
from ..config.describe import change_text, starts_segment
from ..data import Data, from_arrays, prepare
from ..disk.files import check_path, failures_named
from ..engine.memory import Memory, write_parameters
from ..engine.network import Network
from ..engine.state import TrainState
from ..errors import ConfigError
from ..snapshot import Event
from ..store import checkpoint
from .bookmark import KIND, Bookmark, bookmark_of, state_of, without_jump
from .digest import digest_of
from .history import History
from .machine import Machine
from .rates import future_rates
from .stepper import Advance, Stepper
from .switch import begin, changed, starts_anew
from .trouble import Trouble


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
        data: tuple[np.ndarray, ...] | None = None,
        prepare: Callable[[TrainState], None] | None = None,
    ) -> None:
        self._given = from_arrays(data) if data is not None else None
        state = begin(check_config(config), self.data_for(config))
        if prepare is not None:
            prepare(state)
        self._start(state)

    def _start(self, state: TrainState) -> None:
        self.history = History()
        self.events: list[Event] = []
        self._before: TrainState | None = None
        self.become(state)

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

    def set_parameters(self, values: Mapping[str, Any]) -> None:
        """Overwrite weights (or kept statistics) by name.

        Raises:
            ConfigError: A name or a shape is wrong, or a value not finite; nothing is written then.
        """
        write_parameters(self.network, self.memory, values)
        self.become(self.state)

    def advance(self, n_steps: int) -> Advance:
        """Make `n_steps` steps, or fewer where the run ends.

        A loss or gradient that is not finite ends it before it touches the weights.

        Raises:
            ConfigError: `n_steps` is not a whole number, or below 0.
        """
        result = self._stepper.advance(check_steps(n_steps))
        if result.n_steps:
            self._before = None
        return result

    def evaluate(self, part: str) -> dict[str, float]:
        """Loss and accuracy or r² over the whole "train" or "val" part; {} where it is empty.

        Raises:
            ConfigError: There is no such part.
        """
        machine = self.machine
        return machine.evaluator.metrics(machine.train if check_part(part) == "train" else machine.val)

    def predict(self, x: Any) -> np.ndarray:
        """Probabilities for classes, values otherwise: float32 (n, n_outputs), for inputs in the units of the data.

        Raises:
            ConfigError: The inputs are no numbers, or have another shape than the network's.
        """
        return self.machine.evaluator.predict(self.data.scale(x))

    def apply(self, changes: Mapping[str, Any], *, cold: bool = False) -> Event | None:
        """Change settings between two steps.

        Args:
            changes: Config paths and new values.
            cold: Start the optimizer's state from zero instead of carrying it.

        Returns:
            The mark on the curves; None where nothing changed.

        Raises:
            ConfigError: Something is not allowed; everything stays as it was.
        """
        prepared = self.prepare(changes, cold=cold)
        return self.commit(prepared) if prepared is not None else None

    def prepare(self, changes: Mapping[str, Any], *, cold: bool = False) -> TrainState | None:
        """The state after a change, for `commit`; None where nothing would change. Nothing happens yet.

        Raises:
            ConfigError: The change is not allowed.
        """
        config = self.config.with_changes(changes)
        if config == self.config and not cold:
            self.state.config = config
            return None
        return self.state_under(config, cold=cold)

    def commit(self, prepared: TrainState) -> Event:
        """Make a prepared change; the mark on the curves."""
        old, before = self.state, self.machine.next_loss()
        text, segment = change_text(old.config, prepared.config), starts_segment(old.config, prepared.config)
        if starts_anew(old.config, prepared.config):
            self._start(prepared)
            return self.note("change", text, segment=True)
        first = self._before or old
        self.become(prepared)
        self._before = first
        return self.note("change", text, segment=segment, before=before, after=self.machine.next_loss())

    def become(self, state: TrainState) -> None:
        """Go on from another state of this run, with the same curves."""
        self._before = None
        self._stepper = Stepper(state, self.history, self.events)
        for sentence in state.notes:
            self.note("note", sentence)

    def copy(self) -> Trainer:
        """An independent trainer at the same state, with the same curves and events."""
        twin = self.twin(self.state.copy())
        twin.return_to(self.bookmark())
        return twin

    def twin(self, state: TrainState) -> Trainer:
        """A trainer of the same data at another state, with no curves yet."""
        twin = Trainer.__new__(Trainer)
        twin._given = self._given
        twin._start(state)
        return twin

    def state_under(self, config: Config, *, cold: bool = False) -> TrainState:
        """The state under another Config, made from the last step that ran."""
        before = self._before if self._before is not None else self.state
        return changed(before, config, self.data_for(config, before), cold=cold)

    def note(self, kind: str, text: str, *, step: int | None = None, **more: Any) -> Event:
        """Add something that happened, at this step where no earlier one is named, to the list of events."""
        number = self.events[-1].number + 1 if self.events else 1
        at_step = self.step if step is None else step
        self.events.append(Event(number=number, step=at_step, kind=kind, text=text, **more))
        return self.events[-1]

    def bookmark(self) -> Bookmark:
        """The present state, to return to."""
        return Bookmark(self.state.copy(), self.history.copy(), tuple(self.events))

    def return_to(self, bookmark: Bookmark) -> None:
        """Go back to a state: the same weights, curves and events."""
        self.history, self.events = bookmark.history.copy(), list(bookmark.events)
        self._before = None
        self._stepper = Stepper(bookmark.state.copy(), self.history, self.events)

    def restart(self, seed: int | None = None) -> None:
        """Begin again: the same start, or another seed's."""
        config = self.config if seed is None else self.config.with_changes({"training.seed": seed})
        self._start(begin(config, self.data_for(config, self.state)))

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
            checkpoint.save(file, *state_of(self.bookmark()))

    @classmethod
    def load(cls, path: str | Path, data: tuple[np.ndarray, ...] | None = None) -> Trainer:
        """A trainer that goes on exactly where `save` was called.

        Raises:
            ConfigError: The file is damaged, or no state of a run.
        """
        file = check_path(path)
        arrays, meta = checkpoint.load(file)
        if meta.get("kind") != KIND:
            raise ConfigError("is not the state of a run", file=file)
        config = Config.from_dict(meta["config"], file=file)
        trainer = cls(without_jump(config), data)
        trainer.return_to(bookmark_of(trainer.state, config, arrays, meta, file))
        return trainer
