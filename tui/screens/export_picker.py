"""Choosing what the run is written as for other programs; the file goes into the current folder."""

from __future__ import annotations

from functools import partial
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.widgets import OptionList
from textual.widgets.option_list import Option

from dltui.core.commands import Exporter
from dltui.core.errors import ConfigError
from dltui.core.text import safe_text

from ..widgets.choices import Choices
from .window import Window


class ExportPicker(Window[None]):
    """A list of formats; what is chosen is written by a thread, and said when it is there.

    Args:
        exporter: Writes it.
        run: Id of the run.
    """

    BINDINGS: ClassVar[list[BindingType]] = [("escape,q", "dismiss", "Close")]

    def __init__(self, exporter: Exporter, run: str) -> None:
        super().__init__()
        self._exporter, self._run = exporter, run

    def compose(self) -> ComposeResult:
        """The list."""
        formats = self._exporter.formats()
        wide = max((len(title) for _, title, _ in formats), default=0)
        with Vertical(classes="dialog -fit") as dialog:
            dialog.border_title = "Write the run for other programs"
            dialog.border_subtitle = "Enter write · Esc close"
            options = [
                Option(Content.assemble((title.ljust(wide + 2), "bold"), (summary, "dim")), id=name)
                for name, title, summary in formats
            ]
            yield Choices(*options, id="export-list", markup=False)

    def on_mount(self) -> None:
        """Ready for the arrows."""
        self.query_one(OptionList).focus()

    def on_option_list_option_selected(self, event: OptionList.OptionSelected) -> None:
        """Write it in a thread: a run may have to be made again for it."""
        self.app.notify("Writing …", timeout=2, markup=False)
        work = partial(_write, self.app.notify, self._exporter, self._run, str(event.option.id))
        self.app.run_worker(work, thread=True, exit_on_error=False)
        self.dismiss()


def _write(notify: object, exporter: Exporter, run: str, to: str) -> None:
    assert callable(notify)
    try:
        notify(exporter.export(run, to), timeout=15, markup=False)
    except ConfigError as error:
        notify(safe_text(error, 600), severity="error", timeout=20, markup=False)
