"""Where a pass through the new network stands, and what any layer it comes to may need of it."""

from __future__ import annotations

from math import prod

import numpy as np

from ..engine.initial import first_values
from ..engine.network import Network, Stage
from ..layers.base import Layer
from .growth import Growth
from .lineage import Lineage, copies
from .new_layer import Factors, Inserted
from .side import Side
from .weights import read_sums, sums_of_constants, write_sums

Origins = tuple[str, np.ndarray, np.ndarray | None]
"""Old tensor, and for each place on its first and second axis in PyTorch's shape the old place or -1."""


class Passage:
    """A pass from the inputs of the new network to its outputs, up to the layer whose weights are written next.

    Args:
        before: The old network; normalizations that are gone are folded away.
        after: The new one, its weights and statistics to be written.
        pairs: New stage -> old stage, of layers that were there.
        averaged: Whether the weights are averaged ones, evaluated with statistics of their own.
    """

    def __init__(self, before: Side, after: Side, pairs: dict[int, int], *, averaged: bool) -> None:
        self.before, self.after, self.pairs, self.averaged = before, after, pairs, averaged
        self.seed = after.state.config.training.seed
        self.same_data = before.state.data is after.state.data
        self.origins: dict[str, Origins] = {}
        """Where each tensor of the new network has its values from."""
        self.notes: list[str] = []
        """What was done, a sentence each."""
        shape = after.network.stages[0].input
        known = before.network.stages[0].input == shape
        self.lineage = copies(np.arange(prod(shape)), prod(shape)) if known else None
        """Which old unit each unit before the next layer stands for; None where they stand for none."""
        self.last = -1
        """Old stage reached."""
        self.factors: dict[int, Factors] = {}
        """Old layer of weighted sums -> how a new one before it and itself share its work."""
        self.growth: dict[int, Growth] = {}
        """Normalization -> how the layer before it has grown around its mean."""
        self.inserted: Inserted | None = None
        """The new layer whose units the next one reads."""

    @property
    def old(self) -> Network:
        """The network before."""
        return self.before.network

    @property
    def new(self) -> Network:
        """The network whose weights are written."""
        return self.after.network

    def weights_of(self, k: int) -> tuple[np.ndarray, np.ndarray]:
        """Weight and bias of an old layer of weighted sums."""
        if k in self.factors:
            return self.factors[k].second, self.factors[k].bias
        return read_sums(self.old.stages[k], self.before.weights)

    def write(self, index: int, weight: np.ndarray, bias: np.ndarray, lineage: Lineage) -> None:
        """Write a weight for the old values; slopes go into it, and shifts into the bias."""
        new = self.new.stages[index]
        write_sums(new, self.after.weights, weight, bias)
        if lineage.same_values:
            return
        if lineage.shift.any():
            constants = sums_of_constants(self.after, index, lineage.shift)
            if constants is None:
                self.notes.append(f"{new.name} cannot make up at its edges for what is added before it")
            else:
                bias = bias + constants
        weight *= lineage.slope.reshape(-1, *(1,) * (weight.ndim - 2)).astype(np.float32)
        write_sums(new, self.after.weights, weight, bias)

    def lineage_of_channels(self, new: Stage, n_new: int, n_old: int) -> Lineage | None:
        """What each channel of a normalization stands for; None where it has another shape and begins anew."""
        lineage = self.lineage.by_channel(n_new, n_old) if self.lineage is not None else None
        if lineage is None and n_old == n_new:
            lineage = copies(np.arange(n_old), n_old)
        if lineage is None:
            self.begin_anew(new, "has another shape and begins anew")
        return lineage

    def begin_anew(self, stage: Stage, why: str) -> None:
        """Draw a layer's weights as at the start of a run."""
        self.lineage = None
        config = self.after.state.config
        self.after.write(stage, *(first_values(span, config) for span in stage.weights))
        self.after.write_statistics(stage, *(np.full(span.shape, span.fill) for span in stage.buffers))
        if why:
            self.notes.append(f"{stage.name} {why}")


def same_places(new: Stage, old: Stage, n_new: int, n_old: int) -> bool:
    """Whether the output channels of two stages, so many each, have equally many places."""
    return prod(new.output) // n_new == prod(old.output) // n_old


def same_settings(new: Stage, old: Stage) -> bool:
    """Whether two layers of one kind differ in their width at most."""
    width = new.member.width if isinstance(new.member, Layer) else ""
    return all(value == old.settings.get(name) for name, value in new.settings.items() if name != width)
