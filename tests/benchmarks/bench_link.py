"""How the dashboard answers over a slow link: a real SSH server behind a wire of 16 KiB/s, with and without -C.

Told are: from the key that pauses to the word "paused" on the user's screen, from `?` to the last line of the help, and
the bytes on the wire meanwhile. The keys are pressed at moments that have nothing to do with the frames.
"""

from __future__ import annotations

import os
import random
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest
from terminal import Terminal, surroundings

sys.path.append(str(Path(__file__).parents[1] / "support"))
from ssh_server import MISSING, SlowWire, ssh_command, ssh_server

BYTES_PER_S = 16 * 1024
PRESET = "spiral"
N_KEYS = 8
ECHO_S = 0.2
"""Within what a key is to be answered."""
LIMIT_S = 40.0


@dataclass(frozen=True)
class Answers:
    """What was measured over one link."""

    name: str
    echoes_s: list[float]
    """From the key that pauses to the word on the screen."""
    help_s: float
    help_bytes: int
    bytes_per_s: float
    """On the wire while the run is watched."""


def measure(compress: bool, folder: Path) -> Answers:
    """Watch a run over the slow wire, pause it and go on, and open the help."""
    # The kernels are compiled already where tests have run before: nothing of that is measured here.
    variables = surroundings(folder / "home", Path(os.environ.get("DLTUI_CACHE", folder / "cache")))
    kept = ("TERM", "LC_ALL", "DLTUI_HOME", "DLTUI_CACHE", "DLTUI_TOUR", "OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS")
    with ssh_server(folder) as port:
        wire = SlowWire(port, BYTES_PER_S)
        there = {name: variables[name] for name in kept if name != "TERM"}
        command = ssh_command(wire.port, folder, there, PRESET, compress=compress)
        terminal = Terminal(command, {**os.environ, "TERM": "xterm-256color"})
        try:
            return _ask(terminal, wire, "ssh -C" if compress else "ssh")
        finally:
            terminal.press("\x11")
            terminal.read_until(lambda: False, 2.0)
            terminal.close()
            wire.close()


def _ask(terminal: Terminal, wire: SlowWire, name: str) -> Answers:
    shown = Screen(terminal)
    assert terminal.read_until(lambda: shown.holds("training") and shown.holds("val acc"), 240.0)
    terminal.press("f")  # most changes at full speed, and no story ends
    terminal.read_for(6.0)  # the first picture of every panel is behind us
    chance = random.Random(1)
    echoes = []
    before, since = wire.carried, time.perf_counter()
    for _ in range(N_KEYS):
        terminal.read_for(1.5 + chance.random())
        echoes.append(_seconds(terminal, " ", lambda: shown.holds("paused")))
        terminal.read_for(0.5 + chance.random())
        _seconds(terminal, " ", lambda: shown.holds("training"))
    rate = (wire.carried - before) / (time.perf_counter() - since)
    terminal.read_for(2.0)
    carried = wire.carried
    help_s = _seconds(terminal, "?", lambda: shown.holds("Esc close"))
    return Answers(name, echoes, help_s, wire.carried - carried, rate)


def _seconds(terminal: Terminal, key: str, seen: Callable[[], bool]) -> float:
    started = time.perf_counter()
    terminal.press(key)
    return time.perf_counter() - started if terminal.read_until(seen, LIMIT_S) else float("inf")


class Screen:
    """What stands on the user's screen."""

    def __init__(self, terminal: Terminal) -> None:
        self._terminal = terminal

    def holds(self, text: str) -> bool:
        """Whether a text is seen."""
        screens = self._terminal.screens()
        return bool(screens) and text in screens[-1][1]


def measure_both() -> list[Answers]:
    """Without compression and with it."""
    found = []
    for compress in (False, True):
        with tempfile.TemporaryDirectory(prefix="dltui-link-") as folder:
            found.append(measure(compress, Path(folder)))
    return found


def report(found: list[Answers]) -> str:
    """The figures in a few lines."""
    lines = [f"   {'':8} pause shown: median    worst   help shown   bytes of help   kB/s   ({BYTES_PER_S} bytes/s)"]
    for one in found:
        lines.append(
            f"   {one.name:8} {statistics.median(one.echoes_s):18.2f} s {max(one.echoes_s):6.2f} s"
            f" {one.help_s:10.2f} s {one.help_bytes:15,d} {one.bytes_per_s / 1000:6.1f}"
        )
    return "\n".join(lines)


@pytest.mark.benchmark
@pytest.mark.skipif(bool(MISSING), reason=f"not run: {MISSING}")
def test_keys_are_answered_over_a_slow_link(capsys: pytest.CaptureFixture[str]) -> None:
    found = measure_both()
    with capsys.disabled():
        print("\n" + report(found))
    assert all(statistics.median(one.echoes_s) < ECHO_S for one in found)


if __name__ == "__main__":
    outcome = measure_both()
    print(report(outcome))
    sys.exit(0 if all(statistics.median(one.echoes_s) < ECHO_S for one in outcome) else 1)
