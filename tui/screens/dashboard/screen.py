"""The dashboard: panels in one, two or three columns, as the terminal has room, and one at a time where it has none.

One mechanism shows a single panel: the tabs of a small terminal and the full screen of a large one. Every panel stays
mounted; what is not shown is not fed, so a hidden panel costs nothing.
"""

from __future__ import annotations

from typing import Any, ClassVar

from textual import events
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Container, Horizontal
from textual.screen import Screen

from dltui.core.commands import Command, Pause, Restart, Run, SetSpeed, Step, Undo, Watch
from dltui.core.snapshot import Snapshot

from ...keys import bindings, handed_on
from ...messages import PickAsked, Send, SettingChanged
from ...widgets.chart import Chart
from ...widgets.controls import ControlsPanel
from ...widgets.loss_chart import LossChart
from ...widgets.status_line import FootLine, StatusLine
from ...widgets.tab_bar import TabBar
from ..confirm import ConfirmScreen
from .actions import advice, way_back, why_no_steps
from .bars import show_bars, show_wait
from .columns import panel_column
from .held_rate import HeldRate
from .layout import Shape, shape_of
from .panels import COLUMNS, PANELS, fitting, neighbor, number_keys, panel_of
from .relay import relay
from .speeds import next_speed


class Dashboard(Screen[None]):
    """All of a run."""

    BINDINGS: ClassVar[list[BindingType]] = [*bindings("run", "change", "look"), *handed_on()]

    def __init__(self) -> None:
        super().__init__()
        self.link = (0.0, 0.0, 0.0)
        self.snapshot: Snapshot | None = None
        self.single: str = ""
        """Panel shown alone; "" for all."""
        self.tab: str = "loss"
        """Panel of the tab chosen."""
        self.shape = Shape("wide")
        self._watched: frozenset[str] = frozenset()
        self._advised = False
        self._held_rate = HeldRate()
        self._asked_speed: float | None = None
        """Limit that was asked for and is not shown yet."""
        self._seen: set[str] = set()

    def compose(self) -> ComposeResult:
        """Status, tabs, columns, keys."""
        yield StatusLine(id="status")
        yield TabBar(id="tabs")
        with Horizontal(id="columns"):
            yield panel_column("left")
            with Container(id="rest"):
                yield panel_column("middle")
                yield panel_column("right")
        yield FootLine(id="footer")

    def on_mount(self) -> None:
        """Begin with the shape of the terminal."""
        self._arrange()

    def on_resize(self, event: events.Resize) -> None:
        """Take the shape the terminal now has."""
        self.shape = shape_of(event.size.width, event.size.height)
        self._arrange()

    def show_waiting(self, seconds: float | None) -> None:
        """Say that the engine is still being loaded, or that nothing was begun."""
        foot = self.query(FootLine)  # none before the widgets are there
        if foot:
            show_wait(self.query_one(StatusLine), foot.first(), seconds)

    def show_snapshot(self, snapshot: Snapshot) -> None:
        """Show this state of the run in every panel that can be seen."""
        changed = self.snapshot is None or fitting(snapshot) != fitting(self.snapshot)
        self.snapshot = snapshot
        if snapshot.speed_limit == self._asked_speed:
            self._asked_speed = None
        if changed:
            self._arrange()
        self._feed()
        diverged = snapshot.status == "diverged"
        if diverged and not self._advised:
            self.notify(advice(snapshot), severity="error", timeout=30, markup=False)
        self._advised = diverged

    def on_screen_resume(self) -> None:
        """Another screen was in front: show what happened meanwhile."""
        if self.snapshot is not None:
            self.show_snapshot(self.snapshot)

    def _arrange(self) -> None:
        """Decide which panels are seen, and tell the session what to compute."""
        if not self.is_mounted:
            return
        ids = fitting(self.snapshot)
        if self.tab not in ids:
            self.tab = ids[0]
        if self.shape.tabs and self.single in ids:
            self.tab = self.single
        if self.shape.tabs or self.single not in ids:
            self.single = ""
        alone = self.single or (self.tab if self.shape.tabs else "")
        seen = {alone} if alone else self.shape.choose([info for info in PANELS if info.id in ids])
        for name in ("wide", "medium", "tabs", "line"):
            self.set_class(self.shape.name == name, f"-{name}")
        self.set_class(bool(alone), "-single")
        self._seen = seen
        keys = number_keys(ids)
        for info in PANELS:
            self._panel(info.id).display = info.id in seen
            self._panel(info.id).show_key(keys.get(info.id, "") if self.snapshot is not None else "")
        for column in COLUMNS:
            self.query_one(f"#{column}").display = any(info.column == column and info.id in seen for info in PANELS)
        self.query_one("#rest").display = any(info.column != "left" and info.id in seen for info in PANELS)
        tabs = self.query_one(TabBar)
        tabs.display = self.shape.name == "tabs"
        tabs.show_tabs([(info.id, info.name, keys.get(info.id, "")) for info in PANELS if info.id in ids], self.tab)
        watched = frozenset(name for info in PANELS if info.id in seen for name in info.needs)
        if watched != self._watched:
            self._watched = watched
            self._send(Watch(watched))
        self.call_after_refresh(self._feed)

    def _feed(self) -> None:
        if not self.is_mounted or not self.app.is_running:
            return
        line, foot = self.query_one(StatusLine), self.query_one(FootLine)
        show_bars(line, foot, self.snapshot, self.link, tiny=self.shape.name == "line")
        if self.snapshot is not None:
            for panel in self._seen:
                self._panel(panel).show(self.snapshot)

    def _send(self, command: Command) -> None:
        self.post_message(Send(command))

    @property
    def controls(self) -> ControlsPanel:
        """The panel of settings."""
        return self.query_one(ControlsPanel)

    def action_toggle_run(self) -> None:
        """Train or pause."""
        training = self.snapshot is not None and self.snapshot.status == "training"
        self._go(Pause() if training else Run())

    def action_step(self, unit: str) -> None:
        """One step or one epoch, then pause."""
        self._go(Step(1, unit))

    def _go(self, command: Command) -> None:
        """Ask for steps, and say why where none will come."""
        self._send(command)
        if why := why_no_steps(self.snapshot):
            self.notify(why, severity="warning", timeout=8, markup=False)

    def action_restart(self) -> None:
        """The same start again."""
        self._send(Restart())

    def action_new_seed(self) -> None:
        """Another start, after asking."""
        snapshot = self.snapshot
        if snapshot is None:
            return
        seed = snapshot.config.training.seed + 1
        text = f"Draw new weights from seed {seed} and begin again. The run so far stays saved."
        self.app.push_screen(ConfirmScreen(text, "New seed"), lambda yes: self._send(Restart(seed)) if yes else None)

    def action_undo(self, rewind: bool) -> None:
        """Take back the last change."""
        self._send(Undo(rewind))

    def action_go_back(self) -> None:
        """Out of a run that diverged."""
        if self.snapshot is None or self.snapshot.status != "diverged":
            self.notify("The run has not diverged; z takes back the last change.", timeout=4, markup=False)
            return
        for command in way_back(self.snapshot):
            self._send(command)

    async def action_relay(self, group: str, action: str) -> None:
        """Have a panel do what a key of its group does, wherever the focus is."""
        await relay(self, group, action)

    def action_speed(self, by: int) -> None:
        """Slow motion."""
        shown = self.snapshot.speed_limit if self.snapshot is not None else 0.0
        self._asked_speed = next_speed(shown if self._asked_speed is None else self._asked_speed, by)
        self._send(SetSpeed(self._asked_speed))

    def action_pick(self, path: str) -> None:
        """Choose a member for a setting."""
        self.post_message(PickAsked(path))

    def action_scale_rate(self, direction: int) -> None:
        """The next learning rate up or down."""
        if self.snapshot is None:
            return
        wanted = self._held_rate.next(self.snapshot.config, direction)
        if wanted is not None:
            self.post_message(SettingChanged({"optimizer.learning_rate": wanted}))

    def action_go_to(self, path: str) -> None:
        """Put the cursor of the controls on a setting."""
        if self.shape.tabs:
            self.tab = "controls"
        elif self.single != "controls":
            self.single = ""
        self._arrange()
        self.call_after_refresh(self._reveal, path)

    def _reveal(self, path: str) -> None:
        """Put the cursor on a setting, once the list has been fed and has its place."""
        self.controls.list.reveal(path)
        self.controls.list.focus()

    def action_toggle_log(self) -> None:
        """Logarithmic axis or not."""
        chart = self.focused if isinstance(self.focused, Chart) else self.query_one(LossChart)
        chart.action_toggle_log()

    def action_toggle_window(self) -> None:
        """The whole run or its recent part."""
        self.query_one(LossChart).action_toggle_window()

    def on_chart_moved(self, message: Chart.Moved) -> None:
        """All charts look at the same part of the run."""
        for chart in self.query(Chart):
            chart.view = message.view

    def action_zoom(self) -> None:
        """The panel in focus alone."""
        panel = panel_of(self.focused)
        if panel and not self.shape.tabs and not self.single:
            self.single = panel
            self._arrange()

    def action_back(self) -> None:
        """Out of the full screen."""
        if self.single:
            self.single = ""
            self._arrange()
        else:
            self.set_focus(None)

    def action_panel(self, number: int) -> None:
        """The tab with this number; with room for all, the panel alone."""
        ids = fitting(self.snapshot)
        if (number or 10) <= len(ids):
            chosen = ids[(number or 10) - 1]
            self.action_show_panel("" if chosen == self.single else chosen)

    def action_next_panel(self, by: int) -> None:
        """The next tab (1) or the one before (-1); with room for all, that panel alone."""
        here = self.tab if self.shape.tabs else self.single or panel_of(self.focused)
        self.action_show_panel(neighbor(fitting(self.snapshot), here, by))

    def action_show_panel(self, panel: str) -> None:
        """The tab of this panel; with room for all, the panel alone, or for "" all of them."""
        self.single = panel
        self._arrange()
        if panel:
            self.call_after_refresh(self._focus_on, panel)

    def on_tab_bar_chosen(self, message: TabBar.Chosen) -> None:
        """A tab was clicked."""
        self.action_show_panel(message.panel)

    def on_click(self, event: events.Click) -> None:
        """Twice on a panel shows it alone, or all again."""
        panel = panel_of(event.widget)
        if event.chain == 2 and panel not in ("", "controls") and not self.shape.tabs:
            self.single = "" if self.single else panel
            self._arrange()

    def _panel(self, panel: str) -> Any:
        return self.query_one(f"#{panel}")

    def _focus_on(self, panel: str) -> None:
        (self.controls.list if panel == "controls" else self._panel(panel)).focus()
