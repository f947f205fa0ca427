"""The user's arrays in one NPZ file, as NumPy's `savez` writes them: inputs and targets by name."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from ..errors import ConfigError
from ..registry import Param, Settings
from .base import AS_IMAGE, AUTOENCODER, Dataset, Samples, from_file
from .formats.arrays import read_npz
from .formats.targets import MAX_ROWS, PATH, TASK, as_inputs, as_targets, path_of, rows_kept, shown

_INPUTS = ("x", "X", "x_train", "X_train", "inputs", "images", "data", "train_images")
_TARGETS = ("y", "Y", "y_train", "Y_train", "targets", "target", "labels", "train_labels")


def load(settings: Settings, rng: np.random.Generator) -> Samples:
    """Read inputs and targets by their names in the file."""
    path = path_of(settings)
    file = shown(path)
    arrays = read_npz(path)
    x = _find(arrays, settings["inputs"], _INPUTS, "data.inputs", file)
    y = x if settings["autoencoder"] else _find(arrays, settings["targets"], _TARGETS, "data.targets", file)
    if x.ndim == 0 or y.ndim == 0 or len(x) != len(y):
        raise ConfigError(f"has inputs of shape {x.shape} but targets of shape {y.shape}", file=file)
    rows = rows_kept(len(x), settings["max_rows"], file, rng)
    targets = None if settings["autoencoder"] else as_targets(y[rows], settings["task"], file, "target")
    return from_file(as_inputs(x[rows], file), targets, settings)


def _find(arrays: Mapping[str, np.ndarray], name: str, usual: tuple[str, ...], field: str, file: str) -> np.ndarray:
    for candidate in (name,) if name else usual:
        if candidate in arrays:
            return arrays[candidate]
    raise ConfigError(
        "is not an array of this file", field=field, value=name or usual[0], choices=sorted(arrays), file=file
    )


NPZ = Dataset(
    name="npz",
    title="NPZ file",
    summary="Your own NumPy arrays: inputs x and targets y in one file.",
    params=(
        PATH,
        Param(name="inputs", default="", summary="Name of the inputs' array; empty: x, X, x_train, images, …"),
        Param(name="targets", default="", summary="Name of the targets' array; empty: y, Y, y_train, labels, …"),
        TASK,
        AS_IMAGE,
        AUTOENCODER,
        MAX_ROWS,
    ),
    load=load,
    kind="file",
)
