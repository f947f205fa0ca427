"""The dashboard: panels in one, two or three columns, as the terminal has room, and one at a time where it has none."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, ClassVar

from textual import events
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.screen import Screen
from textual.widgets import Input

from dltui.core.commands import Command, Foresee, Fork, LookAt, Pause, Redo, Run, Step, Undo, Watch
from dltui.core.snapshot import Snapshot

from ...draw.prospects import drawn_ahead, drawn_horizon
from ...keys import bindings, handed_on
from ...messages import Send, SettingChanged
from ...widgets.chart import CurveChart
from ...widgets.controls import ControlsPanel
from ...widgets.loss_chart import LossChart
from ...widgets.overlays import Overlays
from ...widgets.status_line import FootLine, StatusLine
from ...widgets.tab_bar import TabBar
from ..base import Link
from .actions import HeldKeys, advice, came_out, relay, way_back, why_no_steps
from .area import PanelArea
from .arranging import Arranging
from .bars import NOWHERE, Here, show_bars, show_wait
from .explained import group_of
from .layout import SHAPES, shape_of
from .panels import PANEL_KEYS, PANELS, arranged, fitting, neighbor, number_keys, panel_of

if TYPE_CHECKING:
    from ...widgets.verbs import ActAsked


class Dashboard(Screen[None]):
    """All of a run."""

    BINDINGS: ClassVar[list[BindingType]] = [*bindings("arrange", "run", "change", "look"), *handed_on()]

    def __init__(self) -> None:
        super().__init__()
        self.link = Link()
        self.snapshot: Snapshot | None = None
        self.sent = 0
        """Cells that the last frame changed in the panels."""
        self.area = PanelArea(id="columns")
        """The panels."""
        self.overlays = Overlays()
        """Other runs laid over the charts."""
        self._arranging: Arranging | None = None
        self._watched: frozenset[str] = frozenset()
        self._also: frozenset[str] = frozenset()
        self._advised = False
        self._held = HeldKeys()

    def compose(self) -> ComposeResult:
        """Status, tabs, panels, keys."""
        yield StatusLine(id="status")
        yield TabBar(id="tabs")
        yield self.area
        yield FootLine(id="footer")

    def on_mount(self) -> None:
        """Begin with the shape of the terminal."""
        self._arranging = Arranging(self.area, getattr(self.app, "shelf", None), self._say)
        self._arrange()

    def on_resize(self, event: events.Resize) -> None:
        """Take the shape the terminal now has."""
        self.area.shape = shape_of(event.size.width, event.size.height)
        self._arrange()

    # What the app calls.

    def show_waiting(self, seconds: float | None) -> None:
        """Say that the engine is still being loaded, or that no run was started."""
        foot = self.query(FootLine)  # none before the widgets are there
        if foot:
            show_wait(self.query_one(StatusLine), foot.first(), seconds)

    def show_snapshot(self, snapshot: Snapshot) -> None:
        """Show this state of the run in every panel that is seen; behind a window only in the first and last line."""
        self.overlays.see(snapshot)
        if not self.is_active:
            self._feed_bars(snapshot)
            return
        changed = self.snapshot is None or arranged(snapshot) != arranged(self.snapshot)
        came = came_out(self.snapshot, snapshot)
        if came and "lesson" not in self.area.seen:
            self.notify(f"{came} Key {PANEL_KEYS['lesson']} shows the answer.", timeout=10, markup=False)
        self.snapshot = snapshot
        self._held.confirm(snapshot)
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

    @property
    def controls(self) -> ControlsPanel:
        """The panel of settings."""
        return self.area.controls

    # Which panels are seen, and what they show.

    def _arrange(self) -> None:
        """Decide which panels are seen, and tell the session what to compute."""
        if not self.is_mounted:
            return
        area, ids = self.area, fitting(self.snapshot)
        area.choose_panels(self.snapshot)
        for name in SHAPES:
            self.set_class(area.shape.name == name, f"-{name}")
        self.set_class(bool(area.alone), "-single")
        tabs, keys = self.query_one(TabBar), number_keys(ids)
        tabs.display = area.shape.name == "tabs"
        tabs.show_tabs([(info.id, info.name, keys.get(info.id, "")) for info in PANELS if info.id in ids], area.tab)
        self._watch()
        self.call_after_refresh(self._feed)

    def watch_also(self, fields: frozenset[str]) -> None:
        """Ask for what a window in front shows, beside what the panels do."""
        self._also = fields
        self._watch()

    def _watch(self) -> None:
        """Tell the session what to compute."""
        wanted = self.area.needs | self._also
        if wanted != self._watched:
            self._watched = wanted
            self._send(Watch(wanted))

    def _feed(self) -> None:
        if not self.is_mounted or not self.app.is_running:
            return
        self._feed_bars(self.snapshot)
        self._hand_overlays()
        if self.snapshot is not None:
            self.sent = self.area.feed(self.snapshot, self.link.room)

    @property
    def unfinished(self) -> bool:
        """Whether some of the last snapshot is still to be shown."""
        return self.area.unfinished

    def show_status(self, snapshot: Snapshot) -> None:
        """Show in the first and the last line how the run goes, and nothing else."""
        self._feed_bars(snapshot)

    def _feed_bars(self, snapshot: Snapshot | None) -> None:
        line, foot = self.query_one(StatusLine), self.query_one(FootLine)
        show_bars(line, foot, snapshot, self.link, self.area.shape.name == "line", self.here)

    @property
    def here(self) -> Here:
        """Where the keys go."""
        if self._arranging is not None and self._arranging.active:
            return Here("arrange", False)
        info = next((info for info in PANELS if info.id == self.panel_in_focus), None)
        if info is None:
            return NOWHERE
        return Here(group_of(info), bool(self.area.single), self.controls.mode if info.id == "controls" else "")

    @property
    def panel_in_focus(self) -> str:
        """The panel shown alone, or the one that has the focus; "" for none."""
        return self.area.single or panel_of(self.focused) or self.area.alone

    def on_descendant_focus(self) -> None:
        """Show the keys of where the focus is now."""
        self._feed_bars(self.snapshot)

    def on_descendant_blur(self) -> None:
        """Show the keys of where the focus is now."""
        self.call_later(self._feed_bars, self.snapshot)

    # Keys that steer the run.

    def _send(self, command: Command) -> None:
        self.post_message(Send(command))

    def _send_step(self, command: Command) -> None:
        """Ask for steps, and say why where none will come."""
        self._send(command)
        if why := why_no_steps(self.snapshot):
            self.notify(why, severity="warning", timeout=8, markup=False)

    def action_toggle_run(self) -> None:
        """Train or pause."""
        training = self.snapshot is not None and self.snapshot.status == "training"
        self._send_step(Pause() if training else Run())

    def action_step(self, unit: str) -> None:
        """One step or one epoch, then pause."""
        self._send_step(Step(1, unit))

    def action_undo(self, rewind: bool) -> None:
        """Undo the last change."""
        self._send(Undo(rewind))

    def action_redo(self) -> None:
        """Redo what was undone last."""
        self._send(Redo())

    def action_go_back(self) -> None:
        """Out of a run that diverged."""
        if self.snapshot is None or self.snapshot.status != "diverged":
            self.notify("The run has not diverged; z undoes the last change.", timeout=4, markup=False)
            return
        for command in way_back(self.snapshot):
            self._send(command)

    def action_fork(self) -> None:
        """A branch at this step."""
        if self.snapshot is not None:
            self._send(Fork())
            text = "A branch begins here. Changes go to the run in front; J lists the branches, B shows them."
            self.notify(text, timeout=6, markup=False)

    def action_branches(self) -> None:
        """The branches, to be put in front, renamed and ended."""
        from ..branches import BranchesScreen

        if self.snapshot is not None and self.is_active:
            self.app.push_screen(BranchesScreen(self.snapshot))

    def action_look_back(self, by: int) -> None:
        """The kept state before or after the one that is looked at."""
        if self.snapshot is not None and (by < 0 or self.snapshot.now >= 0):
            self._send(LookAt(by=by))

    def action_speed(self, by: int) -> None:
        """Faster (1) or slower (-1)."""
        if self.snapshot is not None:
            self._send(self._held.next_speed(self.snapshot, by))

    def action_full_speed(self) -> None:
        """As fast as possible, or as before."""
        if self.snapshot is not None:
            self._send(self._held.full_speed(self.snapshot))

    def action_train_more(self) -> None:
        """As many steps or epochs as are typed, then pause."""
        from ..train_more import TrainMore

        self.app.push_screen(TrainMore(), lambda command: self._send_step(command) if command else None)

    def action_scale_rate(self, direction: int) -> None:
        """The next learning rate up or down."""
        if self.snapshot is None:
            return
        wanted = self._held.next_rate(self.snapshot.config, direction)
        if wanted is not None:
            self.post_message(SettingChanged({"optimizer.learning_rate": wanted}))

    # Keys that choose what is looked at.

    def action_go_to(self, path: str) -> None:
        """Put the cursor of the controls on a setting."""
        self.area.make_room_for_controls()
        self._arrange()
        self.call_after_refresh(self._reveal, path)

    def action_find_setting(self) -> None:
        """Find a setting by typing part of its name."""
        self.area.make_room_for_controls()
        self._arrange()
        self.call_after_refresh(self.controls.action_search)

    def _reveal(self, path: str) -> None:
        """Put the cursor on a setting, once the list has been fed and has its place."""
        self.controls.list.reveal(path)
        self.controls.list.focus()

    def action_zoom(self) -> None:
        """The panel in focus alone."""
        panel = panel_of(self.focused)
        if panel and not self.area.alone:
            self._show_alone(panel)

    def action_back(self) -> None:
        """Out of an earlier moment, or the full screen."""
        if self.snapshot is not None and self.snapshot.now >= 0:
            self._send(LookAt())
        elif self.area.single:
            self._show_alone("")
        else:
            self.set_focus(None)

    def action_panel(self, key: str) -> None:
        """The tab of this key; with room for all, the panel alone."""
        keys = number_keys(fitting(self.snapshot))
        chosen = next((panel for panel, own in keys.items() if own == key), "")
        if chosen:
            self.action_show_panel("" if chosen == self.area.single else chosen)
        elif self.snapshot is not None:
            titles = [info.title for info in PANELS if PANEL_KEYS.get(info.id) == key]
            self.notify(f"This run has nothing to show in {' or '.join(titles)}.", timeout=4, markup=False)

    def action_next_panel(self, by: int) -> None:
        """The next tab (1) or the previous one (-1); with room for all, that panel alone."""
        self.action_show_panel(neighbor(fitting(self.snapshot), self.area.alone or panel_of(self.focused), by))

    def action_show_panel(self, panel: str) -> None:
        """The tab of this panel; with room for all, the panel alone, or for "" all of them."""
        self._show_alone(panel)
        if panel:
            self.area.focus_on(panel)

    def _show_alone(self, panel: str) -> None:
        self.area.single = panel
        self._arrange()

    def on_tab_bar_chosen(self, message: TabBar.Chosen) -> None:
        """A tab was clicked."""
        self.action_show_panel(message.panel)

    def on_click(self, event: events.Click) -> None:
        """Twice on a panel shows it alone, or all again."""
        panel = panel_of(event.widget)
        if event.chain == 2 and panel not in ("", "controls") and not self.area.shape.tabs:
            self._show_alone("" if self.area.single else panel)

    # Keys that arrange the panels.

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """See Textual: the keys that arrange panels do so only while they are arranged."""
        if not action.startswith("arrange_"):
            return True
        typing = isinstance(self.focused, Input)
        return self._arranging is not None and self._arranging.active and not (typing or self.area.shape.tabs)

    def _say(self, text: str) -> None:
        self.notify(text, timeout=6, markup=False)

    def action_arrange(self) -> None:
        """Begin to arrange the panels."""
        if self._arranging is not None:
            if not panel_of(self.focused):
                self.area.focus_on("loss")
            self._arranging.toggle()
            self._feed_bars(self.snapshot)

    def action_arrange_done(self) -> None:
        """Leave the panels as they are."""
        self.action_arrange()

    def action_arrange_move(self, by: int) -> None:
        """Move the panel in focus up or down."""
        self._arrange_by(lambda arranging, panel: arranging.move(panel, by))

    def action_arrange_shift(self, by: int) -> None:
        """Move it to the column beside."""
        self._arrange_by(lambda arranging, panel: arranging.shift(panel, by))

    def action_arrange_size(self, by: int) -> None:
        """Make it higher or lower."""
        self._arrange_by(lambda arranging, panel: arranging.size(panel, by))

    def action_arrange_widen(self, by: int) -> None:
        """Make its column wider or narrower."""
        self._arrange_by(lambda arranging, panel: arranging.widen(panel, by))

    def action_arrange_hide(self) -> None:
        """Hide it."""
        self._arrange_by(lambda arranging, panel: arranging.show(panel, False))

    def action_arrange_toggle(self, key: str) -> None:
        """Show or hide the panel with this key."""
        self._arrange_by(lambda arranging, _: arranging.toggle_key(key))

    def action_arrange_reset(self) -> None:
        """Put every panel back."""
        self._arrange_by(lambda arranging, _: arranging.reset())

    def _arrange_by(self, change: Callable[[Arranging, str], None]) -> None:
        """Make a change for the panel in focus, and show it."""
        if self._arranging is None:
            return
        change(self._arranging, panel_of(self.focused))
        self._arrange()
        if panel_of(self.focused) not in self.area.seen:
            self.area.focus_on(self.area.infos[0].id)

    # Keys of the charts and of other panels.

    def action_toggle_log(self) -> None:
        """Logarithmic axis or not."""
        chart = self.focused if isinstance(self.focused, CurveChart) else self.query_one(LossChart)
        chart.action_toggle_log()

    def action_toggle_window(self) -> None:
        """The whole run or its recent part."""
        self.query_one(LossChart).action_toggle_window()

    def action_look_ahead(self) -> None:
        """Draw where the run goes if nothing is changed; where that is drawn, take it away."""
        snapshot = self.snapshot
        if snapshot is None:
            return
        foresight = snapshot.foresight
        to_come = foresight is not None and foresight.step + foresight.n_steps > snapshot.step
        if to_come and len(drawn_ahead(foresight)) == 1:
            self._send(Foresee())
        elif snapshot.status in ("diverged", "finished"):
            self.notify("The run has ended: there is nothing ahead of it.", timeout=4, markup=False)
        else:
            self._send(Foresee(({},), drawn_horizon(snapshot.step)))

    def action_toggle_overlays(self) -> None:
        """Draw the other runs, or not."""
        if not self.overlays.all:
            self.notify("No other run is laid over this one; O chooses some.", timeout=4, markup=False)
            return
        self.overlays.hidden = not self.overlays.hidden
        self.show_overlays()

    def action_overlay(self) -> None:
        """Choose kept runs to lay over the charts."""
        from ..overlay_picker import OverlayPicker

        if self.snapshot is not None and self.is_active:
            picker = OverlayPicker(self.overlays, getattr(self.app, "shelf", None), self.snapshot)
            self.app.push_screen(picker, lambda _: self.show_overlays())

    def show_overlays(self) -> None:
        """Have the charts draw the other runs."""
        self._hand_overlays()
        for chart in self.query(CurveChart):
            chart.update()

    def _hand_overlays(self) -> None:
        shown = self.overlays.shown
        for chart in self.query(CurveChart):
            if [(one.run, one.place) for one in chart.overlays] != [(one.run, one.place) for one in shown]:
                chart.set_reactive(CurveChart.overlays, shown)  # painted with the snapshot, not twice

    def on_curve_chart_moved(self, message: CurveChart.Moved) -> None:
        """All charts look at the same part of the run."""
        for chart in self.query(CurveChart):
            chart.view = message.view

    def on_act_asked(self, message: ActAsked) -> None:
        """Show what can be done to what is in hand in the network."""
        from ..verb_menu import VerbMenu

        snapshot = self.snapshot
        if snapshot is None or not self.is_active:
            return
        at = message.at
        held = snapshot.held if snapshot.held is not None and snapshot.held.layer == at.layer else None
        value = ""
        if held is not None and held.unit == at.unit and len(held.weights):
            value = f"{held.bias if at.edited < 0 else held.weights[at.edited]:.6g}"
        self.app.push_screen(
            VerbMenu(snapshot.config, at, value), lambda command: self._send(command) if command else None
        )

    async def action_relay(self, group: str, action: str) -> None:
        """Have a panel do what a key of its group does, wherever the focus is."""
        await relay(self, group, action)
