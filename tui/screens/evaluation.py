"""How good the network is and where it fails: evaluated on a copy while the run goes on."""

from __future__ import annotations

from functools import partial
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Vertical

from dltui.core.commands import Evaluate
from dltui.core.snapshot import EvaluationReport, Snapshot
from dltui.core.text import safe_text

from ..draw.cells import Row, message
from ..draw.evaluation_page import evaluation_page
from ..draw.format import count
from ..draw.look import Look
from ..messages import Send
from ..widgets.page import Page
from .about import AboutScreen, explained
from .base import WatchingScreen

WAITING = "evaluating …"

_EXPLAINED = (
    ("95 % interval", "where the score would fall in 95 of 100 draws of as many rows"),
    ("largest class", "or the mean: what a constant answer gets, as the training rows have it"),
    ("precision", "of the rows predicted as this class, which part is of it"),
    ("recall", "of the rows of this class, which part was predicted as it"),
    ("F1", "both in one number: their harmonic mean"),
    ("confusion", "rows of each true class (down) by the class predicted (across); the diagonal is right"),
    ("certainty", "answers by how sure they are; of those of about 0.8, eight of ten should be right"),
    ("worst rows", "those whose true class was thought least likely, or with the largest errors, with their cells"),
    ("row", "its number among the validation rows"),
)


class EvaluationScreen(WatchingScreen[None]):
    """All of an evaluation, to be scrolled.

    Args:
        snapshot: Of the run.
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        ("escape,q", "dismiss", "Close"),
        ("up,k", "scroll(-1)", "Up"),
        ("down,j", "scroll(1)", "Down"),
        ("pageup", "scroll(-10)", "Up"),
        ("pagedown,space", "scroll(10)", "Down"),
        ("home", "scroll(-1000000)", "First"),
        ("end", "scroll(1000000)", "Last"),
        ("r", "again", "Again"),
        ("f1,question_mark", "explain", "Explain"),
    ]

    def __init__(self, snapshot: Snapshot) -> None:
        super().__init__()
        self._old = snapshot.evaluation
        """What was known before this was asked for."""
        self._report: EvaluationReport | None = None
        self._said = WAITING
        self._refused = snapshot.events[-1].number if snapshot.events else 0
        """Number of the last event that is no answer to what was asked."""
        self._first = 0

    @property
    def report(self) -> EvaluationReport | None:
        """What is shown."""
        return self._report

    def compose(self) -> ComposeResult:
        """One page."""
        with Vertical(classes="dialog -whole") as dialog:
            dialog.border_title = "Evaluation"
            dialog.border_subtitle = "↑↓ scroll · r evaluate again · F1 explain · Esc close"
            yield Page(framed=False, id="evaluation-page")

    def on_mount(self) -> None:
        """Ask for it."""
        self.query_one(Page).focus()
        self.post_message(Send(Evaluate()))
        self._show()

    def show_snapshot(self, snapshot: Snapshot) -> None:
        """Show the evaluation once it is there, or why there is none."""
        report = snapshot.evaluation
        newest = snapshot.events[-1] if snapshot.events else None
        if report is not None and report is not self._old:
            self._report = report
            gone = snapshot.step - snapshot.evaluated_at
            later = f"; the run is {count(gone)} steps further" if gone > 0 else ""
            self._said = (
                f"{safe_text(report.source, 60)}: {count(report.n)} rows, at step {count(snapshot.evaluated_at)}{later}"
            )
        elif self._report is None and newest is not None and newest.kind == "refused" and newest.number > self._refused:
            self._said = safe_text(newest.text, 300)
        self._show()

    def _show(self) -> None:
        self.query_one(Page).show_drawing(partial(_drawn, self._report, self._said, self._first))

    def action_scroll(self, by: int) -> None:
        """Show what lies further down or up."""
        page = self.query_one(Page)
        rows = evaluation_page(self._report, page.size.width, page.look) if self._report is not None else []
        last = max(len(rows) - (page.size.height - 2), 0)
        self._first = min(max(self._first + by, 0), last)
        self._show()

    def action_again(self) -> None:
        """Evaluate the network as it is now."""
        self._old, self._said = self._report, WAITING
        self.post_message(Send(Evaluate()))
        self._show()

    def action_explain(self) -> None:
        """What is seen."""
        self.app.push_screen(AboutScreen(explained(_EXPLAINED), "Evaluation"))


def _drawn(report: EvaluationReport | None, said: str, first: int, columns: int, rows: int, look: Look) -> list[Row]:
    """The part of the page that is seen, under a line that says of what it is."""
    if report is None:
        return message(said, columns, rows)
    lines = evaluation_page(report, columns, look)
    return [[(said, "muted")], [], *lines[first : first + max(rows - 2, 0)]]
