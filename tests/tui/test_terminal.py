"""The dashboard in a real terminal: it paints, answers, and gives the terminal back however it ends."""

import fcntl
import os
import pty
import select
import signal
import struct
import sys
import termios
import time

import pytest

LIMIT_S = 60.0


class Terminal:
    """A terminal of our own with `dltui` in it."""

    def __init__(self, *args, env, answers=True):
        self.pid, self.master = pty.fork()
        if self.pid == 0:
            os.environ.update(env, TERM="xterm-256color")
            os.execv(sys.executable, [sys.executable, "-m", "dltui.tui", *args])
        fcntl.ioctl(self.master, termios.TIOCSWINSZ, struct.pack("HHHH", 36, 120, 0, 0))
        self.answers, self.seen, self.code = answers, b"", None

    def read(self):
        if self.master >= 0 and select.select([self.master], [], [], 0.05)[0]:
            try:
                data = os.read(self.master, 65536)
            except OSError:
                data = b""
            self.seen += data
            if self.answers and b"\x1b[6n" in data:
                os.write(self.master, b"\x1b[1;1R")

    def until(self, condition):
        end = time.monotonic() + LIMIT_S
        while time.monotonic() < end:
            self.read()
            if condition():
                return
        raise AssertionError(f"never happened; the end of what was seen: {self.seen[-400:]!r}")

    def ended(self):
        if self.code is None:
            pid, status = os.waitpid(self.pid, os.WNOHANG)
            self.code = os.waitstatus_to_exitcode(status) if pid else None
        return self.code is not None

    def close(self):
        if not self.ended():
            os.kill(self.pid, signal.SIGKILL)
            os.waitpid(self.pid, 0)
        if self.master >= 0:
            os.close(self.master)


@pytest.fixture
def terminal(tmp_path):
    opened = []

    def start(*args, **options):
        opened.append(Terminal(*args, env={"DLTUI_HOME": str(tmp_path)}, **options))
        return opened[-1]

    yield start
    for each in opened:
        each.close()


def restored(seen):
    last = {mode: seen.rfind(f"\x1b[?{mode}l".encode()) for mode in (1000, 1003, 1006, 2004, 1049)}
    return all(at > seen.rfind(f"\x1b[?{mode}h".encode()) for mode, at in last.items()) and b"\x1b[?25h" in seen


def test_it_trains_answers_keys_and_leaves_cleanly(terminal):
    screen = terminal("xor")
    screen.until(lambda: b"training" in screen.seen)
    os.write(screen.master, b" ")
    screen.until(lambda: b"paused" in screen.seen)
    os.write(screen.master, b"q")
    screen.until(screen.ended)
    assert screen.code == 0 and restored(screen.seen)


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP])
def test_a_signal_ends_it_and_gives_the_terminal_back(terminal, number):
    screen = terminal("xor")
    screen.until(lambda: b"training" in screen.seen)
    os.kill(screen.pid, number)
    screen.until(screen.ended)
    assert screen.code == 128 + number and restored(screen.seen)


def test_a_terminal_that_goes_away_ends_it(terminal):
    screen = terminal("xor")
    screen.until(lambda: b"training" in screen.seen)
    os.close(screen.master)
    screen.master = -1
    screen.until(screen.ended)
    assert screen.code != 0


def test_a_terminal_that_never_answers_still_gets_frames(terminal):
    screen = terminal("xor", answers=False)
    screen.until(lambda: b"training" in screen.seen)
    before = len(screen.seen)
    screen.until(lambda: len(screen.seen) > before + 2000)


def test_a_wrong_file_ends_with_one_sentence(terminal, tmp_path):
    file = tmp_path / "wrong.toml"
    file.write_text('[optimizer]\nname = "adm"\n')
    screen = terminal(str(file))
    screen.until(screen.ended)
    assert screen.code == 2 and restored(screen.seen)
    tail = screen.seen[screen.seen.rfind(b"\x1b[?1049l") :]
    assert b"wrong.toml" in tail and b"adam" in tail
