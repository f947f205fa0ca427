"""The learning rate to go on with after a switch of optimizer, and the size of the first step it would make.

A rate means something else to each optimizer, so that a switch at the same rate can undo a run. Three offers: keep it;
remap it; the optimizer's usual. The first step is not estimated but made, on a copy.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from ..config import Config
from ..errors import ConfigError
from ..optimizers import PLAIN
from ..snapshot import RateOffer, RatePreview
from .rates import future_rates

if TYPE_CHECKING:
    from .trainer import Trainer


def preview(trainer: Trainer, changes: Mapping[str, Any], n_steps: int = 2000) -> RatePreview:
    """What a change would do to the learning rate, without making it."""
    try:
        config = trainer.config.with_changes(changes)
        state = trainer.state_under(config)
        same = config.optimizer.name == trainer.config.optimizer.name
        offers = () if same else rate_offers(trainer, changes)
    except ConfigError as error:
        return RatePreview(changes, str(error), np.zeros(0, np.int64), np.zeros(0))
    return RatePreview(changes, "", np.arange(state.step, state.step + n_steps), future_rates(state, n_steps), offers)


def rate_offers(trainer: Trainer, changes: Mapping[str, Any]) -> tuple[RateOffer, ...]:
    """Learning rates for a change of optimizer, "remap" first, each with |Δw| / |w| of its first step.

    Raises:
        ConfigError: The change is not allowed.
    """
    old, new = trainer.config, trainer.config.with_changes(changes)
    rate = old.optimizer.learning_rate
    usual = new.optimizer.member.usual_rate
    rates = {"remap": remapped_rate(trainer, old, new, changes), "keep": rate, "usual": usual}
    return tuple(
        RateOffer(name, value, _size(*rehearse(trainer, {**changes, "optimizer.learning_rate": value})))
        for name, value in rates.items()
    )


def rehearse(trainer: Trainer, changes: Mapping[str, Any]) -> tuple[np.ndarray, np.ndarray]:
    """The step that would come next after a change, made on a copy: (Δw, w), float64 flat.

    Raises:
        ConfigError: The change is not allowed.
    """
    twin = trainer.twin(trainer.state_under(trainer.config.with_changes(changes)))
    memory = twin.memory
    start = memory.weights.astype(np.float64)
    twin.machine.run(1, np.empty(1, np.float32))
    return memory.weights.astype(np.float64) - start, start


def remapped_rate(trainer: Trainer, old: Config, new: Config, changes: Mapping[str, Any]) -> float:
    """The rate at which the new optimizer goes on as the old one went.

    Between SGD and its relatives with momentum a steady gradient is amplified by 1/(1-β): the rate is scaled by that.
    From an adaptive optimizer to one of these, the last step is projected on the gradient (SWATS, Keskar and Socher
    2017, arXiv 1712.07628). To an adaptive one, the first step gets the length of the step that would have been made.
    """
    before, after = old.optimizer.member, new.optimizer.member
    rate = old.optimizer.learning_rate
    if not before.adaptive and not after.adaptive:
        return float(rate * _gain(before, old) / _gain(after, new))
    delta, _ = rehearse(trainer, {})
    trial, _ = rehearse(trainer, {**changes, "optimizer.learning_rate": rate})
    if before.adaptive and not after.adaptive:
        plain, _ = rehearse(trainer, {"optimizer.name": PLAIN, "optimizer.learning_rate": rate})
        gradient = -plain / rate if rate else plain
        product = float(-(delta @ gradient))
        found = float(delta @ delta) / product if product > 0.0 else float("inf")
        return float(_bounded(found / _gain(after, new), rate))
    length, tried = float(np.linalg.norm(delta)), float(np.linalg.norm(trial))
    return float(_bounded(rate * length / tried if tried else rate, rate))


def _gain(member: Any, config: Config) -> float:
    if not member.rate_gain:
        return 1.0
    return 1.0 / (1.0 - float(config.optimizer.settings[member.rate_gain]))


def _bounded(value: float, fallback: float) -> float:
    return value if np.isfinite(value) and 0.0 < value <= 1e6 else fallback


def _size(delta: np.ndarray, weights: np.ndarray) -> float:
    length = float(np.linalg.norm(weights))
    return float(np.linalg.norm(delta)) / length if length else float("nan")
