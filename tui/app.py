"""The app owns the session and the screen: snapshots down, commands up, nothing else in between.

It paints at once and imports the screens after that. A timer asks for the newest snapshot, and the terminal sets how
often it is drawn (`pacing.py`).
"""

from __future__ import annotations

import os
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar

from rich.text import Text
from textual import events
from textual.app import App, ComposeResult
from textual.binding import BindingType
from textual.driver import Driver
from textual.drivers.linux_driver import LinuxDriver

from dltui.core.commands import Apply, Command

from .connection import Connection, Lasting, SessionLike
from .draw.look import Look
from .keys import bindings
from .messages import AboutAsked, PickAsked, Send, SettingChanged
from .screens.dashboard.skeleton import Skeleton
from .terminal.driver import PacedDriver
from .terminal.guard import leave_terminal
from .terminal.pacing import PROBE, Pacer
from .terminal.signals import WATCHDOG_S, on_signals

if TYPE_CHECKING:
    from textual.command import Provider

    from dltui.core.config.fields import FieldInfo

POLL_S = 1 / 30
"""How often the newest snapshot is asked for."""


def actions_provider() -> type[Provider]:
    """Finds the actions, for the command palette."""
    from .screens.command_palette import ActionsProvider

    return ActionsProvider


def settings_provider() -> type[Provider]:
    """Finds the settings, for the command palette."""
    from .screens.command_palette import SettingsProvider

    return SettingsProvider


def panels_provider() -> type[Provider]:
    """Finds the panels, for the command palette."""
    from .screens.command_palette import PanelsProvider

    return PanelsProvider


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
    COMMANDS: ClassVar[set[Any]] = {actions_provider, settings_provider, panels_provider}

    def __init__(self, source: Any, open_session: Callable[[Any], SessionLike], message: str = "") -> None:
        super().__init__()
        self.source = source
        self.connection = Connection(open_session)
        self.pacer = Pacer(None)
        self.look = Look.detect(os.environ, getattr(sys.__stderr__, "encoding", None))
        self._message = message
        self.attached = False
        """Whether the run belongs to another process: then it is looked at and steered, not begun."""
        self.detached = False
        """Whether the run is to go on without the terminal."""
        self.left = threading.Event()
        """Set when the terminal has been left."""
        self._shown: tuple[Any, Any] = (None, self)
        self._drawing = False

    @property
    def error(self) -> Exception | None:
        """What went wrong in the screen, if that is why the app has ended."""
        return self._exception

    def get_driver_class(self) -> type[Driver]:
        """The driver that counts, unless the environment names another."""
        found = super().get_driver_class()
        return PacedDriver if found is LinuxDriver else found

    def compose(self) -> ComposeResult:
        """What is seen while the screens are imported."""
        yield Skeleton(self.look.unicode)

    def on_mount(self) -> None:
        """Look after the terminal; the screens follow the first paint, the engine follows them in its own thread."""
        if isinstance(self._driver, PacedDriver):
            self.pacer = Pacer(self._probe)
            self._driver.wrote = self._wrote
            on_signals(self.save, self._leave, self._let_go)
        self.set_class(not self.look.unicode, "-ascii")
        self.call_after_refresh(self._begin)

    def _begin(self) -> None:
        from .screens.dashboard.screen import Dashboard

        self.push_screen(Dashboard())
        if self.attached:
            self.connection.begin(self.source, run=False)
        elif self.source is None:
            self.action_presets()
        else:
            self.begin(self.source)
        if self._message:
            self.notify(self._message, timeout=10, markup=False)
        self.set_interval(POLL_S, self._tick)

    def begin(self, source: Any) -> None:
        """Train this preset or file, in place of what is trained now."""
        self.connection.begin(source)

    def send(self, command: Command) -> None:
        """Hand a command to the session."""
        self.connection.send(command)

    def save(self, by: str = "") -> None:
        """Save the run and end the session; `by` names who else than the user wants it."""
        self.connection.close(2.0, by)

    def _tick(self) -> None:
        from .screens.base import SnapshotScreen

        # While the app is taken down its screens lose their widgets one by one.
        if self._drawing or not self.is_running or not self.screen_stack or not self.pacer.ready():
            return
        failure = self.connection.take_failure()
        if failure:
            self._failed(failure)
            return
        notice = self.connection.take_notice()
        if notice:
            self.notify(notice, timeout=20, markup=False)
        snapshot, screen = self.connection.latest(), self.screen
        if not isinstance(screen, SnapshotScreen) or (snapshot is self._shown[0] and screen is self._shown[1]):
            return
        if snapshot is None:
            screen.show_waiting(self.connection.waited_s())
            return
        self._shown, begun = (snapshot, screen), time.thread_time()
        screen.link = (self.pacer.frames_per_s(), self.pacer.bytes_per_s(), self.pacer.round_trip_s)
        screen.show_snapshot(snapshot)
        self._drawing = True
        self.call_after_refresh(self._drawn, begun)

    def _failed(self, sentence: str) -> None:
        """There is no run: leave if the command line asked for it, else let the user choose another."""
        if self.attached or (self._shown[0] is None and self.source is not None):
            self.exit(return_code=2 if self._shown[0] is None else 0, message=Text(f"dltui: {sentence}"))
            return
        self.notify(sentence, severity="error", timeout=20, markup=False)
        self.action_presets()

    def _drawn(self, begun: float) -> None:
        self._drawing = False
        self.pacer.drawn(time.thread_time() - begun)

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
        self.detached = True
        self._leave(0)
        if not self.left.wait(WATCHDOG_S):
            leave_terminal()
            session = self.connection.session
            if isinstance(session, Lasting):
                session.work_until_end()
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
        from .screens.confirm import ConfirmScreen, question

        command = Apply(message.changes, cold=message.cold)
        text = question(message.changes)
        if text:
            self.push_screen(ConfirmScreen(text), lambda yes: self.send(command) if yes else None)
        else:
            self.send(command)

    def on_pick_asked(self, message: PickAsked) -> None:
        """A control wants its list of choices."""
        from .screens.picker import open_picker

        info = self._field(message.path)
        if info is not None:
            open_picker(self, info)

    def on_about_asked(self, message: AboutAsked) -> None:
        """A control wants to be explained."""
        from .screens.about import AboutScreen, field_text

        info = self._field(message.path)
        if info is not None:
            self.push_screen(AboutScreen(field_text(info)))

    def _field(self, path: str) -> FieldInfo | None:
        from .screens.dashboard.waiting import waiting_text

        snapshot = self.connection.latest()
        if snapshot is None:
            self.notify(waiting_text(self.connection.waited_s()).capitalize(), markup=False)
            return None
        return next((info for info in snapshot.config.fields() if info.path == path), None)

    async def action_quit(self) -> None:
        """Save the run and leave."""
        self.save()
        self.exit()

    def action_detach(self) -> None:
        """Leave the terminal; the run goes on."""
        problem = "" if self.attached else self.connection.keep_on()
        if problem:
            self.notify(f"Cannot detach: {problem}", severity="error", markup=False)
            return
        self.detached = not self.attached
        self.exit()

    def action_presets(self) -> None:
        """Choose what to train."""
        from .screens.presets import PresetPicker

        self.push_screen(PresetPicker(), lambda source: self.begin(source) if source else None)

    def action_help(self) -> None:
        """Show the keys."""
        from .screens.help import HelpScreen

        self.push_screen(HelpScreen())

    def action_about(self) -> None:
        """Explain the control in focus."""
        path = getattr(self.focused, "path", None)
        if path:
            self.post_message(AboutAsked(path))
        else:
            self.action_help()

    def action_glossary(self) -> None:
        """Explain the terms."""
        from .screens.glossary import GlossaryScreen

        self.push_screen(GlossaryScreen())
