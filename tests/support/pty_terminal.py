"""A terminal of our own with `dltui` in it, and runs that outlive it."""

import copy
import fcntl
import os
import pty
import re
import select
import signal
import struct
import sys
import termios
import time
from contextlib import suppress
from pathlib import Path

import pyte
from patience import LIMIT_S, wait_for

from dltui.core.disk.lock import is_locked, read_holder
from dltui.core.store.runs import run_names

MODES = (1000, 1002, 1003, 1004, 1006, 1015, 1016, 1049, 2004, 2026, 2048)


class Terminal:
    """A terminal that answers as real ones do; nobody's but the test's."""

    def __init__(self, *args, env, answers=True, size=(36, 120), command=None):
        self.master, slave = pty.openpty()
        fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack("HHHH", *size, 0, 0))
        self.slave = slave
        """Kept open so that the terminal lives when the program in it does not."""
        self.before = termios.tcgetattr(slave)
        command = command or [sys.executable, "-m", "dltui.tui", *args]
        self.pid = os.fork()
        if self.pid == 0:
            os.close(self.master)
            os.setsid()
            fcntl.ioctl(slave, termios.TIOCSCTTY, 0)
            for descriptor in (0, 1, 2):
                os.dup2(slave, descriptor)
            for name in ("COLUMNS", "LINES"):
                os.environ.pop(name, None)  # a size that is told goes before that of the terminal
            os.environ.update({"TERM": "xterm-256color", "LC_ALL": "C.UTF-8"} | env)
            os.execvpe(command[0], command, os.environ)
        self.answers, self.seen, self.code = answers, b"", None
        self._screen, self._drawn = pyte.Screen(size[1], size[0]), 0
        self._stream = pyte.ByteStream(self._screen)

    def read(self, wait_s=0.05):
        if self.master >= 0 and select.select([self.master], [], [], wait_s)[0]:
            try:
                data = os.read(self.master, 65536)
            except OSError:
                data = b""
            self.seen += data
            if self.answers and b"\x1b[6n" in data:
                os.write(self.master, b"\x1b[1;1R")

    def read_rest(self):
        """All that was written and not yet read."""
        while self.master >= 0 and select.select([self.master], [], [], 0.0)[0]:
            seen = len(self.seen)
            self.read(0.0)
            if len(self.seen) == seen:
                return

    def until(self, condition, limit_s=LIMIT_S):
        end = time.monotonic() + limit_s
        while not condition():
            assert time.monotonic() < end, f"never happened; the end of what was seen: {self.seen[-600:]!r}"
            self.read()

    def shows(self, text, limit_s=LIMIT_S):
        # Only cells that differ are written: what is read as one word may have come in pieces.
        self.until(lambda: text.encode() in self.seen or text in self.text() or self.ended(), limit_s)
        self.read()
        assert text.encode() in self.seen or text in self.text(), (
            f"ended with {self.code}; the end of what was seen: {self.seen[-600:]!r}"
        )

    def text(self):
        """What a person sees now."""
        self._stream.feed(re.sub(rb"\x1b\[[<>=][0-9;]*[a-z]|\x1b\[\?[0-9;]*\$p", b"", self.seen[self._drawn :]))
        self._drawn = len(self.seen)
        return "\n".join(self._screen.display)

    def screen_copy(self):
        """The screen as it is now, for a picture."""
        return copy.deepcopy(self._screen)

    def press(self, keys):
        os.write(self.master, keys.encode())

    def go_to_full_speed(self):
        """Let go of the pace of the lesson, once there is one."""
        self.until(lambda: "1×" in self.text())
        self.press("f")
        self.until(lambda: "1×" not in self.text())

    def ended(self):
        if self.code is None:
            pid, status = os.waitpid(self.pid, os.WNOHANG)
            if pid:
                self.code = os.waitstatus_to_exitcode(status)
                self.read_rest()
        return self.code is not None

    def vanish(self):
        """As a connection that is lost."""
        for descriptor in (self.slave, self.master):
            if descriptor >= 0:
                os.close(descriptor)
        self.master = self.slave = -1

    def close(self):
        if not self.ended():
            os.kill(self.pid, signal.SIGKILL)
            os.waitpid(self.pid, 0)
        self.vanish()

    def child(self):
        """The program itself, below the process that keeps the terminal."""
        return children(self.pid)[0]

    def modes_left_on(self):
        """Modes of the terminal that are still set after all that was written."""
        left = []
        state = dict.fromkeys(MODES, False) | {25: True, 7: True}
        for numbers, letter in re.findall(rb"\x1b\[\?([0-9;]+)([hl])", self.seen):
            for number in numbers.split(b";"):
                state[int(number)] = letter == b"h"
        left += [mode for mode, on in state.items() if on != (mode in (25, 7))]
        pushed = 0
        for sign in re.findall(rb"\x1b\[([><])[0-9;]*u", self.seen):
            pushed = pushed + 1 if sign == b">" else max(0, pushed - 1)
        return left + (["kitty"] if pushed else [])

    def restored(self):
        """Whether the terminal is as it was."""
        return termios.tcgetattr(self.slave) == self.before and not self.modes_left_on()


def children(pid):
    """Processes begun by one."""
    return [int(number) for number in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]


def idle_share(pid, seconds):
    """Share of a core that the threads take which do not train: all but the busiest."""
    before, begun = _worked_s(pid), time.monotonic()
    time.sleep(seconds)  # a spin shows in nothing but processor time
    spent = sorted(worked - before.get(thread, 0.0) for thread, worked in _worked_s(pid).items())
    return sum(spent[:-1]) / (time.monotonic() - begun)


def _worked_s(pid):
    """Thread -> seconds of processor time."""
    found = {}
    for task in Path(f"/proc/{pid}/task").iterdir():
        with suppress(OSError):  # the thread has just ended
            found[task.name] = int((task / "schedstat").read_text().split()[0]) / 1e9
    return found


def live(home):
    """Run -> process, of all runs that are held."""
    runs = Path(home) / "runs"
    return {
        name: read_holder(runs / name / "LOCK").pid for name in run_names(str(runs)) if is_locked(runs / name / "LOCK")
    }


def end_all(home, limit_s=20.0):
    """End every run that is still held."""
    for number in (signal.SIGTERM, signal.SIGKILL):
        for pid in live(home).values():
            os.kill(pid, number)
        if wait_for(lambda: not live(home), limit_s):
            return
