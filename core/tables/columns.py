"""What a column of a table is, once it is known: its kind, its values, and what will be done with it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final

import numpy as np

from .cells.dates import DateForm
from .cells.numbers import NumberForm

NUMBER: Final = "number"
CATEGORY: Final = "category"
YES_NO: Final = "yes/no"
DATE: Final = "date"
TEXT: Final = "text"
ID: Final = "id"
ROW_NUMBER: Final = "row number"
CONSTANT: Final = "one value"

KINDS = (NUMBER, CATEGORY, YES_NO, DATE, TEXT, ID, ROW_NUMBER, CONSTANT)
"""What a column can be. The first four can be inputs, the others are left out."""

INPUTS = frozenset((NUMBER, CATEGORY, YES_NO, DATE))
"""Kinds that can be inputs."""

SETTABLE = (NUMBER, CATEGORY, YES_NO, DATE, TEXT, ID)
"""Kinds a person can choose for a column."""


@dataclass(frozen=True, eq=False)
class Column:
    """One column with its kind and its values."""

    name: str
    """Whole, different from all others of the table."""
    number: int
    """Its place in a line, from 1."""
    kind: str
    """One of `KINDS`."""
    reason: str = ""
    """Why it is of this kind, where that is not plain; a clause."""
    values: np.ndarray | None = None
    """float64 (n,), NaN where missing: numbers, yes/no as 1 and 0, dates as seconds; None for words."""
    words: tuple[str, ...] = ()
    """The different words, in the order of the alphabet (numbers among them by size)."""
    codes: np.ndarray = field(default_factory=lambda: np.empty(0, np.int32))
    """int32 (n,): place of each row's word in `words`, -1 where missing; () where there are none."""
    form: NumberForm | DateForm | None = None
    """How its numbers or dates are written."""
    yes: tuple[str, ...] = ()
    """For yes/no: the word for yes and the word for no."""
    n_missing: int = 0
    """Cells that are holes, those counted in `n_strange` among them."""
    n_strange: int = 0
    """Cells that are of another kind than the column, taken as missing."""
    strange: str = ""
    """One of them."""
    strange_row: int = -1
    """The row it stands in."""

    @property
    def missing(self) -> np.ndarray:
        """Where it has no value: bool (n,)."""
        return np.isnan(self.values) if self.values is not None else self.codes < 0

    @property
    def is_input(self) -> bool:
        """Whether its kind can be an input."""
        return self.kind in INPUTS

    def at(self, rows: np.ndarray) -> Column:
        """The same column of some rows only."""
        values = self.values[rows] if self.values is not None else None
        codes = self.codes[rows] if self.codes.size else self.codes
        return Column(**{**vars(self), "values": values, "codes": codes})
