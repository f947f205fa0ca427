"""The panels in their columns: which of them are seen, and what they are fed.

One mechanism shows a single panel: the tabs of a small terminal and the full screen of a large one. Every panel stays
mounted; what is not shown is not fed, so a hidden panel costs nothing. All panels are children of the area, which lays
them out itself, so that one can be moved to another column.
"""

from __future__ import annotations

from collections.abc import Sequence

from textual.app import ComposeResult
from textual.geometry import NULL_OFFSET, NULL_SPACING, Region, Size
from textual.layout import ArrangeResult, Layout, WidgetPlacement
from textual.widget import Widget

from dltui.core.snapshot import Snapshot

from ...widgets.controls import ControlsPanel
from ...widgets.panel import Panel
from .arrangement import Arrangement
from .layout import Shape, columns_of, stacked
from .panels import COLUMNS, PANELS, PanelInfo, arranged, number_keys


class PanelLayout(Layout):
    """Puts every panel where the area has its place."""

    name = "panels"

    def arrange(self, parent: Widget, children: list[Widget], size: Size, greedy: bool = True) -> ArrangeResult:
        """See Textual."""
        assert isinstance(parent, PanelArea)
        parent.pre_layout(self)
        places = parent.places(size)
        nowhere = Region(0, 0, size.width, size.height)
        return [
            WidgetPlacement(places.get(child.id or "", nowhere), NULL_OFFSET, NULL_SPACING, child) for child in children
        ]


class PanelArea(Widget):
    """The columns and all panels in them."""

    DEFAULT_CSS = "PanelArea { overflow: hidden hidden; }"

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self._panel_layout = PanelLayout()
        self.arrangement = Arrangement()
        """Where the user wants the panels."""
        self.infos: list[PanelInfo] = []
        """The panels that are seen, in their order, with their columns and shares."""
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
        """Every panel, column by column: so the focus goes round."""
        for column in COLUMNS:
            yield from (self.panels[info.id] for info in PANELS if info.column == column)

    @property
    def layout(self) -> Layout:
        """See Textual."""
        return self._panel_layout

    def places(self, size: Size) -> dict[str, Region]:
        """The place of every panel that is seen."""
        if self.alone or not self.infos:
            return {self.alone: Region(0, 0, size.width, size.height)}
        used = [column for column in COLUMNS if any(info.column == column for info in self.infos)]
        mine = self.arrangement
        columns = columns_of(self.shape, size.width, size.height + 2, used, mine.left, mine.right)
        found = {}
        for column, (left, top, wide, tall) in columns.items():
            members = [info for info in self.infos if info.column == column]
            for info, (start, high) in zip(members, stacked([info.share for info in members], tall), strict=True):
                found[info.id] = Region(left, top - 1 + start, wide, high)
        return found

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
        mine = self.arrangement.applied(infos)
        self.seen = frozenset({self.alone} if self.alone else self.shape.choose(mine))
        self.infos = [info for info in mine if info.id in self.seen]
        keys = number_keys(ids) if snapshot is not None else {}
        for name, panel in self.panels.items():
            panel.display = name in self.seen
            panel.show_key(keys.get(name, ""))
        self._clear_arrangement_cache()  # Textual keeps the places for as long as the children are the same
        self.refresh(layout=True)

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
