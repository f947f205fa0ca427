"""Cross-entropy of one logit for two classes: PyTorch's `BCEWithLogitsLoss`, mean over the batch.

From the logit itself, so nothing is clipped (Keras clips probabilities at 1e-7). Targets may lie between 0 and 1.
With class weights it is the cross-entropy of the two logits 0 and x, and so divides by the weight of the batch.
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
    Address,
    Row,
    X,
    cell,
    get,
    get64,
    helper,
    kernel,
    put64,
)
from ..simd import LANES, lanes_below, load, log1p_exp, sigmoid, splat, store, total, where
from .base import Loss


@helper
def _weighted_gradient(row: Row, weights: Address) -> None:
    """W is the weight of the batch before its labels were smoothed: see `cross_entropy`."""
    control = cell(row, CONTROL)
    n_rows, n_vectors = cell(control, N_ROWS), cell(control, N_VECTORS)
    x, target, dx = cell(row, X), cell(row, TARGET), cell(row, DX)
    w0, w1 = get(weights, 0), get(weights, 1)
    zero = splat(np.float32(0.0))
    weight = np.float64(0.0)
    for v in range(n_vectors):
        t = load(target, v)
        weight += np.float64(total(where(lanes_below(n_rows - LANES * v), t * w1 + (1.0 - t) * w0, zero)))
    spread = get64(cell(row, RESULT), 2)
    if spread > 0.0:
        weight = (weight - spread * n_rows * (np.float64(w0) + np.float64(w1)) / 2.0) / (1.0 - spread)
    share = 1.0 / weight if weight != 0.0 else 0.0
    scale = np.float32(share)
    loss = 0.0
    for v in range(n_vectors):
        used = lanes_below(n_rows - LANES * v)
        z, t = load(x, v), load(target, v)
        of_0, of_1 = (1.0 - t) * w0, t * w1
        loss += np.float64(total(where(used, log1p_exp(z) * of_0 + log1p_exp(-z) * of_1, zero)))
        store(dx, v, where(used, (sigmoid(z) * of_0 - sigmoid(-z) * of_1) * scale, zero))
    put64(cell(row, RESULT), 0, loss * share)
    put64(cell(row, RESULT), 1, weight)


@kernel
def gradient(row: Row) -> None:
    """dx = (σ(x) - t) / B; with class weights (w₀ (1 - t) σ(x) - w₁ t (1 - σ(x))) / W."""
    weights = cell(row, STATE)
    if weights:
        _weighted_gradient(row, weights)
        return
    control = cell(row, CONTROL)
    n_rows, n_vectors, stride = cell(control, N_ROWS), cell(control, N_VECTORS), cell(control, STRIDE)
    x, target, dx, n_out = cell(row, X), cell(row, TARGET), cell(row, DX), cell(row, N_OUT)
    share = 1.0 / (n_rows * n_out)
    scale = np.float32(share)
    zero = splat(np.float32(0.0))
    loss = 0.0
    for v in range(n_vectors):
        used = lanes_below(n_rows - LANES * v)
        surprise = zero
        for u in range(n_out):
            i = u * stride + v
            z, t = load(x, i), load(target, i)
            # log(1 + exp z) - t z, split so that two large numbers are not subtracted.
            surprise = surprise + where(used, log1p_exp(z) * (1.0 - t) + log1p_exp(-z) * t, zero)
            store(dx, i, where(used, (sigmoid(z) - t) * scale, zero))
        loss += np.float64(total(surprise))
    put64(cell(row, RESULT), 0, loss * share)
    put64(cell(row, RESULT), 1, np.float64(n_rows))


def logistic(outputs: np.ndarray) -> np.ndarray:
    """Logits (n, 1) to the probability of class 1, float64 (n, 1)."""
    half = np.tanh(outputs.astype(np.float64) * 0.5)
    result: np.ndarray = 0.5 + 0.5 * half
    return result


BINARY_CROSS_ENTROPY = Loss(
    name="binary_cross_entropy",
    title="Binary cross-entropy",
    summary="Surprise at the true one of two classes, from a single output.",
    formula="mean of -t log σ(x) - (1-t) log(1 - σ(x))",
    paper="Cox 1958, doi:10.1111/j.2517-6161.1958.tb00292.x",
    gradient=gradient,
    tasks=("classes",),
    outputs="single",
    weighs_classes=True,
    link=logistic,
    graph=lambda x, at: x.op("Sigmoid"),
    torch="F.binary_cross_entropy_with_logits(outputs, shares)",
)
