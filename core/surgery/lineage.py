"""Which unit of the old network each unit of the new one stands for, at one place between two layers.

Every new unit stands for one old unit (or for none), and the old unit's value is a linear function of the new one's:
slope times it plus shift. A layer that is carried over reads the old values through that. Several new units may stand
for one old unit; then the weights that read it are split among them, in other shares for every reader, so that the
copies get gradients of their own and drift apart.
"""

from __future__ import annotations

import zlib
from dataclasses import dataclass

import numpy as np

from ..kernel import random


@dataclass(frozen=True, eq=False)
class Lineage:
    """The relation at one place, unit by unit; the units of a channel lie one behind the other."""

    origin: np.ndarray
    """int64 (new units,): the old unit each stands for, -1 for none."""
    slope: np.ndarray
    shift: np.ndarray
    n_old: int
    """Number of old units."""

    @property
    def covers(self) -> bool:
        """Whether every old unit has a new one that stands for it."""
        return len(np.unique(self.origin[self.origin >= 0])) == self.n_old

    @property
    def same_values(self) -> bool:
        """Whether every unit that stands for another holds its very value."""
        return bool((self.slope == 1.0).all() and (self.shift == 0.0).all())

    @property
    def unchanged(self) -> bool:
        """Whether the new values are the old ones, unit by unit."""
        return self.same_values and np.array_equal(self.origin, np.arange(self.n_old))

    def by_channel(self, n_new: int, n_old: int) -> Lineage | None:
        """The relation of whole channels.

        Args:
            n_new: Channels now.
            n_old: Channels before.

        Returns:
            None where the channels have another number of places than before, or the places of one differ.
        """
        places = len(self.origin) // n_new
        if len(self.origin) != n_new * places or self.n_old != n_old * places:
            return None
        if places == 1:
            return self
        origin = self.origin.reshape(n_new, places)
        first = origin[:, 0]
        whole = (origin == np.where(first[:, None] < 0, -1, first[:, None] + np.arange(places))).all()
        if not whole or (first[first >= 0] % places).any():
            return None
        slope, shift = (array.reshape(n_new, places) for array in (self.slope, self.shift))
        if (slope != slope[:, :1]).any() or (shift != shift[:, :1]).any():
            return None
        return Lineage(np.where(first < 0, -1, first // places), slope[:, 0], shift[:, 0], n_old)

    def spread(self, places: int) -> Lineage:
        """A relation of channels as one of units, for channels of so many places each."""
        origin = np.where(self.origin[:, None] < 0, -1, self.origin[:, None] * places + np.arange(places))
        return Lineage(
            origin.reshape(-1), np.repeat(self.slope, places), np.repeat(self.shift, places), self.n_old * places
        )


def copies(origin: np.ndarray, n_old: int) -> Lineage:
    """Every new unit holds the value of the old unit it stands for."""
    return Lineage(origin.astype(np.int64), np.ones(len(origin)), np.zeros(len(origin)), n_old)


def grown(n_old: int, n_new: int, seed: int, name: str) -> np.ndarray:
    """Origin of each unit of a layer that grows: the old ones in order, then copies, each unit copied in its turn."""
    turn = np.argsort(random.uniform(seed, random.PERTURB, zlib.crc32(name.encode()), n_old), kind="stable")
    return np.concatenate((np.arange(n_old), np.resize(turn, max(n_new - n_old, 0))))[:n_new].astype(np.int64)


def shares(origin: np.ndarray, rows: range, seed: int, name: str) -> np.ndarray:
    """Share of each unit in the old unit it stands for, float64 (rows, units): those of one old unit add up to 1.

    Args:
        origin: The old unit of each unit, -1 for none, whose share is 0.
        rows: Which of the layer's readers.
        seed: The run's.
        name: The layer that reads.
    """
    known = origin >= 0
    single = known & (np.bincount(origin[known], minlength=int(origin.max(initial=0)) + 1)[origin] == 1)
    if single.all():
        return np.ones((len(rows), len(origin)))
    key, n = zlib.crc32(f"{name} reads".encode()), len(origin)
    raw = random.uniform(seed, random.PERTURB, key, len(rows) * n, start=rows.start * n).reshape(len(rows), n)
    raw += 0.5
    sums = np.zeros((int(origin.max(initial=0)) + 1, len(rows)))
    np.add.at(sums, origin[known], raw[:, known].T)
    raw[:, known] /= sums.T[:, origin[known]]
    raw[:, single], raw[:, ~known] = 1.0, 0.0
    return raw


def first_copies(origin: np.ndarray) -> np.ndarray:
    """The origins with -1 for all but the first of each: the units that carry state on."""
    _, first = np.unique(origin, return_index=True)
    kept = np.full(len(origin), -1, np.int64)
    kept[first] = origin[first]
    return kept
