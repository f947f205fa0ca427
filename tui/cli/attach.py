"""`dltui attach`: shows a run that another process trains, and steers it."""

from __future__ import annotations

import argparse
import os
import socket
from contextlib import suppress
from typing import TYPE_CHECKING

from dltui.core.disk.home import find_home
from dltui.core.disk.lock import is_locked
from dltui.core.errors import ConfigError

from .dashboard import show_session
from .parser import Parser
from .streams import can_show_dashboard

if TYPE_CHECKING:
    from dltui.core.commands import SessionFace


def add_arguments(parser: Parser) -> None:
    """What `dltui attach` takes."""
    parser.add_argument("run", nargs="?", metavar="RUN", help="id of the run; without it, the newest that can be shown")
    parser.add_argument("--watch", action="store_true", help="only look: no key changes the run")


def run(args: argparse.Namespace) -> int:
    """`dltui attach`: the exit code.

    Raises:
        ConfigError: There is no such run, or it cannot be reached.
    """
    path = find_reachable(args.run)
    if not can_show_dashboard():
        return 2
    name = os.path.basename(path)

    def open_session(_: str) -> SessionFace:
        from dltui.core.remote.client import RemoteSession

        return RemoteSession(path, watch=args.watch)

    return show_session(open_session, name, f"Only looking at {name}: no key changes it." if args.watch else "")


def find_reachable(run: str | None) -> str:
    """The folder of a run that can be attached; without an id, of the newest.

    Raises:
        ConfigError: There is no such run, or it cannot be reached.
    """
    from dltui.core.store.runs import run_path

    runs = find_home().runs
    path = run_path(runs, run) if run else _newest(runs)
    if not is_locked(os.path.join(path, "LOCK")):
        raise ConfigError(f"is not running; resume it: dltui resume {run}", field="run", value=run)
    if not is_served(path):
        raise ConfigError("is running where it cannot be attached", field="run", value=run)
    return path


def _newest(runs: str) -> str:
    from dltui.core.store.runs import live_runs

    for info in live_runs(runs):
        if is_served(info.path):
            return info.path
    raise ConfigError("no run can be attached: none is running (dltui runs lists those that can be resumed)")


def is_served(path: str) -> bool:
    """Whether somebody listens for terminals that attach to the run in a folder."""
    from dltui.core.remote.channel import socket_path

    with suppress(OSError, ConfigError), socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as probe:
        probe.settimeout(1.0)
        probe.connect(socket_path(path))
        return True
    return False
