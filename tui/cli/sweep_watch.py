"""A sweep without this terminal: begun in a process of its own, looked at, and left to itself again."""

from __future__ import annotations

import argparse
import json
import os
import signal
import sys
import threading
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from functools import partial
from typing import TYPE_CHECKING

from dltui.core.errors import ConfigError
from dltui.core.text import safe_text

from ..terminal.guard import in_background, keep_terminal
from .streams import can_show_dashboard, out, say

if TYPE_CHECKING:
    from dltui.core.sweep.folder import SweepInfo

    from ..draw.sweep_live import SweepView

LOOK_S = 0.5
"""Time between two looks into the folder; longer where a look takes long."""


def begin_without_terminal(args: argparse.Namespace, train: Callable[[Callable[[str], None]], int]) -> str:
    """Have a process of its own train; the id of the sweep, "" in that process when it has ended.

    Args:
        args: As typed.
        train: Trains, and tells the sweep's id when it begins.

    Raises:
        ConfigError: What was asked for is not allowed.
    """

    def program(tell: Callable[[str], None]) -> None:
        try:
            train(lambda name: tell(f"sweep {name}"))
        except ConfigError as error:
            tell(f"problem {error}")

    sys.stdout.flush()
    answer = in_background(program)
    if answer is None:
        return ""
    kind, _, text = answer.partition(" ")
    if kind != "sweep":
        raise ConfigError(text or "the process that was to train has died")
    if not args.watch:
        say(f"{text} goes on without this terminal\n  see it:  dltui sweep {text} --watch")
        if args.json:
            out(json.dumps({"sweep": text}))
    return text


def watch(path: str) -> int:
    """Show a sweep until the user leaves; the exit code."""
    return keep_terminal(partial(_show, path)) if can_show_dashboard() else 2


def _show(path: str) -> int:
    from ..screens.sweep_watch import SweepApp

    os.environ.setdefault("TEXTUAL_ANIMATIONS", "none")
    watcher = Watcher(path)
    watcher.start()
    app = SweepApp(lambda: watcher.latest, watcher.end)
    app.run()
    return app.return_code or 0


class Watcher(threading.Thread):
    """Looks into the folder of a sweep again and again, beside the screen, which only takes what it found last.

    Args:
        path: The folder.
    """

    def __init__(self, path: str) -> None:
        super().__init__(daemon=True, name="dltui-sweep-watch")
        self._path = path
        self._begun: tuple[float, int] | None = None
        self._pid = 0
        self._seen: tuple[object, ...] = ()
        self.latest: SweepView | None = None
        """What is known."""

    def run(self) -> None:
        """Look until the process ends."""
        while True:
            began = time.monotonic()
            with suppress(ConfigError, OSError):
                self.look()
            time.sleep(max(LOOK_S, 4.0 * (time.monotonic() - began)))

    def end(self) -> None:
        """Ask the process at it to end."""
        if self._pid:
            with suppress(OSError):
                os.kill(self._pid, signal.SIGTERM)

    def look(self) -> None:
        """Look once.

        Raises:
            ConfigError: The folder is none of a sweep.
        """
        from dltui.core.sweep.folder import read_status, read_sweep

        status = read_status(self._path)
        info = read_sweep(self._path)
        self._pid = info.pid
        done, now = len(info.rows), time.monotonic()
        seen = (done, info.live, status.get("running"), status.get("workers"))
        if seen == self._seen and self.latest is not None:
            return
        self._seen = seen
        if self._begun is None or not info.live:
            self._begun = (now, done)
        self.latest = _view(info, status, self._begun, now)


def _view(info: SweepInfo, status: Mapping[str, object], begun: tuple[float, int], now: float) -> SweepView:
    from dltui.core.sweep.table import best_of

    from ..draw.sweep_live import SweepView
    from .sweep_report import duration, swept_page, table_lines

    plan, rows = info.plan, list(info.rows.values())
    done, best = len(rows), best_of(info.plan, rows)
    text = ""
    if best is not None:
        settings = "  ".join(f"{path.rpartition('.')[2]} {value}" for path, value in best.texts.items())
        text = f"{plan.metric} {best.metrics[plan.metric]:.5g}  #{best.number}  {safe_text(settings, 120)}"
    new = done - begun[1]
    left = duration((plan.n_trials - done) * (now - begun[0]) / new) if new and done < plan.n_trials else ""
    running, workers = status.get("running"), status.get("workers")
    state = "finished" if done >= plan.n_trials else "training" if info.live else "stopped"
    return SweepView(
        name=info.id,
        preset=safe_text(plan.source, 60),
        state=state,
        done=done,
        of=plan.n_trials,
        left=left if state == "training" else "",
        best=text,
        running=[n for n in running if isinstance(n, int) and n not in info.rows]
        if isinstance(running, list) and info.live
        else (),
        workers=[safe_text(one, 60) for one in workers] if isinstance(workers, list) and info.live else (),
        table=table_lines(plan, rows),
        page=swept_page(plan, rows) if rows else None,
    )
