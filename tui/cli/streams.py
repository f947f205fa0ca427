"""Makes standard input, output and errors fit to be used, whatever surroundings a program is started in.

A name or a middle dot that the encoding does not hold must not cost the answer of a run, and neither must a stream that
is closed: where one is missing, the first file that is opened would take its place.
"""

from __future__ import annotations

import codecs
import errno
import io
import os
import sys
from contextlib import suppress
from typing import Any

_PLAINLY = "dltui-plainly"
_PLAIN_SIGNS = {"·": "-", "–": "-", "—": "-", "…": "...", "→": "->", "×": "x", "²": "2"}


class OutputError(OSError):
    """What was written to the standard output does not arrive."""


class _Output(io.FileIO):
    """The standard output, whose failures can be told from those of other files."""

    def write(self, data: Any, /) -> int:
        try:
            return super().write(data)
        except BrokenPipeError:
            raise
        except OSError as error:
            raise OutputError(error.errno, error.strerror) from error


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


def drop_output() -> None:
    """Have nothing more written to the standard output, not even what waits in its buffer at the end."""
    with suppress(OSError, ValueError):
        null = os.open(os.devnull, os.O_WRONLY)
        os.dup2(null, sys.stdout.fileno())
        os.close(null)
