"""What leaves dltui: a kept run as a file that other programs read.

`base` is the contract of a format, `formats` finds them, `write` puts one where the user wants it, and each other file
of the folder that holds an `ExportFormat` is one format.
"""

from __future__ import annotations

from .base import ExportedRun, ExportFormat
from .formats import export_formats
from .write import export_run

__all__ = ["ExportFormat", "ExportedRun", "export_formats", "export_run"]
