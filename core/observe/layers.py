"""How each layer is doing, for the screen: its gradient, its last update, its outputs, its units that do not react."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from ..activations.base import Activation
from ..snapshot import LayerStats

if TYPE_CHECKING:
    from ..training.trainer import Trainer


def layer_stats(trainer: Trainer, weights_before: np.ndarray | None) -> tuple[LayerStats, ...]:
    """One line a layer with weights, from the last batch and the last step.

    Args:
        trainer: Not changed.
        weights_before: Flat weights before the last step; None: the size of its updates is unknown.
    """
    network, memory = trainer.network, trainer.memory
    weights, gradients = memory.weights, trainer.machine.flat_gradients
    lines = []
    for index, stage in enumerate(network.stages):
        if stage.kind != "layer" or not stage.weights:
            continue
        last = index
        while last + 1 < len(network.stages) and network.stages[last + 1].owner == stage.owner:
            last += 1
        members = (owned.member for owned in network.stages[index : last + 1])
        activation = next((member for member in members if isinstance(member, Activation)), None)
        values = trainer.machine.program.values_of(last)
        spans = [slice(span.offset, span.offset + span.size) for span in stage.weights]
        norm = _norm(weights, spans)
        update = float("nan")
        if weights_before is not None and weights_before.size == weights.size and norm > 0.0:
            update = _norm(weights - weights_before, spans) / norm
        lines.append(
            LayerStats(
                name=stage.name,
                kind=stage.member.name,
                activation=activation.name if activation is not None else "",
                shape=stage.output,
                n_parameters=sum(span.size for span in stage.weights),
                mean=float(values.mean()) if values.size else float("nan"),
                std=float(values.std()) if values.size else float("nan"),
                dead=dead_share(values, activation),
                gradient_norm=_norm(gradients, spans),
                update_ratio=update,
                weight_norm=norm,
                saturates=activation is not None and _two_ended(activation),
            )
        )
    return tuple(lines)


def dead_share(values: np.ndarray, activation: Activation | None) -> float:
    """Share of units that answer the same flat end for every sample: silent ReLUs, saturated sigmoids."""
    if activation is None or activation.saturates is None or not values.size:
        return 0.0
    low, high = activation.saturates
    span = high - low if np.isfinite(high) and np.isfinite(low) else 1.0
    margin = 0.01 * span if np.isfinite(high) else 1e-12
    silent = np.zeros(len(values), bool)
    if np.isfinite(low):
        silent |= (values <= low + margin).all(axis=1)
    if np.isfinite(high):
        silent |= (values >= high - margin).all(axis=1)
    return float(silent.mean())


def _two_ended(activation: Activation) -> bool:
    """Whether an activation is flat at its upper end as well."""
    return activation.saturates is not None and bool(np.isfinite(activation.saturates[1]))


def _norm(flat: np.ndarray, spans: list[slice]) -> float:
    return float(np.sqrt(sum(float(np.square(flat[span], dtype=np.float64).sum()) for span in spans)))
