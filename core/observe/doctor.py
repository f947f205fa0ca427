"""Reads the evidence of a run as a teacher would: what is wrong, the number that shows it, why, and a remedy.

Every rule is a function of the evidence that gives one finding or none, and looks at what is measured of the state in
force alone. The thresholds are those at which the shipped lessons show their fault and no healthy one does
(`tests/core/observe/test_doctor.py`).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from ..activations import DEFAULT as USUAL_ACTIVATION
from ..activations import FOR_DEPTH, NEVER_SILENT
from ..layers import DEFAULT as DENSE
from ..regularizers import FOR_LONG_GRADIENTS, FOR_OVERFITTING
from ..scalers import DEFAULT as UNSCALED
from ..scalers import FOR_TABLES
from ..snapshot import Finding, LayerStats

if TYPE_CHECKING:
    from ..training.trainer import Trainer

SOON = 50
"""Steps before which nothing is said: a run has just begun."""
DEEP = 5
"""Layers with weights from which gradients are compared over depth."""


@dataclass(frozen=True)
class Evidence:
    """What the rules look at."""

    trainer: Trainer
    layers: Sequence[LayerStats]

    @cached_property
    def losses(self) -> np.ndarray:
        """Training loss over the run, float64, the latest last: means of at most 400 equal stretches."""
        return _stretches(self._series("train_loss"), 400)

    @cached_property
    def recent(self) -> np.ndarray:
        """Training loss of the last steps, each by itself."""
        series = self.trainer.history.series.get("train_loss")
        values = series.recent(256).values if series is not None else np.zeros(0)
        return values[np.isfinite(values)]

    @cached_property
    def val_losses(self) -> np.ndarray:
        """Validation loss of every evaluation that is kept, the latest last."""
        return self._series("val_loss")

    def _series(self, name: str) -> np.ndarray:
        values = self.trainer.history[name][1] if name in self.trainer.history else np.zeros(0)
        return values[np.isfinite(values)].astype(np.float64)

    @cached_property
    def first_loss(self) -> float:
        """About the loss at the start."""
        return float(self.losses[:2].max()) if self.losses.size else float("nan")

    @cached_property
    def last_loss(self) -> float:
        """About the loss now."""
        return float(np.median(self.recent)) if self.recent.size else float("nan")

    @property
    def learned_little(self) -> bool:
        """Whether most of the loss of the start is still there."""
        return self.last_loss > 0.6 * self.first_loss

    @cached_property
    def still_falls(self) -> float:
        """By which share the loss fell over the second half of the run."""
        half = self.losses[len(self.losses) // 2 :]
        if len(half) < 8:
            return 0.0
        k = len(half) // 4
        before, after = float(half[:k].mean()), float(half[-k:].mean())
        return (before - after) / before if before > 0.0 else 0.0

    @cached_property
    def update_ratio(self) -> float:
        """Median over the layers of |Δw| / |w| of the last step; NaN where it was not measured."""
        ratios = [layer.update_ratio for layer in self.layers if np.isfinite(layer.update_ratio)]
        return float(np.median(ratios)) if ratios else float("nan")

    @property
    def hidden(self) -> Sequence[LayerStats]:
        """The layers before the last."""
        return self.layers[:-1]


def _stretches(values: np.ndarray, n: int) -> np.ndarray:
    if len(values) <= n:
        return values
    bounds = np.arange(n) * len(values) // n
    return np.add.reduceat(values, bounds) / np.diff(np.append(bounds, len(values)))


def examine(trainer: Trainer, layers: Sequence[LayerStats]) -> tuple[Finding, ...]:
    """What is wrong with a run, the gravest first; () where nothing is.

    Args:
        trainer: Not changed.
        layers: Measured at its last step, with the size of that step's update.
    """
    evidence = Evidence(trainer, layers)
    if trainer.stopped != "diverged" and trainer.step < SOON:
        return ()
    with np.errstate(all="ignore"):
        found = [finding for rule in FAULTS if (finding := rule(evidence)) is not None]
        if not found:
            found = [finding for rule in SYMPTOMS if (finding := rule(evidence)) is not None]
    return tuple(found)


def _diverged(e: Evidence) -> Finding | None:
    if e.trainer.stopped != "diverged":
        return None
    rate = e.trainer.config.optimizer.learning_rate
    return Finding(
        "diverged",
        "The run diverged: its numbers are no longer finite.",
        e.trainer.why_stopped or f"step {e.trainer.step}",
        "A step that is too long lands higher than it began, and the next one is longer still.",
        {"optimizer.learning_rate": rate / 10.0},
        f"Go back with b, or lower the learning rate to {rate / 10.0:.3g}.",
    )


def _exploding(e: Evidence) -> Finding | None:
    if len(e.layers) < DEEP or e.trainer.config.regularization.values[FOR_LONG_GRADIENTS]:
        return None
    norms = [layer.gradient_norm for layer in e.layers]
    if not norms[0] > 30.0 * norms[-1] or not max(norms) > 10.0 or not e.learned_little:
        return None
    return Finding(
        "exploding gradient",
        "The gradient grows from layer to layer on its way back.",
        f"|∇| {norms[-1]:.2g} in {e.layers[-1].name}, {norms[0]:.2g} in {e.layers[0].name}",
        "Backward, every layer multiplies by its weights; where these are large, so are the products.",
        {f"regularization.{FOR_LONG_GRADIENTS}": 1.0},
        "Clip the norm of the gradient at 1, or begin with smaller weights.",
    )


def _vanishing(e: Evidence) -> Finding | None:
    if len(e.layers) < DEEP or not e.learned_little:
        return None
    first, last = e.layers[0].gradient_norm, e.layers[-1].gradient_norm
    if not first < 1e-2 * last:
        return None
    return Finding(
        "vanishing gradient",
        "Hardly any gradient reaches the first layers, so they do not learn.",
        f"|∇| {last:.2g} in {e.layers[-1].name}, {first:.2g} in {e.layers[0].name}",
        "Backward, every layer multiplies by the slope of its activation; that of a sigmoid is at most a quarter.",
        {"network.activation": FOR_DEPTH},
        f"Choose an activation with a slope of 1 ({FOR_DEPTH}), normalize, or begin with other weights.",
    )


def _dead(e: Evidence) -> Finding | None:
    if e.trainer.stopped == "diverged":
        return None
    worst = max((layer for layer in e.hidden if not layer.saturates), key=lambda layer: layer.dead, default=None)
    if worst is None or worst.dead < (0.5 if e.learned_little else 0.95):
        return None
    return Finding(
        "dead units",
        "Most units of a layer are silent on every sample, and silent units learn nothing.",
        f"{worst.dead:.0%} of {worst.name}",
        "Where the sum of a ReLU is negative its slope is 0: no gradient comes through that could bring it back.",
        {"network.activation": NEVER_SILENT},
        f"Give the flat side a slope ({NEVER_SILENT}), and use a smaller learning rate.",
    )


def _unequal_inputs(e: Evidence) -> Finding | None:
    data = e.trainer.data
    x = data.x_train[:2000].reshape(min(len(data.x_train), 2000), -1).astype(np.float64)
    spreads = x.std(axis=0)
    spreads = spreads[spreads > 0.0]
    if not spreads.size or data.image_shape or e.trainer.config.data.scaler != UNSCALED:
        return None
    ratio = float(spreads.max() / spreads.min())
    largest = float(np.abs(x).max())
    if ratio < 20.0 and largest < 100.0:
        return None
    return Finding(
        "unscaled inputs",
        "The inputs are of very different sizes, so one learning rate cannot suit their weights.",
        f"deviations from {spreads.min():.2g} to {spreads.max():.2g}, values up to {largest:.3g}",
        "The gradient of a weight is multiplied by its input: large inputs ask for small steps, small ones for large.",
        {"data.scaler": FOR_TABLES},
        "Standardize the inputs.",
    )


def _linear(e: Evidence) -> Finding | None:
    hidden = [layer for layer in e.hidden if layer.kind == DENSE]
    if not hidden or any(layer.activation for layer in e.hidden) or len(hidden) != len(e.hidden):
        return None
    return Finding(
        "a stack of linear layers",
        "Layers without an activation are together one linear layer.",
        f"{len(hidden)} hidden {'layer' if len(hidden) == 1 else 'layers'}, no activation",
        "A product of matrices is a matrix: depth adds nothing that a single layer could not do.",
        {"network.activation": USUAL_ACTIVATION},
        "Choose an activation.",
    )


def _too_simple(e: Evidence) -> Finding | None:
    if e.hidden or e.still_falls > 0.02 or e.trainer.data.task != "classes":
        return None
    accuracy = e.trainer.evaluate("train").get("accuracy", 1.0)
    if accuracy > 0.75:
        return None
    return Finding(
        "no hidden layer",
        "Without a hidden layer the border is a straight line, and these classes have none between them.",
        f"accuracy {accuracy:.2f} on its own training samples, and no longer rising",
        "A single layer answers by one weighted sum of the inputs.",
        {"network.hidden": (8,)},
        "Insert a hidden layer.",
    )


def _rate_too_large(e: Evidence) -> Finding | None:
    if e.recent.size < 32 or not e.learned_little:
        return None
    leaps = float(e.recent.max()) > 5.0 * e.last_loss and float(e.recent.std()) > 0.8 * float(e.recent.mean())
    if not leaps and not e.update_ratio > 0.02:
        return None
    rate = e.trainer.config.optimizer.learning_rate
    return Finding(
        "learning rate too large",
        "The steps are so long that the loss leaps about instead of falling.",
        f"|Δw|/|w| {e.update_ratio:.2g} a step, loss between {e.recent.min():.2g} and {e.recent.max():.2g}",
        "A step over the valley lands on the other slope, as high or higher.",
        {"optimizer.learning_rate": rate / 10.0},
        f"Lower the learning rate to {rate / 10.0:.3g}.",
    )


def _rate_too_small(e: Evidence) -> Finding | None:
    if not e.update_ratio < 1e-4 or not e.learned_little or e.trainer.learning_rate == 0.0:
        return None
    rate = e.trainer.config.optimizer.learning_rate
    return Finding(
        "learning rate too small",
        "The steps are so short that hardly anything happens.",
        f"|Δw|/|w| {e.update_ratio:.1g} a step, loss still {e.last_loss / e.first_loss:.0%} of the first",
        "Usual is a thousandth of the weights a step; below a ten-thousandth time is wasted.",
        {"optimizer.learning_rate": rate * 10.0},
        f"Raise the learning rate to {rate * 10.0:.3g}.",
    )


def _overfitting(e: Evidence) -> Finding | None:
    losses = e.val_losses
    if losses.size < 10 or e.trainer.data.n_val == 0:
        return None
    best, lately = float(losses.min()), losses[-max(3, losses.size // 5) :]
    now = float(np.median(lately))
    if not lately.min() > 1.3 * best or not now > 0.5 * losses[0] or not e.last_loss < best:
        return None
    return Finding(
        "overfitting",
        "The validation loss rises while the training loss falls: samples are learned by heart.",
        f"validation loss {now:.3g}, was {best:.3g}; training loss {e.last_loss:.3g}",
        "With enough weights a network can remember each sample; that says nothing of others.",
        {f"regularization.{FOR_OVERFITTING}": 0.01},
        "Add L2 or dropout, stop early, or get more data.",
    )


def _unequal_classes(e: Evidence) -> Finding | None:
    counts = e.trainer.data.class_counts
    if counts is None or e.trainer.config.loss.balanced or counts.min() == 0:
        return None
    if counts.max() < 4 * counts.min() or not e.trainer.network.loss.weighs_classes:
        return None
    names = e.trainer.data.class_names
    small, large = int(np.argmin(counts)), int(np.argmax(counts))
    return Finding(
        "unequal classes",
        "A rare class hardly counts in the loss, so it may never be answered.",
        f"{int(counts[large])} of {names[large]!r}, {int(counts[small])} of {names[small]!r}",
        "The mean over all samples is nearly the mean over the frequent class.",
        {"loss.class_weights": "balanced"},
        "Weigh the classes, so that all count alike.",
    )


def _stuck(e: Evidence) -> Finding | None:
    units = e.trainer.config.network.hidden
    if not e.last_loss > 0.45 * e.first_loss or abs(e.still_falls) > 0.05 or e.losses.size < 100 or not units:
        return None
    if e.trainer.learning_rate == 0.0 or e.trainer.step < 500:
        return None
    return Finding(
        "the loss is flat",
        "The loss has stopped falling high above where it could be.",
        f"{e.last_loss:.3g} after {e.trainer.step} steps, {e.first_loss:.3g} at the start",
        "The slope is small all around: a plateau, or a hollow that is not the deepest.",
        {"network.hidden": tuple(2 * n for n in units)},
        "Add units, so that there are more ways down, or begin elsewhere (n).",
    )


FAULTS: Sequence[Callable[[Evidence], Finding | None]] = (
    _diverged,
    _exploding,
    _vanishing,
    _unequal_inputs,
    _dead,
    _linear,
    _too_simple,
    _overfitting,
    _unequal_classes,
)
"""Rules that name a fault, the gravest first."""
SYMPTOMS: Sequence[Callable[[Evidence], Finding | None]] = (_rate_too_large, _rate_too_small, _stuck)
"""Rules about how the loss moves: asked only where no fault explains it."""
