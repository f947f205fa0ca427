"""`dltui ps`: the runs being trained.

A run's folder says all: whoever holds its lock trains it, and its socket is named after it. So what is listed is what
can be reached, with the words to type.
"""

from __future__ import annotations

import argparse
import json
import os
from collections.abc import Collection
from typing import TYPE_CHECKING, TypedDict

from dltui.core.disk.home import find_home
from dltui.core.disk.lock import read_holder
from dltui.core.text import safe_text

from .attach import is_served
from .parser import Parser, add_json_argument
from .streams import out, say

if TYPE_CHECKING:
    from dltui.core.remote.served import Detached
    from dltui.core.store.runs import RunInfo


class LiveRun(TypedDict):
    """One run of the list, as `--json` prints it."""

    run: str | None
    preset: str
    status: str
    step: int | None
    epoch: int | None
    pid: int | None
    detached: bool
    attach: str | None
    stop: str | None


def add_arguments(parser: Parser) -> None:
    """What `dltui ps` takes."""
    add_json_argument(parser, "a JSON list")


def run(args: argparse.Namespace) -> int:
    """`dltui ps`: the exit code."""
    from dltui.core.remote.served import N_DETACHED, detached_processes
    from dltui.core.store.runs import live_runs

    home = find_home()
    detached = detached_processes(home)
    pids = {each.pid for each in detached}
    rows = [_row(info, pids) for info in live_runs(home.runs)]
    # A process may outlive its folder: it is found by its slot.
    rows += [_row_without_folder(each) for each in detached if each.pid not in {row["pid"] for row in rows}]
    if home.problem:
        say(f"runs cannot be kept: {home.reason}")
    if args.json:
        out(json.dumps(rows))
        return 0
    if not rows:
        out("no run is being trained")
    for row in rows:
        step = f"step {row['step']}" if row["step"] is not None else ""
        where = "without a terminal" if row["detached"] else "in a terminal"
        waits = "paused, waits for somebody to attach"
        status = waits if row["detached"] and row["status"] == "paused" else row["status"]
        words = (row["run"] or "", row["preset"], status, step, f"{where}, process {row['pid']}")
        out("  ".join(word for word in words if word))
        out("".join(f"    {command}\n" for command in (row["attach"], row["stop"]) if command), end="")
    if len(detached) >= N_DETACHED:
        out(f"no more than {N_DETACHED} runs can go on without a terminal")
    return 0


def _row(info: RunInfo, detached: Collection[int]) -> LiveRun:
    pid = read_holder(os.path.join(info.path, "LOCK")).pid
    return {
        "run": info.id,
        "preset": info.preset or info.title,
        "status": info.status.status or "starting",
        "step": info.step,
        "epoch": info.status.epoch,
        "pid": pid,
        "detached": pid in detached,
        "attach": f"dltui attach {info.id}" if is_served(info.path) else None,
        "stop": f"dltui stop {info.id}",
    }


def _row_without_folder(process: Detached) -> LiveRun:
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
