"""The compiled loops: train a chunk of steps, evaluate, predict.

They know no method: every layer, loss, optimizer and hook is a row whose function is called by address (a row is drawn
in `kernel/cells.py`). The table of a program has eight sections, and a step goes through them from top to bottom:

    bounds[BATCH_HOOKS]     -->  hooks on the gathered batch
    bounds[LAYERS]          -->  layers, activations, hooks on hidden values: forward, and backward after the loss
    bounds[LOSS]            -->  one row: loss, and its gradient by the outputs
    bounds[GRADIENT_HOOKS]  -->  hooks on the gradient
    bounds[CHECK]           -->  one row over all weights: ends the chunk if the gradient is not finite
    bounds[BEFORE_HOOKS]    -->  hooks on the weights before the update
    bounds[OPTIMIZER]       -->  one row per stretch of weights, or per tensor
    bounds[WEIGHT_HOOKS]    -->  hooks on the weights after the update
    bounds[N_SECTIONS]      -->  end of the table

A loss or a gradient that is not finite ends the chunk *before* it touches the weights.

Arrays are passed as addresses: a compiled function over plain integers compiles several times faster than one over
arrays.
"""

from __future__ import annotations

import numpy as np

from ..kernel import (
    BACKWARD,
    BATCH,
    EPOCH,
    FORWARD,
    GW,
    HYPER,
    POSITION,
    RESULT,
    ROW_CELLS,
    SEED,
    STEP,
    STRIDE,
    TARGET,
    Address,
    N,
    Row,
    X,
    call,
    cell,
    compiled,
    flush_denormals,
    get,
    get64,
    helper,
    least,
    put,
    put64,
    random,
    set_cell,
)
from ..simd import LANES, fma, load, splat, total
from ..simd.types import FLOAT64, INT, VOID
from .gather import DATA_CLASSES, DATA_ROWS, DATA_TARGETS, gather, set_batch

BATCH_HOOKS, LAYERS, LOSS, GRADIENT_HOOKS, CHECK, BEFORE_HOOKS, OPTIMIZER, WEIGHT_HOOKS = range(8)
"""Sections of a program's table, in the order of `bounds`. CHECK is one row that covers all weights."""
N_SECTIONS = 8

OK, LOSS_NOT_FINITE, GRADIENT_NOT_FINITE = 0, 1, 2
"""Why a chunk ended."""

_ORDER = random.ORDER
_BYTES = 8 * ROW_CELLS
_LOW = 0xFFFFFFFF


@helper
def _row(table: Address, index: int) -> Row:
    return table + _BYTES * index


@helper
def _shuffle(order: Address, n: int, seed: int, epoch: int) -> None:
    """The order of an epoch: Fisher and Yates with numbers that depend on (seed, epoch, position).

    The places to swap with are drawn first, into the upper halves of the cells: sixteen at a time, not one a swap.
    """
    for i in range(n):
        high = random.hash64(seed, _ORDER, epoch, i) >> np.uint64(32)
        place = (high * np.uint64(i + 1)) >> np.uint64(32)
        set_cell(order, i, (np.int64(place) << 32) | i)
    for i in range(n - 1, 0, -1):
        mine = cell(order, i)
        j = mine >> 32
        other = cell(order, j)
        set_cell(order, j, (other & ~_LOW) | (mine & _LOW))
        set_cell(order, i, other & _LOW)
    set_cell(order, 0, cell(order, 0) & _LOW)


@compiled(VOID, 5)
def fill_order(order: Address, n: int, seed: int, epoch: int, shuffled: int) -> None:
    """Write the order in which an epoch visits the rows: shuffled, or in their own order."""
    if shuffled != 0:
        _shuffle(order, n, seed, epoch)
    else:
        for i in range(n):
            set_cell(order, i, i)


@helper
def _finite(row: Row) -> bool:
    """Whether the squared length of the gradient a row covers is finite."""
    g = cell(row, GW)
    square = splat(np.float32(0.0))
    # From the end: the first layer's were written last and in smaller pieces, which cannot be read as a whole at once.
    for i in range(cell(row, N) - 1, -1, -1):
        v = load(g, i)
        square = fma(v, v, square)
    return bool(total(square) * np.float32(0.0) == np.float32(0.0))


@helper
def _run_hooks(table: Address, first: int, last: int, rate: float) -> None:
    for r in range(first, last):
        row = _row(table, r)
        put64(cell(row, HYPER), 0, rate)
        call(cell(row, FORWARD), row)


@compiled(INT, 10)
def train_chunk(
    n_steps: int,
    table: Address,
    bounds: Address,
    control: Address,
    data: Address,
    order: Address,
    shuffled: int,
    rates: Address,
    losses: Address,
    outcome: Address,
) -> int:
    """Train at most `n_steps` steps.

    Args:
        n_steps: How many.
        table: Rows of the program, (rows, ROW_CELLS).
        bounds: First row of each section and the end of the last, (N_SECTIONS + 1,).
        control: Control block; STEP, EPOCH and POSITION advance.
        data: Where the training rows lie, (DATA_CELLS,).
        order: Order of this epoch's rows; rewritten when an epoch begins.
        shuffled: Whether epochs are shuffled.
        rates: Learning rate of each step, float64 (≥ n_steps,).
        losses: Receives the loss of each step before its update, float32 (≥ n_steps,).
        outcome: Receives why it ended, (1,).

    Returns:
        Steps whose update was made.
    """
    layers, end = cell(bounds, LAYERS), cell(bounds, LOSS)
    loss = _row(table, end)
    x, target = cell(_row(table, layers), X), cell(loss, TARGET)
    n_data, batch = cell(data, DATA_ROWS), cell(control, BATCH)
    result = cell(loss, RESULT)
    check = _row(table, cell(bounds, CHECK))
    set_cell(outcome, 0, OK)
    old = flush_denormals(-1)
    done = 0
    while done < n_steps:
        position = cell(control, POSITION)
        n = least(batch, n_data - position)
        set_batch(data, control, x, target, n)
        gather(data, order, position, n, x, target, cell(control, STRIDE))
        for r in range(cell(bounds, BATCH_HOOKS), layers):
            call(cell(_row(table, r), FORWARD), _row(table, r))
        for r in range(layers, end):
            call(cell(_row(table, r), FORWARD), _row(table, r))
        call(cell(loss, FORWARD), loss)
        value = np.float32(get64(result, 0))
        if value * np.float32(0.0) != np.float32(0.0):
            set_cell(outcome, 0, LOSS_NOT_FINITE)
            break
        for r in range(end - 1, layers - 1, -1):
            call(cell(_row(table, r), BACKWARD), _row(table, r))
        rate = get64(rates, done)
        _run_hooks(table, cell(bounds, GRADIENT_HOOKS), cell(bounds, CHECK), rate)
        if not _finite(check):
            set_cell(outcome, 0, GRADIENT_NOT_FINITE)
            break
        _run_hooks(table, cell(bounds, BEFORE_HOOKS), cell(bounds, OPTIMIZER), rate)
        for r in range(cell(bounds, OPTIMIZER), cell(bounds, WEIGHT_HOOKS)):
            row = _row(table, r)
            hyper = cell(row, HYPER)
            put64(hyper, 0, rate)
            put64(hyper, 1, get64(hyper, 1) + 1.0)
            call(cell(row, FORWARD), row)
        _run_hooks(table, cell(bounds, WEIGHT_HOOKS), cell(bounds, WEIGHT_HOOKS + 1), rate)
        put(losses, done, value)
        done += 1
        set_cell(control, STEP, cell(control, STEP) + 1)
        position += n
        if position >= n_data:
            position = 0
            set_cell(control, EPOCH, cell(control, EPOCH) + 1)
            if shuffled != 0:
                _shuffle(order, n_data, cell(control, SEED), cell(control, EPOCH))
        set_cell(control, POSITION, position)
    flush_denormals(old)
    return done


@helper
def _score(y: Address, target: Address, n_targets: int, stride: int, n: int, sums: Address) -> None:
    """Count the rows whose largest output is the target's, and the squared errors of each output."""
    right = 0.0
    for lane in range(n):
        best, expected = 0, 0
        for k in range(n_targets):
            at = LANES * k * stride + lane
            error = np.float64(get(y, at)) - np.float64(get(target, at))
            put64(sums, 3 + k, get64(sums, 3 + k) + error * error)
            if get(y, at) > get(y, LANES * best * stride + lane):
                best = k
            if get(target, at) > get(target, LANES * expected * stride + lane):
                expected = k
        if n_targets == 1:
            best = 1 if get(y, lane) > np.float32(0.0) else 0
            expected = 1 if get(target, lane) > np.float32(0.5) else 0
        right += 1.0 if best == expected else 0.0
    put64(sums, 2, get64(sums, 2) + right)


@compiled(VOID, 9)
def run_rows(
    table: Address,
    bounds: Address,
    control: Address,
    data: Address,
    first: int,
    last: int,
    outputs: Address,
    n_outputs: int,
    sums: Address,
) -> None:
    """Forward over rows first … last-1 of a data set, in blocks of the program's batch.

    Args:
        table: Rows of an evaluation program.
        bounds: First row of each section, (N_SECTIONS + 1,).
        control: Its control block.
        data: Where the rows lie, (DATA_CELLS,).
        first: First row.
        last: Row after the last.
        outputs: Receives the outputs, float32 (last - first, n_outputs).
        n_outputs: Outputs a row; 0: they are not needed.
        sums: Receives [sum of loss·weight, sum of weights, rows answered right, sum of squared errors of each target],
            float64 (3 + targets,).
    """
    layers, loss_row = cell(bounds, LAYERS), cell(bounds, LOSS)
    loss = _row(table, loss_row)
    x, target, y = cell(_row(table, layers), X), cell(loss, TARGET), cell(loss, X)
    result = cell(loss, RESULT)
    n_targets = cell(data, DATA_CLASSES) if cell(data, DATA_CLASSES) > 0 else cell(data, DATA_TARGETS)
    stride, batch = cell(control, STRIDE), cell(control, BATCH)
    for k in range(3 + n_targets):
        put64(sums, k, 0.0)
    old = flush_denormals(-1)
    start = first
    while start < last:
        n = least(batch, last - start)
        set_batch(data, control, x, target, n)
        gather(data, 0, start, n, x, target, stride)
        for r in range(layers, loss_row):
            call(cell(_row(table, r), FORWARD), _row(table, r))
        for k in range(n_outputs):
            for lane in range(n):
                put(outputs, (start - first + lane) * n_outputs + k, get(y, LANES * k * stride + lane))
        if n_targets > 0:
            call(cell(loss, FORWARD), loss)
            put64(sums, 0, get64(sums, 0) + get64(result, 0) * get64(result, 1))
            put64(sums, 1, get64(sums, 1) + get64(result, 1))
            _score(y, target, n_targets, stride, n, sums)
        start += n
    flush_denormals(old)


@compiled(FLOAT64, 6)
def batch_loss(
    table: Address, bounds: Address, control: Address, data: Address, order: Address, position: int
) -> float:
    """Loss of the batch that begins at a position of the epoch, without changing the weights."""
    layers, loss_row = cell(bounds, LAYERS), cell(bounds, LOSS)
    loss = _row(table, loss_row)
    x, target = cell(_row(table, layers), X), cell(loss, TARGET)
    n = least(cell(control, BATCH), cell(data, DATA_ROWS) - position)
    set_batch(data, control, x, target, n)
    gather(data, order, position, n, x, target, cell(control, STRIDE))
    old = flush_denormals(-1)
    for r in range(cell(bounds, BATCH_HOOKS), loss_row):
        call(cell(_row(table, r), FORWARD), _row(table, r))
    call(cell(loss, FORWARD), loss)
    flush_denormals(old)
    return get64(cell(loss, RESULT), 0)
