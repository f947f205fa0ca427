"""What the units of a changed network say about the units of the network before.

Between any two stages every new unit stands for one old unit (or for none), and the old unit's value is a linear
function of the new one's: slope times it plus shift. A layer that is carried over reads the old values through that.
Several new units may stand for one old unit; then the weights that read it are split among them, in other shares for
every reader, so that the copies get gradients of their own and drift apart.
"""

from __future__ import annotations

import zlib
from dataclasses import dataclass, replace
from math import prod

import numpy as np

from ..kernel import random
from ..layers.base import Shape


@dataclass(frozen=True, eq=False)
class Flow:
    """The relation at one place, unit by unit; images count their units as (channel, row, column)."""

    origin: np.ndarray
    """int64 (new units,): the old unit each stands for, -1 for none."""
    slope: np.ndarray
    shift: np.ndarray
    old: Shape
    """Shape of the old values."""
    new: Shape

    @property
    def covers(self) -> bool:
        """Whether every old unit is stood for."""
        return len(np.unique(self.origin[self.origin >= 0])) == prod(self.old)

    @property
    def equal(self) -> bool:
        """Whether the new values are the old ones."""
        return bool((self.slope == 1.0).all() and (self.shift == 0.0).all())

    def channels(self) -> Flow | None:
        """The relation of whole channels; None where pixels of one channel differ in it."""
        if len(self.new) == 1 and len(self.old) == 1:
            return self
        n_new, n_old = prod(self.new[1:]), prod(self.old[1:])
        if n_new != n_old or len(self.new) != len(self.old):
            return None
        origin = self.origin.reshape(-1, n_new)
        places = np.where(origin[:, :1] < 0, -1, origin[:, :1] + np.arange(n_new))
        whole = (origin == places).all() and (origin[:, 0] % n_old == 0)[origin[:, 0] >= 0].all()
        parts = [array.reshape(-1, n_new) for array in (self.slope, self.shift)]
        if not whole or any((part != part[:, :1]).any() for part in parts):
            return None
        first = np.where(origin[:, 0] < 0, -1, origin[:, 0] // n_old)
        return Flow(first, parts[0][:, 0], parts[1][:, 0], self.old[:1], self.new[:1])

    def spread(self, old: Shape, new: Shape) -> Flow | None:
        """A relation of channels as one of the units of images; None where the images differ in size."""
        if old[1:] != new[1:]:
            return None
        n = prod(new[1:])
        origin = np.where(self.origin[:, None] < 0, -1, self.origin[:, None] * n + np.arange(n)).reshape(-1)
        return Flow(origin, np.repeat(self.slope, n), np.repeat(self.shift, n), old, new)

    def seen_as(self, old: Shape, new: Shape) -> Flow | None:
        """The same units in other shapes."""
        return replace(self, old=old, new=new) if prod(old) == prod(self.old) and prod(new) == prod(self.new) else None


def exact(origin: np.ndarray, old: Shape, new: Shape) -> Flow:
    """Every new unit holds the value of its origin."""
    return Flow(origin.astype(np.int64), np.ones(len(origin)), np.zeros(len(origin)), old, new)


def of_channels(origin: np.ndarray, old: Shape, new: Shape) -> Flow | None:
    """Every new channel holds the values of its origin; None where the images differ in size."""
    flow = exact(origin, old[:1], new[:1])
    return flow if len(new) == 1 and len(old) == 1 else flow.spread(old, new)


def grown(n_old: int, n_new: int, seed: int, name: str) -> np.ndarray:
    """Origin of each unit of a layer that grows: the old ones in order, then copies, each unit copied in its turn."""
    turn = np.argsort(random.uniform(seed, random.PERTURB, zlib.crc32(name.encode()), n_old), kind="stable")
    copies = np.resize(turn, max(n_new - n_old, 0))
    return np.concatenate((np.arange(n_old), copies))[:n_new].astype(np.int64)


def shares(origin: np.ndarray, n_readers: int, seed: int, name: str) -> np.ndarray:
    """Share of each unit in the old unit it stands for, float64 (readers, units): those of one old unit add up to 1."""
    key = zlib.crc32(f"{name} reads".encode())
    raw = 0.5 + random.uniform(seed, random.PERTURB, key, n_readers * len(origin)).reshape(n_readers, -1)
    sums = np.zeros((n_readers, int(origin.max(initial=0)) + 1))
    known = origin >= 0
    np.add.at(sums.T, origin[known], raw[:, known].T)
    single = np.bincount(origin[known], minlength=sums.shape[1]) == 1
    result = np.where(known, raw / np.where(known, sums[:, origin], 1.0), 0.0)
    result[:, known & single[origin]] = 1.0
    return result


def first_of(origin: np.ndarray) -> np.ndarray:
    """The origins with -1 for all but the first of each: the units that carry state on."""
    _, first = np.unique(origin, return_index=True)
    kept = np.full(len(origin), -1, np.int64)
    kept[first] = origin[first]
    return kept
