"""Through the new network from its inputs to its outputs, giving each layer the weights that keep the answers."""

from __future__ import annotations

from math import prod

import numpy as np

from ..engine.network import Stage
from .kept_sums import keep_sums
from .lineage import Lineage, copies, grown
from .new_layer import PASSES, Factors, Inserted, entry, entry_rows, factorize, next_reader, old_values
from .normalization import begin_normalization, carry_batch, fit_normalization
from .passage import Passage, same_places, same_settings
from .side import by_channel, same_answers
from .weights import is_matrix, sums_shape, through


def transfer_weights(passage: Passage) -> None:
    """Pass through all layers."""
    for index, stage in enumerate(passage.new.stages):
        inserted = passage.inserted
        if inserted is not None and not stage.normalizes and stage.owner != inserted.stage.name:
            _release(passage, index)
        if stage.kind == "activation":
            _activation(passage, stage)
            if passage.inserted is not None:
                _release(passage, index + 1)
        elif stage.kind == "layer":
            _layer(passage, index)


def _layer(passage: Passage, index: int) -> None:
    stage = passage.new.stages[index]
    if index in passage.pairs:
        _matched(passage, index, passage.pairs[index])
    elif stage.normalizes:
        passage.notes.append(begin_normalization(passage.after, index, averaged=passage.averaged))
    elif stage.sums is not None:
        _new_sums(passage, index)
    elif stage.passes != "units":
        passage.begin_anew(stage, "is new and begins with fresh weights" if stage.weights else "")


def _matched(passage: Passage, index: int, k: int) -> None:
    new, old = passage.new.stages[index], passage.old.stages[k]
    gone = [stage for stage in passage.old.stages[passage.last + 1 : k] if stage.kind == "layer"]
    if any(stage.passes != "units" for stage in gone):
        passage.notes.extend(f"{stage.name} was taken out" for stage in gone)
        passage.lineage = None
    passage.last = k
    if new.sums is not None:
        keep_sums(passage, index, k)
    elif new.normalizes == "batch":
        _matched_batch(passage, new, old)
    elif new.normalizes == "sample":
        _matched_sample(passage, index, k)
    elif new.passes != "units":
        _matched_other(passage, index, k)


def _matched_batch(passage: Passage, new: Stage, old: Stage) -> None:
    """A normalization over the batch: its channels are copied, its statistics moved with the values."""
    n_old, n_new = old.weights[0].size, new.weights[0].size
    lineage = passage.lineage_of_channels(new, n_new, n_old)
    if lineage is None:
        return
    carry_batch(passage.before, passage.after, old, new, lineage)
    for source, target in zip(old.weights, new.weights, strict=True):
        passage.origins[target.name] = (source.name, lineage.origin, None)
    places = prod(new.output) // n_new
    same = same_places(new, old, n_new, n_old)
    passage.lineage = copies(lineage.origin, n_old).spread(places) if same else None


def _matched_sample(passage: Passage, index: int, k: int) -> None:
    """A normalization of samples: factors are copied, or fitted where mean or variance are others than before."""
    new, old = passage.new.stages[index], passage.old.stages[k]
    n_old, n_new = old.weights[0].size, new.weights[0].size
    growth = passage.growth.get(index)
    if growth is not None:
        passage.after.write(new, *growth.factors(*passage.before.tensors(old)))
        _follow_sample(passage, new, old, copies(growth.origin, n_old))
        return
    lineage = passage.lineage_of_channels(new, n_new, n_old)
    if lineage is None:
        return
    taken = np.maximum(lineage.origin, 0)
    passage.after.write(new, *(tensor.reshape(-1)[taken] for tensor in passage.before.tensors(old)))
    if passage.same_data and not (
        passage.lineage is not None and passage.lineage.unchanged and same_settings(new, old)
    ):
        _fit_sample(passage, index, k, lineage)
    _follow_sample(passage, new, old, lineage)


def _fit_sample(passage: Passage, index: int, k: int, lineage: Lineage) -> None:
    """Give a normalization of samples the factors that come nearest to what it made before."""
    x, wanted = passage.after.values(index), passage.before.outputs_of(k, passage.before.values(k))
    got = passage.after.outputs_of(index, x)
    n = min(len(got), len(wanted))
    places = wanted.shape[1] // lineage.n_old
    if got.shape[1] != len(lineage.origin) * places:
        return
    target = wanted[:n].reshape(n, -1, places)[:, np.maximum(lineage.origin, 0)].reshape(n, -1)
    if not same_answers(target, got[:n]):
        passage.notes.append(f"{passage.new.stages[index].name} was fitted to its new inputs")
        fit_normalization(passage.after, index, x[:n], target)


def _follow_sample(passage: Passage, new: Stage, old: Stage, lineage: Lineage) -> None:
    for source, target in zip(old.weights, new.weights, strict=True):
        if len(target.shape) == 1:
            passage.origins[target.name] = (source.name, lineage.origin, None)
        elif target.shape == source.shape:
            passage.origins[target.name] = (source.name, np.arange(target.shape[0]), None)
    same = same_places(new, old, len(lineage.origin), lineage.n_old)
    places = prod(new.output) // len(lineage.origin)
    passage.lineage = copies(lineage.origin, lineage.n_old).spread(places) if same else None


def _matched_other(passage: Passage, index: int, k: int) -> None:
    """A layer that hands on channels, or of which nothing is known: it keeps its weights if they fit."""
    new, old = passage.new.stages[index], passage.old.stages[k]
    lineage, same = passage.lineage, same_settings(new, old)
    if [span.shape for span in new.weights] != [span.shape for span in old.weights]:
        passage.begin_anew(new, "has another shape and begins anew")
        return
    passage.after.write(new, *passage.before.tensors(old))
    if [span.shape for span in new.buffers] == [span.shape for span in old.buffers]:
        passage.after.write_statistics(new, *passage.before.statistics(old))
    for source, target in zip(old.weights, new.weights, strict=True):
        passage.origins[target.name] = (source.name, np.arange(target.shape[0]), None)
    if lineage is not None and lineage.unchanged and same and new.input == old.input:
        passage.lineage = copies(np.arange(prod(new.output)), prod(new.output))
    elif lineage is not None and same and new.passes:
        passage.lineage = _through_channels(passage, index, old, lineage)
    else:
        passage.lineage = None


def _through_channels(passage: Passage, index: int, old: Stage, lineage: Lineage) -> Lineage | None:
    """The relation behind a layer that hands on channels."""
    new = passage.new.stages[index]
    channels = lineage.by_channel(new.input[0], old.input[0])
    if channels is None or prod(new.output[1:]) != prod(old.output[1:]):
        return None
    moved = not channels.same_values
    if moved and new.passes == "picks" and (channels.slope <= 0.0).any():
        return None
    if channels.shift.any() and not passage.after.passes_constants(index):
        return None
    return channels.spread(prod(new.output[1:]))


def _activation(passage: Passage, stage: Stage) -> None:
    if passage.lineage is not None and not passage.lineage.same_values and passage.inserted is None:
        passage.lineage = None
    if not stage.weights:
        return
    passage.after.write(stage, *(np.full(span.shape, span.fill) for span in stage.weights))
    for old in passage.old.stages if passage.inserted is None else ():
        same = old.kind == "activation" and old.member is stage.member
        if same and old.owner == _old_name(passage, stage.owner):
            passage.after.write(stage, *passage.before.tensors(old))
            for source, target in zip(old.weights, stage.weights, strict=True):
                passage.origins[target.name] = (source.name, np.arange(target.size), None)


def _old_name(passage: Passage, name: str) -> str:
    """The layer that was called so before; "" for a new one."""
    old = (passage.old.stages[k].name for index, k in passage.pairs.items() if passage.new.stages[index].name == name)
    return next(old, "")


def _new_sums(passage: Passage, index: int) -> None:
    """An inserted layer of weighted sums passes the old values on, or where it is narrow what is read of them."""
    stage, lineage = passage.new.stages[index], passage.lineage
    assert stage.sums is not None
    n_out, n_in, *_ = sums_shape(stage)
    places = prod(stage.input) // n_in
    if lineage is not None:
        lineage = lineage.by_channel(n_in, lineage.n_old // places) if lineage.n_old % places == 0 else None
    window = stage.sums.identity(stage.input, stage.settings) if stage.sums.identity is not None else None
    if lineage is None or window is None or not lineage.covers:
        passage.begin_anew(stage, "is new and begins with fresh weights")
        return
    values, note, factors = old_values(by_channel(passage.after.values(index), n_in), lineage), PASSES, None
    if n_out < lineage.n_old:
        factors = _factorized(passage, index, n_out, values) if is_matrix(stage) else None
        if factors is None:
            passage.begin_anew(stage, "is new and begins with fresh weights")
            return
        values, note = values @ factors.first.T, factors.note
    origin = grown(values.shape[1], n_out, passage.seed, stage.name)
    taken = entry(_activation_of(passage, stage), values)
    sums = factors.first if factors is not None else None
    rows = entry_rows(window, sums, origin, taken.gain, lineage.n_old)
    unheard = np.full(n_in, np.nan)
    weight, _ = through(rows, sums_shape(stage), lineage, unheard, passage.seed, stage.name)
    passage.write(index, weight, taken.lift[origin], lineage)
    passage.inserted = Inserted(stage, origin, values, taken.slope)
    passage.notes.append(f"{stage.name} {note}")


def _activation_of(passage: Passage, stage: Stage) -> Stage | None:
    """The activation behind a layer of the new network."""
    return next((one for one in passage.new.stages if one.kind == "activation" and one.owner == stage.name), None)


def _factorized(passage: Passage, index: int, most: int, values: np.ndarray) -> Factors | None:
    """How a narrow layer shares the work of the next that was there; None where that reads something else."""
    k = next_reader(passage.old, passage.new, passage.pairs, index, passage.last)
    if k is None:
        return None
    weight, bias = passage.weights_of(k)
    if weight.shape[1] != values.shape[1]:
        return None
    passage.factors[k] = factorize(weight.astype(np.float64), bias, values, most)
    return passage.factors[k]


def _release(passage: Passage, index: int) -> None:
    """Behind an inserted layer: what its units say about the old ones."""
    assert passage.inserted is not None
    inserted, passage.inserted = passage.inserted, None
    passage.lineage = inserted.lineage_behind(passage.after.values(index))
