"""The picture of a run as PNG, the same as the SVG."""

from __future__ import annotations

from collections.abc import Mapping

from ..pictures.pixels import png_of
from .base import ExportedRun, ExportFormat
from .sheet import run_sheet


def make(run: ExportedRun, stem: str) -> Mapping[str, bytes]:
    """One file."""
    return {f"{stem}.png": png_of(run_sheet(run))}


PNG = ExportFormat(
    name="png",
    title="PNG",
    summary="The same picture as pixels.",
    suffix=".png",
    make=make,
)
