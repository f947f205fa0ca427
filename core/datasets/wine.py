"""Chemical measurements of wines from three growers; unscaled, one column (proline) drowns the others."""

from __future__ import annotations

import numpy as np

from ..registry import Settings
from .base import Dataset, Samples, shipped_rows

_INPUTS = (
    "alcohol",
    "malic acid",
    "ash",
    "alcalinity of ash",
    "magnesium",
    "total phenols",
    "flavanoids",
    "nonflavanoid phenols",
    "proanthocyanins",
    "color intensity",
    "hue",
    "OD280/OD315",
    "proline",
)


def load(settings: Settings, rng: np.random.Generator) -> Samples:
    """Read the shipped table."""
    rows = shipped_rows("wine_data.csv", skip=1)
    return Samples(
        x=rows[:, :-1],
        y=rows[:, -1].astype(np.int64),
        task="classes",
        input_names=_INPUTS,
        class_names=("grower 1", "grower 2", "grower 3"),
    )


WINE = Dataset(
    name="wine",
    title="Wine",
    summary="178 wines, 13 measurements in very different units, three growers.",
    paper="Aeberhard, Forina 1991, UCI Machine Learning Repository, doi:10.24432/C5PC7J",
    load=load,
    kind="real",
)
