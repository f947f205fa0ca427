"""Changing the network without changing its output.

The layers of the new network are matched with the old ones (`align`), then walked in order, always knowing how the new
units relate to the old (`flow`). Four things happen on the way:

- A layer that grew gets copies of its units, and the next layer splits its weights among them (Net2WiderNet: Chen,
  Goodfellow, Shlens 2016, arXiv 1511.05641), unequally, so that no noise is needed to part the copies.
- A layer that is new passes its input on (`insert`), a normalization that is new takes back what it does.
- A normalization that is gone is folded into its neighbors (`fold`).
- Where units or layers are gone, those of the largest outgoing weights are kept, and the next dense layer reads what is
  left so as to come nearest to what it read before, on the training data.

All weights a run keeps (in force, averaged, best so far) are changed in this way; state of the optimizer is carried for
units that were there and zero for new ones.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from ..engine.initial import draw_weights
from ..engine.measure import batch_statistics, values_before
from ..engine.memory import Memory, aligned_copy
from ..engine.network import Network, TensorSpan
from ..kernel.arrays import aligned
from .lineage import first_of
from .match import align
from .normalization import fold, is_norm
from .transfer import Arrays, Origins, Walk

if TYPE_CHECKING:
    from ..engine.state import TrainState


@dataclass(frozen=True, eq=False)
class _Change:
    """Old and new network, and what they are measured on."""

    before: TrainState
    now: TrainState
    old: Network
    new: Network

    def make(self, weights: np.ndarray, buffers: np.ndarray, *, averaged: bool = False) -> tuple[Arrays, Walk]:
        """New flat arrays for old ones."""
        arrays = aligned_copy(weights), aligned_copy(buffers)
        pairs = align(self.old, self.new)
        old, pairs = self._without_norms(arrays, pairs)
        fresh = Memory(self.new.n_floats, self.new.n_buffer_floats)
        draw_weights(self.new, self.now.config, fresh)
        made = fresh.weights, fresh.buffers
        walk = Walk(self.before, self.now, old, self.new, pairs, arrays, made, averaged=averaged)
        walk.go()
        return walk.new_arrays, walk

    def _without_norms(self, arrays: Arrays, pairs: dict[int, int]) -> tuple[Network, dict[int, int]]:
        """The old network with the normalizations that are gone folded away."""
        old = self.old
        at, config = self.before, self.before.config
        kept = set(pairs.values())
        for index in range(len(self.old.stages) - 1, -1, -1):
            if index in kept or not is_norm(self.old.stages[index]):
                continue
            network = old

            def values(k: int, network: Network = network) -> np.ndarray:
                return values_before(network, config, arrays, k, at.data.x_train, at.step)

            if fold(old, arrays, index, values):
                old = replace(old, stages=(*old.stages[:index], *old.stages[index + 1 :]))
                pairs = {new: k - (k > index) for new, k in pairs.items()}
        return old, pairs


def preserve(before: TrainState, now: TrainState, network: Network) -> None:
    """Choose the weights of a changed network so that it answers as before, where that can be done.

    Args:
        before: The standing before; left as it is.
        now: Becomes the standing after: its memory and the best weights so far are made anew, its notes say how.
        network: The new network.
    """
    change = _Change(before, now, before.network, network)
    memory, old = Memory(network.n_floats, network.n_buffer_floats), before.memory
    (memory.weights, memory.buffers), walk = change.make(old.weights, old.buffers)
    if old.average.size and old.n_averaged:
        statistics = aligned_copy(old.buffers)
        averaged = old.average, statistics
        batch_statistics(before.network, before.config, averaged, before.data.x_train, before.step)
        (memory.average, _), _ = change.make(old.average, statistics, averaged=True)
    elif old.average.size:
        memory.average = aligned(network.n_floats)
    best = before.stopper
    if now.stopper.weights is not None and best.weights is not None and best.buffers is not None:
        (weights, buffers), _ = change.make(best.weights, best.buffers)
        now.stopper = replace(now.stopper, weights=weights, buffers=buffers)
    origins = walk.origins
    memory.gradients = _carried(old.gradients, before.network, network, origins)
    memory.raw_gradients = _carried(old.raw_gradients, before.network, network, origins)
    memory.slots = {meaning: _carried(array, before.network, network, origins) for meaning, array in old.slots.items()}
    memory.t, memory.n_averaged, memory.waited = old.t, old.n_averaged, old.waited
    now.memory, now.notes = memory, tuple(walk.notes)


def _carried(array: np.ndarray, old: Network, new: Network, origins: Mapping[str, Origins]) -> np.ndarray:
    """An array laid out like the weights, for the new network: old units' numbers, and zero for new units."""
    made = aligned(new.n_floats)
    before = old.weights
    for name, span in new.weights.items():
        if name in origins and array.size:
            source, outputs, inputs = origins[name]
            _copy(array, made, before[source], span, (outputs, inputs))
    return made


def _copy(
    source: np.ndarray,
    target: np.ndarray,
    old: TensorSpan,
    new: TensorSpan,
    places: tuple[np.ndarray, np.ndarray | None],
) -> None:
    values = old.read(source)
    if places[1] is not None and values.shape[2:] != new.shape[2:]:
        return
    taken = np.zeros(new.shape, np.float32)
    for axis, place in enumerate(places):
        if place is not None:
            values = np.take(values, np.maximum(first_of(place), 0), axis=axis)
    known = [np.flatnonzero(first_of(place) >= 0) for place in places if place is not None]
    where = np.ix_(*known)
    taken[where] = values[where]
    new.write(target, taken)
