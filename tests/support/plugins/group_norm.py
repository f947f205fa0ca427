"""Group normalization: the channels of each group of each sample are brought to mean 0 and variance 1 together."""

from __future__ import annotations

from math import prod

import numpy as np

from dltui.core.errors import ConfigError
from dltui.core.kernel import (
    CONTROL,
    DX,
    DY,
    EXTRA,
    GB,
    GW,
    N_VECTORS,
    PARAMS,
    SCRATCH,
    STRIDE,
    B,
    W,
    X,
    Y,
    cell,
    get64,
    kernel,
    put,
)
from dltui.core.layers.base import Layer, Plan, Shape, Tensor
from dltui.core.registry import Param, Settings
from dltui.core.simd import broadcast, fma, load, splat, sqrt, store, total


def plan(shape: Shape, settings: Settings) -> Plan:
    """Factor and shift for every channel."""
    channels, groups = shape[0], int(settings["groups"])
    if channels % groups:
        raise ConfigError(f"does not divide {channels} channels", field="groups", value=groups)
    tensors = Tensor(name="weight", shape=(channels,), fill=1.0), Tensor(name="bias", shape=(channels,), fill=0.0)
    cells = (groups, channels // groups, prod(shape[1:]))
    return Plan(output=shape, tensors=tensors, scratch_units=2 * groups, cells=cells)


@kernel
def forward(row: int) -> None:
    """Normalize: (x - mean) / sqrt(variance + eps) * weight + bias."""
    control = cell(row, CONTROL)
    stride, n_vectors = cell(control, STRIDE), cell(control, N_VECTORS)
    groups, size, places = cell(row, EXTRA), cell(row, EXTRA + 1), cell(row, EXTRA + 2)
    x, y, w, b, kept = cell(row, X), cell(row, Y), cell(row, W), cell(row, B), cell(row, SCRATCH)
    eps = np.float32(get64(cell(row, PARAMS), 1))
    share = np.float32(1.0) / np.float32(size * places)
    for group in range(groups):
        start = group * size * places
        for v in range(n_vectors):
            mean = splat(np.float32(0.0))
            for unit in range(start, start + size * places):
                mean = mean + load(x, unit * stride + v)
            mean = mean * share
            variance = splat(np.float32(0.0))
            for unit in range(start, start + size * places):
                difference = load(x, unit * stride + v) - mean
                variance = fma(difference, difference, variance)
            inverse = 1.0 / sqrt(variance * share + eps)
            store(kept, 2 * group * stride + v, mean)
            store(kept, (2 * group + 1) * stride + v, inverse)
            for unit in range(start, start + size * places):
                z = (load(x, unit * stride + v) - mean) * inverse
                store(y, unit * stride + v, fma(z, broadcast(w, unit // places), broadcast(b, unit // places)))


@kernel
def backward(row: int) -> None:
    """With z the normalized input and g = dy weight: dx = (g - mean g - z mean(g z)) / deviation."""
    control = cell(row, CONTROL)
    stride, n_vectors = cell(control, STRIDE), cell(control, N_VECTORS)
    groups, size, places = cell(row, EXTRA), cell(row, EXTRA + 1), cell(row, EXTRA + 2)
    x, dx, dy, kept = cell(row, X), cell(row, DX), cell(row, DY), cell(row, SCRATCH)
    w, gw, gb = cell(row, W), cell(row, GW), cell(row, GB)
    share = np.float32(1.0) / np.float32(size * places)
    for channel in range(groups * size):
        group = channel // size
        sum_dy, sum_dyz = splat(np.float32(0.0)), splat(np.float32(0.0))
        for unit in range(channel * places, (channel + 1) * places):
            for v in range(n_vectors):
                mean, inverse = load(kept, 2 * group * stride + v), load(kept, (2 * group + 1) * stride + v)
                gradient = load(dy, unit * stride + v)
                sum_dy = sum_dy + gradient
                sum_dyz = fma(gradient, (load(x, unit * stride + v) - mean) * inverse, sum_dyz)
        put(gb, channel, total(sum_dy))
        put(gw, channel, total(sum_dyz))
    if dx == 0:
        return
    for group in range(groups):
        start = group * size * places
        for v in range(n_vectors):
            mean, inverse = load(kept, 2 * group * stride + v), load(kept, (2 * group + 1) * stride + v)
            mean_g, mean_gz = splat(np.float32(0.0)), splat(np.float32(0.0))
            for unit in range(start, start + size * places):
                g = load(dy, unit * stride + v) * broadcast(w, unit // places)
                mean_g = mean_g + g
                mean_gz = fma(g, (load(x, unit * stride + v) - mean) * inverse, mean_gz)
            mean_g, mean_gz = mean_g * share, mean_gz * share
            for unit in range(start, start + size * places):
                g = load(dy, unit * stride + v) * broadcast(w, unit // places)
                z = (load(x, unit * stride + v) - mean) * inverse
                store(dx, unit * stride + v, (g - mean_g - z * mean_gz) * inverse)


GROUP_NORM = Layer(
    name="group_norm",
    prefix="groupnorm",
    title="Group normalization",
    summary="Brings the channels of each group of each sample to mean 0 and variance 1 together.",
    formula="y = (x - mean over the group) / sqrt(var over the group + eps) weight + bias",
    paper="Wu, He 2018, arXiv:1803.08494",
    params=(
        Param(name="groups", default=2, low=1, high=64, summary="Groups of channels."),
        Param(name="eps", default=1e-5, low=1e-12, high=1.0, scale="log", summary="Added to the variance."),
    ),
    plan=plan,
    forward=forward,
    backward=backward,
    normalizes="sample",
)
