"""`dltui stop`: has a run of another process save its state and end."""

from __future__ import annotations

import argparse
import os
import signal
import socket
import time
from contextlib import suppress

from dltui.core.disk.home import find_home
from dltui.core.disk.lock import is_locked, read_holder
from dltui.core.errors import ConfigError
from dltui.core.text import safe_text

from .parser import Parser
from .streams import out, say

STOP_S = 10.0
"""How long a run may take to save its state and end."""


def add_arguments(parser: Parser) -> None:
    """What `dltui stop` takes."""
    parser.add_argument("run", metavar="RUN", help="id of the run")


def run(args: argparse.Namespace) -> int:
    """`dltui stop`: the exit code.

    Raises:
        ConfigError: There is no such run, or it is not running.
    """
    run = args.run
    path, lock, is_kept = _find_live_run(run)
    if not is_locked(lock):
        raise ConfigError("is not running", field="run", value=run)
    if not _ask_to_close(path):
        holder = read_holder(lock)
        if holder.host != socket.gethostname() or not holder.pid:
            raise ConfigError("is running where it cannot be ended from here", field="run", value=run)
        with suppress(ProcessLookupError):
            os.kill(holder.pid, signal.SIGTERM)
    end = time.monotonic() + STOP_S
    while is_locked(lock):
        if time.monotonic() > end:
            say(f"{run} has not ended after {STOP_S:.0f} s")
            return 1
        time.sleep(0.02)
    if is_kept:
        out(f"{run} is saved and ended; resume it: dltui resume {run}")
    else:
        out(f"{safe_text(run)} is ended; its last state is not kept: its folder was moved or deleted")
    return 0


def _find_live_run(run: str) -> tuple[str, str, bool]:
    """The folder of a run, the lock that its process holds, and whether the folder is there.

    Raises:
        ConfigError: There is no such run.
    """
    from dltui.core.remote.served import detached_processes
    from dltui.core.store.runs import run_names, run_path

    home = find_home()
    if run not in run_names(home.runs):
        for process in detached_processes(home):
            if process.run == run:
                return os.path.join(home.runs, run), process.permit, False
    path = run_path(home.runs, run)
    return path, os.path.join(path, "LOCK"), True


def _ask_to_close(path: str) -> bool:
    """Ask the process that serves a run to end it; whether there is one."""
    from dltui.core.commands import Close
    from dltui.core.remote.client import RemoteSession

    try:
        remote = RemoteSession(path)
    except ConfigError:
        return False
    remote.start()
    remote.send(Close())
    with suppress(ConfigError, TimeoutError):
        remote.wait(lambda snapshot: snapshot.status == "closed", STOP_S)
    remote.close()
    return True
