"""A data set that may end the process that draws it, or raise: `dltui sweep --plugin` of a method that is broken."""

from __future__ import annotations

import os
import signal

import numpy as np

from dltui.core.datasets.base import Dataset, Samples
from dltui.core.registry import Param, Settings

FATE = Param(name="fate", default=0, low=0, high=2, summary="0 lives, 1 kills its process, 2 raises.")


def load(settings: Settings, rng: np.random.Generator) -> Samples:
    """Draw two clouds, or do not."""
    if settings["fate"] == 1:
        os.kill(os.getpid(), signal.SIGKILL)
    if settings["fate"] == 2:
        raise ZeroDivisionError("fate")
    labels = np.arange(40, dtype=np.int64) % 2
    points = rng.normal(size=(40, 2)) + labels[:, None]
    return Samples(x=points, y=labels, task="classes", input_names=("x1", "x2"), class_names=("a", "b"))


FATED = Dataset(name="fated", title="Fated", summary="Two clouds, if all goes well.", params=(FATE,), load=load)
