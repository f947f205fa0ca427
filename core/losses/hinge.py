"""Multi-class hinge: the true class must lead every other by a margin. PyTorch's `MultiMarginLoss` with p = 1.

It divides by the number of classes, as PyTorch does (Weston and Watkins and Keras do not; Keras counts the best other
class only). Outputs are scores; the softmax shown for them as a prediction is an ordering, not a calibrated
probability.
"""

from __future__ import annotations

import numpy as np

from ..kernel import (
    CONTROL,
    DX,
    N_OUT,
    N_ROWS,
    N_VECTORS,
    PARAMS,
    RESULT,
    STRIDE,
    TARGET,
    Row,
    X,
    cell,
    get64,
    kernel,
    put64,
)
from ..registry import Param
from ..simd import LANES, any_lane, lanes_below, load, splat, store, total, where
from .base import Loss, softmax, softmax_form


@kernel
def gradient(row: Row) -> None:
    """dx[j] = [x[j] - x[y] + margin > 0] / (B C), and for the true class dx[y] = -Σ dx[j]."""
    control = cell(row, CONTROL)
    n_rows, n_vectors, stride = cell(control, N_ROWS), cell(control, N_VECTORS), cell(control, STRIDE)
    x, target, dx, n_out = cell(row, X), cell(row, TARGET), cell(row, DX), cell(row, N_OUT)
    margin = np.float32(get64(cell(row, PARAMS), 0))
    share = 1.0 / (n_rows * n_out)
    scale = np.float32(share)
    zero = splat(np.float32(0.0))
    loss = 0.0
    for v in range(n_vectors):
        used = lanes_below(n_rows - LANES * v)
        for u in range(n_out):
            store(dx, u * stride + v, zero)
        short = zero
        # Targets may be shares of several classes: each class with a share takes its turn as the true one.
        for y in range(n_out):
            part = where(used, load(target, y * stride + v), zero)
            if any_lane(part > 0.0):
                bound = load(x, y * stride + v) - margin
                sum_of_others = zero
                for u in range(n_out):
                    if u != y:
                        i = u * stride + v
                        missing = load(x, i) - bound
                        # A NaN is missing too: it must reach the loss.
                        push = where(missing <= 0.0, zero, part * scale)
                        short = short + where(missing <= 0.0, zero, where(used, part * missing, zero))
                        sum_of_others = sum_of_others + push
                        store(dx, i, load(dx, i) + push)
                store(dx, y * stride + v, load(dx, y * stride + v) - sum_of_others)
        loss += np.float64(total(short))
    put64(cell(row, RESULT), 0, loss * share)
    put64(cell(row, RESULT), 1, np.float64(n_rows))


HINGE = Loss(
    name="hinge",
    title="Hinge",
    summary="Wants the true class ahead of every other by a margin, and then is content.",
    formula="mean over samples and classes of max(0, margin - x[y] + x[j]), j ≠ y",
    paper="Weston, Watkins 1999, www.esann.org/sites/default/files/proceedings/legacy/es1999-461.pdf",
    params=(
        Param(name="margin", default=1.0, low=0.0, high=1e3, summary="Lead the true class must have over the others."),
    ),
    gradient=gradient,
    tasks=("classes",),
    link=softmax,
    graph=softmax_form,
    torch="F.multi_margin_loss(outputs, target, margin={margin})",
)
