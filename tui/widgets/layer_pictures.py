"""Filters and feature maps of a layer, one layer at a time."""

from __future__ import annotations

from typing import ClassVar

from textual.binding import BindingType
from textual.reactive import reactive

from dltui.core.text import safe_text

from ..draw.cells import Row, message
from ..draw.gallery import gallery
from ..keys import bindings
from .panel import Panel


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
        found = self.snapshot.images if self.snapshot is not None else ()
        if not found:
            return message("no images yet", columns, rows)
        one = found[self.chosen % len(found)]
        return gallery(columns, rows, one.images, signed=one.kind == "filters", look=self.look)

    def heading(self) -> Row:
        """Which layer this is."""
        found = self.snapshot.images if self.snapshot is not None else ()
        if not found:
            return []
        at = self.chosen % len(found)
        one = found[at]
        dot, many = (" · ", f" · {len(one.images)}") if self.size.width >= 50 else (" ", "")
        return [(f"{safe_text(one.name, 12)} {one.kind}{many}{dot}{at + 1}/{len(found)}", "muted")]
