"""Findings as text: one line a column, then what a person should know; no wider than it needs to be."""

from __future__ import annotations

import math

from .columns import NUMBER
from .findings import PLAIN, ColumnFinding, Findings

_BLOCKS = " ▁▂▃▄▅▆▇█"
_NARROW = 24


def as_text(findings: Findings, scaler: str = "", target_scaler: str = "") -> str:
    """The report, over several lines.

    Args:
        findings: What was found.
        scaler: What the inputs are scaled by; "" for nothing.
        target_scaler: What the target is scaled by, where it is a value.
    """
    heading = ("column", "kind", "missing", "values", "", "tells", "what is done")
    rows = [heading, *(_line(column, scaler) for column in findings.columns)]
    widths = [max(len(row[i]) for row in rows) for i in range(len(rows[0]))]
    table = ["  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in rows]
    head = (
        f"{findings.file}: {findings.n_rows} rows, {len(findings.columns)} columns "
        f"({findings.encoding}, separated by {findings.delimiter}, {'with' if findings.has_header else 'no'} heading)"
    )
    split = f"{findings.n_train} training rows, {findings.n_val} validation rows, {findings.n_inputs} inputs"
    if target_scaler and findings.task == "values":
        split += f", target scaled: {target_scaler}"
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


def will_be_done(column: ColumnFinding, scaler: str) -> str:
    """What is done with a column, with the scaler of the inputs where nothing else is."""
    is_scaled = column.will == PLAIN and column.kind == NUMBER and scaler not in ("", "none")
    return f"scaled: {scaler}" if is_scaled else column.will


def _line(column: ColumnFinding, scaler: str) -> tuple[str, ...]:
    tells = "" if math.isnan(column.relation) else f"{column.relation:.2f}"
    name = column.name if len(column.name) <= _NARROW else column.name[: _NARROW - 1] + "…"
    values = column.values if len(column.values) <= 2 * _NARROW else column.values[: 2 * _NARROW - 1] + "…"
    unit = f" {column.unit}" if column.unit else ""
    missing = str(column.n_missing) if column.n_missing else ""
    return name, column.kind + unit, missing, values, bars(column.bars), tells, will_be_done(column, scaler)
