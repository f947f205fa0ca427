"""The user's array in an NPY file: inputs, with the targets in a second file or in the last column."""

from __future__ import annotations

import numpy as np

from ..errors import ConfigError
from ..registry import Param, Settings
from .base import AS_IMAGE, AUTOENCODER, Dataset, Samples, from_file
from .formats.arrays import read_npy
from .formats.targets import MAX_ROWS, PATH, TASK, as_inputs, as_targets, beside, path_of, rows_kept, shown


def load(settings: Settings, rng: np.random.Generator) -> Samples:
    """Read the inputs, and the targets from the last column or a second file."""
    path = path_of(settings)
    file = shown(path)
    x = read_npy(path)
    if settings["autoencoder"]:
        y = x
    elif settings["labels"]:
        y = read_npy(beside(path, settings["labels"]))
    elif x.ndim == 2 and x.shape[1] >= 2:
        x, y = x[:, :-1], x[:, -1]
    else:
        raise ConfigError("has no last column to take as target; name a second file in data.labels", file=file)
    if x.ndim == 0 or y.ndim == 0 or len(x) != len(y):
        raise ConfigError(f"has inputs of shape {x.shape} but targets of shape {y.shape}", file=file)
    rows = rows_kept(len(x), settings["max_rows"], file, rng)
    targets = None if settings["autoencoder"] else as_targets(y[rows], settings["task"], file, "target")
    return from_file(as_inputs(x[rows], file), targets, settings)


NPY = Dataset(
    name="npy",
    title="NPY file",
    summary="Your own NumPy array: a table with the target last, or inputs beside a file of targets.",
    params=(
        PATH,
        Param(name="labels", default="", summary="File with the targets, beside the first; empty: its last column."),
        TASK,
        AS_IMAGE,
        AUTOENCODER,
        MAX_ROWS,
    ),
    load=load,
    kind="file",
)
