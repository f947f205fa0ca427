"""The user's pictures in the form of MNIST: one IDX file of images and one of labels, gzipped or not."""

from __future__ import annotations

import os
from math import prod

import numpy as np

from ..errors import ConfigError
from ..registry import Param, Settings
from ..tables.reading.size import Size
from .base import AS_IMAGE, AUTOENCODER, Dataset, Samples
from .formats.arrays import idx_shape, read_idx
from .formats.from_arrays import Arrays, samples_of
from .formats.targets import MAX_ROWS, PATH, TASK, path_beside, path_of, safe_path

_LATER = (("train", "t10k"), ("train", "test"), ("train", "val"))
"""What stands for the part to learn from in a file's name, and for the part to judge by."""


def load(settings: Settings, rng: np.random.Generator) -> Samples:
    """Read the images and their labels."""
    path, later, val = path_of(settings), settings["validation"], None
    if later == "auto":
        later = _later_name(path)
    if later and later != "none":
        val = _arrays(path_beside(path, later), "", settings["autoencoder"])
    arrays = _arrays(path, settings["labels"], settings["autoencoder"])
    return samples_of(arrays, settings, rng, val=val, name="label", labels=True)


def _arrays(path: str, labels: str, autoencoder: bool) -> Arrays:
    x, file = read_idx(path), safe_path(path)
    if autoencoder:
        return Arrays(x, None, file)
    of_labels = path_beside(path, labels or _usual_name(path))
    y = read_idx(of_labels)
    if len(x) != len(y):
        raise ConfigError(f"has {len(x)} samples, but {safe_path(of_labels)} has {len(y)} labels", file=file)
    return Arrays(x, y, safe_path(of_labels))


def _usual_name(path: str) -> str:
    """MNIST's own name of the file of labels that goes with a file of images."""
    images = os.path.basename(path)
    labels = images.replace("images", "labels").replace("idx3", "idx1")
    if labels == images:
        raise ConfigError("names no file of labels", field="data.labels")
    return labels


def _later_name(path: str) -> str:
    """The file of images to judge by that lies beside the other, with its labels; "" where there is none."""
    folder, name = os.path.split(path)
    for first, later in _LATER:
        other = name.replace(first, later, 1)
        if other != name and all(os.path.isfile(os.path.join(folder, each)) for each in (other, _usual_name(other))):
            return other
    return ""


def _recognize(path: str) -> Settings | None:
    if os.path.isdir(path):
        names = sorted(name for name in os.listdir(path) if "images" in name and "idx" in name)
        first = [name for name in names if "train" in name] or names
        return _recognize(os.path.join(path, first[0])) if first else None
    if not os.path.isfile(path):
        return None
    try:
        shape = idx_shape(path)
    except ConfigError:
        return None
    if len(shape) == 1:
        raise ConfigError("holds labels; name the file of images beside it", file=safe_path(path))
    return {"path": path}


def _size(settings: Settings) -> Size | None:
    try:
        shape = idx_shape(path_of(settings))
    except ConfigError:
        return None
    return Size(shape[0], prod(shape[1:]), pictures=len(shape) > 2)


IDX = Dataset(
    name="idx",
    title="IDX files (MNIST)",
    summary="Your own pictures in MNIST's format: a file of images and a file of labels.",
    params=(
        PATH,
        Param(name="labels", default="", summary="File of labels, beside the images; empty: MNIST's name for it."),
        TASK,
        Param(
            name="validation",
            default="auto",
            before="none",
            summary="The validation images: auto (t10k beside train, else a share), none (a share), or a file.",
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
