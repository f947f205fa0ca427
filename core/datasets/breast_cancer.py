"""Measurements of cell nuclei in images of breast tumors: mean, error and worst of ten."""

from __future__ import annotations

import numpy as np

from ..registry import Settings
from .base import Dataset, Samples, shipped_rows

_INPUTS = (
    "mean radius",
    "mean texture",
    "mean perimeter",
    "mean area",
    "mean smoothness",
    "mean compactness",
    "mean concavity",
    "mean concave points",
    "mean symmetry",
    "mean fractal dimension",
    "error radius",
    "error texture",
    "error perimeter",
    "error area",
    "error smoothness",
    "error compactness",
    "error concavity",
    "error concave points",
    "error symmetry",
    "error fractal dimension",
    "worst radius",
    "worst texture",
    "worst perimeter",
    "worst area",
    "worst smoothness",
    "worst compactness",
    "worst concavity",
    "worst concave points",
    "worst symmetry",
    "worst fractal dimension",
)


def load(settings: Settings, rng: np.random.Generator) -> Samples:
    """Read the shipped table."""
    rows = shipped_rows("breast_cancer.csv", skip=1)
    return Samples(
        x=rows[:, :-1],
        y=rows[:, -1].astype(np.int64),
        task="classes",
        input_names=_INPUTS,
        class_names=("malignant", "benign"),
    )


BREAST_CANCER = Dataset(
    name="breast_cancer",
    title="Breast cancer",
    summary="569 tumors, 30 measurements, malignant or benign.",
    paper="Wolberg et al. 1995, UCI Machine Learning Repository, doi:10.24432/C5DW2B",
    load=load,
    kind="real",
)
