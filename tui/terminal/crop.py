"""Sends only the cells that changed: Textual 8 starts a changed span at the left edge of its widget.

A panel asks for the spans of its lines that differ; Textual crops such a span on the right only. Cropping the left as
well cuts what a chart costs over SSH to a fraction. It touches an inner class of Textual, so it is done for the version
it was written for and left alone otherwise; nothing but the number of bytes depends on it.
"""

from __future__ import annotations

from importlib.metadata import version
from typing import TYPE_CHECKING

from textual import _compositor
from textual.geometry import Offset

if TYPE_CHECKING:
    from rich.console import Console
    from textual._compositor import ChopsUpdate

TESTED = "8."
"""Versions of Textual whose inner class is as expected here."""


def crop_updates() -> bool:
    """Crop changed spans on both sides from now on; whether this Textual allows it."""
    update = getattr(_compositor, "ChopsUpdate", None)
    if not version("textual").startswith(TESTED) or not hasattr(update, "render_segments"):
        return False
    setattr(update, "render_segments", render_segments)  # noqa: B010
    return True


def render_segments(self: ChopsUpdate, console: Console) -> str:
    """The changed spans as text for the terminal."""
    sequences: list[str] = []
    for y, x1, x2 in self.spans:
        for end, (x, strip) in zip(self.chop_ends[y], self.chops[y].items(), strict=False):
            if strip is None or x >= x2 or end <= x1:
                continue
            left, right = max(x1 - x, 0), min(end, x2) - x
            sequences.append(_move_to(Offset(x + left, y)))
            sequences.append((strip if (left, right) == (0, end - x) else strip.crop(left, right)).render(console))
    return "".join(sequences)


def _move_to(place: Offset) -> str:
    return f"\x1b[{place.y + 1};{place.x + 1}H"
