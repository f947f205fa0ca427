"""Fields of two alternating colors."""

from __future__ import annotations

import numpy as np

from ..registry import Param, Settings
from .base import FEATURES, N_SAMPLES, SIDE, Dataset, Samples, equal_classes, noise, plane_classes


def load(settings: Settings, rng: np.random.Generator) -> Samples:
    """Draw a field of the class's color for each point, and a place within it."""
    n_fields = settings["fields"]
    labels = equal_classes(settings["n_samples"], 2)
    column, row = np.divmod(np.arange(n_fields * n_fields), n_fields)
    color = (column + row) % 2
    field = np.empty(len(labels), np.int64)
    for label in (0, 1):
        field[labels == label] = rng.choice(np.flatnonzero(color == label), np.count_nonzero(labels == label))
    corner = np.stack((column[field], row[field]), axis=1)
    points = (corner + rng.random((len(labels), 2))) * (2.0 * SIDE / n_fields) - SIDE
    return plane_classes(points, labels, ("dark", "light"), settings, rng)


CHECKERBOARD = Dataset(
    name="checkerboard",
    title="Checkerboard",
    summary="Fields of two alternating colors; more fields need more units.",
    formula="class = (column + row) mod 2",
    paper="common practice",
    params=(
        N_SAMPLES,
        noise(0.0, "the points"),
        Param(name="fields", default=4, low=2, high=12, summary="Fields per side; more is harder."),
        FEATURES,
    ),
    load=load,
)
