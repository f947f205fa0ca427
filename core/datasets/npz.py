"""The user's arrays in one NPZ file, as NumPy's `savez` writes them: inputs and targets by name."""

from __future__ import annotations

import os
from collections.abc import Mapping

import numpy as np

from ..errors import ConfigError
from ..registry import Param, Settings
from ..tables.reading.size import Size
from .base import AS_IMAGE, AUTOENCODER, Dataset, Samples
from .formats.arrays import read_npz
from .formats.from_arrays import Arrays, samples_of
from .formats.targets import MAX_ROWS, PATH, TASK, path_beside, path_of, safe_path

_INPUTS = ("x", "X", "x_train", "X_train", "inputs", "images", "data", "train_images", "train_x", "features")
_TARGETS = ("y", "Y", "y_train", "Y_train", "targets", "target", "labels", "train_labels", "train_y", "label")
_LATER = {
    "x_test": "y_test", "X_test": "y_test", "x_val": "y_val", "X_val": "y_val", "x_valid": "y_valid",
    "X_valid": "y_valid", "test_images": "test_labels", "val_images": "val_labels", "test_x": "test_y",
}  # fmt: skip
"""Names of inputs that are there to judge by, and of their targets."""


def load(settings: Settings, rng: np.random.Generator) -> Samples:
    """Read inputs and targets by their names in the file."""
    path = path_of(settings)
    arrays = _arrays(path, settings)
    val, later = None, settings["validation"]
    if later == "auto":
        val = _later(read_npz(path), settings["autoencoder"], safe_path(path))
    elif later != "none":
        val = _arrays(path_beside(path, later), settings)
    return samples_of(arrays, settings, rng, val=val)


def _arrays(path: str, settings: Settings) -> Arrays:
    file, arrays = safe_path(path), read_npz(path)
    x = _find(arrays, settings["inputs"], _INPUTS, "data.inputs", file)
    return Arrays(
        x, None if settings["autoencoder"] else _find(arrays, settings["targets"], _TARGETS, "data.targets", file), file
    )  # fmt: skip


def _later(arrays: Mapping[str, np.ndarray], autoencoder: bool, file: str) -> Arrays | None:
    """The rows to judge by in the same file."""
    for inputs, targets in _LATER.items():
        if inputs in arrays and (autoencoder or targets in arrays):
            name = f"{file}, array {inputs}"
            return Arrays(arrays[inputs], None if autoencoder else arrays[targets], name)
    return None


def _find(arrays: Mapping[str, np.ndarray], name: str, usual: tuple[str, ...], field: str, file: str) -> np.ndarray:
    for candidate in (name,) if name else usual:
        if candidate in arrays:
            return arrays[candidate]
    raise ConfigError(
        "is not an array of this file", field=field, value=name or usual[0], choices=sorted(arrays), file=file
    )


def _recognize(path: str) -> Settings | None:
    if not os.path.isfile(path):
        return None
    if path.lower().endswith(".npz"):
        return {"path": path}
    with open(path, "rb") as stream:
        head = stream.read(64)
    return {"path": path} if head[:4] == b"PK\x03\x04" and b".npy" in head else None


def _size(settings: Settings) -> Size | None:
    try:
        x = _find(read_npz(path_of(settings)), settings["inputs"], _INPUTS, "data.inputs", "")
    except ConfigError:
        return None
    return Size(len(x), int(np.prod(x.shape[1:])), pictures=x.ndim > 2) if x.ndim else None


NPZ = Dataset(
    name="npz",
    title="NPZ file",
    summary="Your own NumPy arrays: inputs x and targets y in one file.",
    params=(
        PATH,
        Param(name="inputs", default="", summary="Name of the inputs' array; empty: x, X, x_train, images, …"),
        Param(name="targets", default="", summary="Name of the targets' array; empty: y, Y, y_train, labels, …"),
        TASK,
        Param(
            name="validation",
            default="auto",
            before="none",
            summary="The validation rows: auto (x_test, y_test of the file, else a share), none (a share), or a file.",
        ),
        AS_IMAGE,
        AUTOENCODER,
        MAX_ROWS,
    ),
    load=load,
    kind="file",
    recognize=_recognize,
    size=_size,
)
