"""Through the new network from its inputs to its outputs, giving each layer the weights that keep the output."""

from __future__ import annotations

from math import prod
from typing import TYPE_CHECKING

import numpy as np

from ..engine.measure import values_before
from ..engine.network import Network, Stage
from ..layers.base import Shape
from .lineage import Flow, exact, grown, of_channels
from .narrow import Halves, halves, next_reader
from .new_layer import entry, held_values, identity_weight
from .normalization import is_norm, is_reader, nearest_line
from .norms import begin_norm
from .weights import by_channel, fitted, strength, through

if TYPE_CHECKING:
    from ..engine.state import TrainState

Arrays = tuple[np.ndarray, np.ndarray]
"""Flat weights and kept statistics."""
Origins = tuple[str, np.ndarray, np.ndarray | None]
"""Old tensor, and for each place on its first and second axis in PyTorch's shape the old place or -1."""
MOST_UNITS = 512
"""Widest layer whose readers are fitted anew."""


class Walk:
    """One pass; afterwards `new_arrays` hold the weights, `origins` where they are from, `notes` what was done."""

    def __init__(
        self,
        before: TrainState,
        now: TrainState,
        old: Network,
        new: Network,
        pairs: dict[int, int],
        old_arrays: Arrays,
        new_arrays: Arrays,
        *,
        averaged: bool,
    ) -> None:
        self.before, self.now, self.old, self.new, self.pairs = before, now, old, new, pairs
        self.old_arrays, self.new_arrays = old_arrays, new_arrays
        self.origins: dict[str, Origins] = {}
        self.notes: list[str] = []
        self._averaged = averaged
        self._seed = now.config.training.seed
        self._same_data = before.data is now.data
        shape = new.stages[0].input
        known = old.stages[0].input == shape
        self._flow: Flow | None = exact(np.arange(prod(shape)), shape, shape) if known else None
        self._last = -1
        """Old stage reached."""
        self._halved: dict[int, Halves] = {}
        """Old layer of weighted sums -> how a new one before it and itself share its work."""
        self._held: tuple[Stage, np.ndarray, np.ndarray, Shape, float | None] | None = None
        """An inserted layer, its units' origins, the old values they stand for, their shape, and the slope of the
        straight part; until the activation is passed."""

    def go(self) -> None:
        """Walk."""
        for index, stage in enumerate(self.new.stages):
            if self._held is not None and not is_norm(stage) and stage.owner != self._held[0].name:
                self._release(index)
            if stage.kind != "layer":
                self._activation(stage)
                if self._held is not None and stage.kind == "activation":
                    self._release(index + 1)
            elif index in self.pairs:
                self._matched(index, self.pairs[index])
            elif is_norm(stage):
                self._new_norm(index)
            elif is_reader(stage):
                self._new_layer(index)
            else:
                self._moved(stage, None)

    def _values(self, index: int) -> np.ndarray:
        at = self.now
        return values_before(self.new, at.config, self.new_arrays, index, at.data.x_train, at.step)

    def _old_values(self, index: int) -> np.ndarray:
        at = self.before
        return values_before(self.old, at.config, self.old_arrays, index, at.data.x_train, at.step)

    # --- layers that were there -------------------------------------------------------------------------------------

    def _matched(self, index: int, k: int) -> None:
        new, old = self.new.stages[index], self.old.stages[k]
        gone = [stage for stage in self.old.stages[self._last + 1 : k] if stage.kind == "layer"]
        if any(stage.plan is None or not (stage.plan.alias or stage.member.name == "dropout") for stage in gone):
            self.notes.extend(f"{stage.name} was taken out" for stage in gone)
            self._flow = None
        self._last = k
        if is_reader(new):
            self._reader(index, k)
        elif new.weights:
            self._norm(new, old)
        else:
            self._moved(new, old)

    def _reader(self, index: int, k: int) -> None:
        """A layer of weighted sums: outputs by copies or the strongest, inputs by shares or by a fit."""
        new, old = self.new.stages[index], self.old.stages[k]
        axis = 1 if new.member.name == "conv_transpose2d" else 0
        weight, bias = self._weights_of(k)
        weight = np.moveaxis(weight, axis, 0)
        wanted = np.moveaxis(np.empty(new.weights[0].shape), axis, 0).shape
        ends = index == len(self.new.stages) - 1 or not any(is_reader(s) for s in self.new.stages[index + 1 :])
        if weight.shape[2:] != wanted[2:] or (ends and len(weight) != wanted[0]):
            self._lose(new, "has another shape and begins anew")
            return
        chosen = self._chosen(old, new, k, len(weight), wanted[0])
        read = self._read(index, k, weight, bias, wanted, chosen)
        if read is None:
            self._lose(new, "has other inputs and begins anew")
            return
        weight, bias, inputs = read
        if k in self._halved:
            inputs = np.full(len(inputs), -1)
        new.weights[0].write(self.new_arrays[0], np.moveaxis(weight, 0, axis))
        new.weights[1].write(self.new_arrays[0], bias)
        places = (chosen, inputs) if axis == 0 else (inputs, chosen)
        self.origins[new.weights[0].name] = (old.weights[0].name, *places)
        self.origins[new.weights[1].name] = (old.weights[1].name, chosen, None)
        self._flow = of_channels(chosen, old.output, new.output)

    def _weights_of(self, k: int) -> tuple[np.ndarray, np.ndarray]:
        """Weight and bias of an old layer of weighted sums, in double precision."""
        if k in self._halved:
            return self._halved[k].late, self._halved[k].bias
        weight, bias = (span.read(self.old_arrays[0]).astype(np.float64) for span in self.old.stages[k].weights)
        return weight, bias

    def _chosen(self, old: Stage, new: Stage, k: int, n_old: int, n_new: int) -> np.ndarray:
        """Old unit of each new unit of a layer."""
        if n_new >= n_old:
            if n_new > n_old:
                self.notes.append(f"{new.name}: {n_new - n_old} units are copies of its {n_old}")
            return grown(n_old, n_new, self._seed, new.name)
        self.notes.append(f"{new.name}: the {n_new} of {n_old} units with the largest outgoing weights stay")
        return np.sort(np.argsort(-strength(self.old, self.old_arrays[0], k, n_old), kind="stable")[:n_new])

    def _read(
        self, index: int, k: int, weight: np.ndarray, bias: np.ndarray, wanted: Shape, chosen: np.ndarray
    ) -> tuple[np.ndarray, np.ndarray, np.ndarray] | None:
        """Weights of the chosen outputs for the new inputs, and the origin of each input."""
        new, n_old, n_new = self.new.stages[index], weight.shape[1], wanted[1]
        flow = self._flow
        if flow is not None and new.member.name != "dense":
            flow = flow.channels()
        rows, offset = weight[chosen], bias[chosen]
        if flow is not None and len(flow.origin) == n_new and prod(flow.old) == n_old and flow.covers:
            return *through(rows, offset, flow, self._seed, new.name), flow.origin
        kept = flow.origin if flow is not None and len(flow.origin) == n_new else None
        if new.member.name == "dense" and self._same_data and max(n_old, n_new) <= MOST_UNITS:
            origin = kept if kept is not None else np.full(n_new, -1)
            self.notes.append(f"{new.name} was fitted to its new inputs")
            return *fitted(rows, offset, self._values(index), self._old_values(k)), origin
        if kept is not None and prod(flow.old if flow else ()) == n_old:
            taken = rows[:, np.maximum(kept, 0)].copy()
            taken[:, kept < 0] = 0.0
            return taken, offset, kept
        return (rows, offset, np.arange(n_old)) if n_old == n_new else None

    def _norm(self, new: Stage, old: Stage) -> None:
        flow = self._flow
        if flow is not None and new.member.name == "batch_norm":
            flow = flow.channels()
        n_old, n_new = prod(old.weights[0].shape), prod(new.weights[0].shape)
        if flow is None or len(flow.origin) != n_new or prod(flow.old) != n_old:
            if n_old != n_new:
                self._lose(new, "has another shape and begins anew")
                return
            flow = exact(np.arange(n_old), old.input, new.input)
        taken = np.maximum(flow.origin, 0)
        for source, target in zip(old.weights, new.weights, strict=True):
            values = source.read(self.old_arrays[0]).reshape(-1)[taken]
            target.write(self.new_arrays[0], values.reshape(target.shape))
            if target.shape == (n_new,):
                self.origins[target.name] = (source.name, flow.origin, None)
            elif target.shape == source.shape:
                whole = np.arange(target.shape[0])
                self.origins[target.name] = (source.name, whole, None)
        if new.buffers:
            mean, variance = (span.read(self.old_arrays[1]).astype(np.float64)[taken] for span in old.buffers)
            eps = float(old.settings["eps"])
            new.buffers[0].write(self.new_arrays[1], (mean - flow.shift) / flow.slope)
            if (flow.slope != 1.0).any():
                variance = np.maximum((variance + eps) / flow.slope**2 - eps, 0.0)
            new.buffers[1].write(self.new_arrays[1], variance)
            self._flow = of_channels(flow.origin, old.output, new.output)

    def _moved(self, new: Stage, old: Stage | None) -> None:
        """A layer without weights."""
        flow = self._flow
        if flow is None:
            return
        if (new.plan is not None and new.plan.alias) or new.member.name == "dropout":
            self._flow = flow.seen_as(old.output if old is not None else flow.old, new.output)
            if self._flow is None and prod(new.output) == len(flow.origin):
                self._flow = flow.seen_as(flow.old, new.output)
            return
        channels = flow.channels()
        if old is None or channels is None:
            self._flow = None
        else:
            spread = channels.spread(old.output, new.output)
            self._flow = spread if spread is not None and bool((spread.slope > 0.0).all()) else None

    def _activation(self, stage: Stage) -> None:
        if not stage.weights or self._held is not None:
            return
        for old in self.old.stages[: self._last + 3]:
            same = old.kind == "activation" and old.member is stage.member
            if same and old.owner == self._old_name(stage.owner):
                stage.weights[0].write(self.new_arrays[0], old.weights[0].read(self.old_arrays[0]))
                self.origins[stage.weights[0].name] = (old.weights[0].name, np.arange(1), None)

    def _old_name(self, name: str) -> str:
        named = {self.new.stages[index].name: self.old.stages[k].name for index, k in self.pairs.items()}
        return named.get(name, "")

    # --- layers that are new ----------------------------------------------------------------------------------------

    def _new_norm(self, index: int) -> None:
        arrays, values = self.new_arrays, self._values(index)
        self.notes.append(begin_norm(self.new, index, arrays, values, self.now, averaged=self._averaged))

    def _new_layer(self, index: int) -> None:
        """An inserted layer of weighted sums passes the old values on, or where it is narrow what is read of them."""
        stage, flow = self.new.stages[index], self._flow
        if flow is not None and stage.member.name != "dense":
            flow = flow.channels()
        n_old, n_new = prod(flow.old) if flow is not None else 0, stage.output[0]
        weight = identity_weight(stage, n_old) if flow is not None and flow.covers else None
        if flow is None or weight is None:
            self._lose(stage, "is new and begins with fresh weights")
            return
        values = held_values(by_channel(self._values(index), len(flow.origin)), flow)
        note = "is new and passes its input on"
        if n_new < n_old:
            made = self._halves(index, n_new, values) if stage.member.name == "dense" else None
            if made is None:
                self._lose(stage, "is new and begins with fresh weights")
                return
            weight, values, note = made.early, values @ made.early.T, made.note
        activation = next((s for s in self.new.stages if s.kind == "activation" and s.owner == stage.name), None)
        old_shape = self._flow.old if self._flow is not None and stage.member.name != "dense" else (len(weight),)
        taken = entry(activation, values)
        origin = grown(len(weight), n_new, self._seed, stage.name)
        tail = (1,) * (weight.ndim - 2)
        weight = weight[origin] * taken.gain[origin].reshape(-1, 1, *tail)
        arrays = through(weight, taken.lift[origin], flow, self._seed, stage.name)
        for span, array in zip(stage.weights, arrays, strict=True):
            span.write(self.new_arrays[0], array)
        self._held = stage, origin, values, old_shape, taken.slope
        self.notes.append(f"{stage.name} {note}")

    def _halves(self, index: int, most: int, values: np.ndarray) -> Halves | None:
        """How a narrow layer shares the work of the next that was there; None where that reads something else."""
        k = next_reader(self.old, self.new, self.pairs, index, self._last)
        if k is None or self._weights_of(k)[0].shape[1] != values.shape[1]:
            return None
        self._halved[k] = halves(*self._weights_of(k), values, most)
        return self._halved[k]

    def _release(self, index: int) -> None:
        """Behind an inserted layer: what its units say about the old ones."""
        assert self._held is not None
        stage, origin, values, old_shape, straight = self._held
        self._held = None
        x = by_channel(self._values(index), stage.output[0])
        n = min(len(x), len(values))
        slope, shift = nearest_line(x[:n], values[:n, origin])
        if straight is not None:
            slope = np.full(len(origin), 1.0 / straight)
            shift = values[:n, origin].mean(axis=0) - slope * x[:n].mean(axis=0)
        flow = Flow(origin, slope, shift, old_shape[:1], stage.output[:1])
        self._flow = flow if len(stage.output) == 1 else flow.spread(old_shape, stage.output)

    def _lose(self, stage: Stage, why: str) -> None:
        self._flow = None
        self.notes.append(f"{stage.name} {why}")
