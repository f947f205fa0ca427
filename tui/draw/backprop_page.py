"""Backpropagation in steps a reader can follow: the signals of one sample forward, the loss, and the slopes back."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from dltui.core.snapshot import HeldUnit, LayerSignals, Signals

from .cells import Row, fit_row
from .format import wrap
from .unit_card import sample_line, signed

STEEPEST = 5
"""Weights in the list of those that move the loss most."""
NUDGE = 0.01
"""By how much a weight is said to be moved."""


def n_steps(signals: Signals) -> int:
    """Layers forward, the loss, layers back, and the weights that move the loss most."""
    return 2 * len(signals.layers) + 2 if signals.layers else 1


def layer_of_step(signals: Signals, step: int) -> str:
    """The layer that a step is about; "" for none."""
    n = len(signals.layers)
    if step < n:
        return signals.layers[step].name
    return signals.layers[2 * n - step].name if n < step <= 2 * n else ""


def steepest(signals: Signals, most: int = STEEPEST) -> list[tuple[float, str, int, int]]:
    """The weights that move the loss most: slope, layer, unit, and input (-1: the bias), the steepest first."""
    found = []
    for layer in signals.layers:
        slopes = np.concatenate((layer.gradients, layer.bias_gradients[:, None]), axis=1)
        if not layer.bias_gradients.size:
            slopes = layer.gradients
        for flat in np.argsort(-np.abs(slopes), axis=None, kind="stable")[:most]:
            unit, source = np.unravel_index(int(flat), slopes.shape)
            is_bias = int(source) == layer.gradients.shape[1]
            found.append((float(slopes[unit, source]), layer.name, int(unit), -1 if is_bias else int(source)))
    return sorted(found, key=lambda one: -abs(one[0]))[:most]


def step_text(held: HeldUnit, step: int) -> list[str]:
    """What a step says, line by line.

    Args:
        held: With its signals.
        step: Counted from 0.
    """
    signals = held.signals
    if signals is None or not signals.layers:
        return [signals.problem if signals is not None else "working it out"]
    n, total = len(signals.layers), n_steps(signals)
    head = [f"step {step + 1} of {total} · {sample_line(held)}"]
    if step < n:
        return [*head, f"forward through {signals.layers[step].name}", *_forward(signals.layers[step])]
    if step == n:
        outputs = ", ".join(map(signed, signals.layers[-1].answers[:8].tolist()))
        return [*head, f"the answer is {outputs}", f"it should be {held.target}: the loss is {signed(signals.loss)}"]
    if step <= 2 * n:
        k = 2 * n - step
        return [*head, f"back through {signals.layers[k].name}", *_backward(signals.layers, k)]
    return [*head, "the weights that move the loss most", *_most(signals)]


def _forward(layer: LayerSignals) -> list[str]:
    via = f" → {layer.activation}" if layer.activation else ""
    return [
        f"{layer.name}.{k + 1}: sum {signed(total)}{via}" + (f" → {signed(answer)}" if via else "")
        for k, (total, answer) in enumerate(zip(layer.sums.tolist(), layer.answers.tolist(), strict=True))
    ]


def _backward(layers: Sequence[LayerSignals], k: int) -> list[str]:
    layer = layers[k]
    before = layers[k - 1].name if k else "x"
    lines = []
    for unit in range(len(layer.sums)):
        slopes = layer.gradients[unit]
        best = int(np.argmax(np.abs(slopes)))
        source = f"{before}.{best + 1}" if k else f"{before}{best + 1}"
        answer = "" if np.isnan(layer.answer_slopes[unit]) else f"by its answer {signed(layer.answer_slopes[unit])}, "
        lines.append(
            f"{layer.name}.{unit + 1}: {answer}by its sum {signed(layer.sum_slopes[unit])}; "
            f"steepest weight: {source} {signed(slopes[best])}"
        )
    return ["the loss rises", *lines]


def _most(signals: Signals) -> list[str]:
    lines = []
    for slope, layer, unit, source in steepest(signals):
        what = "bias" if source < 0 else f"weight {source + 1}"
        nudge = -NUDGE if slope > 0 else NUDGE
        lines.append(
            f"{layer}.{unit + 1} {what}: slope {signed(slope)}; moved by {signed(nudge)} "
            f"the loss falls by about {signed(abs(slope) * NUDGE)}"
        )
    return [*lines, "training moves every weight against its slope, the steepest the most"]


def backprop_page(columns: int, rows: int, held: HeldUnit, step: int) -> list[Row]:
    """A step as a card."""
    roles = ["head", "strong"]
    lines: list[Row] = []
    for k, text in enumerate(step_text(held, step)):
        lines += [fit_row([(line, roles[k] if k < 2 else "output")], columns) for line in wrap(text, columns)]
    return lines[:rows]
