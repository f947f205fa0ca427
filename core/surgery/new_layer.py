"""A layer put into a running network as one that passes its input on.

Its weights start as the identity; what matters is the activation behind it. One with a straight part (ReLU above 0,
GELU far above 0) is used there: the bias lifts every unit so far that all training data lies on the straight part, and
the next layer takes the lift back. That is exact. One without (tanh, sigmoid) is used around its middle, where it is
nearly straight; the rest of its bend shows as a jump in the loss.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from ..engine.measure import activation_values
from ..engine.network import Stage
from .lineage import Flow

STARTS = (-40.0, 0.0, 1.0, 3.0, 6.0, 10.0, 16.0, 24.0)
"""Where a straight part may begin."""
REACH = 30.0
"""How far it must go."""
BENT_REACH = 0.4
"""Largest input of an activation without a straight part: there its bend is small, and so is the gain behind it."""


@dataclass(frozen=True, eq=False)
class Entry:
    """What an inserted layer makes of each unit's value x: z = gain x + lift."""

    gain: np.ndarray
    lift: np.ndarray
    slope: float | None
    """What one unit of the old value is worth behind the activation's straight part; None where it is bent."""


def straight_part(activation: Stage | None) -> tuple[float, float] | None:
    """Input from which on an activation is a straight line that rises, and how fast it does; None if it is never."""
    if activation is None or activation.member.name == "identity":
        return -np.inf, 1.0
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


def held_values(x: np.ndarray, flow: Flow) -> np.ndarray:
    """What the old channels hold, by what the new channels x (n, channels) say about them."""
    _, first = np.unique(flow.origin, return_index=True)
    first = first[flow.origin[first] >= 0]
    result: np.ndarray = x[:, first] * flow.slope[first] + flow.shift[first]
    return result


def identity_weight(stage: Stage, n: int) -> np.ndarray | None:
    """The weight by which n channels pass through a layer unchanged; None where its settings do not allow that."""
    if stage.member.name == "dense":
        return np.eye(n)
    if stage.member.name != "conv2d" or stage.input[1:] != stage.output[1:]:
        return None
    settings: Any = stage.settings
    size = int(settings["kernel"])
    if size % 2 == 0 or int(settings["stride"]) != 1 or 2 * int(settings["padding"]) != size - 1:
        return None
    weight = np.zeros((n, n, size, size))
    weight[np.arange(n), np.arange(n), size // 2, size // 2] = 1.0
    return weight
