"""Activations: value and slope of each as its paper and PyTorch have it.

Slopes at a corner are PyTorch's: 0 at 0 for ReLU, that of the left side for leaky ReLU, PReLU and ELU's kin; hard
swish has 0 at -3 and 1 at 3.
"""

from __future__ import annotations

from collections.abc import Mapping
from math import erf
from typing import Any

import numpy as np

Array = np.ndarray
CORNERS: Mapping[str, tuple[float, ...]] = {
    **dict.fromkeys(("relu", "leaky_relu", "prelu", "elu", "selu"), (0.0,)),
    "hardswish": (-3.0, 3.0),
}
"""Activation -> where its slope jumps; ELU's does unless its α is 1."""
_erf = np.vectorize(erf, otypes=[np.float64])


def _sigmoid(z: Array) -> Array:
    return np.where(z >= 0, 1 / (1 + np.exp(-np.abs(z))), np.exp(-np.abs(z)) / (1 + np.exp(-np.abs(z))))


def _softplus(z: Array) -> Array:
    return np.maximum(z, 0) + np.log1p(np.exp(-np.abs(z)))


def _exp_below(z: Array) -> Array:
    return np.exp(np.minimum(z, 0))


def _selu(z: Array, derive: bool) -> Array:
    scale, alpha = 1.0507009873554805, 1.6732632423543772
    if derive:
        return scale * np.where(z > 0, 1.0, alpha * _exp_below(z))
    return scale * np.where(z > 0, z, alpha * (_exp_below(z) - 1))


def _gelu(z: Array, derive: bool, approximate: str) -> Array:
    if approximate == "tanh":
        inner = np.sqrt(2 / np.pi) * (z + 0.044715 * z**3)
        t = np.tanh(inner)
        if derive:
            return (1 + t) / 2 + z / 2 * (1 - t**2) * np.sqrt(2 / np.pi) * (1 + 3 * 0.044715 * z**2)
        return z / 2 * (1 + t)
    below = (1 + _erf(z / np.sqrt(2))) / 2
    return below + z * np.exp(-(z**2) / 2) / np.sqrt(2 * np.pi) if derive else z * below


def _mish(z: Array, derive: bool) -> Array:
    w = np.tanh(_softplus(z))
    return w + z * _sigmoid(z) * (1 - w**2) if derive else z * w


def _swish(z: Array, derive: bool, beta: float) -> Array:
    s = _sigmoid(beta * z)
    return s + beta * z * s * (1 - s) if derive else z * s


def _hardswish(z: Array, derive: bool) -> Array:
    if derive:
        return np.where(z >= 3, 1.0, np.where(z <= -3, 0.0, z / 3 + 0.5))
    return z * np.clip(z + 3, 0, 6) / 6


def _elementwise(name: str, z: Array, s: Mapping[str, Any], derive: bool) -> Array:
    """Value of a function of one number, or its slope."""
    match name:
        case "identity":
            return np.ones_like(z) if derive else z
        case "sigmoid":
            return _sigmoid(z) * (1 - _sigmoid(z)) if derive else _sigmoid(z)
        case "tanh":
            return 1 - np.tanh(z) ** 2 if derive else np.tanh(z)
        case "relu":
            return np.where(z > 0, 1.0, 0.0) if derive else np.maximum(z, 0)
        case "leaky_relu":
            return np.where(z > 0, 1.0, s["negative_slope"]) if derive else np.where(z > 0, z, s["negative_slope"] * z)
        case "prelu":
            return np.where(z > 0, 1.0, s["slope"]) if derive else np.where(z > 0, z, s["slope"] * z)
        case "elu":
            a = s["alpha"]
            return np.where(z > 0, 1.0, a * _exp_below(z)) if derive else np.where(z > 0, z, a * (_exp_below(z) - 1))
        case "celu":
            a = s["alpha"]
            e = _exp_below(z / a)
            return np.where(z > 0, 1.0, e) if derive else np.where(z > 0, z, a * (e - 1))
        case "selu":
            return _selu(z, derive)
        case "softplus":
            return _sigmoid(s["beta"] * z) if derive else _softplus(s["beta"] * z) / s["beta"]
        case "gelu":
            return _gelu(z, derive, s["approximate"])
        case "swish":
            return _swish(z, derive, s["beta"])
        case "mish":
            return _mish(z, derive)
        case "hardswish":
            return _hardswish(z, derive)
    raise NotImplementedError(f"the reference has no activation {name}")


def value(name: str, z: Array, settings: Mapping[str, Any]) -> Array:
    """a = f(z), z (n, units …)."""
    if name == "softmax":
        flat = z.reshape(len(z), -1)
        powers = np.exp(flat - flat.max(axis=1, keepdims=True))
        return (powers / powers.sum(axis=1, keepdims=True)).reshape(z.shape)
    return _elementwise(name, z, settings, derive=False)


def gradient(name: str, z: Array, da: Array, settings: Mapping[str, Any]) -> Array:
    """The gradient by z, given that by a."""
    if name == "softmax":
        a, g = value(name, z, settings).reshape(len(z), -1), da.reshape(len(z), -1)
        return (a * (g - (a * g).sum(axis=1, keepdims=True))).reshape(z.shape)
    return da * _elementwise(name, z, settings, derive=True)


def slope_gradient(z: Array, da: Array) -> float:
    """Gradient by the learned slope of PReLU, one for a layer."""
    return float((da * z)[z <= 0].sum())
