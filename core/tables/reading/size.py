"""About how large a data set is: what is known of it before it is read."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Size:
    """About how large a data set is."""

    n_rows: int
    n_inputs: int
    pictures: bool = False
    """Whether a row is a picture."""
    named_rows: bool = False
    """Whether the rows for validation come from a file of their own."""
