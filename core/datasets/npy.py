"""The user's array in an NPY file: inputs, with the targets in a second file or in the last column."""

from __future__ import annotations

import os

import numpy as np

from ..errors import ConfigError
from ..registry import Param, Settings
from ..tables.reading.size import Size
from .base import AS_IMAGE, AUTOENCODER, Dataset, Samples
from .formats.arrays import read_npy
from .formats.from_arrays import Arrays, samples_of
from .formats.targets import MAX_ROWS, PATH, TASK, path_beside, path_of, safe_path

_MAGIC = b"\x93NUMPY"
_PAIRS = (("x", "y"), ("X", "y"), ("X", "Y"), ("images", "labels"), ("inputs", "targets"), ("data", "labels"),
          ("features", "labels"), ("data", "target"))  # fmt: skip
"""What stands for the inputs in a file's name, and for the targets in that of the file beside it."""


def load(settings: Settings, rng: np.random.Generator) -> Samples:
    """Read the inputs, and the targets from the last column or a second file."""
    path = path_of(settings)
    file = safe_path(path)
    x = read_npy(path)
    if settings["autoencoder"]:
        return samples_of(Arrays(x, None, file), settings, rng)
    if settings["labels"]:
        return samples_of(Arrays(x, read_npy(path_beside(path, settings["labels"])), file), settings, rng)
    if x.ndim == 2 and x.shape[1] >= 2:
        return samples_of(Arrays(x[:, :-1], x[:, -1], file), settings, rng)
    raise ConfigError("has no last column to take as target; name a second file in data.labels", file=file)


def _recognize(path: str) -> Settings | None:
    if not os.path.isfile(path):
        return None
    with open(path, "rb") as stream:
        if stream.read(len(_MAGIC)) != _MAGIC:
            return None
    folder, name = os.path.split(path)
    for inputs, targets in _PAIRS:
        other = name.replace(inputs, targets, 1)
        if other != name and os.path.isfile(os.path.join(folder, other)):
            return {"path": path, "labels": other}
    return {"path": path}


def _size(settings: Settings) -> Size | None:
    try:
        x = read_npy(path_of(settings))
    except ConfigError:
        return None
    return Size(len(x), int(np.prod(x.shape[1:])), pictures=x.ndim > 2) if x.ndim else None


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
    recognize=_recognize,
    size=_size,
)
