"""Findings as text: one line a column, then what a person should know; no wider than it needs to be."""

from __future__ import annotations

import math

from .findings import ColumnFinding, Findings

_BLOCKS = " ▁▂▃▄▅▆▇█"
_NARROW = 24


def as_text(findings: Findings) -> str:
    """The report, over several lines."""
    heading = ("column", "kind", "missing", "values", "", "tells", "what is done")
    rows = [heading, *(_line(column) for column in findings.columns)]
    widths = [max(len(row[i]) for row in rows) for i in range(len(rows[0]))]
    table = ["  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in rows]
    head = (
        f"{findings.file}: {findings.n_rows} rows, {len(findings.columns)} columns "
        f"({findings.encoding}, separated by {findings.delimiter}, {'with' if findings.has_header else 'no'} heading)"
    )
    split = f"{findings.n_train} training rows, {findings.n_val} validation rows, {findings.n_inputs} inputs"
    classes = ", ".join(f"{name} {count}" for name, count in list(findings.classes.items())[:12])
    more = f" and {len(findings.classes) - 12} more" if len(findings.classes) > 12 else ""
    return "\n".join([head, *table, split, *([f"classes: {classes}{more}"] if classes else []), *findings.notes])


def bars(counts: tuple[int, ...]) -> str:
    """Counts as a row of blocks.

    Example:
        >>> bars((0, 4, 8))
        ' ▄█'
    """
    top = max(counts, default=0)
    return "".join(_BLOCKS[math.ceil(8 * count / top)] if top else " " for count in counts)


def _line(column: ColumnFinding) -> tuple[str, ...]:
    tells = "" if math.isnan(column.relation) else f"{column.relation:.2f}"
    name = column.name if len(column.name) <= _NARROW else column.name[: _NARROW - 1] + "…"
    values = column.values if len(column.values) <= 2 * _NARROW else column.values[: 2 * _NARROW - 1] + "…"
    unit = f" {column.unit}" if column.unit else ""
    missing = str(column.n_missing) if column.n_missing else ""
    return name, column.kind + unit, missing, values, bars(column.bars), tells, column.will
