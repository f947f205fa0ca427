"""Which units a layer that grows copies, so that what normalizes them behind it still says the same.

A copy changes nothing for a layer that reads it, as that splits its weights. It does change the mean and the variance
over the units of a sample, unless all units are copied alike, and within the same groups. Where they cannot be, and the
normalization follows a layer of weighted sums at once, there is another way: the new units hold the mean of the old
ones, and the old ones are stretched around it by as much as their number has grown. Then mean and variance are as
before, and the factors of the normalization undo the stretching.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from math import sqrt

import numpy as np

from .lineage import grown
from .side import Side, same_answers

ALIVE = 0.5
"""What a unit that holds the mean is after the normalization: where most activations have a slope."""


@dataclass(frozen=True, eq=False)
class Growth:
    """How the outputs of a layer are made from those it had."""

    origin: np.ndarray
    """int64 (new channels,): the old channel each is a copy of; -1 for one that holds the mean of all."""
    stretch: float = 1.0
    """How much further from that mean the copies lie than the old ones."""

    def apply(self, old: np.ndarray, axis: int = 0) -> np.ndarray:
        """The new channels of an array, given the old ones along an axis: of values, of weights, of a bias."""
        new: np.ndarray = np.take(old, np.maximum(self.origin, 0), axis=axis)
        if self.stretch == 1.0:
            return new
        middle = old.mean(axis=axis, keepdims=True)
        known = (self.origin >= 0).reshape(-1, *(1,) * (old.ndim - axis - 1))
        stretched: np.ndarray = np.where(known, middle + self.stretch * (new - middle), middle)
        return stretched

    def factors(self, factor: np.ndarray, shift: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Factor and shift of the normalization behind, for the new units: their number may be any multiple of mine."""
        places = len(factor) // max(int(self.origin.max(initial=0)) + 1, 1)
        at = (np.maximum(self.origin, 0)[:, None] * places + np.arange(places)).reshape(-1)
        known = np.repeat(self.origin >= 0, places)
        return np.where(known, factor[at] / self.stretch, 1.0), np.where(known, shift[at], ALIVE)


def choose_growth(
    n_old: int, n_new: int, before: Side, after: Side, judges: Sequence[tuple[int, int]], at_once: bool, name: str
) -> Growth:
    """How a layer grows so that the normalizations of samples behind it make of it what they made before.

    Args:
        n_old: Channels before.
        n_new: Channels to come.
        before: The old network.
        after: The new one; the weights of the normalizations are overwritten.
        judges: New and old stage of each such normalization.
        at_once: Whether the first of them follows the layer with nothing between, each channel a single unit.
        name: The layer.

    Returns:
        The first way that is exact, or else plain copies.
    """
    usual = Growth(grown(n_old, n_new, after.state.config.training.seed, name))
    measured = [(new, old, before.values(old)) for new, old in judges]
    for growth in _ways(usual, n_old, n_new, at_once=at_once) if judges else ():
        if all(_is_exact(growth, n_old, before, after, *judge) for judge in measured):
            return growth
    return usual


def _ways(usual: Growth, n_old: int, n_new: int, *, at_once: bool) -> Iterator[Growth]:
    yield usual
    even, rest = divmod(n_new, n_old)
    if not rest:
        yield Growth(np.repeat(np.arange(n_old), even))
    elif at_once:
        origin = np.concatenate((np.resize(np.arange(n_old), even * n_old), np.full(rest, -1)))
        yield Growth(origin, sqrt(n_new / (even * n_old)))


def _is_exact(growth: Growth, n_old: int, before: Side, after: Side, new: int, old: int, x: np.ndarray) -> bool:
    """Whether a normalization makes the same of the channels of a growth as it made of the old ones, x (n, units)."""
    stage, was = after.network.stages[new], before.network.stages[old]
    if x.shape[1] % n_old or was.weights[0].size % n_old:
        return False
    given = growth.apply(x.reshape(len(x), n_old, -1), axis=1).reshape(len(x), -1)
    after.write(stage, *growth.factors(*(tensor.reshape(-1) for tensor in before.tensors(was))))
    got, wanted = after.outputs_of(new, given), before.outputs_of(old, x)
    known = growth.origin >= 0
    rows = min(len(got), len(wanted))
    made = got[:rows].reshape(rows, len(known), -1)[:, known]
    return same_answers(wanted[:rows].reshape(rows, n_old, -1)[:, growth.origin[known]], made)
