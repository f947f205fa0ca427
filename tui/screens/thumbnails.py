"""The pictures of the presets' data, from the file they are kept in; see `tests/support/make_thumbnails.py`."""

from __future__ import annotations

import csv
from functools import cache
from importlib.resources import files


@cache
def thumbnails() -> dict[str, tuple[str, ...]]:
    """Name of a preset -> its picture, one string a row of pixels; the user's own presets have none."""
    text = files("dltui.presets.data").joinpath("thumbnails.csv").read_text(encoding="ascii")
    return {
        name: tuple(row["pixels"].split("/"))
        for row in csv.DictReader(text.splitlines())
        for name in row["presets"].split()
    }
