"""The network as a picture: a column of units for each layer, a small map in each unit, links drawn by weight.

A link's color is its sign and its strength how large it is within its layer; the weakest are left out, so that what
matters can be seen. Where units outnumber the rows only the first are drawn, and the label says how many there are.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from . import braille
from .cells import Grid, Row, message
from .format import ellipsis, width
from .heat import tiles
from .look import Look

LINK_COLUMNS = 10
"""Cells kept for a unit and its links before the names of the inputs get more than a few."""


@dataclass(frozen=True, eq=False)
class Level:
    """One column of the drawing: the inputs or a layer."""

    label: str
    """Under the column: "8 tanh"."""
    n_units: int
    maps: np.ndarray | None = None
    """(units, k, k) in [-1, 1], or None."""
    weights: np.ndarray | None = None
    """(units, units of the level before) weights of the links to it, or None."""
    names: tuple[str, ...] = ()
    """Names of the units, for the inputs."""


def network(columns: int, rows: int, levels: Sequence[Level], *, look: Look | None = None) -> list[Row]:
    """Draw a network from left to right.

    Args:
        columns: Width in cells.
        rows: Height in cells.
        levels: Inputs first.
        look: What the terminal can show.
    """
    look = look or Look()
    if columns < 1 or rows < 1:
        return [[] for _ in range(max(rows, 0))]
    if len(levels) < 2:
        return message("no network yet", columns, rows)
    if columns < 4 * len(levels):
        return message(
            ("→" if look.unicode else ">").join(str(level.n_units) for level in levels), columns, rows, "head"
        )
    grid = Grid(columns, rows)
    limit = max(min(columns - 2 - LINK_COLUMNS * (len(levels) - 1), 16), 6)
    names = max((width(ellipsis(n, limit)) for n in levels[0].names), default=0)
    names = names + 1 if names and columns > 30 else 0
    tall, wide, pitch = _tile_size(columns - names, rows - 1, levels)
    most = max((rows - 1 + pitch - tall) // pitch, 1)
    room = columns - names - wide
    lefts = [names + round(room * i / (len(levels) - 1)) for i in range(len(levels))]
    shown = [min(level.n_units, most) for level in levels]
    tops = [[_top(rows - 1, n, tall, pitch) + pitch * i for i in range(n)] for n in shown]
    for i in range(1, len(levels)):
        _links(grid, levels[i], lefts[i - 1] + wide, lefts[i], tops[i - 1], tops[i], tall, look)
    for i, level in enumerate(levels):
        mapped = min(len(level.maps), len(tops[i])) if level.maps is not None else 0
        if level.maps is not None and mapped:
            tiles(grid, lefts[i], tops[i][:mapped], wide, tall, level.maps, look)
        for unit, top in enumerate(tops[i]):
            if unit >= mapped:
                _box(grid, lefts[i], top, wide, tall, look)
            if i == 0 and names and unit < len(level.names):
                text = ellipsis(level.names[unit], limit)
                grid.put(names - 1 - width(text), top + tall // 2, text, "head")
    if rows >= 3:
        _labels(grid, levels, lefts, wide, shown)
    return grid.lines()


def _tile_size(columns: int, rows: int, levels: Sequence[Level]) -> tuple[int, int, int]:
    """Height and width of a unit and the distance from one to the next."""
    most = max(level.n_units for level in levels)
    drawn = any(level.maps is not None for level in levels)
    for tall in (4, 3, 2):
        wide = 2 * tall
        if drawn and (wide + 6) * len(levels) - 6 <= columns and most * (tall + 1) - 1 <= rows:
            return tall, wide, tall + 1
    wide = 4 if drawn and (4 + 6) * len(levels) - 6 <= columns else 2 if drawn else 1
    return 1, wide, 2 if most * 2 - 1 <= rows else 1


def _top(rows: int, n: int, tall: int, pitch: int) -> int:
    return max((rows - (n * pitch - (pitch - tall))) // 2, 0)


def _box(grid: Grid, left: int, top: int, wide: int, tall: int, look: Look) -> None:
    for row in range(top, min(top + tall, grid.rows)):
        grid.put(left, row, ("●" if look.unicode else "O").center(wide), "unit")


def _links(
    grid: Grid,
    level: Level,
    left: int,
    right: int,
    from_tops: Sequence[int],
    to_tops: Sequence[int],
    tall: int,
    look: Look,
) -> None:
    wide = right - left
    if wide < 2:
        return
    share = np.clip((np.arange(wide * 2 + 1) / (wide * 2) - 0.12) / 0.76, 0, 1)
    bend = share * share * (3 - 2 * share)
    area = (slice(0, grid.rows), slice(left, right))
    if level.weights is None or level.weights.size == 0:
        # Shared or no weights: only the order of the layers is drawn.
        ends = np.asarray(to_tops, float)
        begins = np.asarray(from_tops, float)[np.arange(len(ends)) * len(from_tops) // max(len(ends), 1)]
        place = (begins[:, None] + (ends - begins)[:, None] * bend + tall / 2) * 4
        dots = _curves(place, grid.rows * 4, 0.0)
        signs = braille.cells(dots) if look.unicode else braille.ascii_cells(dots)
        grid.codes[area] = np.where(signs > 0, signs, grid.codes[area])
        grid.roles[area] = np.where(signs > 0, grid.role("faint"), grid.roles[area])
        return
    weights = np.nan_to_num(level.weights[: len(to_tops), : len(from_tops)])
    largest = float(np.abs(weights).max(initial=0.0))
    if largest == 0:
        return
    order = np.argsort(np.abs(weights), axis=None)
    # Past a few dozen links only the strongest keep the picture readable.
    order = order[-max(6 * len(to_tops), 24) :]
    to, start = np.divmod(order, weights.shape[1])
    chosen = weights[to, start]
    strength = np.abs(chosen) / largest
    begins = (np.asarray(from_tops, float)[start] + tall / 2) * 4
    ends = (np.asarray(to_tops, float)[to] + tall / 2) * 4
    place = begins[:, None] + (ends - begins)[:, None] * bend
    for least, most, suffix in ((0.08, 0.3, "_faint"), (0.3, 0.6, "_mid"), (0.6, 2.0, "")):
        for sign, name in ((-1, "negative"), (1, "positive")):
            group = place[(np.sign(chosen) == sign) & (strength >= least) & (strength < most)]
            if not len(group):
                continue
            dots = _curves(group, grid.rows * 4, 0.9 if not suffix else 0.0)
            if sign < 0 and look.strokes:
                dots[:, np.arange(wide * 2) % 4 >= 2] = False
            signs = braille.cells(dots) if look.unicode else braille.ascii_cells(dots)
            grid.codes[area] = np.where(signs > 0, signs, grid.codes[area])
            grid.roles[area] = np.where(signs > 0, grid.role(name + suffix), grid.roles[area])


def _curves(place: np.ndarray, rows: int, thick: float) -> np.ndarray:
    """Dots of many lines at once: `place` (lines, columns + 1) at the borders of columns -> bool (rows, columns)."""
    low, high = np.minimum(place[:, :-1], place[:, 1:]) - thick, np.maximum(place[:, :-1], place[:, 1:])
    top, bottom = np.clip(low, 0, rows - 1).astype(np.int64), np.clip(high, 0, rows - 1).astype(np.int64)
    change = np.zeros((rows + 1, place.shape[1] - 1), np.int32)
    column = np.broadcast_to(np.arange(change.shape[1]), top.shape)
    np.add.at(change, (top, column), 1)
    np.add.at(change, (bottom + 1, column), -1)
    return np.cumsum(change[:-1], axis=0) > 0


def _labels(grid: Grid, levels: Sequence[Level], lefts: Sequence[int], wide: int, shown: Sequence[int]) -> None:
    row = grid.rows - 1
    grid.put(0, row, " " * grid.columns)
    long = [
        level.label if n == level.n_units else f"{n} of {level.label}" for level, n in zip(levels, shown, strict=True)
    ]
    texts = fit_labels(long, [level.label for level in levels], grid.columns)
    starts = spread(
        [left + (wide - width(text)) // 2 for left, text in zip(lefts, texts, strict=True)], texts, grid.columns
    )
    for start, text in zip(starts, texts, strict=True):
        grid.put(start, row, text, "muted")


def fit_labels(long: Sequence[str], short: Sequence[str], columns: int) -> list[str]:
    """Labels that fit in a line with spaces between: long, else short, else their first words, the longest cut."""
    texts = list(long)
    room = columns - (len(texts) - 1)
    if sum(map(width, texts)) > room - (len(texts) - 1):
        texts = list(short)
    if sum(map(width, texts)) > room:
        texts = [text.partition(" ")[0] for text in short]
    while sum(map(width, texts)) > room and any(texts):
        longest = max(range(len(texts)), key=lambda i: width(texts[i]))
        texts[longest] = ellipsis(texts[longest], width(texts[longest]) - 1)
    return texts


def spread(starts: Sequence[int], texts: Sequence[str], columns: int) -> list[int]:
    """Where texts begin that would overlap where they ought to: moved as far as they must, and kept inside.

    Example:
        >>> spread([0, 2, 9], ["one", "two", "three"], 15)
        [0, 5, 10]
    """
    gap = 2 if sum(map(width, texts)) + 2 * (len(texts) - 1) <= columns else 1
    places, end = [], -gap
    for start, text in zip(starts, texts, strict=True):
        places.append(max(start, end + gap, 0))
        end = places[-1] + width(text)
    right = columns
    for i in range(len(texts) - 1, -1, -1):
        places[i] = min(places[i], right - width(texts[i]))
        right = places[i] - gap
    return places
