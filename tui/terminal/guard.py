"""Gives the terminal back however the program in it dies.

Nothing inside a program can clean up after SIGKILL. So the program runs in a child, forked before anything heavy is
imported, and this process, which does nothing but wait, remembers how the terminal was. Both share a page of memory: in
it the child says whether it holds the screen and which run it trains, so that a terminal already given back is left
alone. Only the standard library is used, to cost the first paint nothing.
"""

from __future__ import annotations

import mmap
import os
import signal
import sys
import termios
from collections.abc import Callable
from contextlib import suppress

MODES_OFF = (
    "\x1b[?2026l"  # show what was drawn
    "\x1b[<u"  # kitty keyboard; each of the two screens has its own, so before the other screen is left
    + "".join(f"\x1b[?{mode}l" for mode in (1000, 1002, 1003, 1005, 1006, 1015, 1016, 1004, 2004, 2048))
    + "\x1b[?1049l\x1b[?7h\x1b[?25h\x1b[0m"
)
"""What takes a terminal back from every mode the dashboard may have set."""

DETACHED = signal.SIGUSR1
"""What the child sends when it has left the terminal and goes on without it."""

TerminalAttributes = list[int | list[bytes | int]]
"""As `termios` has them."""

_FORWARDED = (signal.SIGHUP, signal.SIGTERM, signal.SIGINT, signal.SIGQUIT)
_RUN_AT, _RUN_BYTES = 1, 100

_page: mmap.mmap | None = None
_parent = 0


def note_screen(held: bool) -> None:
    """Say whether this process holds the screen."""
    if _page is not None:
        _page[0] = held


def note_run(run: str) -> None:
    """Say which run is kept, for the last line of a program that died."""
    if _page is not None:
        _page[_RUN_AT : _RUN_AT + _RUN_BYTES] = run.encode("ascii", "replace")[:_RUN_BYTES].ljust(_RUN_BYTES, b"\0")


def leave_terminal() -> None:
    """Go on without the terminal: nothing is read or written any more, and the shell gets its turn."""
    _fall_silent()
    if _page is not None and os.getppid() == _parent:
        with suppress(OSError):
            os.kill(_parent, DETACHED)


def keep_terminal(program: Callable[[], int]) -> int:
    """Run a program in a child, give the terminal back after it, and answer its exit code (128 + n for signal n)."""
    global _page, _parent
    _page, _parent = mmap.mmap(-1, _RUN_AT + _RUN_BYTES), os.getpid()
    attributes = _attributes()
    waited_for = {signal.SIGCHLD, DETACHED, *_FORWARDED}
    before = {signal.SIGCHLD: signal.signal(signal.SIGCHLD, _nothing)}  # an ignored signal may not be waited for
    mask = signal.pthread_sigmask(signal.SIG_BLOCK, waited_for)
    child = os.fork()
    if child == 0:
        signal.signal(signal.SIGCHLD, before[signal.SIGCHLD])
        signal.pthread_sigmask(signal.SIG_SETMASK, mask)
        return program()
    try:
        code = _wait(child, waited_for)
    finally:
        _give_back(attributes)
        signal.pthread_sigmask(signal.SIG_SETMASK, mask)
    return code


def in_background(program: Callable[[Callable[[str], None]], None]) -> str | None:
    """Run a program in a child without a terminal; what it tells first, or None in the child when it has ended.

    Args:
        program: Is given the function with which to tell one line.
    """
    reader, writer = os.pipe()
    if os.fork() == 0:
        os.close(reader)
        _fall_silent()

        def tell(line: str) -> None:
            with suppress(OSError):
                os.write(writer, line.encode("utf-8", "replace")[:4000])
                os.close(writer)

        program(tell)
        return None
    os.close(writer)
    with open(reader, encoding="utf-8", errors="replace") as answer:
        return answer.read()


def _fall_silent() -> None:
    """Away from the terminal and from all that may happen to it."""
    null = os.open(os.devnull, os.O_RDWR)
    for descriptor in (0, 1, 2):
        os.dup2(null, descriptor)
    os.close(null)
    with suppress(OSError):  # the leader of a group cannot; a forked child never is one
        os.setsid()


def _wait(child: int, signals: set[signal.Signals]) -> int:
    """Until the child has ended or left the terminal; the exit code."""
    hung_up = False
    while True:
        number = signal.sigwait(signals)
        if number == DETACHED:
            return 128 + signal.SIGHUP if hung_up else 0
        hung_up = hung_up or number == signal.SIGHUP
        if number != signal.SIGCHLD:
            with suppress(ProcessLookupError):
                os.kill(child, number)
            continue
        pid, status = os.waitpid(child, os.WNOHANG | os.WUNTRACED)
        if pid == 0:
            continue
        if os.WIFSTOPPED(status):
            os.kill(os.getpid(), signal.SIGSTOP)  # the shell waits for this process, not for the child
            with suppress(ProcessLookupError):
                os.kill(child, signal.SIGCONT)
            continue
        code = os.waitstatus_to_exitcode(status)
        if code < 0:
            code = 128 - code
        if code > 128:
            _give_back(None)
            _say(f"dltui: ended by {_name(code - 128)}{_how_to_go_on()}\n")
        return code


def _how_to_go_on() -> str:
    run = _page[_RUN_AT:].rstrip(b"\0").decode("ascii") if _page is not None else ""
    return f"; resume it: dltui resume {run}" if run else ""


def _name(number: int) -> str:
    try:
        return signal.Signals(number).name
    except ValueError:
        return f"signal {number}"


def _attributes() -> TerminalAttributes | None:
    try:
        return termios.tcgetattr(0)
    except (termios.error, ValueError):
        return None


def _give_back(attributes: TerminalAttributes | None) -> None:
    """Put the terminal back; its modes only if the child died with them on."""
    if _page is not None and _page[0]:
        _page[0] = 0
        _say(MODES_OFF)
        with suppress(termios.error):
            termios.tcflush(0, termios.TCIFLUSH)  # reports of the mouse are not the shell's to read
    if attributes is not None:
        before = signal.signal(signal.SIGTTOU, signal.SIG_IGN)
        with suppress(termios.error):
            termios.tcsetattr(0, termios.TCSANOW, attributes)
        signal.signal(signal.SIGTTOU, before)


def _say(text: str) -> None:
    with suppress(OSError, ValueError):
        if sys.__stderr__ is not None and os.isatty(2):
            os.write(2, text.encode())


def _nothing(_number: int, _frame: object) -> None:
    """Only there so that the signal is not ignored."""
