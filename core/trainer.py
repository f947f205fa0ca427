"""Turns a Config into steps. It knows no clock, no thread and no screen.

Between two steps anything may change (`apply`); the steps themselves run in compiled chunks. The length of a chunk
never matters: rates, evaluations, order and random numbers all follow from the step alone.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from . import engine
from .config import Config
from .data import Data, from_arrays, prepare
from .errors import ConfigError
from .evaluation import Evaluator, Part
from .history import History
from .kernel import EPOCH, POSITION, STEP, Kernel, Loop
from .memory import Memory
from .needed import make_ready, needed
from .program import Program
from .rates import future_rates
from .registry import families
from .remap import rate_offers
from .restore import load_state, save_state
from .situation import Situation, begin, changed
from .snapshot import Event, RatePreview
from .stages import Network, design
from .trouble import Trouble, find_trouble

CHUNK = 65536
"""Most steps of one call into the engine."""
TRAIN_ROWS = 2000
"""Most training rows an evaluation looks at."""


@dataclass(frozen=True)
class Advance:
    """What `Trainer.advance` did."""

    n_steps: int
    """Steps whose update was made."""
    stopped: str | None
    """None, "diverged", "early stopping" or "finished"."""


@dataclass(frozen=True, eq=False)
class Bookmark:
    """A standing to return to."""

    situation: Situation
    history: History
    events: tuple[Event, ...]


class Trainer:
    """A network in training.

    Args:
        config: What the user chose.
        data: (x_train, y_train, x_val, y_val) in place of the Config's `[data]`.
        progress: Told (what is being compiled, share done) while the first functions compile.

    Raises:
        ConfigError: The Config does not fit the data, or the data cannot be read.
    """

    def __init__(
        self,
        config: Config,
        data: tuple[np.ndarray, ...] | None = None,
        progress: Callable[[str, float], None] | None = None,
    ) -> None:
        self._given = from_arrays(data) if data is not None else None
        situation = begin(config, self._data_for(config))
        functions = needed(situation.network, config)
        for k, (name, function) in enumerate(functions):
            if progress is not None:
                progress(name, k / len(functions))
            make_ready(function)
        self._start(situation)

    def _start(self, situation: Situation) -> None:
        self._program: Program
        self._evaluator: Evaluator
        self._train: Part
        self._val: Part
        self._order: np.ndarray
        self.evaluation_interval: int
        self.history = History()
        self.events: list[Event] = []
        self.trouble: Trouble | None = None
        self._now = situation
        self._before: Situation | None = None
        self._sound: Situation | None = None
        self._rebuild()

    def _data_for(self, config: Config, current: Situation | None = None) -> Data:
        if self._given is not None:
            return self._given
        same_seed = current is not None and current.config.training.seed == config.training.seed
        if current is not None and same_seed and current.config.data == config.data:
            return current.data
        return prepare(config.data, config.training.seed)

    # --- what is in force -------------------------------------------------------------------------------------------

    @property
    def config(self) -> Config:
        """The Config in force."""
        return self._now.config

    @property
    def data(self) -> Data:
        """The data in force."""
        return self._now.data

    @property
    def step(self) -> int:
        """Steps made."""
        return self._now.step

    @property
    def epoch(self) -> int:
        """Whole passes over the training rows."""
        return self._now.epoch

    @property
    def stopped(self) -> str | None:
        """Why no further step will be made; None if one will."""
        return self._now.stopped

    @property
    def learning_rate(self) -> float:
        """The effective rate of the next step."""
        return float(future_rates(self._now, 1)[0])

    def future(self, n_steps: int) -> tuple[np.ndarray, np.ndarray]:
        """Steps to come and their rates, as they will be if nothing changes: (int64 (n,), float64 (n,))."""
        return np.arange(self.step, self.step + n_steps), future_rates(self._now, n_steps)

    @property
    def parameters(self) -> dict[str, np.ndarray]:
        """Copies of all weights by name, float32 in PyTorch's shapes."""
        return {name: slot.read(self._now.memory.weights) for name, slot in self._now.network.slots.items()}

    @property
    def network(self) -> Network:
        """Stages and layout in force."""
        return self._now.network

    @property
    def memory(self) -> Memory:
        """The flat arrays; not to be written to."""
        return self._now.memory

    @property
    def flat_gradients(self) -> np.ndarray:
        """Gradient of the last step before the hooks, laid out as the weights."""
        memory = self._now.memory
        return memory.raw_gradients if self._program.gradients_are_hooked else memory.gradients

    def last_values(self, index: int) -> np.ndarray:
        """Outputs of a stage on the last batch, (units, samples): a view that the next step overwrites."""
        values: np.ndarray = self._program.values_of(index)
        return values

    def stage_values(self, x: np.ndarray) -> list[np.ndarray]:
        """Outputs of every stage for at most a block of scaled inputs, (units, n) each."""
        return self._evaluator.stage_values(x)

    def predict_scaled(self, x: np.ndarray) -> np.ndarray:
        """As `predict`, for inputs that are scaled already."""
        return self._evaluator.predict(x)

    @property
    def buffers(self) -> dict[str, np.ndarray]:
        """Copies of kept statistics (batch normalization) by name."""
        return {name: slot.read(self._now.memory.buffers) for name, slot in self._now.network.buffer_slots.items()}

    @property
    def gradients(self) -> dict[str, np.ndarray]:
        """Gradient of the last step before clipping, by the names of `parameters`."""
        flat = self.flat_gradients
        return {name: slot.read(flat) for name, slot in self._now.network.slots.items()}

    def set_parameters(self, values: Mapping[str, Any]) -> None:
        """Overwrite weights (or kept statistics) by name.

        Raises:
            ConfigError: A name or a shape is wrong, or a value not finite; nothing is written then.
        """
        network, memory = self._now.network, self._now.memory
        slots = {**network.slots, **network.buffer_slots}
        checked = []
        for name, value in values.items():
            if name not in slots:
                raise ConfigError("is not a parameter", field="parameters", value=name, choices=slots)
            array = np.asarray(value, np.float32)
            if array.shape != slots[name].shape:
                raise ConfigError(f"has shape {array.shape}", field=name, allowed=f"shape {slots[name].shape}")
            if not np.isfinite(array).all():
                raise ConfigError("holds a value that is not finite", field=name)
            checked.append((slots[name], array))
        for slot, array in checked:
            slot.write(memory.weights if slot.name in network.slots else memory.buffers, array)
        self._before = self._sound = None

    # --- training ---------------------------------------------------------------------------------------------------

    def advance(self, n_steps: int) -> Advance:
        """Make `n_steps` steps, or fewer where the run ends.

        A loss or gradient that is not finite ends it before it touches the weights.
        """
        done = 0
        while done < n_steps and self._now.stopped is None:
            if self._evaluation_is_due():
                self._evaluate_now()
                continue
            planned = min(n_steps - done, self._steps_to_event(), CHUNK)
            if planned <= 0:
                break
            done += self._chunk(planned)
        ended = self._now.stopped is None and self._steps_to_end() <= 0
        if self._now.stopped is None and (ended or self._evaluation_is_due()) and self._now.last_evaluation < self.step:
            self._evaluate_now()
        if ended and self._now.stopped is None:
            self._now.stopped = "finished"
        return Advance(done, self._now.stopped)

    def _chunk(self, n_steps: int) -> int:
        now = self._now
        if self._sound is None or now.step - self._sound.step >= self._sound_every:
            self._sound = now.copy()
        self._before = None
        start = now.step
        losses = np.empty(n_steps, np.float32)
        done, outcome = self._run_engine(n_steps, losses)
        if outcome != engine.OK or not np.isfinite(now.memory.weights.sum(dtype=np.float64)):
            done = self._stop_diverged(start, done, outcome)
        self.history.of("train_loss").extend(start, losses[:done])
        return done

    def _run_engine(self, n_steps: int, losses: np.ndarray) -> tuple[int, int]:
        now, control, outcome = self._now, self._program.control, np.zeros(1, np.int64)
        rates = future_rates(now, n_steps)
        control[[STEP, EPOCH, POSITION]] = now.step, now.epoch, now.position
        arrays = self._program.table, self._program.bounds, control, self._train.cells, self._order
        done = engine.train_chunk(
            n_steps,
            *(array.ctypes.data for array in arrays),
            int(now.config.training.shuffle),
            *(array.ctypes.data for array in (rates, losses, outcome)),
        )
        now.step, now.epoch, now.position = (int(control[k]) for k in (STEP, EPOCH, POSITION))
        self._program.store_counts()
        return int(done), int(outcome[0])

    def _stop_diverged(self, start: int, done: int, outcome: int) -> int:
        """Come to rest on the last sound state, and say what happened; returns the steps that stay made."""
        self.trouble = find_trouble(self._now, self._program, outcome, self.events)
        target = self._now.step
        while not self._now.memory.sound and target > self._sound_step():
            target -= 1
            self._replay_to(target)
        self._now.stopped = "diverged"
        return max(0, self._now.step - start)

    def _sound_step(self) -> int:
        return self._sound.step if self._sound is not None else self._now.step

    def _replay_to(self, step: int) -> None:
        """The standing at an earlier step since the last sound copy, by making the steps again."""
        assert self._sound is not None
        self._now = self._sound.copy()
        self._rebuild()
        n = step - self._now.step
        if n:
            self._run_engine(n, np.empty(n, np.float32))

    def _steps_to_end(self) -> int:
        now, training = self._now, self._now.config.training
        left = 2**62
        if training.max_steps:
            left = min(left, training.max_steps - now.step)
        if training.max_epochs:
            n, batch = len(self._train), now.batch
            rest = -(-(n - now.position) // batch) if now.position else 0
            whole = training.max_epochs - now.epoch - (1 if rest else 0)
            left = min(left, rest + whole * -(-n // batch))
        return left

    def _steps_to_event(self) -> int:
        return min(self._steps_to_end(), self._next_evaluation() - self._now.step)

    # --- evaluation -------------------------------------------------------------------------------------------------

    def _evaluation_interval(self) -> int:
        """Most steps between two evaluations that are recorded.

        Where the Config leaves it open: an epoch while early stopping or a schedule listens, else the fewest whole
        epochs whose training costs twenty times the evaluation, so that being watched does not slow a small network.
        """
        now, training = self._now, self._now.config.training
        if training.evaluate_every:
            return training.evaluate_every
        epoch = -(-len(self._train) // now.batch)
        if training.early_stopping or families["schedules"][now.config.schedule.name].observe:
            return epoch
        weights = now.network.n_parameters
        step_ns = 300.0 + 0.06 * weights * now.batch
        evaluation_ns = 80_000.0 + 0.02 * weights * (len(self._val) + min(len(self._train), TRAIN_ROWS))
        return epoch * max(1, int(np.ceil(20.0 * evaluation_ns / (step_ns * epoch))))

    def _evaluation_is_due(self) -> bool:
        return self._now.last_evaluation < 0 or self._now.step >= self._next_evaluation()

    def _next_evaluation(self) -> int:
        """Step of the next evaluation: every epoch at first, so that a short run has a curve, then ever more seldom."""
        last, most = self._now.last_evaluation, self.evaluation_interval
        if self._now.config.training.evaluate_every:
            return last + most
        epoch = -(-len(self._train) // self._now.batch)
        return last + min(most, epoch * max(1, last // (20 * epoch)))

    def _evaluate_now(self) -> None:
        now = self._now
        now.last_evaluation = now.step
        watched = {"train": (self._train, TRAIN_ROWS), "val": (self._val, None)}
        for part, (rows, limit) in watched.items():
            for name, value in self._evaluator.metrics(rows, limit).items():
                if (part, name) != ("train", "loss"):
                    self.history.of(f"{part}_{name}").append(now.step, value)
        if len(self._val):
            self._listen(self.history.of("val_loss").latest)

    def _listen(self, loss: float) -> None:
        """Let the schedule and early stopping hear an evaluation."""
        now = self._now
        schedule = families["schedules"][now.config.schedule.name]
        if schedule.observe is not None:
            now.schedule_memory = schedule.observe(
                loss, now.config.schedule.settings, now.schedule_memory, now.config.optimizer.learning_rate
            )
            self._sound = None
        patience, stopper = now.config.training.early_stopping, now.stopper
        if not patience:
            return
        if loss < stopper.best:
            stopper.best, stopper.waited = loss, 0
            stopper.weights, stopper.buffers = now.memory.weights.copy(), now.memory.buffers.copy()
            return
        stopper.waited += 1
        if stopper.waited >= patience and stopper.weights is not None and stopper.buffers is not None:
            now.memory.weights[:], now.memory.buffers[:] = stopper.weights, stopper.buffers
            now.stopped = "early stopping"

    def evaluate(self, part: str) -> dict[str, float]:
        """Loss and accuracy or r² over the whole "train" or "val" part; {} where it is empty.

        Raises:
            ConfigError: There is no such part.
        """
        if part not in ("train", "val"):
            raise ConfigError("is not a part of the data", field="part", value=part, choices=("train", "val"))
        return self._evaluator.metrics(self._train if part == "train" else self._val)

    def predict(self, x: Any) -> np.ndarray:
        """Probabilities for classes, values otherwise: float32 (n, n_outputs), for inputs in the units of the data.

        Raises:
            ConfigError: The inputs have another shape than the network's.
        """
        array = np.asarray(x, np.float64)
        if array.shape[1:] != tuple(self.data.input_shape):
            raise ConfigError(
                f"has shape {array.shape}", field="x", allowed=f"(n, {', '.join(map(str, self.data.input_shape))})"
            )
        return self._evaluator.predict(self.data.scale(array))

    # --- switching --------------------------------------------------------------------------------------------------

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
        config = self.config.with_changes(changes)
        if config == self.config and not cold:
            self._now.config = config
            return None
        old, loss_before = self._now, self._next_loss()
        now = self._changed(config, cold=cold)
        if self._before is None:
            self._before = old
        self._now = now
        self._rebuild()
        self.trouble, self._sound = None, None
        return self._mark(old, loss_before)

    def needed(self, changes: Mapping[str, Any]) -> list[Kernel | Loop]:
        """Functions that `apply(changes)` would have to compile first.

        Raises:
            ConfigError: The change is not allowed.
        """
        config = self.config.with_changes(changes)
        data = self._data_for(config, self._now)
        network = design(config, data.input_shape, data.task, data.n_outputs)
        return [function for _, function in needed(network, config) if not function.compiled]

    def _mark(self, old: Situation, loss_before: float) -> Event:
        from .describe import change_text, starts_segment

        event = Event(
            number=self.events[-1].number + 1 if self.events else 1,
            step=self.step,
            kind="change",
            text=change_text(old.config, self.config),
            before=loss_before,
            after=self._next_loss(),
            segment=starts_segment(old.config, self.config),
        )
        self.events.append(event)
        return event

    def rehearse(self, changes: Mapping[str, Any]) -> tuple[np.ndarray, np.ndarray]:
        """The step that would come next after a change, made on a copy: (Δw, w), float64 flat.

        Raises:
            ConfigError: The change is not allowed.
        """
        twin = self._twin(self._changed(self.config.with_changes(changes)))
        memory = twin.memory
        start = memory.weights.astype(np.float64)
        twin._run_engine(1, np.empty(1, np.float32))
        return memory.weights.astype(np.float64) - start, start

    def copy(self) -> Trainer:
        """An independent trainer at the same standing, with the same curves and events."""
        twin = self._twin(self._now.copy())
        twin.history, twin.events = self.history.copy(), list(self.events)
        return twin

    def _twin(self, situation: Situation) -> Trainer:
        twin = Trainer.__new__(Trainer)
        twin._given = self._given
        twin._start(situation)
        return twin

    def _changed(self, config: Config, *, cold: bool = False) -> Situation:
        """The standing under another Config, made from the last step that ran."""
        before = self._before if self._before is not None else self._now
        return changed(before, config, self._data_for(config, before), cold=cold)

    def _next_loss(self) -> float:
        """Loss of the next step's batch with the weights in force; nothing changes."""
        now, program = self._now, self._program
        kept = now.memory.buffers.copy()
        program.control[[STEP, EPOCH, POSITION]] = now.step, now.epoch, now.position
        arrays = program.table, program.bounds, program.control, self._train.cells, self._order
        loss = engine.batch_loss(*(array.ctypes.data for array in arrays), now.position)
        now.memory.buffers[:] = kept
        return float(loss)

    def note(self, kind: str, text: str) -> Event:
        """Add something that happened to the list of events."""
        number = self.events[-1].number + 1 if self.events else 1
        self.events.append(Event(number=number, step=self.step, kind=kind, text=text))
        return self.events[-1]

    def preview(self, changes: Mapping[str, Any], n_steps: int = 2000) -> RatePreview:
        """What a change would do to the learning rate, without making it."""
        try:
            config = self.config.with_changes(changes)
            at = self._changed(config)
            same = config.optimizer.name == self.config.optimizer.name
            offers = () if same else rate_offers(self, changes)
        except ConfigError as error:
            nothing = np.zeros(0)
            return RatePreview(changes, str(error), nothing.astype(np.int64), nothing)
        return RatePreview(changes, "", np.arange(at.step, at.step + n_steps), future_rates(at, n_steps), offers)

    def bookmark(self) -> Bookmark:
        """The present standing, to return to."""
        return Bookmark(self._now.copy(), self.history.copy(), tuple(self.events))

    def return_to(self, bookmark: Bookmark) -> None:
        """Go back to a standing: the same weights, curves and events."""
        self._start(bookmark.situation.copy())
        self.history, self.events = bookmark.history.copy(), list(bookmark.events)

    def steps_of_epochs(self, n_epochs: int) -> int:
        """Steps to the end of the n-th epoch from here."""
        rows, batch = len(self._train), self._now.batch
        return -(-(rows - self._now.position) // batch) + (n_epochs - 1) * -(-rows // batch)

    @property
    def batch(self) -> int:
        """Samples in a full batch."""
        return self._now.batch

    def restart(self, seed: int | None = None) -> None:
        """Begin again: the same start, or another seed's."""
        config = self.config if seed is None else self.config.with_changes({"training.seed": seed})
        self._start(begin(config, self._data_for(config, self._now)))

    def _redesign(self) -> None:
        """Lay the network out anew for the situation in force, then rebuild."""
        now = self._now
        now.network = design(now.config, now.data.input_shape, now.data.task, now.data.n_outputs, now.blends)
        self._rebuild()

    def _rebuild(self) -> None:
        """Make programs and data views for the situation in force."""
        now = self._now
        data, single = now.data, now.network.loss.outputs == "single"
        class_weights = data.class_weights if now.config.loss.settings.get("class_weights") == "balanced" else None
        self._train = Part(data.x_train, data.y_train, data.n_outputs, single)
        self._val = Part(data.x_val, data.y_val, data.n_outputs, single)
        self._program = Program(now.network, now.config, now.memory, now.batch, train=True, class_weights=class_weights)
        self._evaluator = Evaluator(now, self._train, self._val, class_weights)
        self._order = np.empty(len(self._train), np.int64)
        seed, shuffled = now.config.training.seed, int(now.config.training.shuffle)
        engine.fill_order(self._order.ctypes.data, len(self._order), seed, now.epoch, shuffled)
        floats = now.memory.weights.size * (2 + len(now.memory.slots))
        step_ns = 300.0 + 0.06 * now.network.n_parameters * now.batch
        self.evaluation_interval = self._evaluation_interval()
        """Most steps between two evaluations that are recorded."""
        self._sound_every = int(np.ceil((20_000.0 + 0.5 * floats) * 50.0 / step_ns))

    # --- keeping ----------------------------------------------------------------------------------------------------

    def digest(self) -> str:
        """Hash of weights, optimizer state, kept statistics, counters and curves: equal digests mean the same run."""
        now = self._now
        memory = now.memory
        digest = hashlib.sha256()
        for array in (memory.weights, memory.buffers, memory.average):
            digest.update(array.tobytes())
        for name in sorted(memory.slots):
            digest.update(name.encode() + memory.slots[name].tobytes())
        counters = (now.step, now.epoch, now.position, memory.t, memory.n_averaged, memory.waited, now.schedule_start)
        remembered = sorted(now.schedule_memory.items())
        stopper = (now.stopper.best, now.stopper.waited)
        digest.update(repr((counters, remembered, stopper, now.last_evaluation)).encode())
        self.history.hash_into(digest)
        return digest.hexdigest()

    def save(self, path: str | Path) -> None:
        """Write all that an exact resume needs.

        Raises:
            ConfigError: The file cannot be written.
        """
        save_state(self, Path(path))

    @classmethod
    def load(cls, path: str | Path, data: tuple[np.ndarray, ...] | None = None) -> Trainer:
        """A trainer that goes on exactly where `save` was called.

        Raises:
            ConfigError: The file is damaged, or no state of a run.
        """
        return load_state(cls, Path(path), data)
