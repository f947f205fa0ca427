"""However the program dies, the terminal is as it was, with an exit status and one line that says why."""

import os
import signal
import sys
import time

import pytest
from pty_terminal import Terminal, end_all, live

SIGNALS = ("SIGINT", "SIGTERM", "SIGQUIT", "SIGABRT", "SIGSEGV", "SIGBUS", "SIGKILL")
CAUSES = ("quit", "exception", "SIGHUP", "launcher killed", *SIGNALS)
assert len(CAUSES) == 11

FAILING = """
import dltui.tui.app
from dltui.tui.cli import main

def fail(self):
    raise RuntimeError("the ceiling fell down")

dltui.tui.app.DltuiApp.action_glossary = fail
main(["xor"])
"""


def die(cause, folder):
    """One death: seconds until the terminal was restored, and the exit code."""
    home = folder / "home"
    command = [sys.executable, "-c", FAILING] if cause == "exception" else None
    screen = Terminal("xor", env={"DLTUI_HOME": str(home)}, command=command)
    try:
        if cause in ("SIGABRT", "SIGSEGV", "SIGBUS", "SIGKILL"):
            screen.until(lambda: b"\x1b[?2004h" in screen.seen)
        else:
            screen.shows("training")
        assert not screen.restored()
        begun = time.monotonic()
        if cause == "quit":
            screen.press("q")
        elif cause == "exception":
            screen.press("g")
        elif cause == "launcher killed":
            os.kill(screen.pid, signal.SIGKILL)
        else:
            os.kill(screen.child(), getattr(signal, cause))
        screen.until(screen.ended)
        screen.until(screen.restored)
        took = time.monotonic() - begun
        said(screen, cause, home)
        return took, screen.code
    finally:
        screen.close()
        end_all(home)


def said(screen, cause, home):
    """The exit status is not that of success, and one line says why."""
    if cause == "quit":
        assert screen.code == 0
    elif cause == "exception":
        assert screen.code == 1
        screen.shows("dltui: RuntimeError: the ceiling fell down")
    elif cause == "launcher killed":
        assert screen.code == -signal.SIGKILL
    elif cause == "SIGHUP":
        assert screen.code == 0 and len(live(home)) == 1
        screen.shows("goes on without this terminal")
    else:
        assert screen.code == 128 + getattr(signal, cause)
        screen.shows(f"dltui: ended by {cause}")


@pytest.mark.parametrize("cause", CAUSES)
def test_the_terminal_comes_back(cause, tmp_path):
    took, code = die(cause, tmp_path)
    print(f"\n{cause}: restored after {took * 1000:.0f} ms, exit status {code}")


@pytest.mark.slow
def test_the_terminal_comes_back_each_time(tmp_path):
    n_times, longest = 10, dict.fromkeys(CAUSES, 0.0)
    for number in range(n_times):
        for cause in CAUSES:
            folder = tmp_path / f"{cause}-{number}"
            folder.mkdir()
            longest[cause] = max(longest[cause], die(cause, folder)[0])
    print(f"\n{len(CAUSES)} causes x {n_times}: restored {len(CAUSES) * n_times} times")
    for cause, took in longest.items():
        print(f"  {cause:<16} longest {took * 1000:6.0f} ms")
