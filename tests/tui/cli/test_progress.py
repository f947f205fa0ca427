"""How far a run is: a bar on a terminal, lines now and then in a log."""

from __future__ import annotations

import io
import itertools
import math
import sys

from pty_terminal import Terminal

from dltui.core.tables.reading.progress import report
from dltui.tui.cli.progress import FIRST_LINE_S, LONGEST_S, READING_S, ProgressBar, reading_shown


class Screen(io.StringIO):
    """A stream that calls itself a terminal."""

    encoding = "utf-8"

    def isatty(self) -> bool:
        return True


def test_a_log_gets_its_first_line_early_and_then_ever_fewer() -> None:
    log, now = io.StringIO(), [0.0]
    written = []
    with ProgressBar(log, lambda: now[0]) as bar:
        for second in range(400):
            now[0], before = float(second), log.getvalue()
            assert bar.show(second / 400, lambda: f"step {int(now[0])}")
            if log.getvalue() != before:
                written.append(second)
    waits = [later - earlier for earlier, later in itertools.pairwise(written)]
    assert written[0] == FIRST_LINE_S and waits == sorted(waits) and waits[-1] == LONGEST_S
    lines = log.getvalue().splitlines()
    assert lines[0] == "dltui: 1 %  step 3  3 s"
    assert "\r" not in log.getvalue() and "\x1b" not in log.getvalue()


def test_a_short_run_leaves_no_line_in_a_log() -> None:
    log = io.StringIO()
    with ProgressBar(log, lambda: 0.0) as bar:
        assert bar.show(0.5, lambda: "step 5")
    assert log.getvalue() == ""


def test_a_bar_is_drawn_and_taken_away_and_the_cursor_stays(monkeypatch) -> None:
    monkeypatch.setenv("TERM", "xterm-256color")
    monkeypatch.setenv("COLUMNS", "80")
    screen, now = Screen(), [0.0]
    with ProgressBar(screen, lambda: now[0]) as bar:
        assert bar.show(0.5, lambda: "step 10 [bold]loss")
        assert not bar.show(0.6, lambda: "step 12")
        now[0] = 1.0
        bar.say("dltui: the [red]run is saved again")
        assert bar.show(math.nan, lambda: "step 20")
    drawn = screen.getvalue()
    assert "50 %" in drawn and "step 10 [bold]loss" in drawn and "step 12" not in drawn and "step 20" in drawn
    assert "dltui: the [red]run is saved again\n" in drawn
    assert "\x1b[?25l" not in drawn and drawn.endswith("\x1b[2K")


def test_the_reading_of_a_large_table_is_shown_and_leaves_nothing(monkeypatch) -> None:
    monkeypatch.setenv("TERM", "xterm-256color")
    monkeypatch.setenv("COLUMNS", "80")
    screen, now = Screen(), [0.0]
    with reading_shown(screen, lambda: now[0]):
        report(0.1)
        report(1.0)
        assert screen.getvalue() == "", "a table that is read at once shows no bar"
        now[0] = 5.0
        report(0.2)
        now[0] += READING_S + 0.1
        report(0.4)
        assert "40 %" in screen.getvalue() and "reading the table" in screen.getvalue()
        report(1.0)
        assert screen.getvalue().endswith("\x1b[2K")
    report(0.5)
    assert "50 %" not in screen.getvalue()


def test_on_a_terminal_only_the_answer_stays(tmp_path) -> None:
    screen = Terminal("train", "xor", "--steps", "300000", "--no-save", env={"DLTUI_HOME": str(tmp_path)})
    try:
        screen.shows("loss")
        screen.until(screen.ended)
        screen.read()
        assert screen.code == 0
        (line,) = [line.rstrip() for line in screen.text().splitlines() if line.strip()]
        assert line.startswith("done · step 300000")
    finally:
        screen.close()


def test_rich_is_not_loaded_where_there_is_no_terminal() -> None:
    import subprocess

    code = "import sys\nfrom dltui.tui.cli import main\ntry:\n    main(['train', 'xor', '--steps', '5', '--no-save'])\n"
    code += "except SystemExit:\n    sys.exit('rich' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], timeout=240).returncode == 0
