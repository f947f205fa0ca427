"""Batteries over whole families note their worst error here; `-v`, `-s` or `-rP` prints the table, one row a member."""

from __future__ import annotations

from collections.abc import Callable

import pytest

Note = Callable[..., None]

_worst: dict[str, dict[str, dict[str, float]]] = {}


@pytest.fixture
def note() -> Note:
    """note("activations", "tanh", torch=1e-7): keep the worst figure of a member in a column."""

    def add(family: str, member: str, **figures: float) -> None:
        row = _worst.setdefault(family, {}).setdefault(member, {})
        for column, figure in figures.items():
            row[column] = max(row.get(column, 0.0), float(figure))

    return add


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    asked = config.getoption("capture") == "no" or "P" in config.getoption("reportchars")
    if not _worst or not (asked or config.getoption("verbose") > 0):
        return
    for family, rows in sorted(_worst.items()):
        columns = sorted({column for row in rows.values() for column in row})
        width = max(len(name) for name in rows)
        terminalreporter.section(f"{family}: worst error of each member")
        terminalreporter.write_line(" " * width + "".join(f"  {column:>12}" for column in columns))
        for name, row in sorted(rows.items()):
            cells = (f"{row[column]:12.1e}" if column in row else f"{'-':>12}" for column in columns)
            terminalreporter.write_line(f"{name:<{width}}" + "".join(f"  {cell}" for cell in cells))
