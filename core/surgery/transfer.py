"""Through the new network from its inputs to its outputs, giving each layer the weights that keep the answers."""

from __future__ import annotations

from collections.abc import Iterator
from math import prod

import numpy as np

from ..engine.initial import first_values
from ..engine.network import Network, Stage
from ..layers.base import Layer
from .growth import Growth, choose_growth
from .lineage import Lineage, copies, grown
from .new_layer import PASSES, Factors, Inserted, entry, entry_rows, factorize, next_reader, old_values
from .normalization import begin_normalization, carry_batch, fit_normalization
from .side import Side, by_channel, same_answers
from .weights import (
    fitted,
    is_matrix,
    read_sums,
    strength,
    sums_of_constants,
    sums_shape,
    through,
    write_sums,
)

Origins = tuple[str, np.ndarray, np.ndarray | None]
"""Old tensor, and for each place on its first and second axis in PyTorch's shape the old place or -1."""
MOST_UNITS = 512
"""Widest layer whose readers are fitted anew."""


class WeightTransfer:
    """One pass; afterwards `after` holds the weights, `origins` where they are from, `notes` what was done.

    Args:
        before: The old network; normalizations that are gone are folded away.
        after: The new one, its weights and statistics to be written.
        pairs: New stage -> old stage, of layers that were there.
        averaged: Whether the weights are averaged ones, evaluated with statistics of their own.
    """

    def __init__(self, before: Side, after: Side, pairs: dict[int, int], *, averaged: bool) -> None:
        self.before, self.after, self.pairs = before, after, pairs
        self.origins: dict[str, Origins] = {}
        self.notes: list[str] = []
        self._averaged = averaged
        self._seed = after.state.config.training.seed
        self._same_data = before.state.data is after.state.data
        shape = after.network.stages[0].input
        known = before.network.stages[0].input == shape
        self._lineage = copies(np.arange(prod(shape)), prod(shape)) if known else None
        self._last = -1
        """Old stage reached."""
        self._factors: dict[int, Factors] = {}
        """Old layer of weighted sums -> how a new one before it and itself share its work."""
        self._growth: dict[int, Growth] = {}
        """Normalization -> how the layer before it has grown around its mean."""
        self._inserted: Inserted | None = None

    @property
    def _old(self) -> Network:
        return self.before.network

    @property
    def _new(self) -> Network:
        return self.after.network

    def run(self) -> None:
        """Pass through all layers."""
        for index, stage in enumerate(self._new.stages):
            inserted = self._inserted
            if inserted is not None and not stage.normalizes and stage.owner != inserted.stage.name:
                self._release(index)
            if stage.kind == "activation":
                self._activation(stage)
                if self._inserted is not None:
                    self._release(index + 1)
            elif stage.kind == "layer":
                self._layer(index)

    def _layer(self, index: int) -> None:
        stage = self._new.stages[index]
        if index in self.pairs:
            self._matched(index, self.pairs[index])
        elif stage.normalizes:
            self.notes.append(begin_normalization(self.after, index, averaged=self._averaged))
        elif stage.sums is not None:
            self._new_sums(index)
        elif stage.passes != "units":
            self._begin_anew(stage, "is new and begins with fresh weights" if stage.weights else "")

    # --- layers that were there -------------------------------------------------------------------------------------

    def _matched(self, index: int, k: int) -> None:
        new, old = self._new.stages[index], self._old.stages[k]
        gone = [stage for stage in self._old.stages[self._last + 1 : k] if stage.kind == "layer"]
        if any(stage.passes != "units" for stage in gone):
            self.notes.extend(f"{stage.name} was taken out" for stage in gone)
            self._lineage = None
        self._last = k
        if new.sums is not None:
            self._matched_sums(index, k)
        elif new.normalizes == "batch":
            self._matched_batch(new, old)
        elif new.normalizes == "sample":
            self._matched_sample(index, k)
        elif new.passes != "units":
            self._matched_other(index, k)

    def _matched_sums(self, index: int, k: int) -> None:
        """A layer of weighted sums: outputs by copies or the strongest, inputs by shares or by a fit."""
        new, old = self._new.stages[index], self._old.stages[k]
        weight, bias = self._weights_of(k)
        shape = sums_shape(new)
        n_out = shape[0]
        if weight.shape[2:] != shape[2:] or (self._is_last(index) and len(weight) != n_out):
            self._begin_anew(new, "has another shape and begins anew")
            return
        growth = self._outputs(index, k, len(weight), n_out)
        if growth.stretch != 1.0:
            weight, bias, rows = growth.apply(weight), growth.apply(bias), np.arange(n_out)
        else:
            rows = growth.origin
        inputs = self._read(index, k, (weight, bias), rows)
        if inputs is None:
            self._begin_anew(new, "has other inputs and begins anew")
            return
        if k in self._factors:
            inputs = np.full(len(inputs), -1)
        assert new.sums is not None
        places = (growth.origin, inputs) if new.sums.outputs < new.sums.inputs else (inputs, growth.origin)
        self.origins[new.weights[0].name] = (old.weights[0].name, *places)
        self.origins[new.weights[1].name] = (old.weights[1].name, growth.origin, None)
        self._lineage = None
        if growth.stretch == 1.0 and _same_places(new, old, n_out, self._n_out(k)) and _same_settings(new, old):
            self._lineage = copies(growth.origin, self._n_out(k)).spread(prod(new.output) // n_out)

    def _n_out(self, k: int) -> int:
        """Output channels of an old layer of weighted sums."""
        return sums_shape(self._old.stages[k])[0]

    def _is_last(self, index: int) -> bool:
        """Whether no layer of weighted sums follows: its outputs are the network's."""
        return not any(stage.sums is not None for stage in self._new.stages[index + 1 :])

    def _weights_of(self, k: int) -> tuple[np.ndarray, np.ndarray]:
        """Weight and bias of an old layer of weighted sums."""
        if k in self._factors:
            return self._factors[k].second, self._factors[k].bias
        return read_sums(self._old.stages[k], self.before.weights)

    def _outputs(self, index: int, k: int, n_old: int, n_new: int) -> Growth:
        """How the output channels of a layer are made of those it had."""
        new = self._new.stages[index]
        if n_new == n_old:
            return Growth(np.arange(n_old))
        if n_new < n_old:
            self.notes.append(f"{new.name} keeps those {n_new} of its {n_old} units with the largest outgoing weights")
            strongest = np.argsort(-strength(self._old, self.before.weights, k, n_old), kind="stable")[:n_new]
            return Growth(np.sort(strongest))
        judges = list(self._judges(index)) if self._same_data else []
        growth = choose_growth(
            n_old, n_new, self.before, self.after, judges, self._is_judged_at_once(index, judges), new.name
        )
        if growth.stretch != 1.0:
            self._growth[judges[0][0]] = growth
            self.notes.append(f"{new.name} grows from {n_old} to {n_new} units, the new ones at the mean of the old")
        else:
            self.notes.append(f"{new.name} grows from {n_old} to {n_new} units, by copies of those it had")
        return growth

    def _judges(self, index: int) -> Iterator[tuple[int, int]]:
        """New and old stage of the normalizations of samples that a layer's channels pass before they are read."""
        for at in range(index + 1, len(self._new.stages)):
            stage = self._new.stages[at]
            if stage.normalizes == "sample" and at in self.pairs:
                yield at, self.pairs[at]
            elif stage.kind == "layer" and not stage.normalizes and not stage.passes:
                return

    def _is_judged_at_once(self, index: int, judges: list[tuple[int, int]]) -> bool:
        """Whether one normalization of samples follows a layer with nothing between, each channel a single unit."""
        if len(judges) != 1 or sums_shape(self._new.stages[index])[0] != prod(self._new.stages[index].output):
            return False
        return all(stage.passes == "units" for stage in self._new.stages[index + 1 : judges[0][0]])

    def _read(self, index: int, k: int, weights: tuple[np.ndarray, np.ndarray], rows: np.ndarray) -> np.ndarray | None:
        """Write weight and bias with which a layer reads its new inputs.

        Args:
            index: Its stage.
            k: Its stage in the old network.
            weights: Weight and bias for the old inputs.
            rows: The output channel of the old weight for each of the new outputs.

        Returns:
            The old input channel of each new one, -1 for none; None where nothing fits.
        """
        new, (weight, bias) = self._new.stages[index], weights
        n_new, n_old = sums_shape(new)[1], weight.shape[1]
        lineage = self._lineage.by_channel(n_new, n_old) if self._lineage is not None else None
        if lineage is not None and lineage.covers:
            self._read_through(index, (weight, bias[rows]), rows, lineage)
            return lineage.origin
        known = lineage.origin if lineage is not None else None
        if is_matrix(new) and self._same_data and max(n_old, n_new) <= MOST_UNITS:
            self.notes.append(f"{new.name} was fitted to its new inputs")
            fit = fitted(weight[rows].astype(np.float64), bias[rows], self.after.values(index), self.before.values(k))
            write_sums(new, self.after.weights, *fit)
            return known if known is not None else np.full(n_new, -1)
        if known is None and n_old != n_new:
            return None
        known = known if known is not None else np.arange(n_old)
        taken = weight[rows][:, np.maximum(known, 0)]
        taken[:, known < 0] = 0.0
        write_sums(new, self.after.weights, taken, bias[rows])
        return known

    def _read_through(self, index: int, old: tuple[np.ndarray, np.ndarray], rows: np.ndarray, lineage: Lineage) -> None:
        """Write the weights that make the same sums of the new channels as the old ones made of theirs."""
        new, (weight, bias) = self._new.stages[index], old
        steady = self._steady(index, lineage)
        made, added = through(
            lambda block: weight[rows[block.start : block.stop]].astype(np.float64),
            sums_shape(new),
            lineage,
            steady,
            self._seed,
            new.name,
        )
        self._write(index, made, bias - added, lineage)

    def _write(self, index: int, weight: np.ndarray, bias: np.ndarray, lineage: Lineage) -> None:
        """Write a weight for the old values; slopes go into it, and shifts into the bias."""
        new = self._new.stages[index]
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

    def _steady(self, index: int, lineage: Lineage) -> np.ndarray:
        """The value of every channel that stands for none and always holds the same; NaN for all others."""
        steady = np.full(len(lineage.origin), np.nan)
        unknown = np.flatnonzero(lineage.origin < 0)
        if unknown.size and is_matrix(self._new.stages[index]):
            x = self.after.values(index)[:, unknown]
            middle = x.mean(axis=0)
            still = np.abs(x - middle).max(axis=0) <= 1e-5 * (1.0 + np.abs(middle))
            steady[unknown[still]] = middle[still]
        return steady

    def _lineage_of_channels(self, new: Stage, n_new: int, n_old: int) -> Lineage | None:
        """What each channel of a normalization stands for; None where it has another shape and begins anew."""
        lineage = self._lineage.by_channel(n_new, n_old) if self._lineage is not None else None
        if lineage is None and n_old == n_new:
            lineage = copies(np.arange(n_old), n_old)
        if lineage is None:
            self._begin_anew(new, "has another shape and begins anew")
        return lineage

    def _matched_batch(self, new: Stage, old: Stage) -> None:
        """A normalization over the batch: its channels are copied, its statistics moved with the values."""
        n_old, n_new = old.weights[0].size, new.weights[0].size
        lineage = self._lineage_of_channels(new, n_new, n_old)
        if lineage is None:
            return
        carry_batch(self.before, self.after, old, new, lineage)
        for source, target in zip(old.weights, new.weights, strict=True):
            self.origins[target.name] = (source.name, lineage.origin, None)
        places = prod(new.output) // n_new
        same = _same_places(new, old, n_new, n_old)
        self._lineage = copies(lineage.origin, n_old).spread(places) if same else None

    def _matched_sample(self, index: int, k: int) -> None:
        """A normalization of samples: factors are copied, or fitted where mean or variance are others than before."""
        new, old = self._new.stages[index], self._old.stages[k]
        n_old, n_new = old.weights[0].size, new.weights[0].size
        growth = self._growth.get(index)
        if growth is not None:
            self.after.write(new, *growth.factors(*self.before.tensors(old)))
            self._follow_sample(new, old, copies(growth.origin, n_old))
            return
        lineage = self._lineage_of_channels(new, n_new, n_old)
        if lineage is None:
            return
        taken = np.maximum(lineage.origin, 0)
        self.after.write(new, *(tensor.reshape(-1)[taken] for tensor in self.before.tensors(old)))
        if self._same_data and not (self._lineage is not None and self._lineage.unchanged and _same_settings(new, old)):
            self._fit_sample(index, k, lineage)
        self._follow_sample(new, old, lineage)

    def _fit_sample(self, index: int, k: int, lineage: Lineage) -> None:
        """Give a normalization of samples the factors that come nearest to what it made before."""
        x, wanted = self.after.values(index), self.before.outputs_of(k, self.before.values(k))
        got = self.after.outputs_of(index, x)
        n = min(len(got), len(wanted))
        places = wanted.shape[1] // lineage.n_old
        if got.shape[1] != len(lineage.origin) * places:
            return
        target = wanted[:n].reshape(n, -1, places)[:, np.maximum(lineage.origin, 0)].reshape(n, -1)
        if not same_answers(target, got[:n]):
            self.notes.append(f"{self._new.stages[index].name} was fitted to its new inputs")
            fit_normalization(self.after, index, x[:n], target)

    def _follow_sample(self, new: Stage, old: Stage, lineage: Lineage) -> None:
        for source, target in zip(old.weights, new.weights, strict=True):
            if len(target.shape) == 1:
                self.origins[target.name] = (source.name, lineage.origin, None)
            elif target.shape == source.shape:
                self.origins[target.name] = (source.name, np.arange(target.shape[0]), None)
        same = _same_places(new, old, len(lineage.origin), lineage.n_old)
        places = prod(new.output) // len(lineage.origin)
        self._lineage = copies(lineage.origin, lineage.n_old).spread(places) if same else None

    def _matched_other(self, index: int, k: int) -> None:
        """A layer that hands on channels, or of which nothing is known: it keeps its weights if they fit."""
        new, old = self._new.stages[index], self._old.stages[k]
        lineage, same = self._lineage, _same_settings(new, old)
        if [span.shape for span in new.weights] != [span.shape for span in old.weights]:
            self._begin_anew(new, "has another shape and begins anew")
            return
        self.after.write(new, *self.before.tensors(old))
        if [span.shape for span in new.buffers] == [span.shape for span in old.buffers]:
            self.after.write_statistics(new, *self.before.statistics(old))
        for source, target in zip(old.weights, new.weights, strict=True):
            self.origins[target.name] = (source.name, np.arange(target.shape[0]), None)
        if lineage is not None and lineage.unchanged and same and new.input == old.input:
            self._lineage = copies(np.arange(prod(new.output)), prod(new.output))
        elif lineage is not None and same and new.passes:
            self._lineage = self._through_channels(index, old, lineage)
        else:
            self._lineage = None

    def _through_channels(self, index: int, old: Stage, lineage: Lineage) -> Lineage | None:
        """The relation behind a layer that hands on channels."""
        new = self._new.stages[index]
        channels = lineage.by_channel(new.input[0], old.input[0])
        if channels is None or prod(new.output[1:]) != prod(old.output[1:]):
            return None
        moved = not channels.same_values
        if moved and new.passes == "picks" and (channels.slope <= 0.0).any():
            return None
        if channels.shift.any() and not self.after.passes_constants(index):
            return None
        return channels.spread(prod(new.output[1:]))

    def _activation(self, stage: Stage) -> None:
        if self._lineage is not None and not self._lineage.same_values and self._inserted is None:
            self._lineage = None
        if not stage.weights:
            return
        self.after.write(stage, *(np.full(span.shape, span.fill) for span in stage.weights))
        for old in self._old.stages if self._inserted is None else ():
            same = old.kind == "activation" and old.member is stage.member
            if same and old.owner == self._old_name(stage.owner):
                self.after.write(stage, *self.before.tensors(old))
                for source, target in zip(old.weights, stage.weights, strict=True):
                    self.origins[target.name] = (source.name, np.arange(target.size), None)

    def _old_name(self, name: str) -> str:
        """The layer that was called so before; "" for a new one."""
        old = (self._old.stages[k].name for index, k in self.pairs.items() if self._new.stages[index].name == name)
        return next(old, "")

    # --- layers that are new ----------------------------------------------------------------------------------------

    def _new_sums(self, index: int) -> None:
        """An inserted layer of weighted sums passes the old values on, or where it is narrow what is read of them."""
        stage, lineage = self._new.stages[index], self._lineage
        assert stage.sums is not None
        n_out, n_in, *_ = sums_shape(stage)
        places = prod(stage.input) // n_in
        if lineage is not None:
            lineage = lineage.by_channel(n_in, lineage.n_old // places) if lineage.n_old % places == 0 else None
        window = stage.sums.identity(stage.input, stage.settings) if stage.sums.identity is not None else None
        if lineage is None or window is None or not lineage.covers:
            self._begin_anew(stage, "is new and begins with fresh weights")
            return
        values, note, factors = old_values(by_channel(self.after.values(index), n_in), lineage), PASSES, None
        if n_out < lineage.n_old:
            factors = self._factorized(index, n_out, values) if is_matrix(stage) else None
            if factors is None:
                self._begin_anew(stage, "is new and begins with fresh weights")
                return
            values, note = values @ factors.first.T, factors.note
        origin = grown(values.shape[1], n_out, self._seed, stage.name)
        taken = entry(self._activation_of(stage), values)
        sums = factors.first if factors is not None else None
        rows = entry_rows(window, sums, origin, taken.gain, lineage.n_old)
        unheard = np.full(n_in, np.nan)
        weight, _ = through(rows, sums_shape(stage), lineage, unheard, self._seed, stage.name)
        self._write(index, weight, taken.lift[origin], lineage)
        self._inserted = Inserted(stage, origin, values, taken.slope)
        self.notes.append(f"{stage.name} {note}")

    def _activation_of(self, stage: Stage) -> Stage | None:
        """The activation behind a layer of the new network."""
        return next((one for one in self._new.stages if one.kind == "activation" and one.owner == stage.name), None)

    def _factorized(self, index: int, most: int, values: np.ndarray) -> Factors | None:
        """How a narrow layer shares the work of the next that was there; None where that reads something else."""
        k = next_reader(self._old, self._new, self.pairs, index, self._last)
        if k is None:
            return None
        weight, bias = self._weights_of(k)
        if weight.shape[1] != values.shape[1]:
            return None
        self._factors[k] = factorize(weight.astype(np.float64), bias, values, most)
        return self._factors[k]

    def _release(self, index: int) -> None:
        """Behind an inserted layer: what its units say about the old ones."""
        assert self._inserted is not None
        inserted, self._inserted = self._inserted, None
        self._lineage = inserted.lineage_behind(self.after.values(index))

    def _begin_anew(self, stage: Stage, why: str) -> None:
        """Draw a layer's weights as at the start of a run."""
        self._lineage = None
        config = self.after.state.config
        self.after.write(stage, *(first_values(span, config) for span in stage.weights))
        self.after.write_statistics(stage, *(np.full(span.shape, span.fill) for span in stage.buffers))
        if why:
            self.notes.append(f"{stage.name} {why}")


def _same_places(new: Stage, old: Stage, n_new: int, n_old: int) -> bool:
    """Whether the output channels of two stages, so many each, have equally many places."""
    return prod(new.output) // n_new == prod(old.output) // n_old


def _same_settings(new: Stage, old: Stage) -> bool:
    """Whether two layers of one kind differ in their width at most."""
    width = new.member.width if isinstance(new.member, Layer) else ""
    return all(value == old.settings.get(name) for name, value in new.settings.items() if name != width)
