"""Ctrl-C while the program is only starting: it ends without a word."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from contextlib import suppress

import pytest

from dltui.tui.cli import main as entry
from dltui.tui.cli.main import INTERRUPTED

START = """
import os, signal, sys

class Interrupting:
    def find_spec(self, name, path=None, target=None):
        if name == {module!r}:
            os.kill(os.getpid(), signal.SIGINT)

sys.meta_path.insert(0, Interrupting())
from dltui.tui.cli import main
main({args})
"""
TRAIN = ["train", "xor", "--steps", "5", "--no-save"]


@pytest.mark.parametrize(
    ("module", "args"),
    [
        ("dltui.tui.cli.main", TRAIN),
        ("dltui.core.errors", TRAIN),
        ("dltui.tui.cli.streams", ["--help"]),
        ("dltui.tui.cli.train", TRAIN),
        ("numpy", TRAIN),
        ("numba", TRAIN),
        ("dltui.core.training.trainer", TRAIN),
        ("dltui.core.store.runs", ["runs"]),
    ],
)
def test_an_interrupt_while_files_are_imported_is_silent(module: str, args: list[str]) -> None:
    code = START.format(module=module, args=args)
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=120)
    assert done.returncode in (-signal.SIGINT, INTERRUPTED), done
    assert done.stdout == done.stderr == ""


LOST = """
import os, signal, sys, time, weakref

class Thing:
    pass

def run(_):
    thing = Thing()
    look = weakref.ref(thing, lambda _: os.kill(os.getpid(), signal.SIGINT))
    del thing
    end = time.monotonic() + 60
    while time.monotonic() < end:
        time.sleep(0.01)
    return 0

from dltui.tui.cli import main
sys.modules["dltui.tui.cli.main"].run = run
main([])
"""


def test_an_interrupt_that_meets_a_callback_is_not_lost() -> None:
    done = subprocess.run([sys.executable, "-c", LOST], capture_output=True, text=True, timeout=120)
    assert (done.returncode, done.stdout, done.stderr) == (INTERRUPTED, "", "")


def test_an_interrupt_that_hides_in_another_error_is_silent(monkeypatch: pytest.MonkeyPatch) -> None:
    def run(_: list[str]) -> int:
        with suppress(KeyboardInterrupt):
            os.kill(os.getpid(), signal.SIGINT)
        raise ImportError("PyCapsule_Import could not import a module")

    monkeypatch.setattr(sys.modules["dltui.tui.cli.main"], "run", run)
    # Whoever started the tests may have it ignored.
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        with pytest.raises(SystemExit) as ended:
            entry([])
    finally:
        signal.signal(signal.SIGINT, before)
    assert ended.value.code == INTERRUPTED


def test_importing_the_command_line_leaves_interrupts_as_they_were() -> None:
    code = "import signal; before = signal.getsignal(signal.SIGINT); import dltui.tui.cli\n"
    code += "assert signal.getsignal(signal.SIGINT) is before"
    ignored = f"import signal; signal.signal(signal.SIGINT, signal.SIG_IGN); {code}"
    for text in (code, ignored):
        assert subprocess.run([sys.executable, "-c", text], timeout=60, env=os.environ).returncode == 0
