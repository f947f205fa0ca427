"""Learning rates to continue with after a switch of optimizer, and the size of the first step each would make.

A rate means something different to each optimizer, so a switch at the same rate can ruin a run. There are three offers:
keep the rate, remap it, or take the new optimizer's usual one. The first step is not estimated but made, on a copy.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

import numpy as np

from ..activations.base import Activation
from ..config import Config, OptimizerConfig
from ..conformance.slopes import ActivationRun
from ..errors import ConfigError, failures_refused
from ..optimizers import PLAIN
from ..registry import families
from ..snapshot import FunctionShape, RateOffer, RatePreview
from .machine import Machine
from .rates import future_rates
from .switch import PlannedChange

if TYPE_CHECKING:
    from .trainer import Trainer


SHAPE_ENDS, SHAPE_POINTS = 4.0, 161
"""Inputs over which an activation is drawn: from minus to plus this, so many."""


def preview(trainer: Trainer, change: PlannedChange, n_steps: int = 2000) -> RatePreview:
    """What a change would do to the learning rate and to the weights, without making it.

    Raises:
        ConfigError: The change cannot be made.
    """
    with failures_refused():
        state = trainer.state_after(change)
        offers = () if change.new.optimizer.name == change.old.optimizer.name else rate_offers(trainer, change)
        steps = np.arange(state.step, state.step + n_steps)
        shapes = function_shapes(change.changes, change.new)
        return RatePreview(change.changes, "", steps, future_rates(state, n_steps), offers, state.notes, shapes)


def function_shapes(changes: Mapping[str, object], config: Config) -> tuple[FunctionShape, ...]:
    """The activations that changes choose, as curves; computed by their kernels.

    Args:
        changes: Paths and values; those of activations end in "activation".
        config: With the changes made.
    """
    shapes = []
    for path, name in changes.items():
        member = families["activations"].get(str(name)) if path.endswith("activation") else None
        if isinstance(member, Activation):
            settings = config.network.activation_settings if path == "network.activation" else {}
            z = np.linspace(-SHAPE_ENDS, SHAPE_ENDS, SHAPE_POINTS, dtype=np.float32)[:, None]
            run = ActivationRun(member, settings, z, np.ones_like(z))
            curves = (z, run.y, run.dz)
            shapes.append(FunctionShape(member.name, *(curve[:, 0].astype(np.float64) for curve in curves)))
    return tuple(shapes)


def refused_preview(changes: Mapping[str, object], error: ConfigError) -> RatePreview:
    """The answer where a change is not allowed."""
    return RatePreview(changes, str(error), np.zeros(0, np.int64), np.zeros(0))


def rate_offers(trainer: Trainer, change: PlannedChange) -> tuple[RateOffer, ...]:
    """Learning rates for a change of optimizer, "remap" first, each with |Δw| / |w| of its first step.

    Raises:
        ConfigError: The change cannot be made.
    """
    rates = {
        "remap": remapped_rate(trainer, change),
        "keep": change.old.optimizer.learning_rate,
        "usual": change.new.optimizer.member.usual_rate,
    }
    return tuple(RateOffer(name, rate, _size(*rehearse(trainer, change.at_rate(rate)))) for name, rate in rates.items())


def rehearse(trainer: Trainer, change: PlannedChange) -> tuple[np.ndarray, np.ndarray]:
    """The step that would come next after a change, made on a copy: (Δw, w), float64 flat.

    Raises:
        ConfigError: The change cannot be made.
    """
    state = trainer.state_after(change)
    weights = state.memory.weights
    start = weights.astype(np.float64)
    Machine(state).run(1, np.empty(1, np.float32))
    return weights.astype(np.float64) - start, start


def remapped_rate(trainer: Trainer, change: PlannedChange) -> float:
    """The rate at which the new optimizer continues at the pace of the old one.

    Between SGD and its relatives with momentum a steady gradient is amplified by 1/(1-β): the rate is scaled by that.
    From an adaptive optimizer to one of these, the last step is projected on the gradient (SWATS, Keskar and Socher
    2017, arXiv:1712.07628). To an adaptive one, the first step gets the length of the step that would have been made.
    """
    old, new = change.old.optimizer, change.new.optimizer
    rate = old.learning_rate
    if not old.member.adaptive and not new.member.adaptive:
        return float(rate * _gain(old) / _gain(new))
    delta, _ = rehearse(trainer, trainer.plan({}))
    trial, _ = rehearse(trainer, change.at_rate(rate))
    if old.member.adaptive and not new.member.adaptive:
        plain, _ = rehearse(trainer, trainer.plan({"optimizer.name": PLAIN, "optimizer.learning_rate": rate}))
        gradient = -plain / rate if rate else plain
        product = float(-(delta @ gradient))
        projected = float(delta @ delta) / product if product > 0.0 else float("inf")
        return float(_bounded(projected / _gain(new), rate))
    length, tried = float(np.linalg.norm(delta)), float(np.linalg.norm(trial))
    return float(_bounded(rate * length / tried if tried else rate, rate))


def _gain(config: OptimizerConfig) -> float:
    """How much a steady gradient is amplified."""
    return 1.0 / (1.0 - float(config.settings[config.member.rate_gain])) if config.member.rate_gain else 1.0


def _bounded(value: float, fallback: float) -> float:
    return value if np.isfinite(value) and 0.0 < value <= 1e6 else fallback


def _size(delta: np.ndarray, weights: np.ndarray) -> float:
    length = float(np.linalg.norm(weights))
    return float(np.linalg.norm(delta)) / length if length else float("nan")
