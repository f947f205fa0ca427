"""Diabetes: ten measurements of a patient and how far the disease went in a year, a value.

The target (25 to 346) is given in hundreds, so that ordinary learning rates fit it.
"""

from __future__ import annotations

import numpy as np

from ..registry import Settings
from .base import Dataset, Samples, shipped_rows

_INPUTS = (
    "age",
    "sex",
    "body mass index",
    "blood pressure",
    "s1 total cholesterol",
    "s2 LDL",
    "s3 HDL",
    "s4 cholesterol ratio",
    "s5 log triglycerides",
    "s6 glucose",
)


def load(settings: Settings, rng: np.random.Generator) -> Samples:
    """Read the shipped tables."""
    return Samples(
        x=shipped_rows("diabetes_data_raw.csv.gz", delimiter=None),
        y=shipped_rows("diabetes_target.csv.gz", delimiter=None) / 100.0,
        task="values",
        input_names=_INPUTS,
        output_names=("progression / 100",),
    )


DIABETES = Dataset(
    name="diabetes",
    title="Diabetes",
    summary="442 patients, ten measurements, how far the disease went in a year (a value).",
    paper="Efron, Hastie, Johnstone, Tibshirani 2004, Least Angle Regression",
    load=load,
    kind="real",
)
