"""Contract of a data set: settings in, samples out. The split and the scaling happen outside, in `data.py`."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from ..registry import Param


@dataclass(frozen=True, kw_only=True, eq=False)
class Samples:
    """A data set before it is split."""

    x: np.ndarray
    """float64 (n, n_inputs), or (n, channels, height, width) for images."""
    y: np.ndarray
    """Classes: int64 (n,), 0 … n_classes-1. Values: float64 (n, n_outputs)."""
    task: str
    """"classes" or "values"."""
    input_names: tuple[str, ...] = ()
    """One name a column; () for images."""
    class_names: tuple[str, ...] = ()
    """One name a class; () for values."""
    output_names: tuple[str, ...] = ()
    """One name an output; () for classes."""
    target_is_input: bool = False
    """Whether the targets are the inputs (autoencoder)."""


@dataclass(frozen=True, kw_only=True)
class Dataset:
    """One source of samples."""

    name: str
    title: str
    summary: str
    formula: str = ""
    """For generated sets, what is drawn; else ""."""
    paper: str = "folklore"
    params: tuple[Param, ...] = ()
    load: Callable[[Mapping[str, Any], np.random.Generator], Samples]
    """(settings, generator seeded by the run's seed) -> samples. Raises ConfigError for a bad file."""
    kind: str = "generated"
    """"generated", "real" (shipped) or "file" (the user's, by `path`)."""
