"""The samples a run trains on: loaded, split and scaled."""

from __future__ import annotations

from .data import (
    Data,
    from_arrays,
    prepare,
)

__all__ = [
    "Data",
    "from_arrays",
    "prepare",
]
