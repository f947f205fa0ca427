"""The panels in their columns: which of them are seen, and what they are fed.

One mechanism shows a single panel: the tabs of a small terminal and the full screen of a large one. Every panel stays
mounted; what is not shown is not fed, so a hidden panel costs nothing.
"""

from __future__ import annotations

from collections.abc import Sequence

from textual.app import ComposeResult
from textual.containers import Container, Horizontal, Vertical

from dltui.core.snapshot import Snapshot

from ...widgets.controls import ControlsPanel
from ...widgets.panel import Panel
from .layout import Shape
from .panels import COLUMNS, PANELS, arranged, number_keys


class PanelArea(Horizontal):
    """The columns and all panels in them."""

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self.panels = {info.id: info.type(id=info.id) for info in PANELS}
        """Every panel by its name."""
        self.shape = Shape("wide")
        """How the terminal is divided."""
        self.single: str = ""
        """Panel shown alone; "" for all."""
        self.tab: str = "loss"
        """Panel of the tab chosen."""
        self.seen: frozenset[str] = frozenset()
        """Names of the panels that are seen."""
        self.unfinished = False
        """Whether some of the last snapshot is still to be shown."""
        self._turn = ""
        self._lesson: object = None
        """What the preset says about itself, of the run that was shown last."""

    def compose(self) -> ComposeResult:
        """One column, and two that stand beside or below each other."""
        yield self._column("left")
        with Container(id="rest"):
            yield self._column("middle")
            yield self._column("right")

    def _column(self, name: str) -> Vertical:
        """A column with its panels, each as high as its share."""
        members = [info for info in PANELS if info.column == name]
        for info in members:
            self.panels[info.id].styles.height = f"{info.share}fr"
        return Vertical(*(self.panels[info.id] for info in members), id=name, classes="column")

    @property
    def controls(self) -> ControlsPanel:
        """The panel of settings."""
        found = self.panels["controls"]
        assert isinstance(found, ControlsPanel)
        return found

    @property
    def alone(self) -> str:
        """The one panel that is seen; "" where there are several."""
        return self.single or (self.tab if self.shape.tabs else "")

    @property
    def needs(self) -> frozenset[str]:
        """Fields of the snapshot that are only computed for the panels that are seen."""
        return frozenset(name for info in PANELS if info.id in self.seen for name in info.needs)

    def choose_panels(self, snapshot: Snapshot | None) -> None:
        """Decide which panels are seen, of those that have anything to say about the run."""
        infos = arranged(snapshot)
        ids = [info.id for info in infos]
        self._begin_lesson(snapshot, ids)
        if self.tab not in ids:
            self.tab = ids[0]
        if self.shape.tabs and self.single in ids:
            self.tab = self.single
        if self.shape.tabs or self.single not in ids:
            self.single = ""
        self.seen = frozenset({self.alone} if self.alone else self.shape.choose(infos))
        for info in infos:
            self.panels[info.id].styles.height = f"{info.share}fr"
        keys = number_keys(ids) if snapshot is not None else {}
        for name, panel in self.panels.items():
            panel.display = name in self.seen
            panel.show_key(keys.get(name, ""))
        shown = {info.column for info in PANELS if info.id in self.seen}
        for column in COLUMNS:
            self.query_one(f"#{column}").display = column in shown
        self.query_one("#rest").display = bool(shown - {"left"})

    def _begin_lesson(self, snapshot: Snapshot | None, ids: Sequence[str]) -> None:
        """Show the first panel that another lesson names, where only one is shown."""
        if snapshot is None or not snapshot.task or snapshot.config.preset == self._lesson:
            return
        self._lesson = snapshot.config.preset
        named = [panel for panel in snapshot.config.preset.panels if panel in ids]
        self.tab = named[0] if named else self.tab

    def feed(self, snapshot: Snapshot, room: int | None = None) -> int:
        """Show a snapshot in every panel that is seen, as far as there is room; how many cells changed.

        Args:
            snapshot: What is shown.
            room: Cells that may change; panels that come too late are the first the next time. None: any number.
        """
        names = [info.id for info in PANELS if info.id in self.seen]
        first = names.index(self._turn) if self._turn in names else 0
        sent, self.unfinished = 0, False
        for name in names[first:] + names[:first]:
            panel = self.panels[name]
            if not isinstance(panel, Panel):
                panel.show(snapshot)
                continue
            late = room is not None and sent >= room
            if not late:
                panel.room = None if room is None else room - sent
                panel.show(snapshot)
                panel.room = None
                sent += panel.sent
            if (late or panel.unfinished) and not self.unfinished:
                self._turn, self.unfinished = name, True
        return sent

    def focus_on(self, panel: str) -> None:
        """Give a panel the focus, once it has its place."""
        widget = self.controls.list if panel == "controls" else self.panels[panel]
        self.call_after_refresh(widget.focus)

    def make_room_for_controls(self) -> None:
        """See that the next choice of panels has the controls."""
        if self.shape.tabs:
            self.tab = "controls"
        elif self.single != "controls":
            self.single = ""
