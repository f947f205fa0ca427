"""Ctrl+Z gives the terminal back to the shell, fg brings the dashboard again."""

import os
import shutil
import sys

import pytest
from pty_terminal import Terminal, end_all

SHELL = shutil.which("bash")


@pytest.mark.skipif(not SHELL, reason="not run: there is no bash here")
def test_stopped_and_brought_back(tmp_path):
    home = tmp_path / "h"
    environment = {"DLTUI_HOME": str(home), "PS1": "shell> ", "HISTFILE": os.devnull}
    screen = Terminal(env=environment, command=[SHELL, "--norc", "--noediting", "-i"])
    try:
        screen.shows("shell> ")
        screen.press(f"{sys.executable} -m dltui.tui xor\n")
        screen.shows("training")
        screen.go_to_full_speed()
        screen.press("\x1a")
        screen.shows("Stopped")
        screen.until(lambda: not screen.modes_left_on())
        seen = len(screen.seen)
        screen.press("fg\n")
        screen.until(lambda: screen.seen[seen:].count(b"step") > 3)
        seen = len(screen.seen)
        screen.press("q")
        screen.until(lambda: b"shell> " in screen.seen[seen:])
        assert not screen.modes_left_on()
        screen.press("exit\n")
        screen.until(screen.ended)
        assert screen.code == 0
    finally:
        screen.close()
        end_all(home)
