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
from ..draw.cells import Row, message
from ..draw.format import count, number, percent
from ..draw.table import TableColumn, table
from .panel import Panel

SCALE = "1e-6 … 1"
"""Heading of the bars: what their two ends stand for."""

HEADS = (
    TableColumn("layer", 0),
    TableColumn("shape", 5, "right", 5),
    TableColumn("weights", 7, "right", 5),
    TableColumn("|∇|", 0, "right", 6),
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
        titles = {"dead": _flat_title(layers)}
        if not self.look.unicode:
            titles |= {"|∇|": "grad", "Δw/w": "dw/w", SCALE: "1e-6 to 1"}
        heads = [replace(head, title=titles.get(head.title, head.title)) for head in HEADS]
        return table(columns, rows, heads, [self._line(layer) for layer in layers])

    def heading(self) -> Row:
        """How many weights there are."""
        snapshot = self.snapshot
        return [(f"{count(snapshot.n_parameters)} weights", "muted")] if snapshot and snapshot.n_parameters else []

    def _line(self, layer: LayerStats) -> list[Row]:
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
            [(number(layer.update_ratio, 2), _pace(layer.update_ratio))],
            meter(_log_share(layer.update_ratio), 8, _pace(layer.update_ratio) or "meter", look=self.look),
            [(number(layer.mean, 2), "")],
            [(number(layer.std, 2), "")],
            [(percent(layer.dead), dead)],
            [(number(layer.weight_norm, 2), "muted")],
        ]


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
