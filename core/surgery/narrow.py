"""A layer put into a running network that is narrower than what it reads.

It cannot pass its input on. But the next layer reads its input through a matrix, and often through one of few rows: the
output layer of a classifier of ten classes needs ten sums, however wide the layer before it is. So the new layer takes
over these sums, and the next layer only puts them together. That is exact as long as there are no more rows than units;
of more, the combinations that tell most about them on the training data are kept.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from ..engine.network import Network, Stage
from .normalization import is_norm, is_reader

EXACT = "is new and passes on what the next layer reads"
LOSSY = "is new and too narrow for what the next layer reads: the answers change"


@dataclass(frozen=True, eq=False)
class Halves:
    """weight @ x + bias as late @ (early @ x) + bias."""

    early: np.ndarray
    """(kept, inputs): sums of the new layer."""
    late: np.ndarray
    """(outputs, kept): what the next layer makes of them."""
    bias: np.ndarray
    note: str
    """What to say of the new layer."""


def halves(weight: np.ndarray, bias: np.ndarray, x: np.ndarray, most: int) -> Halves:
    """Two matrices in place of one, with at most so many sums between them.

    Args:
        weight: (outputs, inputs).
        bias: (outputs,).
        x: Inputs of the training data, (n, inputs).
        most: Most sums.
    """
    if len(weight) <= most:
        return Halves(weight, np.eye(len(weight)), bias, EXACT)
    sums = x @ weight.T
    middle = sums.mean(axis=0)
    directions = np.linalg.svd(sums - middle, full_matrices=False)[2][:most]
    lost = middle - directions.T @ (directions @ middle)
    return Halves(directions @ weight, directions.T, bias + lost, LOSSY)


def next_reader(old: Network, new: Network, pairs: Mapping[int, int], index: int, last: int) -> int | None:
    """Stage of the old layer that reads what a new dense layer is given; None where something else is done with it.

    Args:
        old: The network before.
        new: The network to come.
        pairs: New stage -> old stage, of layers that were there.
        index: Stage of the new layer.
        last: Old stage reached.
    """
    for k, stage in enumerate(new.stages[index + 1 :], index + 1):
        if stage.kind != "layer" or _moves_nothing(stage) or (k not in pairs and is_norm(stage)):
            continue
        if stage.member.name != "dense":
            return None
        if k in pairs:
            between = (one for one in old.stages[last + 1 : pairs[k]] if one.kind == "layer")
            return pairs[k] if all(map(_moves_nothing, between)) else None
    return None


def _moves_nothing(stage: Stage) -> bool:
    return not is_reader(stage) and ((stage.plan is not None and stage.plan.alias) or stage.member.name == "dropout")
