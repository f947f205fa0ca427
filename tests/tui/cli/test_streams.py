"""Standard streams that are fit to be used: any text, no stream missing, a failure told from others."""

from __future__ import annotations

import errno
import os
import subprocess
import sys
from types import SimpleNamespace
from typing import Any

import pytest

from dltui.tui.cli.streams import terminal_problem

PROGRAM = """
import sys
from dltui.tui.cli.streams import OutputError, flush_streams, prepare_streams
try:
    prepare_streams()
    print("a · b – “c” é 漢", flush=True)
    sys.stderr.write("é 漢\\n")
except OutputError as error:
    flush_streams()
    sys.stderr.write(f"output: {error.errno}")
"""


def run(line: str, encoding: str = "") -> subprocess.CompletedProcess[bytes]:
    """The program above, with its streams as the shell makes them."""
    command = ["sh", "-c", f'"$0" -c "$1" {line}', sys.executable, PROGRAM]
    return subprocess.run(command, capture_output=True, timeout=240, env={"PYTHONIOENCODING": encoding}, check=False)


def test_signs_an_encoding_lacks_are_written_plainly() -> None:
    done = run("", "ascii")
    assert done.returncode == 0 and done.stdout == b"a - b - ?c? ? ?\n"
    assert done.stderr == b"\\xe9 \\u6f22\n"
    assert run("", "utf-8").stdout.decode() == "a · b – “c” é 漢\n"
    assert run("", "latin-1").stdout.decode("latin-1") == "a · b - ?c? é ?\n"


@pytest.mark.parametrize(("line", "number"), [(">&-", errno.EBADF), (">/dev/full", errno.ENOSPC)])
def test_an_output_that_takes_nothing_is_told(line: str, number: int) -> None:
    done = run(line, "utf-8")
    assert done.returncode == 0 and done.stderr == f"output: {number}".encode()


def test_a_stream_that_is_missing_costs_nothing() -> None:
    assert run("<&- 2>&-", "utf-8").stdout.decode() == "a · b – “c” é 漢\n"


def stream(tty: bool = True, encoding: str | None = "utf-8") -> Any:
    """A stream, as far as the question goes."""
    return SimpleNamespace(isatty=lambda: tty, encoding=encoding)


@pytest.mark.parametrize(
    ("environ", "stdin", "screen", "says"),
    [
        ({"TERM": "xterm"}, stream(), stream(), ""),
        ({}, stream(), stream(encoding="UTF8"), ""),
        ({"TERM": "xterm"}, stream(tty=False), stream(), "needs a terminal"),
        ({"TERM": "xterm"}, stream(), stream(tty=False), "needs a terminal"),
        ({"TERM": "dumb"}, stream(), stream(), "'dumb'"),
        ({"TERM": "xterm"}, stream(), stream(encoding="iso8859-1"), ""),
        ({"TERM": "xterm"}, stream(), stream(encoding="utf-16"), "this one is utf-16"),
        ({"TERM": "xterm"}, stream(), stream(encoding=None), "takes ASCII"),
    ],
)
def test_why_the_dashboard_cannot_be_shown_is_one_sentence(
    environ: dict[str, str], stdin: Any, screen: Any, says: str
) -> None:
    problem = terminal_problem(environ, stdin, screen)
    assert says in problem and bool(problem) == bool(says)


BUFFERED = {name: value for name, value in os.environ.items() if name != "PYTHONUNBUFFERED"}
LEFT_WAITING = """
import sys
from dltui.tui.cli import main
def run(_):
    sys.stdin.readline()
    sys.stderr.write("no end of a line")
    return 7
sys.modules["dltui.tui.cli.main"].run = run
main([])
"""


def test_a_terminal_that_is_gone_leaves_the_exit_code_as_it_is() -> None:
    ours, theirs = os.openpty()
    process = subprocess.Popen([sys.executable, "-c", LEFT_WAITING], stdin=subprocess.PIPE, stderr=theirs, env=BUFFERED)
    os.close(theirs)
    os.close(ours)
    process.communicate(b"\n", timeout=60)
    assert process.returncode == 7
