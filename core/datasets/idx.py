"""The user's pictures in the form of MNIST: one IDX file of images and one of labels, gzipped or not."""

from __future__ import annotations

import os

import numpy as np

from ..errors import ConfigError
from ..registry import Param, Settings
from .base import AS_IMAGE, AUTOENCODER, Dataset, Samples, from_file
from .formats.arrays import read_idx
from .formats.targets import MAX_ROWS, PATH, TASK, as_inputs, as_targets, beside, path_of, rows_kept, shown


def load(settings: Settings, rng: np.random.Generator) -> Samples:
    """Read the images and their labels."""
    path = path_of(settings)
    file = shown(path)
    x = read_idx(path)
    rows = rows_kept(len(x), settings["max_rows"], file, rng)
    inputs = as_inputs(x[rows], file)
    if settings["autoencoder"]:
        return from_file(inputs, None, settings)
    labels = beside(path, settings["labels"] or _usual_name(path))
    y = read_idx(labels)
    if len(x) != len(y):
        raise ConfigError(f"has {len(x)} samples, but {shown(labels)} has {len(y)} labels", file=file)
    return from_file(inputs, as_targets(y[rows], settings["task"], shown(labels), "label"), settings)


def _usual_name(path: str) -> str:
    """MNIST's own name of the file of labels that goes with a file of images."""
    images = os.path.basename(path)
    labels = images.replace("images", "labels").replace("idx3", "idx1")
    if labels == images:
        raise ConfigError("names no file of labels", field="data.labels")
    return labels


IDX = Dataset(
    name="idx",
    title="IDX files (MNIST)",
    summary="Your own pictures in MNIST's format: a file of images and a file of labels.",
    params=(
        PATH,
        Param(name="labels", default="", summary="File of labels, beside the images; empty: MNIST's name for it."),
        TASK,
        AS_IMAGE,
        AUTOENCODER,
        MAX_ROWS,
    ),
    load=load,
    kind="file",
)
