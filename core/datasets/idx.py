"""The user's pictures in the form of MNIST: one IDX file of images and one of labels, gzipped or not."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from ..arrays import read_idx
from ..errors import ConfigError
from ..registry import Param
from ..targets import MAX_ROWS, PATH, TASK, as_inputs, as_targets, path_of, rows_kept, shown
from .base import AS_IMAGE, AUTOENCODER, Dataset, Samples, from_file


def _load(settings: Mapping[str, Any], rng: np.random.Generator) -> Samples:
    path = path_of(settings)
    labels = settings["labels"] or _beside(path)
    file = shown(path)
    x = read_idx(path)
    y = read_idx(labels)
    if len(x) != len(y):
        raise ConfigError(f"has {len(x)} samples, but {shown(labels)} has {len(y)} labels", file=file)
    rows = rows_kept(len(x), settings["max_rows"], file, rng)
    return from_file(as_inputs(x[rows], file), as_targets(y[rows], settings["task"], shown(labels), "label"), settings)


def _beside(path: str) -> str:
    """MNIST's own name of the file of labels that goes with a file of images."""
    folder, slash, name = path.rpartition("/")
    other = name.replace("images", "labels").replace("idx3", "idx1")
    if other == name:
        raise ConfigError("names no file of labels", field="data.labels")
    return folder + slash + other


IDX = Dataset(
    name="idx",
    title="IDX files (MNIST)",
    summary="Your own pictures in MNIST's form: a file of images and a file of labels.",
    params=(
        PATH,
        Param(name="labels", default="", summary="File of labels; empty: …labels-idx1… beside …images-idx3…"),
        TASK,
        AS_IMAGE,
        AUTOENCODER,
        MAX_ROWS,
    ),
    load=_load,
    kind="file",
)
