"""Standard input, output, errors and interrupts, fit to be used whatever surroundings a program is started in.

All that a command says goes through `out` and `say`: the one place where text that came from a file is made safe for
the terminal. A name or a middle dot that the encoding does not hold must not cost the answer of a run, and neither must
a stream that is closed: where one is missing, the first file that is opened would take its place.
"""

from __future__ import annotations

import _thread
import codecs
import errno
import io
import os
import signal
import sys
import threading
from collections.abc import Mapping
from contextlib import suppress
from types import FrameType
from typing import TYPE_CHECKING, TextIO

from dltui.core.text import safe_lines

if TYPE_CHECKING:
    from _typeshed import ReadableBuffer

HEADLESS_HINT = "Without a screen: dltui train PRESET --epochs 10"
"""Said where the dashboard cannot be shown."""

_PLAINLY = "dltui-plainly"
_PLAIN_SIGNS = {"·": "-", "–": "-", "—": "-", "…": "...", "→": "->", "×": "x", "²": "2"}


class OutputError(OSError):
    """What was written to the standard output does not arrive."""


class _Output(io.FileIO):
    """The standard output, whose failures can be told from those of other files."""

    def write(self, data: ReadableBuffer, /) -> int:
        try:
            return super().write(data)
        except BrokenPipeError:
            raise
        except OSError as error:
            raise OutputError(error.errno, error.strerror) from error


def out(text: str, *, end: str = "\n", flush: bool = False, to_keep: bool = False) -> None:
    """Write lines of the answer to the standard output; nothing in them is obeyed by a terminal.

    Args:
        text: The lines.
        end: Written behind them.
        flush: Whether it must arrive at once.
        to_keep: Whether it is the content of a file, which stays as it is where it goes into one.
    """
    print(text if to_keep and not sys.stdout.isatty() else safe_lines(text), end=end, flush=flush)


def say(text: str) -> None:
    """Tell a person something on the stream of errors; nothing in it is obeyed by a terminal."""
    with suppress(OSError):  # a terminal that is gone must not cost the run
        print(f"dltui: {safe_lines(text)}", file=sys.stderr)


def prepare_streams() -> None:
    """Let every stream take any text, and have failures of the output raise `OutputError`.

    Raises:
        OutputError: The standard output is closed.
    """
    closed = sys.stdout is None
    for name, mode in (("stdin", "r"), ("stdout", "w"), ("stderr", "w")):
        if getattr(sys, name) is None:
            setattr(sys, name, open(os.devnull, mode, encoding="utf-8"))  # noqa: SIM115
    if closed:
        raise OutputError(errno.EBADF, "it is closed")
    if isinstance(sys.stderr, io.TextIOWrapper):
        sys.stderr.reconfigure(errors="backslashreplace")
    codecs.register_error(_PLAINLY, _plainly)
    if isinstance(sys.stdout, io.TextIOWrapper) and sys.stdout is sys.__stdout__:
        raw = _Output(sys.stdout.fileno(), "w", closefd=False)
        encoding, at_once = sys.stdout.encoding, sys.stdout.isatty()
        sys.stdout = io.TextIOWrapper(io.BufferedWriter(raw), encoding, _PLAINLY, line_buffering=at_once)


def _plainly(error: UnicodeError) -> tuple[str, int]:
    """Signs that an encoding lacks, by ones that every encoding has."""
    if not isinstance(error, UnicodeEncodeError):
        raise error
    signs = error.object[error.start : error.end]
    return "".join(_PLAIN_SIGNS.get(sign, "?") for sign in signs), error.end


def flush_streams() -> None:
    """Write what waits in the buffers; where it cannot be written, drop it: at exit it would change the exit code."""
    for stream in (sys.stdout, sys.stderr):
        try:
            stream.flush()
        except (OSError, ValueError):
            with suppress(OSError, ValueError):
                null = os.open(os.devnull, os.O_WRONLY)
                os.dup2(null, stream.fileno())
                os.close(null)


def note_interrupts() -> threading.Event:
    """Raise KeyboardInterrupt at Ctrl-C as before; what is given back is set when that has happened.

    One that meets a callback of the interpreter's own, as imports have them, would be printed and lost there: it is
    raised again a moment later.
    """
    noted = threading.Event()
    usual = sys.unraisablehook

    def again(lost: sys.UnraisableHookArgs) -> None:
        if isinstance(lost.exc_value, KeyboardInterrupt):
            threading.Timer(0.01, _thread.interrupt_main).start()
        else:
            usual(lost)

    def interrupt(_number: int, _frame: FrameType | None) -> None:
        noted.set()
        raise KeyboardInterrupt

    if signal.getsignal(signal.SIGINT) is signal.default_int_handler:  # it may be ignored, as under nohup
        signal.signal(signal.SIGINT, interrupt)
        sys.unraisablehook = again
    return noted


def can_show_dashboard() -> bool:
    """Whether the dashboard can be shown; says why not."""
    problem = terminal_problem(os.environ, sys.stdin, sys.stderr)
    if problem:
        say(f"{problem} {HEADLESS_HINT}")
    return not problem


def terminal_problem(environ: Mapping[str, str], stdin: TextIO, screen: TextIO) -> str:
    """Why the dashboard cannot be shown, in a plain sentence; "" when it can."""
    if not stdin.isatty() or not screen.isatty():
        return "the dashboard needs a terminal (over SSH: ssh -t)."
    if environ.get("TERM") == "dumb":
        return "the dashboard cannot be drawn on a terminal of the kind 'dumb'."
    if not _holds_ascii(screen.encoding):
        return f"the dashboard needs a terminal that takes ASCII, this one is {screen.encoding} (try LC_ALL=C.UTF-8)."
    return ""


def _holds_ascii(encoding: str | None) -> bool:
    """Whether plain text is itself in an encoding."""
    try:
        return "dltui".encode(encoding or "") == b"dltui"
    except LookupError:
        return False
