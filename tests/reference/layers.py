"""Layers: what each makes of its input, and its gradients; images are (n, channels, rows, columns).

A convolution and a transposed one are the same sums over (place, tap) pairs, one collecting and one painting, so both
are written as loops over the places of the narrow image.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

Array = np.ndarray
Settings = Mapping[str, Any]
Weights = Mapping[str, Array]
Result = tuple[Array, dict[str, Array]]


def output_shape(kind: str, shape: tuple[int, ...], s: Settings) -> tuple[int, ...]:
    """Shape of a layer's output, without samples."""
    if kind == "dense":
        return (int(s["units"]),)
    if kind == "flatten":
        return (int(np.prod(shape)),)
    if kind == "reshape":
        return (int(s["channels"]), int(s["height"]), int(s["width"]))
    if kind == "conv2d":
        return (int(s["filters"]), *((size + 2 * s["padding"] - s["kernel"]) // s["stride"] + 1 for size in shape[1:]))
    if kind == "conv_transpose2d":
        extra = s["kernel"] - 2 * s["padding"] + s["output_padding"]
        return (int(s["filters"]), *((size - 1) * s["stride"] + extra for size in shape[1:]))
    if kind in ("max_pool", "avg_pool"):
        return (shape[0], *((size - s["kernel"]) // s["stride"] + 1 for size in shape[1:]))
    if kind == "upsample":
        return (shape[0], *(size * s["factor"] for size in shape[1:]))
    return shape


def weight_shapes(kind: str, shape: tuple[int, ...], s: Settings) -> dict[str, tuple[int, ...]]:
    """Shapes of a layer's weights, PyTorch's."""
    match kind:
        case "dense":
            return {"weight": (int(s["units"]), int(np.prod(shape))), "bias": (int(s["units"]),)}
        case "conv2d":
            return {"weight": (int(s["filters"]), shape[0], s["kernel"], s["kernel"]), "bias": (int(s["filters"]),)}
        case "conv_transpose2d":
            return {"weight": (shape[0], int(s["filters"]), s["kernel"], s["kernel"]), "bias": (int(s["filters"]),)}
        case "batch_norm":
            return {"weight": shape[:1], "bias": shape[:1]}
        case "layer_norm":
            return {"weight": shape, "bias": shape}
    return {}


def forward(kind: str, x: Array, s: Settings, w: Weights) -> Array:
    """Output of a layer that draws nothing and keeps nothing."""
    match kind:
        case "dense":
            return x.reshape(len(x), -1) @ w["weight"].T + w["bias"]
        case "flatten":
            return x.reshape(len(x), -1)
        case "reshape":
            return x.reshape(len(x), *output_shape(kind, x.shape[1:], s))
        case "conv2d":
            return _collect(_padded(x, s["padding"]), w["weight"], s["stride"]) + w["bias"][:, None, None]
        case "conv_transpose2d":
            return _transposed(x, s, w)
        case "max_pool":
            return _pooled(x, s, lambda window: window.max(axis=2))
        case "avg_pool":
            return _pooled(x, s, lambda window: window.mean(axis=2))
        case "upsample":
            return x.repeat(s["factor"], axis=2).repeat(s["factor"], axis=3)
    raise NotImplementedError(f"the reference has no layer {kind}")


def backward(kind: str, x: Array, dy: Array, s: Settings, w: Weights) -> Result:
    """(gradient by the input, gradients by the weights)."""
    match kind:
        case "dense":
            flat = x.reshape(len(x), -1)
            return (dy @ w["weight"]).reshape(x.shape), {"weight": dy.T @ flat, "bias": dy.sum(axis=0)}
        case "flatten" | "reshape":
            return dy.reshape(x.shape), {}
        case "conv2d":
            return _conv_gradients(x, dy, s, w)
        case "conv_transpose2d":
            return _transposed_gradients(x, dy, s, w)
        case "max_pool" | "avg_pool":
            return _pool_gradient(kind, x, dy, s), {}
        case "upsample":
            f = s["factor"]
            return dy.reshape(*x.shape[:3], f, x.shape[3], f).sum(axis=(3, 5)), {}
    raise NotImplementedError(f"the reference has no layer {kind}")


# --- windows ----------------------------------------------------------------------------------------------------------


def _padded(x: Array, padding: int) -> Array:
    return np.pad(x, ((0, 0), (0, 0), (padding, padding), (padding, padding)))


def _cut(x: Array, padding: int) -> Array:
    return x[:, :, padding : x.shape[2] - padding, padding : x.shape[3] - padding]


def _collect(wide: Array, weight: Array, stride: int) -> Array:
    """y[n, o, i, j] = Σ weight[o, c, u, v] wide[n, c, i·stride + u, j·stride + v]."""
    size = weight.shape[2]
    rows, columns = ((length - size) // stride + 1 for length in wide.shape[2:])
    y = np.zeros((len(wide), len(weight), rows, columns))
    for i in range(rows):
        for j in range(columns):
            window = wide[:, :, i * stride : i * stride + size, j * stride : j * stride + size]
            y[:, :, i, j] = np.tensordot(window, weight, axes=((1, 2, 3), (1, 2, 3)))
    return y


def _paint(narrow: Array, weight: Array, stride: int, size: tuple[int, int]) -> Array:
    """y[n, c, i·stride + u, j·stride + v] += Σ narrow[n, o, i, j] weight[o, c, u, v], on an image of a size."""
    k = weight.shape[2]
    y = np.zeros((len(narrow), weight.shape[1], *size))
    for i in range(narrow.shape[2]):
        for j in range(narrow.shape[3]):
            brush = np.tensordot(narrow[:, :, i, j], weight, axes=(1, 0))
            y[:, :, i * stride : i * stride + k, j * stride : j * stride + k] += brush
    return y


def _pairs(narrow: Array, wide: Array, stride: int, size: int) -> Array:
    """Σ narrow[n, o, i, j] wide[n, c, i·stride + u, j·stride + v] by (o, c, u, v)."""
    result = np.zeros((narrow.shape[1], wide.shape[1], size, size))
    for i in range(narrow.shape[2]):
        for j in range(narrow.shape[3]):
            window = wide[:, :, i * stride : i * stride + size, j * stride : j * stride + size]
            result += np.tensordot(narrow[:, :, i, j], window, axes=(0, 0))
    return result


def _conv_gradients(x: Array, dy: Array, s: Settings, w: Weights) -> Result:
    wide, size = _padded(x, s["padding"]), w["weight"].shape[2]
    dx = _cut(_paint(dy, w["weight"], s["stride"], wide.shape[2:]), s["padding"])
    return dx, {"weight": _pairs(dy, wide, s["stride"], size), "bias": dy.sum(axis=(0, 2, 3))}


def _transposed(x: Array, s: Settings, w: Weights) -> Array:
    rows, columns = output_shape("conv_transpose2d", x.shape[1:], s)[1:]
    whole = rows + 2 * s["padding"], columns + 2 * s["padding"]
    return _cut(_paint(x, w["weight"], s["stride"], whole), s["padding"]) + w["bias"][:, None, None]


def _transposed_gradients(x: Array, dy: Array, s: Settings, w: Weights) -> Result:
    wide, size = _padded(dy, s["padding"]), w["weight"].shape[2]
    dx = _collect(wide, w["weight"], s["stride"])[:, :, : x.shape[2], : x.shape[3]]
    return dx, {"weight": _pairs(x, wide, s["stride"], size), "bias": dy.sum(axis=(0, 2, 3))}


def _pooled(x: Array, s: Settings, what: Callable[[Array], Array]) -> Array:
    channels, rows, columns = output_shape("max_pool", x.shape[1:], s)
    size, step = s["kernel"], s["stride"]
    y = np.zeros((len(x), channels, rows, columns))
    for i in range(rows):
        for j in range(columns):
            window = x[:, :, i * step : i * step + size, j * step : j * step + size]
            y[:, :, i, j] = what(window.reshape(len(x), channels, -1))
    return y


def _pool_gradient(kind: str, x: Array, dy: Array, s: Settings) -> Array:
    """Of a maximum to the first largest in reading order; of a mean to all alike."""
    size, step = s["kernel"], s["stride"]
    dx = np.zeros_like(x)
    for i in range(dy.shape[2]):
        for j in range(dy.shape[3]):
            part = (slice(None), slice(None), slice(i * step, i * step + size), slice(j * step, j * step + size))
            window = x[part].reshape(*x.shape[:2], -1)
            if kind == "max_pool":
                share = np.arange(size * size) == window.argmax(axis=2)[:, :, None]
            else:
                share = np.full(window.shape, 1 / size**2)
            dx[part] += (share * dy[:, :, i, j, None]).reshape(*x.shape[:2], size, size)
    return dx
