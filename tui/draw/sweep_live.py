"""A sweep while it is trained: how far it is, the best so far, who trains what; below it the table or the charts."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from .bars import meter
from .cells import Row, ascii_row, fit_row, join_ends
from .format import ellipsis
from .look import Look
from .sweep_page import SweptPage, sweep_page

HEAD = 6
"""Rows above the table."""


@dataclass(frozen=True, eq=False)
class SweepView:
    """All that is shown of a sweep."""

    name: str
    preset: str
    state: str
    """"training", "finished", or "stopped"."""
    done: int
    """Trials that have a row."""
    of: int
    """Trials in all."""
    left: str = ""
    """How long it will take still; "" where nobody can tell."""
    best: str = ""
    """The best so far, and its settings."""
    running: Sequence[int] = ()
    """Numbers of the trials in flight."""
    workers: Sequence[str] = ()
    """Who trains."""
    table: Sequence[str] = ()
    """The ranking, its head first."""
    page: SweptPage | None = None
    """What it tells about its settings."""


def sweep_live(view: SweepView, columns: int, rows: int, look: Look, *, first: int = 0, charts: bool = False,
               said: str = "") -> list[Row]:  # fmt: skip
    """The whole screen.

    Args:
        view: What is known.
        columns: Width in cells.
        rows: Height in cells.
        look: What the terminal can show.
        first: Line of the table or of the charts at the top.
        charts: Whether the charts are shown in place of the table.
        said: A sentence for the last line, in place of the keys.
    """
    role = {"training": "good", "finished": "title", "stopped": "warn"}.get(view.state, "")
    share = view.done / view.of if view.of else 0.0
    wide = max(min(columns - 40, 60), 4)
    count = f" {view.done} of {view.of}" + (f"  {view.left} left" if view.left else "")
    shown = " ".join(f"#{number}" for number in view.running)
    out = [
        join_ends([(f"{view.name}  {view.preset}", "title")], [(view.state, role)], columns),
        fit_row([*meter(share, wide, look=look), (count, "strong")], columns),
        fit_row([("best     ", "muted"), (view.best or "no figure yet", "strong")], columns),
        fit_row([("running  ", "muted"), (ellipsis(shown or "nothing", max(columns - 9, 1)), "")], columns),
        fit_row([("workers  ", "muted"), (f"{len(view.workers)}  ", "strong"), ("  ".join(view.workers), "")], columns),
        fit_row([], columns),
    ][: max(rows - 1, 0)]
    body = body_rows(view, columns, look, charts=charts)
    head = [] if charts else body[:1]
    room = max(rows - len(out) - len(head) - 1, 0)
    out += (head + body[len(head) :][first : first + room])[: max(rows - 1 - len(out), 0)]
    out += [fit_row([], columns)] * (rows - 1 - len(out))
    keys = "q leave it to itself · s end it · c table" if charts else "q leave it to itself · s end it · c charts"
    out.append(fit_row([(said or f"{keys} · ↑↓ scroll", "warn" if said else "muted")], columns))
    out = out[:rows]
    return out if look.unicode else [ascii_row(row) for row in out]


def body_rows(view: SweepView, columns: int, look: Look, *, charts: bool) -> list[Row]:
    """The table or the charts, whole."""
    if charts and view.page is not None:
        return sweep_page(view.page, columns, look)
    return [fit_row([(line, "" if number else "head")], columns) for number, line in enumerate(view.table)]
