"""The function that made-up samples lie on: what a curve that is learned is compared with.

A data set that can be made without noise is made once more without it, so no data set has to tell its function twice.
"""

from __future__ import annotations

from collections.abc import Hashable
from functools import lru_cache

import numpy as np

from ..config.sections import DataConfig
from ..errors import ConfigError
from ..registry import families

POINTS = 4000
"""Samples made to know the function everywhere."""


def true_values(section: DataConfig, x: np.ndarray) -> np.ndarray | None:
    """The function at places of one input, in the unit of the data; None where nobody knows it.

    Args:
        section: The data.
        x: float64 (k,), rising.
    """
    settings = section.settings
    if section.member.kind != "generated" or not {"noise", "n_samples"} <= set(settings):
        return None
    if not all(isinstance(value, Hashable) for value in settings.values()):
        return None
    known = _made(section.name, tuple(sorted(settings.items())))
    return None if known is None else np.interp(x, *known)


@lru_cache(maxsize=4)
def _made(name: str, settings: tuple[tuple[str, Hashable], ...]) -> tuple[np.ndarray, np.ndarray] | None:
    """Places and values of samples without noise, in the order of the places."""
    quiet = dict(settings) | {"noise": 0.0, "n_samples": POINTS}
    try:
        samples = families["datasets"][name].load(quiet, np.random.default_rng(0))
    except ConfigError:
        return None
    if samples.task != "values" or samples.x.shape[1:] != (1,) or samples.y.shape[1:] != (1,):
        return None
    order = np.argsort(samples.x[:, 0], kind="stable")
    return samples.x[order, 0], samples.y[order, 0]
