"""The table before it is trained on: what is found in each column, what will be done with it, and keys to change that.

The file is read by a thread; while it reads, keys go on choosing. What cannot be is told in one sentence and stays as
it was chosen, to be mended.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Vertical

from dltui.core.commands import TableReader
from dltui.core.config import Config
from dltui.core.errors import ConfigError
from dltui.core.snapshot import Snapshot
from dltui.core.tables.findings import ColumnFinding, Findings
from dltui.core.text import safe_text

from ..draw.data_page import DataPage, data_page
from ..draw.format import percent
from ..widgets.page import Page
from .about import AboutScreen, explained
from .base import WatchingScreen
from .table_choices import TableChoices, can_be_filled

LINES = 400
"""Lines of the file that can be looked at."""
PREVIEW = 40
"""Lines of it that are shown where there is room."""
READING = "reading the table …"

_KEYS = (
    ("t", "type"), ("y", "predict this"), ("d", "drop"), ("f", "fill"), ("s", "scale"), ("c", "classes/values"),
    ("v", "split"), ("l", "lines"), ("Del", "as found"), ("F1", "explain"),
)  # fmt: skip
_EXPLAINED = (
    ("type", "number, category, yes/no and date become inputs; text, ids, row numbers and one value are left out"),
    ("missing", "cells without a value, those that do not fit the type among them"),
    ("values", "the range of numbers and dates; the most frequent words"),
    ("shape", "how many rows lie in each part of the range, or have each of the most frequent words"),
    (
        "tells",
        "how much the column alone says of the target, 0 to 1: correlation for numbers, Cramér's V for words, the "
        "correlation ratio for words beside numbers",
    ),
    ("what is done", "how the column becomes numbers for the network; all of it is learned from training rows alone"),
    ("t", "the next type for the column; after the last the one that was found"),
    ("y", "predict this column in place of the present target"),
    ("d", "leave the column out, or take it again"),
    ("f", "what a missing number is taken for: median, mean, zero, the most frequent; an input says where one was"),
    ("s", "the scale of all numbers; on the target that of the target, in whose unit everything is shown all the same"),
    ("c", "learn classes or values"),
    ("v", "the share of rows that are kept to judge by"),
    ("l", "the lines of the file as they stand there"),
    ("Del", "the column as it was found"),
)


@dataclass(frozen=True)
class Chosen:
    """What is to be trained."""

    changes: Mapping[str, object]
    """Settings in place of those that suit the file."""


class DataScreen(WatchingScreen[Chosen | None]):
    """A line a column; gives back what was chosen, None where it was left.

    Args:
        reader: Reads tables; None: what is shown cannot be changed.
        source: A file to be trained; "" where a run is looked at.
        config: Of the run, where one is looked at.
        findings: Of the run, as far as they are known.
    """

    NEEDS = frozenset({"table"})
    BINDINGS: ClassVar[list[BindingType]] = [
        ("escape,q", "leave", "Close"),
        ("enter", "train", "Train"),
        ("up,k", "move(-1)", "Up"),
        ("down,j", "move(1)", "Down"),
        ("pageup", "move(-10)", "Up"),
        ("pagedown", "move(10)", "Down"),
        ("home", "move(-1000000)", "First"),
        ("end", "move(1000000)", "Last"),
        ("t", "kind", "Type"),
        ("y", "target", "Predict this"),
        ("d", "drop", "Drop"),
        ("f", "fill", "Fill"),
        ("s", "scale", "Scale"),
        ("c", "task", "Classes or values"),
        ("v", "split", "Split"),
        ("l", "lines", "Lines"),
        ("backspace,delete", "as_found", "As found"),
        ("f1,question_mark", "explain", "Explain"),
    ]

    def __init__(
        self,
        reader: TableReader | None,
        source: str = "",
        config: Config | None = None,
        findings: Findings | None = None,
    ) -> None:
        super().__init__()
        self._reader, self._source = reader, source
        self._base, self._findings = config, findings
        self._choices = TableChoices.of(config) if config is not None else TableChoices()
        self._cursor = 0
        self._problem = ""
        self._asked = 0
        """Counts what the reader was asked: of several answers only the last is wanted."""
        self._busy, self._share = False, 0.0
        self._go = False
        """Whether to train as soon as the table is read."""
        self._lines: Sequence[str] = ()
        self._first_line = 0
        self._preview: Sequence[str] = ()

    @property
    def choices(self) -> TableChoices:
        """What is chosen now."""
        return self._choices

    @property
    def findings(self) -> Findings | None:
        """What was found with the last choices that can be."""
        return self._findings

    @property
    def problem(self) -> str:
        """Why what is chosen cannot be; "" where it can."""
        return self._problem

    @property
    def busy(self) -> bool:
        """Whether the table is being read."""
        return self._busy

    def compose(self) -> ComposeResult:
        """One page."""
        with Vertical(classes="dialog -whole") as dialog:
            dialog.border_title = "Data"
            train = "train" if self._source else "take over what was chosen"
            looks = "Esc close" if self._reader is None else f"Enter {train} · Esc close"
            dialog.border_subtitle = looks
            yield Page(framed=False, id="data-page")

    def on_mount(self) -> None:
        """Read the table."""
        self.query_one(Page).focus()
        if self._reader is not None:
            self._read()
        self._show()

    def show_snapshot(self, snapshot: Snapshot) -> None:
        """Take what was found from the run, where the file is not at hand."""
        if self._reader is None and snapshot.table is not None and self._findings is None:
            self._findings = snapshot.table
            self._show()

    # Reading.

    def _read(self) -> None:
        """Have a thread find what the choices make of the table."""
        self._asked += 1
        self._busy, self._share = True, 0.0
        work = partial(self._work, self._asked, self._base, self._choices)
        self.run_worker(work, thread=True, exit_on_error=False, group="table", exclusive=True)

    def _work(self, asked: int, base: Config | None, choices: TableChoices) -> None:
        assert self._reader is not None
        found: Findings | None = None
        problem = ""
        preview: Sequence[str] = ()
        try:
            if base is None:
                base, found = self._reader.open(self._source, partial(self._progress, asked))
            else:
                changed = base.with_changes(choices.changes(base))
                found = self._reader.find(changed, partial(self._progress, asked))
            preview = self._preview or self._reader.lines(base, PREVIEW)
        except (ConfigError, OSError) as error:
            problem = safe_text(error, 600)
        except MemoryError:
            problem = "there is not enough memory to read this table"
        self.app.call_from_thread(self._take, asked, base, found, problem, preview)

    def _progress(self, asked: int, share: float) -> None:
        """Called in the thread: show how far it is, whenever that is a percent further."""
        if asked == self._asked and abs(share - self._share) >= 0.01:
            self._share = share
            self.app.call_from_thread(self._show)

    def on_unmount(self) -> None:
        """Keep nothing of the table."""
        if self._reader is not None:
            self._reader.forget()

    def _take(
        self, asked: int, base: Config | None, found: Findings | None, problem: str, preview: Sequence[str]
    ) -> None:
        if base is not None and self._base is None:
            self._base, self._choices = base, TableChoices.of(base)
            self._cursor = 0
        if asked != self._asked or not self.is_mounted:
            return
        self._busy, self._problem, self._preview = False, problem, preview or self._preview
        if found is not None:
            self._findings = found
        if self._go:
            self.action_train()
        self._show()

    def _show(self) -> None:
        if not self.is_mounted:
            return
        choices, config = self._choices, self._base
        path = self._source or (str(config.data.settings.get("path", "")) if config is not None else "")
        keys = () if self._reader is None else _KEYS
        page = DataPage(
            findings=self._findings,
            title=safe_text(os.path.basename(path) or "the table", 60),
            cursor=self._cursor,
            scalers=(choices.scaler, choices.target_scaler),
            kinds=choices.kinds,
            fills=choices.fills,
            dropped=choices.drop,
            target=choices.target,
            problem=self._problem,
            busy=(READING + (f" {percent(self._share)}" if self._share else "")) if self._busy else "",
            keys=(("↑↓", "column"), *keys),
            lines=self._lines,
            first_line=self._first_line,
            preview=self._preview,
        )
        self.query_one(Page).show_drawing(partial(data_page, page))

    # Keys.

    @property
    def column(self) -> ColumnFinding | None:
        """The column in focus."""
        columns = self._findings.columns if self._findings is not None else ()
        return columns[self._cursor] if self._cursor < len(columns) else None

    def action_move(self, by: int) -> None:
        """Go to another column, or along the lines of the file."""
        if self._lines:
            self._first_line = min(max(self._first_line + by, 0), len(self._lines) - 1)
        elif self._findings is not None:
            self._cursor = min(max(self._cursor + by, 0), len(self._findings.columns) - 1)
        self._show()

    def _choose(self, change: Callable[[TableChoices, ColumnFinding], TableChoices]) -> None:
        """Choose something for the column in focus, and find what it makes of the table."""
        column = self.column
        if self._reader is None:
            self.notify("This run belongs to another process; its table is only shown.", timeout=4, markup=False)
        elif column is not None and self._base is not None:
            self._lines = ()
            self._choices = change(self._choices, column)
            self._read()
            self._show()

    def action_kind(self) -> None:
        """The next type for the column."""
        self._choose(TableChoices.with_next_kind)

    def action_target(self) -> None:
        """Predict this column."""
        self._choose(lambda choices, column: choices.with_target(column.name))

    def action_drop(self) -> None:
        """Leave the column out, or take it again."""
        target = self._findings.target if self._findings is not None else ""
        if self.column is not None and self.column.name == (self._choices.target or target):
            self.notify("This is the column to predict; y on another column predicts that.", timeout=4, markup=False)
            return
        self._choose(lambda choices, column: choices.with_dropped(column.name))

    def action_fill(self) -> None:
        """Another way to fill the holes of the column."""
        if self.column is not None and not can_be_filled(self.column):
            what = (
                "Only an input of numbers, dates or yes/no is filled; a word that is missing has an input of its own."
            )
            self.notify(what, timeout=5, markup=False)
            return
        self._choose(TableChoices.with_next_fill)

    def action_scale(self) -> None:
        """Another scale."""
        self._choose(lambda choices, column: choices.with_next_scaler(self._is_value_to_predict(column)))

    def _is_value_to_predict(self, column: ColumnFinding) -> bool:
        found = self._findings
        return found is not None and found.task == "values" and column.name == (self._choices.target or found.target)

    def action_task(self) -> None:
        """Classes or values."""
        found = self._findings.task if self._findings is not None else "values"
        self._choose(lambda choices, _: choices.with_other_task(found))

    def action_split(self) -> None:
        """Another share of validation rows."""
        self._choose(lambda choices, _: choices.with_next_split())

    def action_as_found(self) -> None:
        """The column as it was found."""
        self._choose(lambda choices, column: choices.without(column.name))

    def action_lines(self) -> None:
        """Show the lines of the file, or the columns again."""
        if self._lines:
            self._lines, self._first_line = (), 0
        elif self._reader is not None and self._base is not None:
            try:
                self._lines = self._reader.lines(self._base, LINES)
            except ConfigError as error:
                self._problem = safe_text(error, 600)
        self._show()

    def action_leave(self) -> None:
        """Out of the lines, or out of the window."""
        if self._lines:
            self.action_lines()
        else:
            self.dismiss(None)

    def action_train(self) -> None:
        """Train on it, as soon as it is known that it can be."""
        if self._lines:
            self.action_lines()
        elif self._reader is None:
            self.dismiss(None)
        elif self._busy:
            self._go = True
        elif self._problem or self._base is None:
            self._go = False
            self.notify(self._problem or "There is nothing to train on.", severity="error", timeout=6, markup=False)
        else:
            self.dismiss(Chosen(self._choices.changes(self._base)))

    def action_explain(self) -> None:
        """What is seen, and what the keys do."""
        self.app.push_screen(AboutScreen(explained(_EXPLAINED), "Data"))
