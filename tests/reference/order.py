"""Which rows a step sees.

An epoch visits every row once. Shuffled, its order is drawn anew from (seed, epoch) by Fisher and Yates; otherwise the
rows come as they stand. A batch is the next so many rows of the order; the last one of an epoch takes what is left and
is a step of its own. A change of the batch size goes on at the row it was at.
"""

from __future__ import annotations

import numpy as np

from .randomness import ORDER, hash64


def order_of(n: int, seed: int, epoch: int, shuffled: bool) -> np.ndarray:
    """Row numbers in the order of an epoch."""
    order = list(range(n))
    if shuffled:
        for i in range(n - 1, 0, -1):
            j = (hash64(seed, ORDER, epoch, i) >> 32) * (i + 1) >> 32
            order[i], order[j] = order[j], order[i]
    return np.array(order)


class Batches:
    """Walks through the epochs."""

    def __init__(self) -> None:
        self.epoch, self.position = 0, 0

    def next_rows(self, n: int, batch: int, seed: int, shuffled: bool) -> np.ndarray:
        """The rows of the next step; nothing moves."""
        return order_of(n, seed, self.epoch, shuffled)[self.position : self.position + batch]

    def move(self, n: int, rows: int) -> None:
        """Go past these rows."""
        self.position += rows
        if self.position >= n:
            self.position, self.epoch = 0, self.epoch + 1
