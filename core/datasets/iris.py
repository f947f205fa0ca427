"""Fisher's irises: length and width of sepal and petal, in centimeters."""

from __future__ import annotations

import numpy as np

from ..registry import Settings
from .base import Dataset, Samples, shipped_rows

_INPUTS = (
    "sepal length",
    "sepal width",
    "petal length",
    "petal width",
)


def load(settings: Settings, rng: np.random.Generator) -> Samples:
    """Read the shipped table."""
    rows = shipped_rows("iris.csv", skip=1)
    return Samples(
        x=rows[:, :-1],
        y=rows[:, -1].astype(np.int64),
        task="classes",
        input_names=_INPUTS,
        class_names=("setosa", "versicolor", "virginica"),
    )


IRIS = Dataset(
    name="iris",
    title="Iris",
    summary="150 flowers, four measurements, three species.",
    paper="Fisher 1936, UCI Machine Learning Repository, doi:10.24432/C56C76",
    load=load,
    kind="real",
)
