"""The picture of a run as SVG: the curves with the marks, and what the network answers."""

from __future__ import annotations

from collections.abc import Mapping

from ..pictures.svg import svg_of
from .base import ExportedRun, ExportFormat
from .sheet import run_sheet


def make(run: ExportedRun, stem: str) -> Mapping[str, bytes]:
    """One file."""
    return {f"{stem}.svg": svg_of(run_sheet(run), run.title).encode()}


SVG = ExportFormat(
    name="svg",
    title="SVG",
    summary="Curves, marks and decision map as a picture.",
    suffix=".svg",
    make=make,
    is_text=True,
)
