"""Batch normalization: every unit, or every channel of an image, gets mean 0 and variance 1 over the batch.

While training the statistics of the batch are used and remembered in running averages (the variance unbiased, as in
PyTorch); when evaluating, the running ones. A single value per unit has no variance, which PyTorch refuses: such a
batch is normalized by the running statistics and leaves them alone, so that the last, smaller batch of an epoch and
batches of one sample do no harm.
"""

from __future__ import annotations

from math import prod

import numpy as np

from ..kernel import (
    CONTROL,
    DX,
    DY,
    EXTRA,
    GB,
    GW,
    N_ROWS,
    N_VECTORS,
    PARAMS,
    SCRATCH,
    STATE,
    STRIDE,
    TRAIN,
    B,
    Row,
    W,
    X,
    Y,
    cell,
    get,
    get64,
    helper,
    kernel,
    put,
)
from ..kernel.arrays import vectors_for
from ..registry import Param, Settings
from ..simd import LANES, broadcast, fma, lanes_below, load, splat, store, total, where
from .base import Layer, Plan, Shape, Tensor


def plan(shape: Shape, settings: Settings) -> Plan:
    """Scale and shift for every unit of a list, or for every channel of an image."""
    channels = shape[0]
    return Plan(
        output=shape,
        tensors=(Tensor(name="weight", shape=(channels,), fill=1.0), Tensor(name="bias", shape=(channels,), fill=0.0)),
        buffers=(("running_mean", (channels,), 0.0), ("running_var", (channels,), 1.0)),
        # Mean and 1 / standard deviation of every channel, as the forward pass used them.
        scratch_units=vectors_for(2 * channels),
        cells=(channels, prod(shape[1:])),
    )


@helper
def of_batch(row: Row) -> bool:
    """Whether the batch's own statistics are used: while training, if there are at least two values."""
    control = cell(row, CONTROL)
    return bool(cell(control, TRAIN) == 1 and cell(control, N_ROWS) * cell(row, EXTRA + 1) > 1)


@kernel
def forward(row: Row) -> None:
    """Normalize: (x - mean) / sqrt(variance + eps) * weight + bias."""
    control = cell(row, CONTROL)
    stride, n_vectors, n_rows = cell(control, STRIDE), cell(control, N_VECTORS), cell(control, N_ROWS)
    channels, n_pixels = cell(row, EXTRA), cell(row, EXTRA + 1)
    x, y, w, b = cell(row, X), cell(row, Y), cell(row, W), cell(row, B)
    running, kept = cell(row, STATE), cell(row, SCRATCH)
    eps, momentum = get64(cell(row, PARAMS), 0), get64(cell(row, PARAMS), 1)
    nothing = splat(np.float32(0.0))
    n = np.float64(n_rows * n_pixels)
    measured = of_batch(row)
    for channel in range(channels):
        start = channel * n_pixels * stride
        mean = np.float64(get(running, channel))
        variance = np.float64(get(running, channels + channel))
        if measured:
            summed = np.float64(0.0)
            for v in range(n_vectors):
                valid = lanes_below(n_rows - LANES * v)
                lanes = nothing
                for pixel in range(n_pixels):
                    lanes = lanes + load(x, start + pixel * stride + v)
                summed += total(where(valid, lanes, nothing))
            mean = summed / n
            middle = splat(np.float32(mean))
            summed = np.float64(0.0)
            for v in range(n_vectors):
                valid = lanes_below(n_rows - LANES * v)
                lanes = nothing
                for pixel in range(n_pixels):
                    difference = load(x, start + pixel * stride + v) - middle
                    lanes = fma(difference, difference, lanes)
                summed += total(where(valid, lanes, nothing))
            variance = summed / n
            old_mean, old_variance = get(running, channel), get(running, channels + channel)
            put(running, channel, np.float32((1.0 - momentum) * old_mean + momentum * mean))
            unbiased = summed / (n - 1.0)
            put(running, channels + channel, np.float32((1.0 - momentum) * old_variance + momentum * unbiased))
        middle = splat(np.float32(mean))
        inverse = np.float32(1.0 / np.sqrt(variance + eps))
        put(kept, channel, np.float32(mean))
        put(kept, channels + channel, inverse)
        scale, shift = splat(get(w, channel) * inverse), broadcast(b, channel)
        for pixel in range(n_pixels):
            for v in range(n_vectors):
                at = start + pixel * stride + v
                store(y, at, fma(load(x, at) - middle, scale, shift))


@kernel
def backward(row: Row) -> None:
    """With z the normalized input: dx = weight / deviation (dy - mean dy - z mean(dy z))."""
    control = cell(row, CONTROL)
    stride, n_vectors, n_rows = cell(control, STRIDE), cell(control, N_VECTORS), cell(control, N_ROWS)
    channels, n_pixels = cell(row, EXTRA), cell(row, EXTRA + 1)
    x, dx, dy, kept = cell(row, X), cell(row, DX), cell(row, DY), cell(row, SCRATCH)
    w, gw, gb = cell(row, W), cell(row, GW), cell(row, GB)
    nothing = splat(np.float32(0.0))
    measured = of_batch(row)
    for channel in range(channels):
        start = channel * n_pixels * stride
        middle, inverse = broadcast(kept, channel), broadcast(kept, channels + channel)
        sum_dy, sum_dyz = np.float32(0.0), np.float32(0.0)
        for v in range(n_vectors):
            valid = lanes_below(n_rows - LANES * v)
            lanes, lanes_z = nothing, nothing
            for pixel in range(n_pixels):
                at = start + pixel * stride + v
                gradient = load(dy, at)
                lanes = lanes + gradient
                lanes_z = fma(gradient, (load(x, at) - middle) * inverse, lanes_z)
            sum_dy += total(where(valid, lanes, nothing))
            sum_dyz += total(where(valid, lanes_z, nothing))
        put(gb, channel, sum_dy)
        put(gw, channel, sum_dyz)
        if dx:
            share = np.float32(1.0) / np.float32(n_rows * n_pixels) if measured else np.float32(0.0)
            mean_dy, mean_dyz = splat(sum_dy * share), splat(sum_dyz * share)
            scale = broadcast(w, channel) * inverse
            for v in range(n_vectors):
                # The two means would give lanes without a sample a gradient too.
                valid = lanes_below(n_rows - LANES * v)
                for pixel in range(n_pixels):
                    at = start + pixel * stride + v
                    z = (load(x, at) - middle) * inverse
                    store(dx, at, where(valid, scale * (load(dy, at) - mean_dy - z * mean_dyz), nothing))


BATCH_NORM = Layer(
    name="batch_norm",
    prefix="batchnorm",
    title="Batch normalization",
    summary="Brings every unit, or channel, to mean 0 and variance 1 over the batch, then scales and shifts it.",
    formula="y = (x - mean) / sqrt(var + eps) weight + bias; running ← (1 - momentum) running + momentum batch",
    paper="Ioffe, Szegedy 2015, arXiv:1502.03167",
    params=(
        Param(name="eps", default=1e-5, low=1e-12, high=1.0, scale="log", summary="Added to the variance."),
        Param(
            name="momentum",
            default=0.1,
            low=0.0,
            high=1.0,
            summary="Weight of the newest batch in the running averages.",
        ),
    ),
    plan=plan,
    forward=forward,
    backward=backward,
    normalizes="batch",
)
