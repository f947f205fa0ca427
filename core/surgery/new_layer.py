"""A layer of weighted sums put into a running network as one that passes its input on.

Its weights start as the identity; what matters is the activation behind it. One with a straight part (ReLU above 0,
GELU far above 0) is used there: the bias lifts every unit so far that all training data lies on the straight part, and
the next layer takes the lift back. That is exact. One without (tanh, sigmoid) is used around its middle, where it is
nearly straight; the rest of its bend shows as a jump in the loss.

A layer that is narrower than its input cannot pass it on. But the next layer reads that input through a matrix, and
often through one of few rows: the output layer of a classifier of ten classes needs ten sums, however wide the layer
before it is. So the new layer takes over these sums, and the next layer only puts them together. That is exact as long
as there are no more rows than units; of more, the combinations that tell most about them on the training data are kept.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from math import prod

import numpy as np

from ..activations import NONE as NO_ACTIVATION
from ..activations.base import Activation
from ..engine.measure import activation_values
from ..engine.network import Network, Stage
from .lineage import Lineage
from .normalization import nearest_line
from .side import by_channel, same_answers
from .weights import Rows, is_matrix

STARTS = (-40.0, 0.0, 1.0, 3.0, 6.0, 10.0, 16.0, 24.0)
"""Where a straight part may begin."""
REACH = 30.0
"""How far it must go."""
BENT_REACH = 0.4
"""Largest input of an activation without a straight part: there its bend is small, and so is the gain behind it."""
MOST_WORK = 1 << 31
"""Most multiplications by which combinations are chosen; of more samples, the first."""

PASSES = "is new and passes its input on"
EXACT = "is new and passes on what the next layer reads"
LOSSY = "is new and too narrow for what the next layer reads: the answers change"


@dataclass(frozen=True, eq=False)
class Entry:
    """What an inserted layer makes of each unit's value x: z = gain x + lift."""

    gain: np.ndarray
    lift: np.ndarray
    slope: float | None
    """What one unit of the old value is worth behind the activation's straight part; None where it is bent."""


def straight_part(activation: Stage | None) -> tuple[float, float] | None:
    """Input from which on an activation is a straight line that rises, and how fast it does; None if it is never."""
    if activation is None or activation.member.name == NO_ACTIVATION:
        return -np.inf, 1.0
    assert isinstance(activation.member, Activation)
    for start in STARTS:
        steps = np.linspace(0.0, REACH - min(start, 0.0), 61)
        y = activation_values(activation.member, activation.settings, start + steps)
        slope = (y[-1] - y[0]) / steps[-1]
        if slope > 0.05 and np.abs(y - y[0] - slope * steps).max() < 2e-6 + 2e-7 * np.abs(y).max():
            return -np.inf if start == STARTS[0] else start, float(slope)
    return None


def entry(activation: Stage | None, x: np.ndarray) -> Entry:
    """How an inserted layer takes the values x (n, units) to where its activation is straight."""
    low, high = x.min(axis=0), x.max(axis=0)
    straight = straight_part(activation)
    if straight is None:
        half = np.maximum((high - low) / 2.0, 1e-3)
        gain = BENT_REACH / half
        return Entry(gain, -gain * (low + high) / 2.0, None)
    start, slope = straight
    # Other data may reach further down than the training data, unless that ends where the straight part begins: then
    # the values come out of an activation that does.
    reach = np.where(low == start, low, low - (high - low))
    lift = np.maximum(start - reach, 0.0) if np.isfinite(start) else np.zeros(len(low))
    return Entry(np.ones(len(low)), lift, slope)


def old_values(x: np.ndarray, lineage: Lineage) -> np.ndarray:
    """What the old channels would hold, by what the new channels x (n, channels) say about them."""
    _, first = np.unique(lineage.origin, return_index=True)
    first = first[lineage.origin[first] >= 0]
    result: np.ndarray = x[:, first] * lineage.slope[first] + lineage.shift[first]
    return result


def entry_rows(window: np.ndarray, sums: np.ndarray | None, origin: np.ndarray, gain: np.ndarray, n_old: int) -> Rows:
    """The weight of an inserted layer for the old channels, before their slopes.

    Args:
        window: The window that passes a channel on as it is.
        sums: (sums, old channels): what is passed on where the layer is narrow; None: the old channels themselves.
        origin: The channel, or the sum, that each output channel passes on.
        gain: What each of these is multiplied by.
        n_old: Old channels.
    """

    def rows(block: range) -> np.ndarray:
        chosen = origin[block.start : block.stop]
        if sums is not None:
            weight: np.ndarray = sums[chosen]
        else:
            weight = np.zeros((len(chosen), n_old, *window.shape))
            weight[np.arange(len(chosen)), chosen] = window
        weight *= gain[chosen].reshape(-1, *(1,) * (weight.ndim - 1))
        return weight

    return rows


@dataclass(frozen=True, eq=False)
class Inserted:
    """A layer that was put in, until its activation is passed: then it is known what its units say of the old ones."""

    stage: Stage
    origin: np.ndarray
    """The old channel each of its channels passes on."""
    values: np.ndarray
    """The old channels on the training data, (n, channels)."""
    slope: float | None
    """Slope of the straight part of its activation; None where it has none."""

    def lineage_behind(self, x: np.ndarray) -> Lineage:
        """What its units say about the old ones, given their values x (n, units) behind its activation."""
        n_channels = len(self.origin)
        x = by_channel(x, n_channels)
        n = min(len(x), len(self.values))
        x, wanted = x[:n], self.values[:n, self.origin]
        slope, shift = nearest_line(x, wanted)
        if self.slope is not None:
            known = np.full(n_channels, 1.0 / self.slope)
            lift = wanted.mean(axis=0) - known * x.mean(axis=0)
            if same_answers(wanted, known * x + lift):
                slope, shift = known, lift
        return Lineage(self.origin, slope, shift, self.values.shape[1]).spread(prod(self.stage.output) // n_channels)


@dataclass(frozen=True, eq=False)
class Factors:
    """weight @ x + bias as second @ (first @ x) + bias."""

    first: np.ndarray
    """(kept, inputs): sums of the new layer."""
    second: np.ndarray
    """(outputs, kept): what the next layer makes of them."""
    bias: np.ndarray
    note: str
    """What to say of the new layer."""


def factorize(weight: np.ndarray, bias: np.ndarray, x: np.ndarray, most: int) -> Factors:
    """Two matrices in place of one, with at most so many sums between them.

    Args:
        weight: (outputs, inputs).
        bias: (outputs,).
        x: Inputs of the training data, (n, inputs).
        most: Most sums.
    """
    n_outputs = len(weight)
    if n_outputs <= most:
        return Factors(weight, np.eye(n_outputs), bias, EXACT)
    # The sums of every sample cost a product with the weight, and finding their directions a product with themselves.
    sums = x[: max(2, most, MOST_WORK // max(weight.size, n_outputs * n_outputs))] @ weight.T
    middle = sums.mean(axis=0)
    directions = _principal(sums - middle, most)
    lost = middle - directions.T @ (directions @ middle)
    return Factors(directions @ weight, directions.T, bias + lost, LOSSY)


def _principal(x: np.ndarray, most: int) -> np.ndarray:
    """The directions, one a row, in which centered samples (n, columns) spread most; at most so many."""
    few = len(x) < x.shape[1]
    squares, vectors = np.linalg.eigh(x @ x.T if few else x.T @ x)
    squares, vectors = squares[::-1][:most], vectors[:, ::-1][:, :most].T
    if not few:
        return vectors
    spread = squares >= 1e-14 * squares[0]
    lengths = np.sqrt(np.maximum(squares[spread], 1e-300))
    found: np.ndarray = np.linalg.qr((vectors[spread] @ x / lengths[:, None]).T)[0].T
    return found


def next_reader(old: Network, new: Network, pairs: Mapping[int, int], index: int, last: int) -> int | None:
    """Stage of the old layer that reads, by a matrix, what a new one is given; None where it is read otherwise.

    Args:
        old: The network before.
        new: The network to come.
        pairs: New stage -> old stage, of layers that were there.
        index: Stage of the new layer.
        last: Old stage reached.
    """
    for k, stage in enumerate(new.stages[index + 1 :], index + 1):
        if stage.kind != "layer" or stage.passes == "units" or (k not in pairs and stage.normalizes):
            continue
        if not is_matrix(stage):
            return None
        if k in pairs:
            between = (one for one in old.stages[last + 1 : pairs[k]] if one.kind == "layer")
            return pairs[k] if all(one.passes == "units" for one in between) else None
    return None
