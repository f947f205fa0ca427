"""How a layer of weighted sums reads units that were copied, moved or thinned out."""

from __future__ import annotations

import numpy as np

from ..engine.network import Network
from .lineage import Flow, shares
from .normalization import is_reader

MOST_ROWS = 2048
"""Most samples of a fit."""


def strength(network: Network, weights: np.ndarray, index: int, n: int) -> np.ndarray:
    """Norm of the weights that read each of the n channels of the layer at a stage; in order where nothing does."""
    in_order = np.arange(n, 0, -1.0)
    reader = next((stage for stage in network.stages[index + 1 :] if is_reader(stage)), None)
    if reader is None:
        return in_order
    squares = reader.weights[0].read(weights).astype(np.float64) ** 2
    squares = np.moveaxis(squares, 0 if reader.member.name == "conv_transpose2d" else 1, 0)
    if len(squares) % n:
        return in_order
    norms: np.ndarray = np.sqrt(squares.reshape(n, -1).sum(axis=1))
    return norms


def through(weight: np.ndarray, bias: np.ndarray, flow: Flow, seed: int, name: str) -> tuple[np.ndarray, np.ndarray]:
    """Weight (readers, old channels, …) and bias for the new channels of a flow, so that the sums stay the same."""
    split = shares(flow.origin, len(weight), seed, name)
    tail = (1,) * (weight.ndim - 2)
    taken = weight[:, np.maximum(flow.origin, 0)] * split.reshape(*split.shape, *tail)
    added = (taken * flow.shift.reshape(1, -1, *tail)).reshape(len(weight), -1).sum(axis=1)
    return taken * flow.slope.reshape(1, -1, *tail), bias + added


def fitted(weight: np.ndarray, bias: np.ndarray, new: np.ndarray, old: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Weight and bias for new inputs (n, new units) that come nearest to those for the old ones (n, old units)."""
    n = min(len(new), len(old), MOST_ROWS)
    known = np.column_stack((new[:n], np.ones(n)))
    solution = np.linalg.lstsq(known, old[:n], rcond=1e-5)[0]
    return weight @ solution[:-1].T, bias + weight @ solution[-1]


def by_channel(x: np.ndarray, n_channels: int) -> np.ndarray:
    """Values (samples, units) with one column a channel, (samples or pixels, channels)."""
    return np.moveaxis(x.reshape(len(x), n_channels, -1), 1, 2).reshape(-1, n_channels)
