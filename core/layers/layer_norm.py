"""Layer normalization: the units of every sample together get mean 0 and variance 1.

Statistics run over all units of a sample, an image's channels included (PyTorch's `LayerNorm(input shape)`), so they
do not depend on the batch and there is nothing to remember.
"""

from __future__ import annotations

import numpy as np

from ..kernel import (
    CONTROL,
    DX,
    DY,
    GB,
    GW,
    N_IN,
    N_VECTORS,
    PARAMS,
    SCRATCH,
    STRIDE,
    B,
    Row,
    W,
    X,
    Y,
    cell,
    get64,
    kernel,
    put,
)
from ..registry import Param, Settings
from ..simd import broadcast, fma, load, splat, sqrt, store, total
from .base import Layer, Plan, Shape, Tensor


def plan(shape: Shape, settings: Settings) -> Plan:
    """Scale and shift for every unit."""
    return Plan(
        output=shape,
        tensors=(Tensor(name="weight", shape=shape, fill=1.0), Tensor(name="bias", shape=shape, fill=0.0)),
        # Mean and 1 / standard deviation of every sample, as the forward pass used them.
        scratch_units=2,
    )


@kernel
def forward(row: Row) -> None:
    """Normalize: (x - mean) / sqrt(variance + eps) * weight + bias."""
    control = cell(row, CONTROL)
    stride, n_vectors, n_units = cell(control, STRIDE), cell(control, N_VECTORS), cell(row, N_IN)
    x, y, w, b, kept = cell(row, X), cell(row, Y), cell(row, W), cell(row, B), cell(row, SCRATCH)
    eps = np.float32(get64(cell(row, PARAMS), 0))
    share = np.float32(1.0) / np.float32(n_units)
    for v in range(n_vectors):
        mean = splat(np.float32(0.0))
        for unit in range(n_units):
            mean = mean + load(x, unit * stride + v)
        mean = mean * share
        variance = splat(np.float32(0.0))
        for unit in range(n_units):
            difference = load(x, unit * stride + v) - mean
            variance = fma(difference, difference, variance)
        inverse = 1.0 / sqrt(variance * share + eps)
        store(kept, v, mean)
        store(kept, stride + v, inverse)
        for unit in range(n_units):
            z = (load(x, unit * stride + v) - mean) * inverse
            store(y, unit * stride + v, fma(z, broadcast(w, unit), broadcast(b, unit)))


@kernel
def backward(row: Row) -> None:
    """With z the normalized input and g = dy weight: dx = (g - mean g - z mean(g z)) / deviation."""
    control = cell(row, CONTROL)
    stride, n_vectors, n_units = cell(control, STRIDE), cell(control, N_VECTORS), cell(row, N_IN)
    x, dx, dy, kept = cell(row, X), cell(row, DX), cell(row, DY), cell(row, SCRATCH)
    w, gw, gb = cell(row, W), cell(row, GW), cell(row, GB)
    for unit in range(n_units):
        sum_dy, sum_dyz = splat(np.float32(0.0)), splat(np.float32(0.0))
        for v in range(n_vectors):
            gradient = load(dy, unit * stride + v)
            z = (load(x, unit * stride + v) - load(kept, v)) * load(kept, stride + v)
            sum_dy = sum_dy + gradient
            sum_dyz = fma(gradient, z, sum_dyz)
        put(gb, unit, total(sum_dy))
        put(gw, unit, total(sum_dyz))
    if dx == 0:
        return
    share = np.float32(1.0) / np.float32(n_units)
    for v in range(n_vectors):
        mean, inverse = load(kept, v), load(kept, stride + v)
        mean_g, mean_gz = splat(np.float32(0.0)), splat(np.float32(0.0))
        for unit in range(n_units):
            g = load(dy, unit * stride + v) * broadcast(w, unit)
            mean_g = mean_g + g
            mean_gz = fma(g, (load(x, unit * stride + v) - mean) * inverse, mean_gz)
        mean_g, mean_gz = mean_g * share, mean_gz * share
        for unit in range(n_units):
            g = load(dy, unit * stride + v) * broadcast(w, unit)
            z = (load(x, unit * stride + v) - mean) * inverse
            store(dx, unit * stride + v, (g - mean_g - z * mean_gz) * inverse)


LAYER_NORM = Layer(
    name="layer_norm",
    prefix="layernorm",
    title="Layer normalization",
    summary="Brings the units of each sample to mean 0 and variance 1, then scales and shifts every unit.",
    formula="y = (x - mean over units) / sqrt(var over units + eps) weight + bias",
    paper="Ba, Kiros, Hinton 2016, arXiv:1607.06450",
    params=(Param(name="eps", default=1e-5, low=1e-12, high=1.0, scale="log", summary="Added to the variance."),),
    plan=plan,
    forward=forward,
    backward=backward,
    normalizes="sample",
    graph=lambda x, at: x.op("LayerNormalization", *at.weights, axis=1, epsilon=float(at.settings["eps"])),
)
