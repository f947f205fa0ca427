"""The card of the unit in hand: its sum written out with the numbers of one sample, its weights, map and answers."""

from __future__ import annotations

import numpy as np

from dltui.core.snapshot import HeldUnit

from . import colors
from .cells import Grid, Row, fit_row, join_ends
from .format import count, ellipsis, fixed, number, percent, width, wrap
from .heat import tiles
from .look import Look

MOST_TERMS = 6
"""Products of a sum that are written out; the others are one number."""
LEAST_MAP = 6
"""Rows of the smallest map that is drawn."""
BARS = " ▁▂▃▄▅▆▇█"
ASCII_BARS = " .:-=+*#@"
WIDE_NAME = 12
"""Cells of the name of an input."""


def unit_name(held: HeldUnit) -> str:
    """What the unit is called: "dense1.3", or the name of an input."""
    return f"{held.layer}.{held.unit + 1}"


def the_sum(held: HeldUnit, source: int = -1, most: int = MOST_TERMS) -> str:
    """The weighted sum written out: "0.31·x1 - 1.2·x2 + 0.4 = -0.77 → tanh → -0.65"; "" where there is none.

    Args:
        held: What is in hand.
        source: An input that is written out whatever its size.
        most: Products that are written out.
    """
    n = len(held.inputs)
    if not n or not np.isfinite(held.total):
        return ""
    products = held.weights * held.inputs
    order = np.argsort(-np.abs(products), kind="stable")[:most]
    if 0 <= source < n and source not in order:
        order[-1] = source
    shown = sorted(order.tolist())
    parts = [(float(held.weights[k]), f"·{ellipsis(held.sources[k], WIDE_NAME)}") for k in shown]
    rest = held.rest + float(np.delete(products, shown).sum())
    if len(shown) < n:
        parts.append((rest, f" of {n - len(shown)} more"))
    if np.isfinite(held.bias):
        parts.append((held.bias, ""))
    text = "".join(
        f"{'-' if value < 0 else ''}{number(abs(value))}{name}" if not k else
        f" {'-' if value < 0 else '+'} {number(abs(value))}{name}"
        for k, (value, name) in enumerate(parts)
    )  # fmt: skip
    return f"{text} = {signed(held.total)}" + "".join(f" → {one}" for one in held.via) + _end(held)


def _end(held: HeldUnit) -> str:
    if held.muted:
        return " → muted → 0"
    return f" → {signed(held.answer)}" if held.via and np.isfinite(held.answer) else ""


def signed(value: float) -> str:
    """A number with a plain minus sign: these are read by programs and by screen readers too."""
    return number(value).replace("−", "-")


def weight_line(held: HeldUnit, source: int) -> str:
    """One weight in words: its value, its product, its gradient; the bias where `source` is not one of the inputs."""
    if 0 <= source < len(held.weights):
        product = f", times {signed(held.inputs[source])}" if len(held.inputs) else ""
        return (
            f"weight of {held.sources[source]}: {signed(held.weights[source])}{product}, "
            f"gradient {signed(held.gradients[source])}"
        )
    if np.isfinite(held.bias):
        return f"bias: {signed(held.bias)}, gradient {signed(held.bias_gradient)}"
    return "no bias"


def sample_line(held: HeldUnit) -> str:
    """Which sample it is, and what the network says of it."""
    says = f", answered {held.predicted}" if held.predicted else ""
    return f"sample {count(held.sample + 1)} of {count(held.n_samples)}: {held.target}{says}"


def score_line(held: HeldUnit) -> str:
    """How good the network is with the unit and without it; "" where that is not known."""
    pairs = [
        f"{name} {fixed(held.score[name])} → {fixed(held.score_without[name])}"
        for name in held.score
        if name in held.score_without
    ]
    if not pairs:
        return ""
    return ("muted; " if held.muted else "") + f"without it {', '.join(pairs)}"


def card_lines(held: HeldUnit, source: int, columns: int) -> list[Row]:
    """The card in lines, the most telling first."""
    state = [word for word, is_so in (("muted", held.muted), ("layer frozen", held.frozen)) if is_so]
    head: Row = [(unit_name(held), "strong"), (f" of {held.n_units}", "muted")]
    lines = [join_ends(head, [(", ".join(state), "warn")], columns) if state else fit_row(head, columns)]
    lines.append(fit_row([(sample_line(held), "head")], columns))
    text = the_sum(held, source)
    if not text and np.isfinite(held.answer):
        text = f"value {signed(held.answer)}"
    lines += [fit_row([(line, "output")], columns) for line in wrap(text, columns)] if text else []
    if len(held.weights):
        lines += [fit_row([(line, "head")], columns) for line in wrap(weight_line(held, source), columns)]
    if score := score_line(held):
        lines += [fit_row([(line, "muted")], columns) for line in wrap(score, columns)]
    return lines


def low_card(held: HeldUnit, source: int, columns: int, rows: int) -> list[Row]:
    """The card in a few rows: name and sample, and of the sum as much as has room."""
    head: Row = [(f"{unit_name(held)} ", "strong"), (sample_line(held), "head")]
    text = next(
        (
            wrapped
            for most in range(MOST_TERMS, 0, -1)
            if len(wrapped := wrap(the_sum(held, source, most), columns)) < rows
        ),
        wrap(f"{signed(held.total)} → {signed(held.answer)}", columns),
    )
    lines = [fit_row(head, columns), *(fit_row([(line, "output")], columns) for line in text)]
    more = [] if text else [f"value {signed(held.answer)}"]
    more += wrap(weight_line(held, source), columns) if len(held.weights) else []
    return [*lines, *(fit_row([(line, "head")], columns) for line in [*more, score_line(held)])][:rows]


def unit_card(columns: int, rows: int, held: HeldUnit, source: int, *, look: Look | None = None) -> list[Row]:
    """The whole card: text, the weights with their gradients, the large map and how often it answers what.

    Args:
        columns: Width in cells.
        rows: Height in cells.
        held: What is in hand.
        source: The input whose weight is chosen; the number of inputs for the bias.
        look: What the terminal can show.
    """
    look = look or Look()
    lines = card_lines(held, source, columns)[:rows]
    table = _weights(held, source, columns, max(min(len(held.weights) + 2, (rows - len(lines)) // 2), 0), look)
    lines += table
    picture_rows = rows - len(lines) - (3 if held.counts.size else 0)
    if held.map.size and picture_rows >= LEAST_MAP:
        lines += [fit_row([("answer over the plane", "muted")], columns), *_map(columns, picture_rows - 1, held, look)]
    if held.counts.size and rows - len(lines) >= 3:
        lines += _answers(held, columns, look)
    return lines[:rows]


def _weights(held: HeldUnit, source: int, columns: int, rows: int, look: Look) -> list[Row]:
    """A line for each weight around the chosen one, and the bias: value, bar, gradient."""
    n = len(held.weights)
    if not n or rows < 2:
        return []
    entries = n + bool(np.isfinite(held.bias))
    shown = min(rows - 1, entries)
    first = min(max(source - shown // 2, 0), entries - shown)
    largest = max(float(np.nanmax(np.abs(held.weights))), abs(held.bias) if np.isfinite(held.bias) else 0.0, 1e-12)
    room = max(columns - 2 - WIDE_NAME - 9 - 10, 0)
    lines: list[Row] = [fit_row([(f"  {'from':<{WIDE_NAME}}{'weight':>9}{'gradient':>10}", "muted")], columns)]
    for k in range(first, first + shown):
        is_bias = k >= n
        value = held.bias if is_bias else float(held.weights[k])
        slope = held.bias_gradient if is_bias else float(held.gradients[k])
        name = ellipsis("bias" if is_bias else held.sources[k], WIDE_NAME)
        here = k == min(source, entries - 1)
        mark = ("▶ " if look.unicode else "> ") if here else "  "
        sign = "positive" if value >= 0 else "negative"
        bar = ("━" if look.unicode else ("+" if value >= 0 else "-")) * round(abs(value) / largest * max(room - 1, 0))
        name += " " * (WIDE_NAME - width(name))
        cells: Row = [(mark, "cursor"), (name, "strong" if here else "head"), (f"{signed(value):>9}", sign)]
        lines.append(fit_row([*cells, (f"{signed(slope):>10}", "muted"), (f" {bar}", sign)], columns))
    return lines


def _map(columns: int, rows: int, held: HeldUnit, look: Look) -> list[Row]:
    grid = Grid(columns, rows)
    tall = min(2 * rows, columns) // 2 * 2
    size = max(float(np.nanmax(np.abs(held.map), initial=0.0)), 1e-12)
    values = np.clip(held.map / size, -1, 1)[None]
    inks = colors.diverging(values, look.dark) if look.shaded else np.clip((np.nan_to_num(values) + 1) / 2, 0, 0.999)
    tiles(grid, 0, [0], tall, tall, inks, look)
    for k, (value, word) in enumerate(((np.nanmin(held.map), "least"), (np.nanmax(held.map), "most"))):
        grid.put(tall + 2, k, f"{signed(float(value))} {word}", "muted")
    return grid.lines()


def _answers(held: HeldUnit, columns: int, look: Look) -> list[Row]:
    """How often the unit answers what, as a row of bars with its ends."""
    signs = BARS if look.unicode else ASCII_BARS
    most = max(int(held.counts.max(initial=0)), 1)
    wide = max(min(columns, 2 * len(held.counts)) // len(held.counts), 1)
    bars = "".join(signs[-(-int(n) * (len(signs) - 1) // most)] * wide for n in held.counts)
    ends = f"{signed(held.edges[0])}{signed(held.edges[-1]):>{max(width(bars) - width(signed(held.edges[0])), 1)}}"
    share = percent(most / max(int(held.counts.sum()), 1))
    return [
        fit_row([(f"answers over the training samples, most {share}", "muted")], columns),
        fit_row([(bars, "meter")], columns),
        fit_row([(ends, "muted")], columns),
    ]
