"""Runs of other processes: list them, look at one and steer it, end it.

A run's folder says all: whoever holds its lock trains it, and its socket is named after it. So what is listed is what
can be reached, with the words to type.
"""

from __future__ import annotations

import argparse
import json
import os
import signal
import socket
import sys
import time
from collections.abc import Callable, Collection
from contextlib import suppress
from typing import TYPE_CHECKING, Any

from dltui.core.disk.home import find_home
from dltui.core.disk.lock import is_locked, read_holder
from dltui.core.errors import ConfigError
from dltui.core.store.runs import RunInfo, live_runs, run_names, run_path
from dltui.core.text import safe_text

from ..terminal.guard import in_background
from .dashboard import say_how_to_go_on, show_session
from .plan import DEFAULT_STEPS, NO_END, has_end, with_settings
from .report import report_of_start

if TYPE_CHECKING:
    from dltui.core.remote.served import Detached

STOP_S = 10.0
"""How long a run may take to save its state and end."""


def reachable(run: str | None) -> str:
    """The folder of a run that can be attached; without an id, of the newest.

    Raises:
        ConfigError: There is no such run, or it cannot be reached.
    """
    runs = find_home().runs
    path = run_path(runs, run) if run else _newest(runs)
    if not is_locked(os.path.join(path, "LOCK")):
        raise ConfigError(f"is not running; go on with it: dltui resume {run}", field="run", value=run)
    if not is_served(path):
        raise ConfigError("runs where it cannot be attached", field="run", value=run)
    return path


def attach(path: str, watch: bool) -> int:
    """`dltui attach`: the exit code."""
    run = os.path.basename(path)

    def open_session(_: Any) -> Any:
        from dltui.core.remote.client import RemoteSession

        return RemoteSession(path, watch=watch)

    return show_session(open_session, run, f"Only looking at {run}: no key changes it." if watch else "")


def _newest(runs: str) -> str:
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


def ps(as_json: bool) -> int:
    """`dltui ps`: the exit code."""
    from dltui.core.remote.served import N_DETACHED, detached_processes

    home = find_home()
    detached = detached_processes(home)
    pids = {each.pid for each in detached}
    rows = [_row(info, pids) for info in live_runs(home.runs)]
    # A process may outlive its folder: it is found by its slot.
    rows += [_row_without_folder(each) for each in detached if each.pid not in {row["pid"] for row in rows}]
    if home.problem:
        print(f"dltui: runs cannot be kept: {home.reason}", file=sys.stderr)
    if as_json:
        print(json.dumps(rows))
        return 0
    if not rows:
        print("no run is being trained")
    for row in rows:
        step = f"step {row['step']}" if row["step"] is not None else ""
        where = "without a terminal" if row["detached"] else "in a terminal"
        words = (row["run"] or "", row["preset"], row["status"], step, f"{where}, process {row['pid']}")
        print("  ".join(word for word in words if word))
        print("".join(f"    {row[name]}\n" for name in ("attach", "stop") if row[name]), end="")
    if len(detached) >= N_DETACHED:
        print(f"no more than {N_DETACHED} runs may go on without a terminal")
    return 0


def _row(info: RunInfo, detached: Collection[int]) -> dict[str, Any]:
    status = info.status or {}
    pid = read_holder(os.path.join(info.path, "LOCK")).get("pid")
    return {
        "run": info.id,
        "preset": info.preset or info.title,
        "status": safe_text(status.get("status", "starting"), 20),
        "step": status.get("step"),
        "epoch": status.get("epoch"),
        "pid": pid,
        "detached": pid in detached,
        "attach": f"dltui attach {info.id}" if is_served(info.path) else None,
        "stop": f"dltui stop {info.id}",
    }


def _row_without_folder(process: Detached) -> dict[str, Any]:
    run = safe_text(process.run)
    return {
        "run": run or None,
        "preset": "",
        "status": "its folder is gone" if run else "starting",
        "step": None,
        "epoch": None,
        "pid": process.pid,
        "detached": True,
        "attach": None,
        "stop": f"dltui stop {run}" if run else None,
    }


def stop(run: str) -> int:
    """`dltui stop`: have a run save its state and end; the exit code.

    Raises:
        ConfigError: There is no such run, or it is not running.
    """
    path, lock, is_kept = _held_by(run)
    if not is_locked(lock):
        raise ConfigError("is not running", field="run", value=run)
    if not _ask_to_close(path):
        holder = read_holder(lock)
        if holder.get("host") != socket.gethostname() or not isinstance(holder.get("pid"), int):
            raise ConfigError("runs where it cannot be ended from here", field="run", value=run)
        with suppress(ProcessLookupError):
            os.kill(holder["pid"], signal.SIGTERM)
    end = time.monotonic() + STOP_S
    while is_locked(lock):
        if time.monotonic() > end:
            print(f"dltui: {run} has not ended after {STOP_S:.0f} s", file=sys.stderr)
            return 1
        time.sleep(0.02)
    if is_kept:
        print(f"{run} is saved and ended; go on with it: dltui resume {run}")
    else:
        print(f"{safe_text(run)} is ended; its last state is not kept: its folder was moved or deleted")
    return 0


def _held_by(run: str) -> tuple[str, str, bool]:
    """The folder of a run, the lock that its process holds, and whether the folder is there.

    Raises:
        ConfigError: There is no such run.
    """
    from dltui.core.remote.served import detached_processes

    home = find_home()
    if run not in run_names(home.runs):
        for process in detached_processes(home):
            if process.run == run:
                return os.path.join(home.runs, run), process.slot, False
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


def train_detached(args: argparse.Namespace) -> int:
    """`dltui train --detach`: have a process of its own train; the exit code.

    Raises:
        ConfigError: What was asked cannot be done without a terminal.
    """
    for flag in ("at", "until", "no_save"):
        if getattr(args, flag):
            name = "--" + flag.replace("_", "-")
            raise ConfigError(
                "does not go together with --detach", field=name, allowed="--set, --seed, --steps, --epochs"
            )
    sys.stdout.flush()
    answer = in_background(lambda tell: _train(args, tell))
    if answer is None:
        return 0
    kind, _, text = answer.partition(" ")
    if kind != "run":
        print(f"dltui: {text or 'the process that was to train has died'}", file=sys.stderr)
        return 2
    run, _, notice = text.partition(" ")
    if notice:
        print(f"dltui: {notice}", file=sys.stderr)
    say_how_to_go_on(run)
    if args.json:
        print(json.dumps(report_of_start(run, args.source)))
    return 0


def _train(args: argparse.Namespace, tell: Callable[[str], None]) -> None:
    """Train in this process until the end, or until told to."""
    from dltui.core.commands import Run
    from dltui.core.config.presets import load_preset
    from dltui.core.conformance.plugin import load_plugins
    from dltui.core.remote.served import LOOK_S, ServedSession
    from dltui.core.session import Session

    known: list[str] = []
    try:
        load_plugins(args.plugin)
        config = with_settings(load_preset(args.source), args.set, args.seed)
        limits = {"training.max_steps": args.steps, "training.max_epochs": args.epochs}
        config = config.with_changes({path: limit for path, limit in limits.items() if limit})
        notice = "" if has_end(config) else NO_END
        if notice:
            config = config.with_changes({"training.max_steps": DEFAULT_STEPS})
        served = ServedSession(Session(config, keep=True, name=args.source), find_home(), known.append)
        problem = served.take_slot()
    except ConfigError as error:
        tell(f"problem {error}")
        return
    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGQUIT):
        signal.signal(number, lambda *_: served.stop())
    if not problem:
        served.start()
        served.send(Run())
    while not problem and not known and served.alive:
        problem = served.keep_on()
        time.sleep(LOOK_S / 10)
    problem = served.failure or problem
    tell(f"problem {problem}" if problem or not known else f"run {known[0]} {notice}")
    if problem:
        served.close()
    else:
        served.work_until_end()
