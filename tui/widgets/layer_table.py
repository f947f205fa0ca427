"""How each layer is doing: its gradient, how fast its weights move, what its outputs look like, how much is dead or
saturated.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace

from dltui.core.snapshot import LayerStats
from dltui.core.text import safe_text

from ..draw.bars import meter
from ..draw.cells import Row, fit_row, message
from ..draw.format import count, number, pad, percent, width
from ..draw.table import TableColumn, table
from .panel import Panel

SCALE = "1e-6 … 1"
"""Heading of the bars: what their two ends stand for."""
BAR, MOST_BAR = 8, 40
"""Least and most cells of a bar."""
GRADIENT = 7
"""Cells of a gradient where layers stand side by side."""

HEADS = (
    TableColumn("layer", 0),
    TableColumn("shape", 5, "right", 5),
    TableColumn("weights", 7, "right", 5),
    TableColumn("|∇|", 0, "right", 6),
    TableColumn(SCALE, 8, "left", 8),
    TableColumn("Δw/w", 0, "right", 6),
    TableColumn(SCALE, 4, "left", 8),
    TableColumn("mean", 3, "right", 6),
    TableColumn("std", 2, "right", 6),
    TableColumn("dead", 1, "right", 4),
    TableColumn("|w|", 6, "right", 5),
)


class LayerTable(Panel):
    """One line a layer."""

    NEEDS = frozenset({"layers"})
    LABEL = "Layers"

    def content_key(self) -> tuple[object, ...]:
        """See `Panel`."""
        return (self.snapshot.layers if self.snapshot is not None else (),)

    def paint(self, columns: int, rows: int) -> list[Row]:
        """See `Panel`."""
        layers = self.snapshot.layers if self.snapshot is not None else ()
        if not layers:
            return message("no layers yet", columns, rows)
        if len(layers) > rows - 1:
            return self._compact(columns, rows, layers)
        titles = {"dead": _flat_title(layers)}
        if not self.look.unicode:
            titles |= {"|∇|": "grad", "Δw/w": "dw/w", SCALE: "1e-6 to 1"}
        heads = [replace(head, title=titles.get(head.title, head.title)) for head in HEADS]
        drawn = table(columns, rows, heads, [self._line(layer, BAR) for layer in layers])
        free = columns - max(len("".join(text for text, _ in row).rstrip()) for row in drawn)
        if free > 2:
            # Of a wide panel the bars take what the numbers leave.
            bar = min(BAR + free, MOST_BAR)
            drawn = table(columns, rows, heads, [self._line(layer, bar) for layer in layers])
        return _spaced(drawn, len(layers), columns, rows)

    def _compact(self, columns: int, rows: int, layers: Sequence[LayerStats]) -> list[Row]:
        """Every layer with its gradient, in several columns: what a deep network is looked at for."""
        tall = max(rows - 1, 1)
        name = max(width(safe_text(layer.name, 10)) for layer in layers)
        across = max(min(-(-len(layers) // tall), (columns + 1) // (name + GRADIENT + 1)), 1)
        down = min(-(-len(layers) // across), tall)
        wide = max((columns + 1) // across - 1, 0)
        head = "|∇|" if self.look.unicode else "grad"
        title: Row = [(pad("layer", name) + pad(head, GRADIENT, "right"), "head")]
        out: list[Row] = [self._side_by_side([title] * across, wide, columns)] if rows > 1 else []
        for i in range(down):
            entries: list[Row] = []
            for layer in layers[i::down][:across]:
                role = "bad" if not math.isfinite(layer.gradient_norm) else ""
                entry: Row = [(pad(safe_text(layer.name, 10), name), "strong")]
                entry.append((pad(number(layer.gradient_norm, 2), GRADIENT, "right"), role))
                room = wide - name - GRADIENT - 2
                if room >= 1:
                    entry += [(" ", ""), *meter(_log_share(layer.gradient_norm), min(room, BAR), look=self.look)]
                entries.append(entry)
            out.append(self._side_by_side(entries, wide, columns))
        if len(layers) > down * across:
            out[-1] = fit_row([(f"… {len(layers) - (down - 1) * across} more", "muted")], columns)
        return out

    def _side_by_side(self, entries: Sequence[Row], wide: int, columns: int) -> Row:
        line: Row = []
        for entry in entries:
            line += [*([(" ", "")] if line else []), *fit_row(entry, wide)]
        return fit_row(line, columns)

    def heading(self) -> Row:
        """How many weights there are."""
        snapshot = self.snapshot
        return [(f"{count(snapshot.n_parameters)} weights", "muted")] if snapshot and snapshot.n_parameters else []

    def _line(self, layer: LayerStats, bar: int) -> list[Row]:
        dash = "×" if self.look.unicode else "x"
        name: Row = [(safe_text(layer.name, 16), "strong")]
        if layer.activation:
            name.append((f" {safe_text(layer.activation, 12)}", "muted"))
        dead = "bad" if layer.dead > 0.5 else "warn" if layer.dead > 0.2 else "muted"
        return [
            name,
            [(dash.join(map(str, layer.shape)), "muted")],
            [(count(layer.n_parameters), "muted")],
            [(number(layer.gradient_norm, 2), "bad" if not math.isfinite(layer.gradient_norm) else "")],
            meter(_log_share(layer.gradient_norm), bar, look=self.look),
            [(number(layer.update_ratio, 2), _pace(layer.update_ratio))],
            meter(_log_share(layer.update_ratio), bar, _pace(layer.update_ratio) or "meter", look=self.look),
            [(number(layer.mean, 2), "")],
            [(number(layer.std, 2), "")],
            [(percent(layer.dead), dead)],
            [(number(layer.weight_norm, 2), "muted")],
        ]


def _spaced(rows: list[Row], n: int, columns: int, room: int) -> list[Row]:
    """A table of `n` lines with an empty one after each, where there is room for all of them."""
    if room < 2 * n + 1:
        return rows
    blank: Row = [(" " * columns, "")]
    out = [rows[0]]
    for row in rows[1 : n + 1]:
        out += [row, blank]
    return [*out, *[blank] * (room - len(out))][:room]


def _flat_title(layers: Sequence[LayerStats]) -> str:
    """What the units in the flat part of their activation are: dead where it is silence, saturated at either end."""
    kinds = {layer.saturates for layer in layers if layer.activation}
    return "dead/sat" if len(kinds) == 2 else "sat" if True in kinds else "dead"


def _pace(ratio: float) -> str:
    """About 1e-3 a step is a healthy pace for weights; a tenth is a jump, a millionth stands still."""
    if math.isnan(ratio):
        return "muted"
    if ratio > 0.1:
        return "bad"
    return "warn" if ratio > 0.03 or ratio < 1e-6 else ""


def _log_share(ratio: float) -> float:
    """0 for 1e-6 and less, 1 for 1 and more."""
    if not ratio > 0:
        return 0.0
    return min(max((math.log10(ratio) + 6) / 6, 0.0), 1.0) if math.isfinite(ratio) else 1.0
