"""Filters and feature maps, layer by layer, as many at a time as have room."""

from __future__ import annotations

from typing import ClassVar

import numpy as np
from textual.binding import BindingType
from textual.reactive import reactive

from dltui.core.snapshot import LayerImages
from dltui.core.text import safe_text

from ..draw.cells import Row, fit_row, message
from ..draw.gallery import gallery
from ..keys import bindings
from .panel import Panel

INPUT = "input"
"""Name of the picture the maps are answers to."""
LEAST_ROWS = 5
"""Rows from which on a second set of images is shown."""
ROWS = 9
"""Rows of each set where there are more than two."""


class LayerPictures(Panel):
    """What the units of a layer look for, or what they see."""

    NEEDS = frozenset({"images"})
    LABEL = "Filters and maps"
    SHORT = "Filters"

    GROUP = "pictures"
    BINDINGS: ClassVar[list[BindingType]] = bindings(GROUP)

    chosen: reactive[int] = reactive(0, repaint=False)
    """Which of the snapshot's sets of images."""

    def action_next_layer(self, by: int = 1) -> None:
        """Show the images of the next layer (1) or the one before (-1)."""
        self.chosen += by

    def watch_chosen(self) -> None:
        """Paint other images."""
        self.update()

    def content_key(self) -> tuple[object, ...]:
        """See `Panel`."""
        found = self.snapshot.images if self.snapshot is not None else ()
        return (*found, self.chosen)

    def paint(self, columns: int, rows: int) -> list[Row]:
        """See `Panel`."""
        n = self._n_shown(rows)
        found = self._ordered(n)
        if not found:
            return message("no images yet", columns, rows)
        if n == 1:
            return self._drawn(found[self.chosen % len(found)], columns, rows)
        out: list[Row] = []
        for i in range(n):
            one = found[(self.chosen + i) % len(found)]
            tall = rows * (i + 1) // n - rows * i // n
            kind = "" if one.name == INPUT else f" {one.kind}"
            title: Row = [(f"{safe_text(one.name, 20)}{kind} ", "head"), (f"{len(one.images)}", "muted")]
            out += [fit_row(title, columns), *self._drawn(one, columns, tall - 1)]
        return out

    def heading(self) -> Row:
        """Which layer this is."""
        n = self._n_shown(self.size.height - 2)
        found = self._ordered(n)
        if not found:
            return []
        at = self.chosen % len(found)
        if n > 1:
            return [(f"{at + 1} to {(at + n - 1) % len(found) + 1} of {len(found)}", "muted")]
        one = found[at]
        dot, many = (" · ", f" · {len(one.images)}") if self.size.width >= 50 else (" ", "")
        return [(f"{safe_text(one.name, 12)} {one.kind}{many}{dot}{at + 1}/{len(found)}", "muted")]

    def _n_shown(self, rows: int) -> int:
        """How many sets of images have room under each other: two as soon as they can, more where each stays large."""
        return max(min(max(min(rows // LEAST_ROWS, 2), rows // ROWS), self._n_sets()), 1)

    def _n_sets(self) -> int:
        return len(self.snapshot.images) if self.snapshot is not None else 0

    def _ordered(self, n_shown: int) -> list[LayerImages]:
        """The sets of images in the order of the layers, the filters of a layer before its maps.

        The input comes first where more than two are shown; where there is less room it must not take half of it.
        """
        found = self.snapshot.images if self.snapshot is not None else ()
        places = {one.name.partition(".")[0]: i for i, one in reversed(list(enumerate(found))) if one.kind == "maps"}
        last = len(found)
        if n_shown <= 2:
            places.pop(INPUT, None)

        def place(one: LayerImages) -> tuple[int, bool]:
            return places.get(one.name.partition(".")[0], last), one.kind != "filters"

        return sorted(found, key=place)

    def _drawn(self, one: LayerImages, columns: int, rows: int) -> list[Row]:
        images = np.asarray(one.images, float)
        largest = float(np.nanmax(np.abs(images), initial=0.0)) or 1.0
        signed = one.kind == "filters" or bool(np.nanmin(images, initial=0.0) < 0)
        return gallery(columns, rows, images / largest, signed=signed, look=self.look)
