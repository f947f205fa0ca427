"""A sweep that is looked at: at every size, while it grows; leaving it never ends it, being asked twice does."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from harness import until as until_shown
from patience import until
from sweeps import plan_of, row

from dltui.core.sweep.folder import SweepFolder, create_sweep, read_sweep
from dltui.tui.cli.sweep_watch import Watcher
from dltui.tui.draw.cells import plain, row_width
from dltui.tui.draw.look import Look
from dltui.tui.draw.sweep_live import SweepView, sweep_live
from dltui.tui.screens.sweep_watch import SweepApp
from dltui.tui.widgets.page import Page

SIZES = [(200, 60), (120, 36), (80, 24), (40, 10), (10, 3), (1, 1)]


def begun(home: Path, n: int = 5) -> SweepFolder:
    """A sweep of twelve trials, `n` of which are there."""
    folder = create_sweep(str(home), plan_of("optimizer.learning_rate=1,2,3,4,5,6,7,8,9,10,11,12"))
    for number in range(n):
        folder.add(row(number, 1.0 / (number + 1)))
    folder.say({"running": [5, 6], "workers": ["tcp://127.0.0.1:4321"]})
    return folder


def seen(app: SweepApp) -> str:
    """What is on the page."""
    page = app.query_one(Page)
    return plain(page.paint(*page.size)) if page.draw is not None else ""


@pytest.mark.parametrize("size", SIZES)
async def test_it_lives_at_every_size_and_while_the_sweep_grows(tmp_path: Path, size: tuple[int, int]) -> None:
    folder = begun(tmp_path)
    watcher = Watcher(folder.path)
    app = SweepApp(lambda: watcher.latest, watcher.end)
    async with app.run_test(size=size) as pilot:
        watcher.look()
        for key in ("down", "c", "end", "up", "c", "pagedown", "home"):
            await pilot.press(key)
        for number in range(5, 12):
            folder.add(row(number, 0.01))
        watcher.look()
        await pilot.pause()
        if size[0] >= 80:
            await until_shown(pilot, lambda: "12 of 12" in seen(app) and "finished" in seen(app))
        await pilot.resize_terminal(60, 20)
        await pilot.press("q")
    assert app.return_code in (0, None)
    folder.close()


async def test_what_is_seen_is_how_it_stands(tmp_path: Path) -> None:
    folder = begun(tmp_path)
    watcher = Watcher(folder.path)
    watcher.look()
    app = SweepApp(lambda: watcher.latest, lambda: None)
    async with app.run_test(size=(100, 30)) as pilot:
        await until_shown(pilot, lambda: "5 of 12" in seen(app))
        text = seen(app)
        for words in (folder.id, "training", "val_loss 0.2  #4", "#5 #6", "tcp://127.0.0.1:4321", "learning_rate"):
            assert words in text
        await pilot.press("c")
        await until_shown(pilot, lambda: "How much each setting matters" in seen(app))
        await pilot.press("s")
        await until_shown(pilot, lambda: "press s again" in seen(app))
        await pilot.press("s")
        await until_shown(pilot, lambda: "asked to end" in seen(app))
    folder.close()


@pytest.mark.parametrize("look", [Look(), Look(unicode=False), Look(color=False)])
def test_every_row_is_as_wide_as_it_may_be(look: Look) -> None:
    view = SweepView("sweep-1", "spiral", "training", 3, 9, "2 s", "val_loss 0.1", range(300), ["a", "b"], ["x", "y"])
    for columns, rows in SIZES:
        for charts in (False, True):
            drawn = sweep_live(view, columns, rows, look, charts=charts)
            assert len(drawn) == rows and {row_width(row) for row in drawn} == {columns}
            assert look.unicode or plain(drawn).isascii()


def test_a_sweep_begun_without_a_terminal_is_looked_at_and_ended(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "dltui.tui", "sweep", "xor", "--over", "optimizer.learning_rate=0.01:0.1:log:40",
               "--steps", "200000", "--workers", "1", "--detach", "--json"]  # fmt: skip
    environment = {**os.environ, "DLTUI_HOME": str(tmp_path)}
    done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=240, check=False)
    assert done.returncode == 0 and "--watch" in done.stderr, done.stderr
    path = str(tmp_path / "sweeps" / json.loads(done.stdout)["sweep"])
    watcher = Watcher(path)

    def trains() -> bool:
        watcher.look()
        return watcher.latest is not None and watcher.latest.done > 0 and bool(watcher.latest.workers)

    until(trains)
    pid = read_sweep(path).pid
    assert os.getsid(pid) != os.getsid(0)
    watcher.end()
    until(lambda: not read_sweep(path).live)
    info = read_sweep(path)
    assert 0 < len(info.rows) <= 40
