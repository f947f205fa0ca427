"""The loss around the weights a run has: along the negative gradient, and over planes through the weights.

All is computed on copies; the run is left as it is. Planes are spanned by two random directions whose filters are as
long as those of the weights (Li et al. 2018, arXiv:1712.09913), which makes networks comparable, or by the two
directions in which the run itself has moved most (the principal components of its states).
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from ..errors import ConfigError
from ..kernel.random import PERTURB, normal
from ..snapshot import LossPlane, LossSlice
from ..training.trainer import Trainer

POINTS, SIDE = 41, 25
"""Points of a slice, and of a side of a plane."""
BACK, AHEAD = 1.0, 4.0
"""How far a slice reaches, in steps of the run."""
ROOM = 0.25
"""How far a plane reaches past the path in it, as a share of the path."""


def loss_slice(trainer: Trainer) -> LossSlice:
    """The loss along the negative gradient of all training rows, and where the next step of the run goes.

    Raises:
        ConfigError: The run has ended, so that there is no next step.
    """
    whole, stepped = _bare_copy(trainer), trainer.copy()
    whole.apply({"training.batch_size": "full"})
    if whole.advance(1).n_steps == 0 or stepped.advance(1).n_steps == 0:
        raise ConfigError("has ended and makes no step more", field="the run")
    here = trainer.memory.weights.astype(np.float64)
    gradient = whole.machine.flat_gradients.astype(np.float64)
    square = float(gradient @ gradient)
    if square == 0.0:
        raise ConfigError("has no gradient: there is no way down", field="the run")
    moved = stepped.memory.weights.astype(np.float64) - here
    step = float(-(moved @ gradient)) / square
    size = abs(step) or 1.0 / np.sqrt(square)
    rates = np.linspace(-BACK * size, AHEAD * size, POINTS)
    probe = _bare_copy(trainer)
    losses = np.array([_loss_at(probe, here - rate * gradient) for rate in rates])
    return LossSlice(rates, losses, step, _loss_at(probe, here + moved))


def random_plane(trainer: Trainer, reach: float = 1.0) -> LossPlane:
    """The loss over two random directions, each filter as long as that of the weights; biases stay.

    Args:
        trainer: Left as it is.
        reach: How far the plane goes from the weights, in lengths of the weights.
    """
    probe = _bare_copy(trainer)
    here = probe.memory.weights.astype(np.float64)
    first, second = (_filter_normalized(probe, number) for number in range(2))
    ends = np.linspace(-reach, reach, SIDE)
    return LossPlane(ends, ends, _losses(probe, here, first, second, ends, ends), np.zeros((1, 2)), 0.0)


def path_plane(trainer: Trainer, states: Sequence[np.ndarray]) -> LossPlane:
    """The loss over the plane in which a run moved most, with its path.

    Args:
        trainer: Where it stands; left as it is.
        states: Flat weights (`memory.weights`) on its way, all of this network, in order.

    Raises:
        ConfigError: They are fewer than two, of another network, or it has not moved.
    """
    probe = _bare_copy(trainer)
    here = probe.memory.weights.astype(np.float64)
    if len(states) < 2 or any(one.shape != here.shape for one in states):
        raise ConfigError("has too few states of this network for a path", field="the run")
    moved = np.array([np.asarray(one, np.float64) - here for one in (*states, here)])
    centered = moved - moved.mean(axis=0)
    _, sizes, directions = np.linalg.svd(centered, full_matrices=False)
    if not sizes[0] > 0.0:
        raise ConfigError("has not moved", field="the run")
    first, second = directions[0], directions[1]
    path = moved @ np.array([first, second]).T
    across, down = (_around(path[:, k]) for k in range(2))
    share = float((sizes[:2] ** 2).sum() / (sizes**2).sum())
    return LossPlane(across, down, _losses(probe, here, first, second, across, down), path, share)


def _bare_copy(trainer: Trainer) -> Trainer:
    """A copy whose loss is that of its weights, not of their average."""
    twin = trainer.copy()
    if twin.config.averaging.on:
        twin.apply({"averaging.name": type(twin.config.averaging)().name})
    return twin


def _loss_at(probe: Trainer, weights: np.ndarray) -> float:
    with np.errstate(over="ignore"):
        probe.memory.weights[:] = weights.astype(np.float32)
    return float(probe.evaluate("train")["loss"])


def _losses(
    probe: Trainer, here: np.ndarray, first: np.ndarray, second: np.ndarray, across: np.ndarray, down: np.ndarray
) -> np.ndarray:
    return np.array([[_loss_at(probe, here + a * first + b * second) for a in across] for b in down])


def _around(values: np.ndarray) -> np.ndarray:
    low, high = float(values.min()), float(values.max())
    room = ROOM * (high - low) or 1.0
    return np.linspace(low - room, high + room, SIDE)


def _filter_normalized(trainer: Trainer, number: int) -> np.ndarray:
    """A random direction, in flat memory."""
    flat = np.zeros_like(trainer.memory.weights)
    seed = trainer.config.training.seed
    for place, (name, span) in enumerate(trainer.network.weights.items()):
        weights = trainer.parameters[name]
        if weights.ndim < 2:
            continue
        drawn = normal(seed, PERTURB, 2 * place + number, weights.size).reshape(weights.shape)
        rows, own = drawn.reshape(len(drawn), -1), weights.reshape(len(weights), -1)
        lengths = np.linalg.norm(own, axis=1) / np.maximum(np.linalg.norm(rows, axis=1), 1e-30)
        span.write(flat, (rows * lengths[:, None]).reshape(weights.shape))
    return flat.astype(np.float64)
