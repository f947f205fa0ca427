"""Changing the network without changing its answers.

The layers of the new network are matched with the old ones (`match`), then passed in order, always knowing which old
unit each new unit stands for (`lineage`). Four things happen on the way (`transfer`):

- A layer that grew gets copies of its units, and the next layer splits its weights among them (Net2WiderNet: Chen,
  Goodfellow, Shlens 2016, arXiv:1511.05641), unequally, so that no noise is needed to part the copies.
- A layer that is new passes its input on, a normalization that is new undoes itself (`new_layer`, `normalization`).
- A normalization that is gone goes into the weights around it.
- Where units or layers are gone, those of the largest outgoing weights are kept, and the next dense layer reads what is
  left so as to come nearest to what it read before, on the training data.

All weights a run keeps (in force, averaged, best so far) are changed in this way; state of the optimizer is carried for
units that were there and zero for new ones. In the end the answers are compared, so that a change says what it did.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np

from ..engine.measure import batch_statistics
from ..engine.memory import Memory, aligned_copy
from ..engine.network import Network, TensorSpan
from ..engine.state import TrainState
from ..kernel.arrays import aligned
from .lineage import first_copies
from .match import match_layers
from .normalization import fold_away
from .passage import Origins, Passage
from .side import Side, same_answers
from .transfer import transfer_weights


@dataclass(frozen=True, eq=False)
class _Change:
    """The states before and after, and the network to come."""

    before: TrainState
    now: TrainState
    new: Network

    def make(self, weights: np.ndarray, buffers: np.ndarray, *, averaged: bool = False) -> Passage:
        """The new weights and statistics for old ones."""
        old = Side(self.before, self.before.network, aligned_copy(weights), aligned_copy(buffers))
        new = Side(self.now, self.new, aligned(self.new.n_floats), aligned(self.new.n_buffer_floats))
        passage = Passage(*self._folded(old, new), averaged=averaged)
        transfer_weights(passage)
        return passage

    def _folded(self, old: Side, new: Side) -> tuple[Side, Side, dict[int, int]]:
        """Both networks, the old one without the normalizations that are gone, and which layer is which."""
        pairs = match_layers(old.network, new.network)
        kept = set(pairs.values())
        for index in range(len(self.before.network.stages) - 1, -1, -1):
            if index not in kept and self.before.network.stages[index].normalizes and fold_away(old, index):
                old = old.without(index)
                pairs = {new: k - (k > index) for new, k in pairs.items()}
        return old, new, pairs


def preserve(before: TrainState, now: TrainState, network: Network) -> None:
    """Choose the weights of a changed network so that it answers as before, where that can be done.

    Args:
        before: The state before; left as it is.
        now: Becomes the state after: its memory and the best weights so far are made anew, its notes say how.
        network: The new network.
    """
    change = _Change(before, now, network)
    memory, old = Memory(0, 0), before.memory
    transfer = change.make(old.weights, old.buffers)
    memory.weights, memory.buffers = transfer.after.arrays
    kept = Side(before, before.network, old.weights, old.buffers), transfer.after
    if old.average.size and old.n_averaged:
        was = _evaluated(Side(before, before.network, old.average, old.buffers))
        averaged = change.make(was.weights, was.buffers, averaged=True).after
        memory.average = averaged.weights
        kept = was, _evaluated(averaged)
    elif old.average.size:
        memory.average = aligned(network.n_floats)
    best = before.stopper
    if now.stopper.weights is not None and best.weights is not None and best.buffers is not None:
        weights, buffers = change.make(best.weights, best.buffers).after.arrays
        now.stopper = replace(now.stopper, weights=weights, buffers=buffers)
    origins = transfer.origins
    memory.gradients = _carried(old.gradients, before.network, network, origins)
    memory.raw_gradients = _carried(old.raw_gradients, before.network, network, origins)
    memory.slots = {meaning: _carried(array, before.network, network, origins) for meaning, array in old.slots.items()}
    memory.t, memory.n_averaged, memory.waited = old.t, old.n_averaged, old.waited
    now.memory, now.notes = memory, (*transfer.notes, *_told(*kept))


def _evaluated(side: Side) -> Side:
    """Averaged weights with the statistics that an evaluation measures for them."""
    statistics, at = aligned_copy(side.buffers), side.state
    batch_statistics(side.network, at.config, (side.weights, statistics), at.data.x_train, at.step)
    return replace(side, buffers=statistics)


def _told(before: Side, after: Side) -> tuple[str, ...]:
    """By how much the answers change; () where they do not, or cannot be compared."""
    if before.state.data is not after.state.data or before.network.n_outputs != after.network.n_outputs:
        return ()
    link, most = before.network.loss.link, 0.0
    for was, are in zip(before.outputs(), after.outputs(), strict=True):
        n = min(len(was), len(are))
        with np.errstate(all="ignore"):  # answers of a run that diverged
            old, new = link(was[:n].astype(np.float32)), link(are[:n].astype(np.float32))
            if not same_answers(old, new):
                most = max(most, float(np.abs(new - old).max()))
    return (f"the answers change by up to {most:.2g}",) if most else ()


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
            values = np.take(values, np.maximum(first_copies(place), 0), axis=axis)
    known = [np.flatnonzero(first_copies(place) >= 0) for place in places if place is not None]
    where = np.ix_(*known)
    taken[where] = values[where]
    new.write(target, taken)
