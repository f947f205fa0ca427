"""A layer of weighted sums that was there: its outputs by copies or the strongest, its inputs by shares or by a fit."""

from __future__ import annotations

from collections.abc import Iterator
from math import prod

import numpy as np

from .growth import Growth, choose_growth
from .lineage import Lineage, copies
from .passage import Passage, same_places, same_settings
from .weights import fitted, is_matrix, strength, sums_shape, through, write_sums

MOST_UNITS = 512
"""Widest layer whose readers are fitted anew."""


def keep_sums(passage: Passage, index: int, k: int) -> None:
    """A layer of weighted sums: outputs by copies or the strongest, inputs by shares or by a fit."""
    new, old = passage.new.stages[index], passage.old.stages[k]
    weight, bias = passage.weights_of(k)
    shape = sums_shape(new)
    n_out = shape[0]
    if weight.shape[2:] != shape[2:] or (_is_last(passage, index) and len(weight) != n_out):
        passage.begin_anew(new, "has another shape and begins anew")
        return
    growth = _outputs(passage, index, k, len(weight), n_out)
    if growth.stretch != 1.0:
        weight, bias, rows = growth.apply(weight), growth.apply(bias), np.arange(n_out)
    else:
        rows = growth.origin
    inputs = _read(passage, index, k, (weight, bias), rows)
    if inputs is None:
        passage.begin_anew(new, "has other inputs and begins anew")
        return
    if k in passage.factors:
        inputs = np.full(len(inputs), -1)
    assert new.sums is not None
    places = (growth.origin, inputs) if new.sums.outputs < new.sums.inputs else (inputs, growth.origin)
    passage.origins[new.weights[0].name] = (old.weights[0].name, *places)
    passage.origins[new.weights[1].name] = (old.weights[1].name, growth.origin, None)
    passage.lineage = None
    if growth.stretch == 1.0 and same_places(new, old, n_out, _n_out(passage, k)) and same_settings(new, old):
        passage.lineage = copies(growth.origin, _n_out(passage, k)).spread(prod(new.output) // n_out)


def _n_out(passage: Passage, k: int) -> int:
    """Output channels of an old layer of weighted sums."""
    return sums_shape(passage.old.stages[k])[0]


def _is_last(passage: Passage, index: int) -> bool:
    """Whether no layer of weighted sums follows: its outputs are the network's."""
    return not any(stage.sums is not None for stage in passage.new.stages[index + 1 :])


def _outputs(passage: Passage, index: int, k: int, n_old: int, n_new: int) -> Growth:
    """How the output channels of a layer are made of those it had."""
    new = passage.new.stages[index]
    if n_new == n_old:
        return Growth(np.arange(n_old))
    if n_new < n_old:
        passage.notes.append(f"{new.name} keeps those {n_new} of its {n_old} units with the largest outgoing weights")
        strongest = np.argsort(-strength(passage.old, passage.before.weights, k, n_old), kind="stable")[:n_new]
        return Growth(np.sort(strongest))
    judges = list(_judges(passage, index)) if passage.same_data else []
    growth = choose_growth(
        n_old, n_new, passage.before, passage.after, judges, _is_judged_at_once(passage, index, judges), new.name
    )
    if growth.stretch != 1.0:
        passage.growth[judges[0][0]] = growth
        passage.notes.append(f"{new.name} grows from {n_old} to {n_new} units, the new ones at the mean of the old")
    else:
        passage.notes.append(f"{new.name} grows from {n_old} to {n_new} units, by copies of those it had")
    return growth


def _judges(passage: Passage, index: int) -> Iterator[tuple[int, int]]:
    """New and old stage of the normalizations of samples that a layer's channels pass before they are read."""
    for at in range(index + 1, len(passage.new.stages)):
        stage = passage.new.stages[at]
        if stage.normalizes == "sample" and at in passage.pairs:
            yield at, passage.pairs[at]
        elif stage.kind == "layer" and not stage.normalizes and not stage.passes:
            return


def _is_judged_at_once(passage: Passage, index: int, judges: list[tuple[int, int]]) -> bool:
    """Whether one normalization of samples follows a layer with nothing between, each channel a single unit."""
    if len(judges) != 1 or sums_shape(passage.new.stages[index])[0] != prod(passage.new.stages[index].output):
        return False
    return all(stage.passes == "units" for stage in passage.new.stages[index + 1 : judges[0][0]])


def _read(
    passage: Passage, index: int, k: int, weights: tuple[np.ndarray, np.ndarray], rows: np.ndarray
) -> np.ndarray | None:
    """Write weight and bias with which a layer reads its new inputs.

    Args:
        passage: Up to this layer.
        index: Its stage.
        k: Its stage in the old network.
        weights: Weight and bias for the old inputs.
        rows: The output channel of the old weight for each of the new outputs.

    Returns:
        The old input channel of each new one, -1 for none; None where nothing fits.
    """
    new, (weight, bias) = passage.new.stages[index], weights
    n_new, n_old = sums_shape(new)[1], weight.shape[1]
    lineage = passage.lineage.by_channel(n_new, n_old) if passage.lineage is not None else None
    if lineage is not None and lineage.covers:
        _read_through(passage, index, (weight, bias[rows]), rows, lineage)
        return lineage.origin
    known = lineage.origin if lineage is not None else None
    if is_matrix(new) and passage.same_data and max(n_old, n_new) <= MOST_UNITS:
        passage.notes.append(f"{new.name} was fitted to its new inputs")
        fit = fitted(weight[rows].astype(np.float64), bias[rows], passage.after.values(index), passage.before.values(k))
        write_sums(new, passage.after.weights, *fit)
        return known if known is not None else np.full(n_new, -1)
    if known is None and n_old != n_new:
        return None
    known = known if known is not None else np.arange(n_old)
    taken = weight[rows][:, np.maximum(known, 0)]
    taken[:, known < 0] = 0.0
    write_sums(new, passage.after.weights, taken, bias[rows])
    return known


def _read_through(
    passage: Passage, index: int, old: tuple[np.ndarray, np.ndarray], rows: np.ndarray, lineage: Lineage
) -> None:
    """Write the weights that make the same sums of the new channels as the old ones made of theirs."""
    new, (weight, bias) = passage.new.stages[index], old
    steady = _steady(passage, index, lineage)
    made, added = through(
        lambda block: weight[rows[block.start : block.stop]].astype(np.float64),
        sums_shape(new),
        lineage,
        steady,
        passage.seed,
        new.name,
    )
    passage.write(index, made, bias - added, lineage)


def _steady(passage: Passage, index: int, lineage: Lineage) -> np.ndarray:
    """The value of every channel that stands for none and always holds the same; NaN for all others."""
    steady = np.full(len(lineage.origin), np.nan)
    unknown = np.flatnonzero(lineage.origin < 0)
    if unknown.size and is_matrix(passage.new.stages[index]):
        x = passage.after.values(index)[:, unknown]
        middle = x.mean(axis=0)
        still = np.abs(x - middle).max(axis=0) <= 1e-5 * (1.0 + np.abs(middle))
        steady[unknown[still]] = middle[still]
    return steady
