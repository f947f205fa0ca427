"""Futures in a list: a small curve of the loss and where it comes to, the same scale for all that are compared."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np

from dltui.core.snapshot import Foresight, Prospect

from .format import count, number, pad

BLOCKS = "▁▂▃▄▅▆▇█"
SMALLEST = 1e-12
"""A loss of 0 has no logarithm."""

SHORTEST_DRAWN, LONGEST_DRAWN = 200, 5000
"""Steps that are looked ahead by for a chart."""
MOST_DRAWN = 2
"""Futures that a chart draws: the run as it goes on, and with one change. More are a list's, and drawn there."""


def drawn_horizon(step: int) -> int:
    """How far a chart looks ahead: half as far as the run has come, so that past and future can both be read."""
    return min(max(step // 2, SHORTEST_DRAWN), LONGEST_DRAWN)


def drawn_ahead(foresight: Foresight | None) -> tuple[Prospect, ...]:
    """The futures that a chart draws."""
    found = foresight.prospects if foresight is not None else ()
    return found if len(found) <= MOST_DRAWN and all(not one.changes for one in found[:1]) else ()


def end_loss(one: Prospect) -> float:
    """What it is compared by: the validation loss at its end, or the training loss; infinite where it has none."""
    value = one.metrics.get("val_loss", one.metrics.get("train_loss", np.inf))
    return value if np.isfinite(value) and not one.refused else np.inf


def ranked(prospects: Iterable[Prospect]) -> list[Prospect]:
    """The lowest loss first; those that diverge or are refused last."""
    return sorted(prospects, key=lambda one: (end_loss(one), bool(one.refused), one.stopped))


def loss_range(prospects: Iterable[Prospect]) -> tuple[float, float]:
    """Logarithms of the lowest and of the highest loss of all curves, those that diverge left out; (0, 0): none."""
    curves = [one.losses[np.isfinite(one.losses)] for one in prospects if one.stopped != "diverged"]
    losses = np.concatenate(curves) if curves else np.zeros(0)
    if not losses.size:
        return 0.0, 0.0
    logs = np.log(np.maximum(losses, SMALLEST))
    return float(logs.min()), float(logs.max())


def curve_line(losses: Sequence[float] | np.ndarray, low: float, high: float, columns: int) -> str:
    """A row of blocks, as high as the logarithm of the loss."""
    values = np.asarray(losses, np.float64)
    if columns < 1 or not len(values):
        return " " * max(columns, 0)
    bounds = np.arange(columns) * len(values) // columns
    ends = np.maximum(np.append(bounds[1:], len(values)), bounds + 1)
    means = [float(values[a:b].mean()) for a, b in zip(bounds, ends, strict=True)]
    cells = []
    for mean in means:
        share = (np.log(max(mean, SMALLEST)) - low) / (high - low or 1.0) if np.isfinite(mean) else 1.0
        cells.append(BLOCKS[int(min(max(share, 0.0), 1.0) * 7.999)])
    return "".join(cells)


def told(one: Prospect, step: int) -> str:
    """Where it comes to, in a word.

    Args:
        one: A future.
        step: Where it begins.
    """
    if one.refused:
        return "refused"
    if one.stopped == "diverged":
        return f"diverges +{count(one.n_steps)}" if one.n_steps else "diverges"
    return number(end_loss(one)) if np.isfinite(end_loss(one)) else "?"


def prospect_text(one: Prospect, step: int, low: float, high: float, columns: int, unicode: bool = True) -> str:
    """A curve and where it comes to, in so many cells; the curve only where there is room for it.

    Args:
        one: A future.
        step: Where it begins.
        low: Logarithm of the lowest loss of all.
        high: Of the highest.
        columns: Cells there are.
        unicode: Whether blocks may be drawn.
    """
    word = told(one, step)
    room = columns - 9
    if one.refused or one.stopped == "diverged" or room < 6 or not unicode:
        return pad(word, columns, "right")
    return f"{curve_line(one.losses, low, high, room)} {pad(word, 8, 'right')}"
