"""How the weights of each layer are distributed."""

from __future__ import annotations

from dltui.core.text import safe_text

from ..draw.bars import histogram
from ..draw.cells import Row, fit_row, message
from ..draw.format import number
from .panel import Panel

LEAST_WIDTH, LEAST_HEIGHT = 26, 5


class Histograms(Panel):
    """A histogram a layer."""

    NEEDS = frozenset({"weights"})
    LABEL = "Weights"

    def content_key(self) -> tuple[object, ...]:
        """See `Panel`."""
        return self.snapshot.weights if self.snapshot is not None else ()

    def paint(self, columns: int, rows: int) -> list[Row]:
        """See `Panel`."""
        found = [one for one in self.snapshot.weights if len(one.histogram)] if self.snapshot is not None else []
        if not found:
            return message("no weights yet", columns, rows)
        across = min(max(columns // LEAST_WIDTH, 1), len(found))
        down = min(max(rows // LEAST_HEIGHT, 1), -(-len(found) // across))
        across = -(-len(found) // down) if len(found) <= across * down else across
        wide, tall = columns // across - 1, rows // down
        out: list[Row] = []
        for i in range(down):
            band = found[i * across : (i + 1) * across]
            blocks = []
            for one in band:
                title: Row = [(f"{safe_text(one.name, 16)} ", "head")]
                if len(one.edges):
                    title.append((f"{number(float(one.edges[0]), 2)} … {number(float(one.edges[-1]), 2)}", "muted"))
                drawn = histogram(wide, max(tall - 1, 1), one.histogram, one.edges, look=self.look, role="signed")
                blocks.append([fit_row(title, max(wide, 0)), *drawn] if tall > 1 else drawn)
            out += [[span for block in blocks for span in (*block[y], (" ", ""))] for y in range(min(tall, rows))]
        return out[:rows]
