"""A few validation samples and what the network says: right, wrong, or rebuilt by an autoencoder."""

from __future__ import annotations

from typing import ClassVar

import numpy as np
from textual.binding import BindingType
from textual.reactive import reactive

from dltui.core.snapshot import SamplePredictions
from dltui.core.text import safe_text

from ..draw.cells import Row, fit_row, message
from ..draw.format import percent
from ..draw.gallery import gallery
from ..draw.table import TableColumn, table
from ..keys import bindings
from .panel import Panel

AUGMENTED = "training pictures, as the last step saw them"
LEAST_HALF = 7
"""Rows from which on changed training pictures have a part of the panel."""


class SamplesPanel(Panel):
    """Samples with answers."""

    NEEDS = frozenset({"samples"})
    LABEL = "Samples"

    GROUP = "samples"
    BINDINGS: ClassVar[list[BindingType]] = bindings(GROUP)

    wrong_only: reactive[bool] = reactive(False, repaint=False)
    """Whether only samples with a wrong answer are shown."""

    def action_toggle_wrong(self) -> None:
        """Show all samples, or the wrong answers only."""
        self.wrong_only = not self.wrong_only

    def watch_wrong_only(self) -> None:
        """Paint other samples."""
        self.update()

    def content_key(self) -> tuple[object, ...]:
        """See `Panel`."""
        return (self.snapshot and self.snapshot.samples, self.wrong_only)

    def paint(self, columns: int, rows: int) -> list[Row]:
        """See `Panel`."""
        found = self.snapshot.samples if self.snapshot is not None else None
        if found is None:
            return message("no samples yet", columns, rows)
        kept = np.flatnonzero(found.wrong) if self.wrong_only else np.arange(len(found.wrong))
        if not len(kept):
            return message("no wrong answer among the samples", columns, rows)
        if found.images is None:
            return self._table(columns, rows, found, kept)
        if found.augmented is None or rows < LEAST_HALF:
            return self._pictures(columns, rows, found, kept)
        half = (rows - 1) // 2
        title = fit_row([(AUGMENTED, "head")], columns)
        changed = gallery(columns, half, found.augmented, look=self.look)
        return [*self._pictures(columns, rows - 1 - half, found, kept), title, *changed]

    def _pictures(self, columns: int, rows: int, found: SamplePredictions, kept: np.ndarray) -> list[Row]:
        """Pictures with what the network says of them."""
        assert found.images is not None
        if found.reconstructed is not None:
            below = found.reconstructed[kept]
            return gallery(columns, rows, found.images[kept], below=below, look=self.look)
        captions = [self._answer(found, int(i)) for i in kept]
        return gallery(columns, rows, found.images[kept], captions, look=self.look)

    def heading(self) -> Row:
        """What is shown."""
        found = self.snapshot.samples if self.snapshot is not None else None
        if found is not None and found.reconstructed is not None:
            return [("input over rebuilt", "muted")]
        return [("wrong answers", "muted")] if self.wrong_only else []

    def _answer(self, found: SamplePredictions, i: int) -> Row:
        said, true = safe_text(found.predicted[i], 12), safe_text(found.true[i], 12)
        if found.wrong[i]:
            return [(f"{said} ", "bad"), (f"not {true}", "muted")]
        yes = "✓" if self.look.unicode else "ok"
        return [(f"{said} {yes}", "good"), (f" {percent(float(found.confidence[i]))}", "muted")]

    def _table(self, columns: int, rows: int, found: SamplePredictions, kept: np.ndarray) -> list[Row]:
        heads = [
            TableColumn("", 0),
            TableColumn("true", 0),
            TableColumn("predicted", 0),
            TableColumn("sure", 1, "right"),
        ]
        lines: list[list[Row]] = []
        for i in kept.tolist():
            wrong = bool(found.wrong[i])
            sign = ("✗" if wrong else "✓") if self.look.unicode else ("x" if wrong else "ok")
            role = "bad" if wrong else "good"
            lines.append(
                [
                    [(sign, role)],
                    [(safe_text(found.true[i], 20), "")],
                    [(safe_text(found.predicted[i], 20), role)],
                    [(percent(float(found.confidence[i])), "muted")],
                ]
            )
        return table(columns, rows, heads, lines)
