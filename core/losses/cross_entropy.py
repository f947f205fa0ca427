"""Cross-entropy of the softmax of the outputs, from logits, with PyTorch's mean and PyTorch's class weights.

With class weights the mean is over the weights of the batch, Σ w, as PyTorch does for class targets (scikit-learn and
Keras divide by the number of samples). Targets may be distributions: label smoothing and mixup pass them in that form.
A sample weighs Σ t w by its target before it was smoothed: so does PyTorch's `label_smoothing`. "balanced" is
scikit-learn's n / (classes · n of the class).
"""

from __future__ import annotations

import numpy as np

from ..kernel import (
    CONTROL,
    DX,
    N_OUT,
    N_ROWS,
    N_VECTORS,
    RESULT,
    STATE,
    STRIDE,
    TARGET,
    Row,
    X,
    cell,
    get,
    get64,
    kernel,
    put64,
)
from ..simd import LANES, broadcast, exp, lanes_below, load, log, maximum, splat, store, total, where
from .base import Loss, softmax, softmax_form


@kernel
def gradient(row: Row) -> None:
    """dx = (p Σ w t - w t) / W, with p the softmax of the outputs and W the weight of the batch before smoothing.

    Of a target t and its smoothed t' = (1 - ε) t + ε/K follows Σ w t' = (1 - ε) Σ w t + ε mean(w).
    """
    control = cell(row, CONTROL)
    n_rows, n_vectors, stride = cell(control, N_ROWS), cell(control, N_VECTORS), cell(control, STRIDE)
    x, target, dx, n_out = cell(row, X), cell(row, TARGET), cell(row, DX), cell(row, N_OUT)
    weights = cell(row, STATE)
    zero = splat(np.float32(0.0))
    weight = np.float64(n_rows)
    if weights:
        weight = np.float64(0.0)
        for v in range(n_vectors):
            used = lanes_below(n_rows - LANES * v)
            of_sample = zero
            for u in range(n_out):
                of_sample = of_sample + load(target, u * stride + v) * broadcast(weights, u)
            weight += np.float64(total(where(used, of_sample, zero)))
        spread = get64(cell(row, RESULT), 2)
        if spread > 0.0:
            sum_of_weights = np.float64(0.0)
            for u in range(n_out):
                sum_of_weights += np.float64(get(weights, u))
            weight = (weight - spread * n_rows * sum_of_weights / n_out) / (1.0 - spread)
    scale = np.float32(1.0 / weight if weight != 0.0 else 0.0)
    loss = 0.0
    for v in range(n_vectors):
        used = lanes_below(n_rows - LANES * v)
        top = load(x, v)
        for u in range(1, n_out):
            top = maximum(top, load(x, u * stride + v))
        powers = zero
        of_sample = zero
        hit = zero
        for u in range(n_out):
            i = u * stride + v
            below = load(x, i) - top
            wanted = load(target, i)
            if weights:
                wanted = wanted * broadcast(weights, u)
            power = exp(below)
            store(dx, i, power)
            powers = powers + power
            of_sample = of_sample + wanted
            hit = hit + wanted * below
        loss += np.float64(total(where(used, of_sample * log(powers) - hit, zero)))
        share = of_sample / powers
        for u in range(n_out):
            i = u * stride + v
            wanted = load(target, i)
            if weights:
                wanted = wanted * broadcast(weights, u)
            store(dx, i, where(used, (load(dx, i) * share - wanted) * scale, zero))
    put64(cell(row, RESULT), 0, loss / weight if weight != 0.0 else 0.0)
    put64(cell(row, RESULT), 1, weight)


CROSS_ENTROPY = Loss(
    name="cross_entropy",
    title="Cross-entropy",
    summary="Surprise at the true class under the softmax of the outputs.",
    formula="-Σ w t log softmax(x) / Σ w t, below the line with t before it is smoothed",
    paper="Bridle 1990, doi:10.1007/978-3-642-76153-9_28",
    gradient=gradient,
    tasks=("classes",),
    weighs_classes=True,
    link=softmax,
    graph=softmax_form,
    torch="F.cross_entropy(outputs, target, weight=weight, label_smoothing={smoothing})",
)
