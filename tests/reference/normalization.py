"""Batch and layer normalization (Ioffe, Szegedy 2015; Ba, Kiros, Hinton 2016) as PyTorch documents them.

Batch normalization normalizes by the biased variance of the batch while training, and keeps running averages of its
mean and unbiased variance; when evaluating it uses those. A batch with one value a channel has no variance: it is
normalized by the running ones and leaves them alone.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

Array = np.ndarray
Settings = Mapping[str, Any]


def _by_channel(x: Array) -> Array:
    """(values, channels)."""
    return np.moveaxis(x, 1, -1).reshape(-1, x.shape[1])


def _over(values: Array, x: Array) -> Array:
    """One number a channel, to be used with x."""
    return values.reshape(1, -1, *(1,) * (x.ndim - 2))


def has_variance(x: Array) -> bool:
    """Whether there is more than one value a channel."""
    return len(_by_channel(x)) > 1


def batch_moments(x: Array) -> tuple[Array, Array, int]:
    """(mean, biased variance, values) of every channel."""
    columns = _by_channel(x)
    return columns.mean(axis=0), columns.var(axis=0), len(columns)


def batch_norm(x: Array, mean: Array, variance: Array, s: Settings, w: Mapping[str, Array]) -> Array:
    """(x - mean) / √(variance + ε) · weight + bias."""
    z = (x - _over(mean, x)) / np.sqrt(_over(variance, x) + s["eps"])
    return z * _over(w["weight"], x) + _over(w["bias"], x)


def running(kept: Mapping[str, Array], x: Array, s: Settings) -> dict[str, Array]:
    """The running averages after a batch."""
    mean, variance, n = batch_moments(x)
    m = s["momentum"]
    return {
        "running_mean": (1 - m) * kept["running_mean"] + m * mean,
        "running_var": (1 - m) * kept["running_var"] + m * variance * n / (n - 1),
    }


def batch_norm_gradients(
    x: Array, dy: Array, s: Settings, w: Mapping[str, Array], kept: Mapping[str, Array]
) -> tuple[Array, dict[str, Array]]:
    """Through the batch's own mean and variance where it has them, else past constants."""
    if not has_variance(x):
        z = (x - _over(kept["running_mean"], x)) / np.sqrt(_over(kept["running_var"], x) + s["eps"])
        dx = dy * _over(w["weight"], x) / np.sqrt(_over(kept["running_var"], x) + s["eps"])
        return dx, {"weight": _by_channel(dy * z).sum(axis=0), "bias": _by_channel(dy).sum(axis=0)}
    mean, variance, n = batch_moments(x)
    deviation = np.sqrt(_over(variance, x) + s["eps"])
    z = (x - _over(mean, x)) / deviation
    dz = dy * _over(w["weight"], x)
    middle = _over(_by_channel(dz).sum(axis=0) / n, x)
    along = _over(_by_channel(dz * z).sum(axis=0) / n, x)
    gradients = {"weight": _by_channel(dy * z).sum(axis=0), "bias": _by_channel(dy).sum(axis=0)}
    return (dz - middle - z * along) / deviation, gradients


def _units(x: Array) -> tuple[int, ...]:
    return tuple(range(1, x.ndim))


def layer_norm(x: Array, s: Settings, w: Mapping[str, Array]) -> Array:
    """The same over all units of a sample."""
    mean, variance = x.mean(axis=_units(x), keepdims=True), x.var(axis=_units(x), keepdims=True)
    return (x - mean) / np.sqrt(variance + s["eps"]) * w["weight"] + w["bias"]


def layer_norm_gradients(x: Array, dy: Array, s: Settings, w: Mapping[str, Array]) -> tuple[Array, dict[str, Array]]:
    """Through the sample's mean and variance."""
    axes = _units(x)
    mean, variance = x.mean(axis=axes, keepdims=True), x.var(axis=axes, keepdims=True)
    deviation = np.sqrt(variance + s["eps"])
    z, dz = (x - mean) / deviation, dy * w["weight"]
    dx = (dz - dz.mean(axis=axes, keepdims=True) - z * (dz * z).mean(axis=axes, keepdims=True)) / deviation
    return dx, {"weight": (dy * z).sum(axis=0), "bias": dy.sum(axis=0)}
