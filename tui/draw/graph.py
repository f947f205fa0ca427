"""The network as a picture: a column of units for each layer, a small map in each unit, links drawn by weight.

A link's color is its sign and its strength how large it is within its layer; the weakest are left out, so that what
matters can be seen. Where units outnumber the rows only the first are drawn, and the label says how many there are.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass

import numpy as np

from . import braille, colors
from .cells import Grid, Row, message
from .format import ellipsis, width
from .heat import tiles
from .look import Look

LINK_COLUMNS = 10
"""Cells kept for a unit and its links before the names of the inputs get more than a few."""
LEAST_LINK = 4
"""Cells kept for the links between two levels while units are larger than they must be."""
LARGEST = 28
"""Most pixels along a side of a unit."""
LOOSE = 8
"""Most pixels from one unit without a picture to the next."""


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
    gray: bool = False
    """Whether the maps are a picture, in [0, 1], and not answers with a sign."""


@dataclass(frozen=True)
class _Stack:
    """The units of a level as they are drawn; heights are in pixels, two to a cell."""

    n: int
    """Units that have room."""
    pitch: int
    """From one unit to the next."""
    tall: int
    wide: int
    """Width in cells."""

    def tops(self, room: int, grain: int) -> list[int]:
        """Upper edge of each unit in a column of `room` pixels."""
        first = max((room - (self.n - 1) * self.pitch - self.tall) // 2, 0) // grain * grain
        return [first + i * self.pitch for i in range(self.n)]


@dataclass(frozen=True)
class Places:
    """Where everything of a drawing lies."""

    names: int
    """Cells of the names of the inputs, on the left."""
    stacks: tuple[_Stack, ...]
    lefts: tuple[int, ...]
    """First cell of each level."""
    tops: tuple[tuple[int, ...], ...]
    """Upper edge of each unit of each level, in pixels."""

    def unit_at(self, column: int, row: int) -> tuple[int, int] | None:
        """Level and unit whose place is nearest to a cell; None where none is near."""
        ends = [(left, left + stack.wide - 1) for left, stack in zip(self.lefts, self.stacks, strict=True)]
        near = [(max(left - column, column - right, 0), k) for k, (left, right) in enumerate(ends)]
        away, level = min(near)
        if away > (self.names if level == 0 else 2):
            return None
        middles = [(top + self.stacks[level].tall // 2) // 2 for top in self.tops[level]]
        unit = min(range(len(middles)), key=lambda k: abs(middles[k] - row))
        return (level, unit) if abs(middles[unit] - row) <= max(self.stacks[level].pitch // 2, 1) else None


def places_of(columns: int, rows: int, levels: Sequence[Level], look: Look) -> Places | None:
    """Where the units of a network lie that is drawn in so many cells; None where it cannot be."""
    if columns < 1 or rows < 1 or len(levels) < 2 or columns < 3 * len(levels) - 2:
        return None
    limit = _name_limit(columns, levels)
    names = max((width(ellipsis(n, limit)) for n in levels[0].names), default=0)
    names = names + 1 if names and columns > 30 and columns - names - 1 >= 4 * len(levels) else 0
    room = 2 * (rows - 1 if rows >= 3 else rows)
    stacks = _stacks(columns - names, room, levels, look)
    free = columns - names - sum(stack.wide for stack in stacks)
    lefts = [
        names + sum(stack.wide for stack in stacks[:i]) + round(free * i / (len(levels) - 1))
        for i in range(len(levels))
    ]
    tops = tuple(tuple(stack.tops(room, 1 if look.shaded else 2)) for stack in stacks)
    return Places(names, tuple(stacks), tuple(lefts), tops)


def _name_limit(columns: int, levels: Sequence[Level]) -> int:
    return max(min(columns - 2 - LINK_COLUMNS * (len(levels) - 1), 16), 6)


def network(
    columns: int,
    rows: int,
    levels: Sequence[Level],
    *,
    look: Look | None = None,
    chosen: tuple[int, int] | None = None,
    muted: Collection[tuple[int, int]] = (),
) -> list[Row]:
    """Draw a network from left to right.

    Args:
        columns: Width in cells.
        rows: Height in cells.
        levels: Inputs first.
        look: What the terminal can show.
        chosen: Level and unit that is pointed at; None: none.
        muted: Levels and units that are crossed out.
    """
    look = look or Look()
    if columns < 1 or rows < 1:
        return [[] for _ in range(max(rows, 0))]
    if len(levels) < 2:
        return message("no network yet", columns, rows)
    places = places_of(columns, rows, levels, look)
    if places is None:
        return message(
            ("→" if look.unicode else ">").join(str(level.n_units) for level in levels), columns, rows, "head"
        )
    grid = Grid(columns, rows)
    names, stacks, lefts, tops = places.names, places.stacks, places.lefts, places.tops
    # Where links meet a unit, in dots: four to a cell.
    centers = [np.asarray(top, float) * 2 + stack.tall for top, stack in zip(tops, stacks, strict=True)]
    for i in range(1, len(levels)):
        _links(grid, levels[i], lefts[i - 1] + stacks[i - 1].wide, lefts[i], centers[i - 1], centers[i], look)
    for i, (level, stack) in enumerate(zip(levels, stacks, strict=True)):
        mapped = min(len(level.maps), stack.n) if level.maps is not None else 0
        if level.maps is not None and mapped:
            inks = _inks(level, mapped, look)
            tiles(grid, lefts[i], tops[i][:mapped], stack.wide, stack.tall, inks, look, signed=not level.gray)
        for unit, top in enumerate(tops[i]):
            middle = (top + stack.tall // 2) // 2
            if (i, unit) in muted:
                grid.put(lefts[i], middle, ("×" if look.unicode else "x").center(stack.wide), "bad")
            elif unit >= mapped:
                grid.put(lefts[i], middle, ("●" if look.unicode else "O").center(stack.wide), "unit")
            if i == 0 and names and unit < len(level.names):
                text = ellipsis(level.names[unit], _name_limit(columns, levels))
                grid.put(names - 1 - width(text), middle, text, "head")
            if chosen == (i, unit):
                _point_at(grid, lefts[i], stack.wide, middle, look)
    if rows >= 3:
        _labels(grid, levels, lefts, stacks)
    return grid.lines()


def _point_at(grid: Grid, left: int, wide: int, row: int, look: Look) -> None:
    """Point at a unit from both sides, or where there is no room from one."""
    before, behind = ("▶", "◀") if look.unicode else (">", "<")
    grid.put(left - 1, row, before, "cursor")
    grid.put(left + wide, row, behind, "cursor")


def _inks(level: Level, n: int, look: Look) -> np.ndarray:
    """The maps of the first units as `heat.tiles` wants them."""
    assert level.maps is not None
    maps = level.maps[:n]
    if look.shaded:
        return colors.gray(maps) if level.gray else colors.diverging(maps, look.dark)
    clean = np.nan_to_num(maps)
    return np.asarray(np.clip(clean if level.gray else (clean + 1) / 2, 0, 0.999))


def _stacks(columns: int, room: int, levels: Sequence[Level], look: Look) -> list[_Stack]:
    """How large the units of each level are: as large as their column is high and all columns are wide."""
    sizes = [_largest(level, room, look) for level in levels]
    least = min((tall for level, tall in zip(levels, sizes, strict=True) if level.maps is not None), default=2)
    sizes = [min(tall, 3 * least) for tall in sizes]
    step = 1 if look.shaded else 2
    wides = [tall if level.maps is not None else 1 for level, tall in zip(levels, sizes, strict=True)]
    while max(wides) > 2 and sum(wides) + LEAST_LINK * (len(levels) - 1) > columns:
        widest = max(wides)
        wides = [widest - step if wide == widest else wide for wide in wides]
    if sum(wides) + 2 * (len(levels) - 1) > columns:
        wides = [1] * len(levels)
    stacks = []
    for level, wide in zip(levels, wides, strict=True):
        tall = max(wide, 2)
        if level.maps is None:
            pitch = max(min(room // level.n_units, LOOSE), 2) // 2 * 2
        else:
            gap = 0 if room // level.n_units <= 2 else step
            pitch = max(min(room // level.n_units, 2 * tall), tall + gap) // step * step
        stacks.append(_Stack(min(level.n_units, max((room - tall) // pitch + 1, 1)), pitch, tall, wide))
    return stacks


def _largest(level: Level, room: int, look: Look) -> int:
    """Pixels along a side of the units of a level, if width were no matter."""
    if level.maps is None:
        return 2
    pitch = room // max(level.n_units, 1)
    if look.shaded:
        return min(max(pitch - 1, 2), LARGEST)
    return min(max(pitch // 2 * 2 - 2, 2), LARGEST)


def _links(
    grid: Grid,
    level: Level,
    left: int,
    right: int,
    begins_at: np.ndarray,
    ends_at: np.ndarray,
    look: Look,
) -> None:
    """Draw the links to a level between two columns of cells, from and to heights in dots."""
    wide = right - left
    if wide < 2:
        return
    share = np.clip((np.arange(wide * 2 + 1) / (wide * 2) - 0.12) / 0.76, 0, 1)
    bend = share * share * (3 - 2 * share)
    area = (slice(0, grid.rows), slice(left, right))
    if level.weights is None or level.weights.size == 0:
        # Shared or no weights: only the order of the layers is drawn.
        ends = ends_at
        begins = begins_at[np.arange(len(ends)) * len(begins_at) // max(len(ends), 1)]
        place = begins[:, None] + (ends - begins)[:, None] * bend
        dots = _curves(place, grid.rows * 4, 0.0)
        signs = braille.cells(dots) if look.unicode else braille.ascii_cells(dots)
        grid.codes[area] = np.where(signs > 0, signs, grid.codes[area])
        grid.roles[area] = np.where(signs > 0, grid.role("faint"), grid.roles[area])
        return
    weights = np.nan_to_num(level.weights[: len(ends_at), : len(begins_at)])
    largest = float(np.abs(weights).max(initial=0.0))
    if largest == 0:
        return
    order = np.argsort(np.abs(weights), axis=None)
    # Past a few dozen links only the strongest keep the picture readable.
    order = order[-max(6 * len(ends_at), 24) :]
    to, start = np.divmod(order, weights.shape[1])
    chosen = weights[to, start]
    strength = np.abs(chosen) / largest
    begins, ends = begins_at[start], ends_at[to]
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


def _labels(grid: Grid, levels: Sequence[Level], lefts: Sequence[int], stacks: Sequence[_Stack]) -> None:
    row = grid.rows - 1
    grid.put(0, row, " " * grid.columns)
    long = [
        level.label if stack.n == level.n_units else f"{stack.n} of {level.label}"
        for level, stack in zip(levels, stacks, strict=True)
    ]
    texts = fit_labels(long, [level.label for level in levels], grid.columns)
    starts = spread(
        [left + (stack.wide - width(text)) // 2 for left, stack, text in zip(lefts, stacks, texts, strict=True)],
        texts,
        grid.columns,
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
