"""The loop: batch, forward, loss, backward, hooks, optimizer, average; evaluations at their steps; changes between two.

Written for reading, with nothing kept that could be computed again. A step of a small network takes a millisecond.
"""

from __future__ import annotations

from collections.abc import Mapping
from copy import deepcopy
from typing import Any

import numpy as np

from dltui.core import Config, Trainer

from . import activations, growth, hooks, metrics, optimizers, schedules, switches
from .data import Rows
from .losses import loss_of, predictions
from .network import Array, Arrays, Network, Pass, backward, forward, measured_statistics
from .state import State


def fresh_optimizer(name: str, w: Mapping[str, Array]) -> dict[str, optimizers.State]:
    """State of zeros."""
    return {key: {meaning: np.zeros(array.shape) for meaning in optimizers.SLOTS[name]} for key, array in w.items()}


def as_double(arrays: Mapping[str, Array]) -> Arrays:
    """The same in double precision."""
    return {name: np.asarray(array, np.float64) for name, array in arrays.items()}


def keeps_answers(config: Config) -> bool:
    """Whether a network that grows must answer as before, and has no excuse: a straight part, and no layer norm."""
    bent = config.network.activation in ("tanh", "sigmoid", "softmax")
    samples = any(layer.kind == "layer_norm" for layer in config.network.layers)
    return not bent and not samples and config.network.normalization != "layer_norm"


IN_SUMS, IN_GRADIENTS = 1e-7, 4e-7
"""By how much sums in single precision are wrong on the way forward and on the way back, relative to the largest number
in them: measured on these small networks."""


class Reference:
    """One run.

    Args:
        config: What the user chose; `evaluate_every` must be set.
        rows: The data.
        w: First weights by name.
        kept: First statistics of batch normalization; None for those of a fresh network.
        shaken: Seed of disturbances as large as the rounding of single precision; None for none. How far a shaken run
            goes astray says what single precision can promise of it.
    """

    def __init__(
        self,
        config: Config,
        rows: Rows,
        w: Mapping[str, Array],
        kept: Mapping[str, Array] | None = None,
        shaken: int | None = None,
    ) -> None:
        self.rows = rows
        self._noise = None if shaken is None else np.random.default_rng(shaken)
        net = self.network_of(config)
        self.s = State(
            config,
            net,
            {name: np.asarray(w[name], np.float64) for name in net.shapes},
            {name: np.asarray((kept or {}).get(name, np.ones(shape) * name.endswith("var")), np.float64)
             for name, shape in net.kept_shapes.items()},
            {},
            schedule=schedules.start_memory(config.schedule.name),
        )  # fmt: skip
        self.s.optimizer = fresh_optimizer(config.optimizer.name, self.s.w)
        self.history: dict[str, list[tuple[int, float]]] = {}
        self.nearest_tie = float("inf")
        """For an optimizer that takes a sign: the number nearest to 0 of which it did, by the rounding in it."""
        self.nearest_corner = float("inf")
        """For activations with a corner: how near to it the nearest number came, by the largest beside it."""
        self._see()
        self.s.schedule_steps = schedules.rest(self.steps_left(), config.schedule.warmup_steps)
        self._before: State | None = None

    # --- what is asked ------------------------------------------------------------------------------------------------

    def loss_name(self, config: Config) -> str:
        """The loss in force."""
        name = config.loss.name
        return name if name != "auto" else "cross_entropy" if self.rows.classes else "mse"

    def network_of(self, config: Config, fading: Mapping[str, Any] | None = None) -> Network:
        """The stages of a Config for these rows."""
        n = 1 if self.loss_name(config) == "binary_cross_entropy" else self.rows.n_targets
        return Network(config, self.rows.x_train.shape[1:], n, fading)

    def _see(self) -> None:
        """Scale the rows as the Config in force asks."""
        data = self.s.config.data
        self.x_train, self.x_val = self.rows.scaled(data.scaler, data.scaler_settings)
        n = int(np.prod(self.s.net.stages[-1].output))
        self.t_train, self.t_val = (self.rows.targets(y, n) for y in (self.rows.y_train, self.rows.y_val))

    @property
    def batch(self) -> int:
        """Samples of a full batch."""
        size = self.s.config.training.batch_size
        return len(self.x_train) if size == "full" else min(int(size), len(self.x_train))

    def _class_weights(self) -> Array | None:
        balanced = self.s.config.loss.class_weights == "balanced"
        return self.rows.balance() if balanced else None

    def rate(self) -> float:
        """Effective learning rate of the next step."""
        c, s = self.s.config.schedule, self.s
        t, base = s.step - s.schedule_start, s.config.optimizer.learning_rate
        settings = schedules.fitted(c.name, c.settings, s.schedule_steps)
        return schedules.warmed(c.name, settings, base, t, s.batches.epoch, s.schedule, c.warmup_steps)

    # --- a step -------------------------------------------------------------------------------------------------------

    def _gradients(self) -> tuple[float, Arrays, int]:
        """(loss, gradients, rows) of the next batch."""
        s, training = self.s, self.s.config.training
        chosen = s.batches.next_rows(len(self.x_train), self.batch, training.seed, training.shuffle)
        strengths = s.config.regularization.values
        at = training.seed, s.step
        x, t, hard = hooks.on_batch(strengths, self.x_train[chosen], self.t_train[chosen], self.batch, at)
        how = Pass(train=True, step=s.step, seed=training.seed, batch=self.batch)
        before = dict(s.kept)
        w = {key: self._shaken(array, IN_SUMS * np.abs(array).max()) for key, array in s.w.items()}
        values = forward(s.net, x, w, s.kept, how)
        self._look_at_corners(values)
        name = self.loss_name(s.config)
        outputs = values[-1].reshape(len(x), -1)
        loss, dy, _ = loss_of(name, outputs, t, s.config.loss.settings, hard, self._class_weights())
        return loss, backward(s.net, values, dy.reshape(values[-1].shape), w, before, how), len(chosen)

    def _step(self) -> None:
        s, c = self.s, self.s.config
        strengths, rate = c.regularization.values, self.rate()
        loss, gradients, n = self._gradients()
        trained = [name for name, owner in s.net.owners.items() if owner not in c.network.frozen]
        gradients = {name: self._shaken(gradients[name], self._error(gradients, name)) for name in trained}
        gradients = hooks.on_gradient(strengths, gradients, s.w, (c.training.seed, s.step))
        s.t += 1
        for name in trained:
            axis = s.net.matrix_axes.get(name, -1)
            if c.optimizer.name in optimizers.SIGNED:
                signed = optimizers.signed(gradients[name], s.optimizer[name], c.optimizer.settings)
                ties = np.abs(signed) / np.maximum(self._error(gradients, name), 1e-300)
                self.nearest_tie = min(self.nearest_tie, float(ties[signed != 0.0].min(initial=np.inf)))
            w = hooks.decayed(s.w[name], rate, strengths["weight_decay"])
            w = optimizers.step(
                c.optimizer.name, w, gradients[name], s.optimizer[name], rate, s.t, c.optimizer.settings, axis
            )
            if strengths["max_norm"] and axis >= 0:
                w = hooks.shortened(w, strengths["max_norm"], axis)
            s.w[name] = w if self._noise is None else w.astype(np.float32).astype(np.float64)
        if c.averaging.name != "none":
            s.average.take(s.w, c.averaging.name, c.averaging.decay, c.averaging.every)
        self._record(train_loss=loss, learning_rate=rate)
        s.batches.move(len(self.x_train), n)
        s.step += 1

    def _look_at_corners(self, values: list[Array]) -> None:
        for stage, z in zip(self.s.net.stages, values, strict=False):
            for corner in activations.CORNERS.get(stage.function, ()):
                far = np.abs(z[z != corner] - corner).min(initial=np.inf)  # a dead unit stands on it, on both sides
                self.nearest_corner = min(self.nearest_corner, float(far / max(np.abs(z).max(), 1e-300)))

    def _shaken(self, array: Array, size: float | Array) -> Array:
        """An array, or one as wrong as single precision makes it; what is exactly 0 (of a dead unit) stays so."""
        if self._noise is None:
            return array
        return array + size * self._noise.normal(size=array.shape) * (array != 0.0)

    def _error(self, gradients: Arrays, name: str) -> Array:
        """How wrong single precision makes a gradient: it sums numbers as large as others in its layer."""
        owners = self.s.net.owners
        largest = max(float(np.abs(gradients[key]).max()) for key, owner in owners.items() if owner == owners[name])
        return IN_GRADIENTS * np.maximum(np.abs(gradients[name]), 0.1 * largest)

    def _record(self, **values: float) -> None:
        for name, value in values.items():
            self.history.setdefault(name, []).append((self.s.step, value))

    # --- running ------------------------------------------------------------------------------------------------------

    def steps_left(self) -> float:
        """Steps until a limit of the Config."""
        training, s, n = self.s.config.training, self.s, len(self.x_train)
        left = training.max_steps - s.step if training.max_steps else float("inf")
        if training.max_epochs:
            rest = -(-(n - s.batches.position) // self.batch)
            more = training.max_epochs - s.batches.epoch - 1
            left = min(left, rest + more * -(-n // self.batch) if more >= 0 else 0)
        return left

    def _is_due(self) -> bool:
        s = self.s
        return s.last_evaluation < 0 or s.step >= s.last_evaluation + s.config.training.evaluate_every

    def advance(self, n_steps: int) -> None:
        """Make so many steps, or fewer where the run ends."""
        done = 0
        while done < n_steps and self.s.stopped is None:
            if self._is_due():
                self._evaluate()
            elif self.steps_left() <= 0:
                break
            else:
                self._step()
                self._before = None
                done += 1
        if self.s.stopped is not None or n_steps == 0:
            return
        ended = self.steps_left() <= 0
        if (ended or self._is_due()) and self.s.last_evaluation < self.s.step:
            self._evaluate()
        if ended and self.s.stopped is None:
            self._restore()
            self.s.stopped = "finished"

    def apply(self, changes: Mapping[str, Any], trainer: Trainer, *, cold: bool = False) -> None:
        """Change settings between two steps.

        Args:
            changes: Config paths and new values.
            trainer: One that has just made the same change: a network that grew takes its new weights over.
            cold: Whether the optimizer's state begins at zero.
        """
        config = self.s.config.with_changes(changes)
        if config == self.s.config and not cold:
            return
        before = self._before or self.s.copy()
        old = self.outputs(self.x_val) if growth.is_grown((before.net, self.network_of(config))) else None
        leaving = switches.fading(before, config, self.network_of(config))
        net = self.network_of(config, leaving)
        self.x_train, self.x_val = self.rows.scaled(config.data.scaler, config.data.scaler_settings)
        spans, memory = trainer.network.weights, trainer.memory
        average = {name: span.read(memory.average) for name, span in spans.items()} if memory.n_averaged else {}
        given = as_double({**trainer.parameters, **trainer.buffers}), as_double(average)
        if old is not None and self._noise is None:
            growth.assert_net2net((before.net, net), before.w, given[0])
            growth.assert_net2net((before.net, net), before.average.weights, given[1])
        self.s = switches.changed(before, config, net, self.x_train, given, cold=cold)
        self.s.fading = leaving
        self._see()
        if self.s.schedule_start == self.s.step:
            self.s.schedule_steps = schedules.rest(self.steps_left(), config.schedule.warmup_steps)
        self._before = before
        told = [event.text for event in trainer.events if event.step == self.s.step and event.kind == "note"]
        if old is not None and (keeps_answers(config) or not any("answers" in text for text in told)):
            far = np.abs(self.outputs(self.x_val) - old).max() / max(1.0, np.abs(old).max())
            assert far <= 2e-5, f"a network that grew answers otherwise, by {far:.1e}; it says: {told}"

    # --- evaluation ---------------------------------------------------------------------------------------------------

    def in_force(self) -> tuple[Arrays, Arrays]:
        """(weights, statistics) that are evaluated."""
        s = self.s
        if s.config.averaging.name == "none" or not s.average.n:
            return s.w, s.kept
        return s.average.weights, measured_statistics(s.net, self.x_train, s.average.weights, s.kept, s.step)

    def outputs(self, x: Array) -> Array:
        """Outputs for scaled inputs."""
        how = Pass(train=False, step=self.s.step, seed=0, batch=1)
        w, kept = self.in_force()
        return forward(self.s.net, x, w, dict(kept), how)[-1].reshape(len(x), -1)

    def predict(self, x: Array) -> Array:
        """Probabilities or values for scaled inputs."""
        return predictions(self.loss_name(self.s.config), self.outputs(x))

    def evaluate(self, part: str) -> dict[str, float]:
        """Loss and accuracy or R² of a part."""
        train = part == "train"
        x, t, y = (
            (self.x_train, self.t_train, self.rows.y_train) if train else (self.x_val, self.t_val, self.rows.y_val)
        )
        outputs, settings = self.outputs(x), self.s.config.loss.settings
        loss, _, _ = loss_of(self.loss_name(self.s.config), outputs, t, settings, None, self._class_weights())
        if self.rows.classes:
            return {"loss": loss, "accuracy": metrics.accuracy(outputs, y)}
        return {"loss": loss, "r2": metrics.r2(outputs, t)}

    def _evaluate(self) -> None:
        s, c = self.s, self.s.config
        s.last_evaluation = s.step
        for name, value in self.evaluate("train").items():
            if name != "loss":
                self._record(**{f"train_{name}": value})
        measured = self.evaluate("val")
        self._record(**{f"val_{name}": value for name, value in measured.items()})
        if c.schedule.name == "plateau":
            s.schedule = schedules.observed(
                measured["loss"], c.schedule.settings, s.schedule, c.optimizer.learning_rate
            )
        patience = c.training.early_stopping
        if patience and s.stopper.hears(measured["loss"], patience, self._kept):
            self._restore()
            s.stopped = "early stopping"

    def _kept(self) -> Any:
        return deepcopy((self.s.w, self.s.kept, self.s.average))

    def _restore(self) -> None:
        """What was best comes back."""
        if self.s.config.training.early_stopping and self.s.stopper.kept is not None:
            self.s.w, self.s.kept, self.s.average = deepcopy(self.s.stopper.kept)
