"""The app owns the session and the screen: snapshots down, commands up, nothing else in between.

It paints at once and imports the screens after that. A timer asks for the newest snapshot, and the terminal sets how
often it is drawn (`pacing.py`).
"""

from __future__ import annotations

import os
import sys
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from functools import cached_property
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, ClassVar, TypeVar

from rich.text import Text
from textual import events
from textual.actions import SkipAction
from textual.app import App, ComposeResult
from textual.await_complete import AwaitComplete
from textual.binding import BindingType
from textual.driver import Driver
from textual.drivers.linux_driver import LinuxDriver
from textual.screen import ModalScreen

from dltui.core.commands import (
    LINE_PREFIX,
    LONGEST_TEXT,
    Apply,
    Ask,
    Command,
    Exporter,
    MakeTry,
    Pause,
    Restart,
    Run,
    SessionFace,
    SetSpeed,
    Shelf,
    TableReader,
    TellLine,
)
from dltui.core.errors import ConfigError
from dltui.core.text import safe_text

from .connection import Connection, Lasting
from .draw.look import MANY, Look
from .keys import bindings
from .messages import AboutAsked, FilesMade, PickAsked, Send, SettingChanged
from .screens.dashboard.skeleton import Skeleton
from .terminal.differences import SHOWN
from .terminal.driver import PacedDriver
from .terminal.few_colors import FewColors
from .terminal.guard import leave_terminal
from .terminal.pacing import PROBE, Pacer
from .terminal.signals import WATCHDOG_S, on_signals

if TYPE_CHECKING:
    from textual.command import Provider
    from textual.dom import DOMNode
    from textual.filter import LineFilter

    from dltui.core.config.fields import FieldInfo
    from dltui.core.snapshot import Snapshot

    from .screens.base import WatchingScreen
    from .screens.course import Course
    from .screens.picker import Picker

T = TypeVar("T")

KINDS = "kinds"
"""The setting of data that is found to have columns of some kinds."""
POLL_S = 1 / 30
"""How often the newest snapshot is asked for."""


def _provider(name: str) -> Callable[[], type[Provider]]:
    """What finds things for the command palette; imported when it is first opened."""

    def load() -> type[Provider]:
        from .screens import command_palette

        provider: type[Provider] = getattr(command_palette, name)
        return provider

    return load


class DltuiApp(App[None]):
    """The dashboard.

    Args:
        source: Preset or file to begin with; None shows the presets first.
        open_session: Makes the session; called in a thread.
        message: Said at the start, until a key is pressed.
    """

    CSS_PATH = Path(__file__).with_name("app.tcss")
    TITLE = "dltui"
    BINDINGS: ClassVar[list[BindingType]] = bindings("app")
    COMMANDS: ClassVar[set[type[Provider] | Callable[[], type[Provider]]]] = {
        _provider(name) for name in ("ActionsProvider", "AmountProvider", "SettingsProvider", "PanelsProvider")
    }

    def __init__(self, source: str | None, open_session: Callable[..., SessionFace], message: str = "") -> None:
        super().__init__()
        self.source = source
        self.connection = Connection(open_session)
        self.pacer = Pacer(None)
        self.look = Look.detect(os.environ, getattr(sys.__stderr__, "encoding", None))
        self._few = FewColors(self.look.n_colors) if self.look.n_colors <= MANY else None
        self._message = message
        self._begun = ""
        """Preset, file or session line that is trained; "" where that is not known."""
        self.attached = False
        """Whether the run belongs to another process: then it is shown and steered, not started."""
        self.offers_tour = False
        """Whether the tour is shown to somebody who has not seen it."""
        self.shelf: Shelf | None = None
        """Where other runs are kept, to be laid over the charts."""
        self.tables: TableReader | None = None
        """What reads tables before they are trained on."""
        self.exporter: Exporter | None = None
        """What writes the run for other programs."""
        self.detached = False
        """Whether the run is to go on without the terminal."""
        self.lost = False
        """Whether that is because the terminal is gone."""
        self.left = threading.Event()
        """Set when the terminal has been left."""
        self._shown: tuple[Snapshot | None, DOMNode] = (None, self)
        self._drawing = False
        self._line_wanted: Callable[[str], None] | None = None
        """What is to be done with the run as one line, once it is told."""
        self._status = ""
        """Of the run, as it was shown last."""
        self._quitting = False

    @cached_property
    def course(self) -> Course:
        """The lessons, and how far the user has come."""
        from .screens.course import Course

        return Course()

    @property
    def error(self) -> Exception | None:
        """What went wrong in the screen, if that is why the app has ended."""
        return self._exception

    def get_driver_class(self) -> type[Driver]:
        """The driver that counts, unless the environment names another."""
        found = super().get_driver_class()
        return PacedDriver if found is LinuxDriver else found

    def get_line_filters(self) -> Sequence[LineFilter]:
        """What becomes of styles before they are written."""
        filters = super().get_line_filters()
        return filters if self._few is None else [*filters, self._few]

    def compose(self) -> ComposeResult:
        """What is seen while the screens are imported."""
        yield Skeleton(self.look.unicode)

    def on_mount(self) -> None:
        """Look after the terminal; the screens follow the first paint, the engine follows them in its own thread."""
        if isinstance(self._driver, PacedDriver):
            self.pacer = Pacer(self._probe)
            self._driver.wrote, self._driver.leave = self._wrote, self._quit_at_once
            on_signals(self.save, self._leave, self._let_go)
        self.set_class(not self.look.unicode, "-ascii")
        self.call_after_refresh(self._begin)

    def _begin(self) -> None:
        from .screens.dashboard.screen import Dashboard

        self.push_screen(Dashboard())
        if self.source is None:
            self.action_presets()
        elif self.attached:
            self.connection.begin(self.source, run=False)
        else:
            self.begin_or_show_data(self.source)
        if self.course.progress and self.course.notice:
            self.notify(self.course.notice, timeout=10, markup=False)
        if self._message:
            self.notify(self._message, timeout=10, markup=False)
        self.set_interval(POLL_S, self._tick)

    def begin(self, source: str, changes: Mapping[str, object] = MappingProxyType({})) -> None:
        """Train this preset, file or session line, with these settings, in place of what is trained now."""
        self._begun = source
        self.connection.begin(source, changes=changes)

    def begin_or_show_data(self, source: str) -> None:
        """Train this, a table after it was looked at."""
        if self.tables is None or not self.tables.is_table(source):
            self.begin(source)
            return
        from .screens.data import Chosen, DataScreen

        def chosen(found: Chosen | None) -> None:
            if found is not None:
                self.begin(source, found.changes)
            elif self.connection.latest() is None and self.connection.waited_s() is None:
                self.action_presets()

        self._open(DataScreen(self.tables, source), chosen)

    def send(self, command: Command) -> None:
        """Hand a command to the session."""
        self.connection.send(command)

    def save(self, by: str = "") -> None:
        """Save the run and end the session; `by` names who else than the user wants it."""
        self.connection.close(2.0, by)

    def _tick(self) -> None:
        from .screens.base import Link, SnapshotScreen

        # While the app is taken down its screens lose their widgets one by one; a new screen has none yet.
        if self._drawing or not self.is_running or not self.screen_stack or not self.screen.is_mounted:
            return
        if not self.pacer.ready():
            self._echo()
            return
        failure = self.connection.take_failure()
        if failure:
            self._failed(failure)
            return
        notice = self.connection.take_notice()
        if notice:
            self.notify(notice, timeout=20, markup=False)
        snapshot = self.connection.latest()
        unfinished = getattr(self.screen, "unfinished", False)
        if snapshot is self._shown[0] and self.screen is self._shown[1] and not unfinished:
            return
        # Behind a window the dashboard goes on as well: its first line says how the run goes.
        screens = [screen for screen in self.screen_stack if isinstance(screen, SnapshotScreen)]
        if snapshot is None:
            for screen in screens:
                screen.show_waiting(self.connection.waited_s())
            return
        self._shown, started = (snapshot, self.screen), time.thread_time()
        self._status = snapshot.status
        pacer = self.pacer
        for screen in screens:
            screen.link = Link(pacer.frames_per_s(), pacer.bytes_per_s(), pacer.round_trip_s, pacer.room())
            screen.show_snapshot(snapshot)
        self.course.note(snapshot)
        self._take_line(snapshot)
        if self.offers_tour and snapshot.step > 0 and not isinstance(self.screen, ModalScreen):
            self._begin_tour()
        self._drawing = True
        self.call_after_refresh(self._drawn, started)

    def _failed(self, sentence: str) -> None:
        """There is no run: leave if the command line asked for it, else let the user choose another."""
        if self.attached or (self._shown[0] is None and self.source is not None):
            self.exit(return_code=2 if self._shown[0] is None else 0, message=Text(f"dltui: {sentence}"))
            return
        self.notify(sentence, severity="error", timeout=20, markup=False)
        self.action_presets()

    def _echo(self) -> None:
        """Say at once that a run was paused or goes on: a few bytes, behind what is on its way already."""
        snapshot = self.connection.latest()
        if snapshot is not None and self._status not in ("", snapshot.status):
            self._status = snapshot.status
            for screen in self.screen_stack:
                show = getattr(screen, "show_status", None)
                if show is not None:
                    show(snapshot)

    def _drawn(self, started: float) -> None:
        self._drawing = False
        self.pacer.drawn(time.thread_time() - started, getattr(self.screen, "sent", 0))

    def _probe(self) -> None:
        if self._driver is not None:
            self._driver.write(PROBE)

    def _wrote(self, n_bytes: int) -> None:
        self.pacer.wrote(n_bytes)

    def _leave(self, code: int) -> None:
        loop = self._loop
        if loop is not None:
            loop.call_soon_threadsafe(lambda: self.exit(return_code=code))

    def _let_go(self) -> bool:
        """Leave a terminal that is gone, in a thread of its own; whether the run goes on."""
        if self.connection.keep_on():
            return False
        self.detached = self.lost = True
        self._leave(0)
        if not self.left.wait(WATCHDOG_S):
            leave_terminal()
            session = self.connection.session
            if isinstance(session, Lasting):
                session.work_until_end(True)
            os._exit(0)
        return True

    def on_cursor_position(self, _event: events.CursorPosition) -> None:
        """The terminal has drawn the last frame."""
        self.pacer.answered()

    def on_send(self, message: Send) -> None:
        """A widget asks something of the session."""
        self.send(message.command)

    def on_setting_changed(self, message: SettingChanged) -> None:
        """A control was turned."""
        from .screens.confirm import question

        snapshot = self.connection.latest()
        hidden = [path for path in message.changes if snapshot is not None and snapshot.config.hides(path)]
        if hidden:
            self._say_hidden(hidden[0])
            return
        if self._asks_for_a_file(message.changes):
            self.action_open_file()
            return
        command = Apply(message.changes, cold=message.cold)
        text = question(message.changes)
        if text:
            self._confirm(text, lambda: self.send(command))
        else:
            self.send(command)

    def on_files_made(self, message: FilesMade) -> None:
        """Something is to be kept as files: say where they are."""
        if self.shelf is None:
            self.notify("Files cannot be written from here.", severity="error", markup=False)
            return
        try:
            path = self.shelf.keep_files(message.name, message.files)
        except ConfigError as error:
            self.notify(safe_text(error, 400), severity="error", timeout=10, markup=False)
            return
        also = f" ({message.problem})" if message.problem else ""
        self.notify(f"Written: {safe_text(path, 300)}{also}", timeout=10, markup=False)

    def _asks_for_a_file(self, changes: Mapping[str, object]) -> bool:
        """Whether a source of data was chosen that is nothing without the path of a file."""
        from dltui.core.registry import families

        member = families["datasets"].get(str(changes.get("data.name", "")))
        return member is not None and member.kind == "file" and "data.path" not in changes

    def on_pick_asked(self, message: PickAsked) -> None:
        """A control wants its list of choices."""
        self.action_pick(message.path)

    def on_about_asked(self, message: AboutAsked) -> None:
        """A control wants to be explained."""
        from .screens.about import AboutScreen, field_text

        info = self._field(message.path)
        if info is not None:
            self._open(AboutScreen(field_text(info)))

    def pop_screen(self) -> AwaitComplete:
        """Close the window in front: of two keys that close it, the second must not close the dashboard behind it."""
        if isinstance(self.screen, ModalScreen):
            return super().pop_screen()
        return AwaitComplete()

    def _open(self, window: ModalScreen[T], then: Callable[[T | None], None] | None = None) -> None:
        """Open a window, unless one is open: of keys that arrive together only the first may open one."""
        if not isinstance(self.screen, ModalScreen):
            self.push_screen(window, then)

    def _open_watching(self, window: WatchingScreen[T], then: Callable[[T | None], None] | None = None) -> None:
        """Open a window that shows more of a run than the dashboard behind it asks for."""

        def closed(result: T | None) -> None:
            self._watch(frozenset())
            if then is not None:
                then(result)

        if not isinstance(self.screen, ModalScreen):
            self._watch(window.NEEDS)
            self.push_screen(window, closed)

    def _watch(self, also: frozenset[str]) -> None:
        """Ask for what a window shows, beside what the dashboard does."""
        from .screens.dashboard.screen import Dashboard

        for screen in self.screen_stack:
            if isinstance(screen, Dashboard):
                screen.watch_also(also)

    def _confirm(self, text: str, then: Callable[[], object], yes: str = "Yes") -> None:
        """Ask before something is done; a stray Enter does not answer for a long run."""
        from .screens.confirm import ConfirmScreen, is_long

        def answered(answer: bool | None) -> None:
            if answer:
                then()

        self._open(ConfirmScreen(text, yes, is_long(self.connection.latest())), answered)

    def _field(self, path: str) -> FieldInfo | None:
        from .screens.dashboard.bars import waiting_text

        snapshot = self.connection.latest()
        if snapshot is None:
            self.notify(waiting_text(self.connection.waited_s()).capitalize(), markup=False)
            return None
        if snapshot.config.hides(path):
            self._say_hidden(path)
            return None
        return next((info for info in snapshot.config.fields() if info.path == path), None)

    def _say_hidden(self, path: str) -> None:
        """Say of a setting that this lesson has no control for it."""
        self.notify(f"{path} is hidden in this lesson.", timeout=4, markup=False)

    async def on_event(self, event: events.Event) -> None:
        """Pass on what happens, but for keys that still wait when it is time to leave."""
        if isinstance(event, events.Resize):
            SHOWN.forget()  # terminals keep of their cells what they like
        if not (self._quitting and isinstance(event, events.InputEvent)):
            await super().on_event(event)

    def _quit_at_once(self) -> None:
        """Leave before all that was typed has been worked off; called in the thread that reads keys."""
        self._quitting = True
        if self._loop is not None:
            self._loop.call_soon_threadsafe(self._quit)

    def _quit(self) -> None:
        self.workers.cancel_all()  # the command palette's fails when its window goes
        self.save()
        self.exit()

    async def action_quit(self) -> None:
        """Save the run and leave."""
        self._quit()

    def action_detach(self) -> None:
        """Leave the terminal; the run goes on."""
        problem = "" if self.attached else self.connection.keep_on()
        if problem:
            self.notify(f"Cannot detach: {problem}", severity="error", markup=False)
            return
        self.detached = not self.attached
        if self.detached:
            self.send(SetSpeed())  # nobody watches
        self.exit()

    def action_pick(self, path: str) -> None:
        """Choose a member for a setting."""
        from .screens.picker import Picker

        info = self._field(path)
        if info is None:
            return
        self._pick_with(Picker(info))

    def action_find_rate(self) -> None:
        """Choose a learning rate by what each would do."""
        from .screens.rate_picker import RatePicker

        info = self._field("optimizer.learning_rate")
        if info is not None:
            self._pick_with(RatePicker(info))

    def action_landscape(self) -> None:
        """Show the loss around the weights."""
        from .screens.landscape import LandscapeScreen

        if self.connection.latest() is not None:
            self._open_watching(LandscapeScreen())

    def action_race(self) -> None:
        """Race all choices of a setting from where the run stands."""
        from .screens.race import RaceScreen

        def taken(changes: Mapping[str, object] | None) -> None:
            if changes:
                self.post_message(SettingChanged(changes))

        snapshot = self.connection.latest()
        if snapshot is not None:
            self._open_watching(RaceScreen(snapshot), taken)

    def _pick_with(self, picker: Picker) -> None:
        def chosen(changes: Mapping[str, object] | None) -> None:
            picker.take_back()
            if changes:
                self.post_message(SettingChanged(changes))

        self._open(picker, chosen)

    def action_new_seed(self) -> None:
        """Another start, after asking."""
        from .screens.confirm import steps_back

        snapshot = self.connection.latest()
        if snapshot is not None:
            seed = snapshot.config.training.seed + 1
            text = f"Draw new weights from seed {seed} and start again. {steps_back(snapshot)}"
            self._confirm(text, lambda: self.send(Restart(seed)), "New seed")

    def action_restart(self) -> None:
        """The same start again; asks first where much would be left."""
        from .screens.confirm import is_long, steps_back

        snapshot = self.connection.latest()
        if snapshot is not None and is_long(snapshot):
            text = f"Start again from the same first weights. {steps_back(snapshot)}"
            self._confirm(text, lambda: self.send(Restart()), "Restart")
            return
        self.send(Restart())
        if snapshot is not None and snapshot.step:
            self.notify(steps_back(snapshot), timeout=4, markup=False)

    def action_make_try(self, number: int) -> None:
        """One of the lesson's experiments; asks first where much would be left."""
        from .screens.confirm import is_long, steps_back

        snapshot = self.connection.latest()
        tries = snapshot.config.preset.tries if snapshot is not None else ()
        if snapshot is None or number >= len(tries):
            text = f"This lesson has {len(tries)} to try." if tries else "There is nothing to try here."
            self.notify(text, timeout=4, markup=False)
        elif is_long(snapshot) and tries[number].restart:
            text = f"{safe_text(tries[number].say, 400)} {steps_back(snapshot)}"
            self._confirm(text, lambda: self.send(MakeTry(number)), "Try")
        else:
            self.send(MakeTry(number))

    def action_presets(self) -> None:
        """Choose what to train."""
        from .screens.preset_picker import PresetPicker

        def chosen(source: str | None) -> None:
            if source:
                self.call_later(self.replace_run, source)

        self._open(PresetPicker(self.course, self.course.name_of(self.connection.latest())), chosen)

    def action_next_lesson(self) -> None:
        """Train the lesson that comes next in the course."""
        following = self.course.next_after(self.course.name_of(self.connection.latest()))
        if following is None:
            self.notify("Every lesson of the course is done; p chooses one.", timeout=8, markup=False)
        else:
            self.replace_run(following.name)

    def action_tour(self) -> None:
        """Show what is where, in five steps; training waits for it."""
        from .screens.tour import TourScreen

        snapshot = self.connection.latest()
        waits = snapshot is not None and snapshot.status == "training"
        if waits:
            self.send(Pause())
        self._open(TourScreen(), lambda _: self.send(Run()) if waits else None)

    def _begin_tour(self) -> None:
        """Show the tour to a user who has not seen it, once there is something to see."""
        self.offers_tour = False
        if not self.course.progress.toured:
            self.course.note_tour()
            self.action_tour()

    def replace_run(self, source: str) -> None:
        """Train a preset or file in place of the present run, which is named; asks first where much would be left."""
        from .screens.confirm import is_long, kept_as

        snapshot = self.connection.latest()
        if snapshot is None or not snapshot.step:
            self.begin_or_show_data(source)
        elif is_long(snapshot):
            text = f"Train another in its place? {kept_as(snapshot)}"
            self._confirm(text, lambda: self.call_later(self.begin_or_show_data, source), "Train")
        else:
            self.begin_or_show_data(source)
            self.notify(kept_as(snapshot), timeout=8, markup=False)

    def action_open_file(self) -> None:
        """Open a preset or data by its path."""
        from .screens.path_window import PathWindow

        def chosen(path: str | None) -> None:
            if path:
                self.call_later(self.replace_run, os.path.abspath(path))

        self._open(PathWindow("Open a file", "A preset (.toml), a table, arrays, or a folder of pictures"), chosen)

    def action_data(self) -> None:
        """Show what is found in the table of the run, and what is done with it."""
        from .screens.data import Chosen, DataScreen

        snapshot = self.connection.latest()
        if snapshot is None or KINDS not in snapshot.config.data.settings:
            self.notify("This run does not learn from a table; dltui FILE.csv does.", timeout=4, markup=False)
            return

        def chosen(found: Chosen | None) -> None:
            if found is not None and found.changes:
                self.post_message(SettingChanged(found.changes))

        self._open_watching(DataScreen(self.tables, "", snapshot.config, snapshot.table), chosen)

    def action_evaluate(self) -> None:
        """Show how good the network is, and where it fails."""
        from .screens.evaluation import EvaluationScreen

        snapshot = self.connection.latest()
        if snapshot is not None:
            self._open_watching(EvaluationScreen(snapshot))

    def action_predict(self) -> None:
        """Type one row, or draw one picture, and see what the network says."""
        from .screens.prediction import PredictionScreen

        if self.connection.latest() is not None:
            self._open_watching(PredictionScreen(), lambda _: self.send(Ask(on=False)))

    def action_save_preset(self) -> None:
        """Save the settings in force as a preset, after asking for its name."""
        from .screens.path_window import PathWindow
        from .screens.save_preset import PresetSaver

        snapshot = self.connection.latest()
        if snapshot is None:
            return
        plan = {one.step: one.changes for one in snapshot.plan}
        saver = PresetSaver(snapshot.config, self._begun, plan)

        def saved(name: str | None) -> None:
            if name:
                self.notify(f"Saved as {saver.path}; dltui {saver.shell_name} opens it.", timeout=8, markup=False)

        self._open(PathWindow("Save as a preset", saver.said, saver.save, saver.suggestion), saved)

    def action_history(self) -> None:
        """Show the line of changes, and go along it."""
        from .screens.history import HistoryScreen

        snapshot = self.connection.latest()
        if snapshot is None:
            return

        def chosen(commands: tuple[Command, ...] | None) -> None:
            for command in commands or ():
                self.send(command)

        self._open(HistoryScreen(snapshot), chosen)

    def action_plan(self) -> None:
        """Show the changes to come, to be added to, edited and taken back."""
        from .screens.plan import PlanScreen

        snapshot = self.connection.latest()
        if snapshot is not None:
            self._open(PlanScreen(snapshot))

    def action_run_again(self) -> None:
        """Start again as the run began, with its changes at their steps."""
        self._with_line(self._run_again)

    def _run_again(self, line: str) -> None:
        if line.startswith(LINE_PREFIX):
            self.replace_run(line)
        else:
            self.notify(f"Cannot run again: {line}", severity="warning", markup=False)

    def action_copy_line(self) -> None:
        """Copy the run as one line: settings, seed and changes at their steps."""
        self._with_line(self._copy_line)

    def _copy_line(self, line: str) -> None:
        if line.startswith(LINE_PREFIX):
            self.copy_to_clipboard(line)
            self.notify(f"Copied; paste it here, or: dltui '{line}'", timeout=10, markup=False)
        else:
            self.notify(f"Nothing copied: {line}", severity="warning", markup=False)

    def _with_line(self, then: Callable[[str], None]) -> None:
        """Do something with the run as one line, as soon as the session has told it."""
        snapshot = self.connection.latest()
        if snapshot is not None and snapshot.line:
            then(snapshot.line)
        elif snapshot is not None:
            self._line_wanted = then
            self.send(TellLine())

    def _take_line(self, snapshot: Snapshot) -> None:
        """Hand on the line that was asked for."""
        if self._line_wanted is not None and snapshot.line:
            then, self._line_wanted = self._line_wanted, None
            then(snapshot.line)

    def on_paste(self, event: events.Paste) -> None:
        """A session line that is pasted opens the run it says."""
        text = " ".join(event.text.split())
        if not text.startswith(LINE_PREFIX) or isinstance(self.screen, ModalScreen):
            return
        if len(text) > LONGEST_TEXT:
            self.notify("This session line is too long.", severity="error", markup=False)
            return
        self.replace_run(text)

    def action_help(self) -> None:
        """Show the keys, those of the panel in focus first."""
        from .screens.help import HelpScreen

        here = getattr(self.screen, "here", None)
        self._open(HelpScreen(here.group if here is not None else ""))

    def action_about(self) -> None:
        """Explain the control or the panel in focus."""
        path = getattr(self.focused, "path", None)
        panel = getattr(self.screen, "panel_in_focus", "")
        if path:
            self.post_message(AboutAsked(path))
        elif panel:
            from .screens.about import AboutScreen
            from .screens.dashboard.explained import panel_text

            self._open(AboutScreen(panel_text(panel)))
        else:
            self.action_help()

    def action_export_run(self) -> None:
        """Write the run for other programs."""
        from .screens.export_picker import ExportPicker

        snapshot = self.connection.latest()
        if self.exporter is None or snapshot is None or not snapshot.run:
            self.notify("Only a run that is kept can be exported.", timeout=4, markup=False)
        else:
            self._open(ExportPicker(self.exporter, snapshot.run))

    def action_glossary(self) -> None:
        """Explain the terms."""
        from .screens.glossary import GlossaryScreen

        self._open(GlossaryScreen())

    def action_command_palette(self) -> None:
        """Find any setting or action by its name."""
        if not isinstance(self.screen, ModalScreen):
            super().action_command_palette()

    def action_redraw(self) -> None:
        """Send the whole screen again, where something else has written on it."""
        SHOWN.forget()
        self.refresh()

    def action_close_window(self) -> None:
        """Close the window that is open; without one, say how to leave."""
        if self.screen.get_selected_text() or getattr(self.focused, "selected_text", ""):
            raise SkipAction  # the key copies
        if isinstance(self.screen, ModalScreen):
            self.simulate_key("escape")
        else:
            self.notify("q or Ctrl+Q saves the run and leaves; Ctrl+Z goes to the shell.", timeout=4, markup=False)
