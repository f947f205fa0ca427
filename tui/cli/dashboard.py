"""`dltui`: opens the dashboard, the one place where the app and the session meet.

All of it happens in a child of a process that keeps the terminal's state (`terminal.guard`), so nothing is imported
here that the child alone needs. Opening a session takes the compiler, and is done by a thread of its own, after the
first paint.
"""

from __future__ import annotations

import argparse
import os
import signal
import sys
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from types import MappingProxyType
from typing import TYPE_CHECKING

from dltui.core.text import safe_text

from ..terminal.guard import keep_terminal, leave_terminal, note_run
from .detach import say_how_to_return
from .parser import Parser, add_data_arguments, add_plugin_argument
from .streams import can_show_dashboard, say

if TYPE_CHECKING:
    from dltui.core.commands import SessionFace

    from ..app import DltuiApp

SWITCH_S = 0.0005
"""How long one Python thread may keep the others waiting: the screen shares the interpreter with the trainer."""


def add_arguments(parser: Parser) -> None:
    """What `dltui` takes when no subcommand is named."""
    parser.add_argument(
        "source",
        nargs="?",
        metavar="PRESET|FILE",
        help="what to train, a preset or data; without it, choose from a list",
    )
    parser.add_argument(
        "--plain", action="store_true", help="lines of text in place of a screen: for screen readers, Braille and pipes"
    )
    add_data_arguments(parser)
    add_plugin_argument(parser)


def run(args: argparse.Namespace) -> int:
    """`dltui`: the exit code."""
    if args.plain:
        return _talk(args)
    return show_dashboard(args.source, args.plugin, choices=args) if can_show_dashboard() else 2


def _talk(args: argparse.Namespace) -> int:
    """Lines of text in place of the dashboard; the exit code."""
    from dltui.core.config.presets import list_presets, load_preset
    from dltui.core.conformance.plugin import load_plugins
    from dltui.core.session import Session

    from .plain import talk_plainly
    from .plan import with_data_choices

    load_plugins(args.plugin)
    source = args.source or list_presets()[0].name  # the first lesson; load begins another
    line = source.startswith("dltui:")
    config = source if line else with_data_choices(load_preset(source), args)
    return talk_plainly(Session(config, keep=True, name="" if line else source))


def show_dashboard(
    source: str | None,
    plugins: Sequence[str] = (),
    message: str = "",
    resume: str = "",
    choices: argparse.Namespace | None = None,
) -> int:
    """Show the dashboard until the user leaves; the exit code.

    Args:
        source: Preset or file; None shows the presets first.
        plugins: Files with the user's own methods.
        message: Said at the start.
        resume: Id of a kept run to go on with, in place of `source`.
        choices: What is to be learned from `source`: `target`, `drop`, `task`.
    """
    open_session = partial(_open_session, plugins, resume, (source, choices))
    return keep_terminal(partial(_show, resume or source, open_session, message, choices=choices))


def show_session(open_session: Callable[[str], SessionFace], name: str, message: str = "") -> int:
    """Show a run of another process until the user leaves; the exit code."""
    return keep_terminal(partial(_show, name, open_session, message, attached=True))


def _open_session(
    plugins: Sequence[str],
    resume: str,
    named: tuple[str | None, argparse.Namespace | None],
    chosen: str,
    changes: Mapping[str, object] = MappingProxyType({}),
) -> SessionFace:
    from dltui.core.commands import LINE_PREFIX
    from dltui.core.config.presets import load_preset
    from dltui.core.conformance.plugin import load_plugins
    from dltui.core.disk.home import find_home
    from dltui.core.remote.served import ServedSession
    from dltui.core.session import Session
    from dltui.core.store.interrupted import interrupted_notice

    from .plan import with_data_choices

    load_plugins(plugins)
    home = find_home()
    if chosen == resume:
        session = Session("", keep=True, resume=resume)
    elif named[1] is not None and chosen == named[0] and not chosen.startswith(LINE_PREFIX):
        config = with_data_choices(load_preset(chosen), named[1])
        session = Session(config.with_changes(changes) if changes else config, keep=True, name=chosen)
    elif changes:
        session = Session(load_preset(chosen).with_changes(changes), keep=True, name=chosen)
    else:
        session = Session(chosen, keep=True)
    served = ServedSession(session, home, note_run)
    served.notice = "" if resume else interrupted_notice(home)
    return served


def _show(
    source: str | None,
    open_session: Callable[..., SessionFace],
    message: str,
    attached: bool = False,
    choices: argparse.Namespace | None = None,
) -> int:
    from ..app import DltuiApp
    from ..terminal.differences import send_differences
    from ..terminal.plain_text import keep_text_plain
    from .export import HomeExporter
    from .shelf import HomeShelf
    from .tables import FileTables

    sys.setswitchinterval(SWITCH_S)
    os.environ.setdefault("TEXTUAL_ANIMATIONS", "none")
    send_differences()
    app = DltuiApp(source, open_session, message)
    keep_text_plain(ascii_only=not app.look.unicode)
    app.attached, app.shelf, app.exporter = attached, HomeShelf(), HomeExporter()
    app.tables = None if attached else FileTables(source or "", choices)
    app.offers_tour = not attached and os.environ.get("DLTUI_TOUR", "1") != "0"
    try:
        app.run()
    finally:
        app.left.set()
        if not app.detached:
            app.save()
    if app.detached:
        return _go_on(app)
    if app.return_code and app.error is not None:
        say(f"{type(app.error).__name__}: {safe_text(app.error)}")
    return app.return_code or 0


def _go_on(app: DltuiApp) -> int:
    """Train without the terminal until the run ends or somebody ends it."""
    from ..connection import Lasting

    session = app.connection.session
    if not isinstance(session, Lasting):
        return 1
    signal.signal(signal.SIGHUP, signal.SIG_IGN)
    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGQUIT):
        signal.signal(number, lambda *_: session.stop())
    say_how_to_return(session.run)
    leave_terminal()
    session.work_until_end(app.lost)
    return 0
