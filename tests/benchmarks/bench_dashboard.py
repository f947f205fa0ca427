"""What watching costs: steps a second with the dashboard open at 120×36, over those of the same run without a screen.

Both are whole programs started from the command line, taking turns; the steps of the dashboard are read from its own
status line, between two moments well after its start.

And what the screen itself costs, with all panels live: the share of a processor that its thread takes, bytes a frame
and frames a second, at the pace of the lesson and as fast as possible; and that nothing is sent during a pause.
"""

from __future__ import annotations

import json
import statistics
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

import pytest
from terminal import POSITION_ASKED, Terminal, dltui_command, surroundings

PRESET = "spiral"
ROUNDS = 5
SLICE_S = 5.0
AT_LEAST = 0.85
WATCHED = (("spiral", ""), ("spiral", "f"), ("vanishing_gradient", "f"), ("digits_conv", ""))
"""Lessons whose screen is measured, and the key pressed before: "f" lets them go as fast as they can."""
MOST_SHARE, MOST_BYTES = 0.25, 4_000


def dashboard_steps_per_s(environment: dict[str, str]) -> float:
    """Steps a second on the screen."""
    terminal = Terminal(dltui_command(PRESET), environment)
    try:
        terminal.read_until(lambda: bool(terminal.chunks) and len(terminal.steps()) >= 3, 60.0)
        terminal.press("\x1b")  # the tour of a first run
        terminal.read_for(1.0)
        terminal.press("f")
        terminal.read_until(lambda: terminal.steps()[-1][1] > 10_000, 60.0)
        first = len(terminal.chunks)
        since = terminal.chunks[-1][0]
        terminal.read_for(SLICE_S)
    finally:
        chunks = terminal.chunks
        terminal.close()
    assert len(chunks) > first, "the dashboard stood still"
    shown = [(when, step) for when, step in terminal.steps() if since <= when <= since + SLICE_S]
    (start, from_step), (end, to_step) = shown[0], shown[-1]
    return (to_step - from_step) / (end - start)


def headless_steps_per_s(environment: dict[str, str], n_steps: int) -> float:
    """Steps a second without a screen."""
    command = dltui_command("train", PRESET, "--steps", str(n_steps), "--json", "--no-save")
    done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=300, check=True)
    result = json.loads(done.stdout.splitlines()[-1])
    return float(result["step"]) / float(result["elapsed_s"])


def measure(rounds: int = ROUNDS) -> list[tuple[float, float]]:
    """(with the dashboard, without) in steps a second, one pair a round."""
    with tempfile.TemporaryDirectory(prefix="dltui-bench-") as folder:
        environment = surroundings(Path(folder) / "home", Path(folder) / "cache")
        n_steps = int(headless_steps_per_s(environment, 50_000) * SLICE_S)
        return [(dashboard_steps_per_s(environment), headless_steps_per_s(environment, n_steps)) for _ in range(rounds)]


def share(pairs: list[tuple[float, float]]) -> float:
    """Median of the rounds' ratios."""
    return statistics.median(shown / alone for shown, alone in pairs)


@dataclass(frozen=True)
class ScreenCost:
    """What the screen of one lesson costs."""

    name: str
    share: float
    """Of a processor, taken by the thread that draws."""
    bytes_per_frame: float
    frames_per_s: float
    paused_bytes: int
    """Written in a second of a pause."""


def screen_cost(preset: str, key: str, environment: dict[str, str]) -> ScreenCost:
    """Watch a lesson for a while."""
    terminal = Terminal(dltui_command(preset), environment)
    try:
        terminal.read_until(lambda: bool(terminal.chunks) and len(terminal.steps()) >= 3, 60.0)
        terminal.press("\x1b")  # the tour of a first run
        terminal.read_for(1.0)
        if key:
            terminal.press(key)
        terminal.read_for(3.0)
        drawing = _threads(terminal.pid)
        first, before, since = len(terminal.chunks), _worked_s(drawing), time.perf_counter()
        terminal.read_for(SLICE_S)
        took, worked = time.perf_counter() - since, _worked_s(drawing) - before
        seen = b"".join(data for _, data in terminal.chunks[first:])
        terminal.press(" ")
        terminal.read_for(2.0)
        paused = len(terminal.chunks)
        terminal.read_for(1.0)
        quiet = sum(len(data) for _, data in terminal.chunks[paused:])
    finally:
        terminal.close()
    n_frames = seen.count(POSITION_ASKED)
    name = preset + (" at full speed" if key else "")
    return ScreenCost(name, worked / took, len(seen) / max(n_frames, 1), n_frames / took, quiet)


def _threads(pid: int) -> Path:
    """The account of the main thread, which draws, of the program below the process that keeps the terminal."""
    (child, *_) = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    return Path(f"/proc/{child}/task/{child}/schedstat")


def _worked_s(account: Path) -> float:
    return int(account.read_text().split()[0]) / 1e9


def measure_screens() -> list[ScreenCost]:
    """The cost of every screen that is watched."""
    with tempfile.TemporaryDirectory(prefix="dltui-bench-") as folder:
        environment = surroundings(Path(folder) / "home", Path(folder) / "cache")
        headless_steps_per_s(environment, 1_000)  # compiles what all of them need
        return [screen_cost(preset, key, environment) for preset, key in WATCHED]


def report_screens(found: list[ScreenCost]) -> str:
    """The figures in a few lines."""
    head = f"   {'':34} share of a core   bytes a frame   frames/s   bytes in a pause"
    lines = [
        f"   {one.name:34} {one.share:15.2f} {one.bytes_per_frame:15,.0f} {one.frames_per_s:10.1f}"
        f" {one.paused_bytes:18,d}"
        for one in found
    ]
    return "\n".join([head, *lines])


def is_cheap(found: list[ScreenCost]) -> bool:
    """Whether every screen costs no more than it may."""
    return all(one.share <= MOST_SHARE and one.bytes_per_frame <= MOST_BYTES and not one.paused_bytes for one in found)


def report(pairs: list[tuple[float, float]]) -> str:
    """The rounds in a few lines."""
    lines = [f"  {shown:14,.0f}   {alone:14,.0f}   {shown / alone:5.2f}" for shown, alone in pairs]
    head = "   with dashboard         headless   ratio   (steps/s)"
    return "\n".join([head, *lines, f"  median ratio {share(pairs):.2f}"])


@pytest.mark.benchmark
def test_watching_costs_little(capsys: pytest.CaptureFixture[str]) -> None:
    pairs = measure()
    with capsys.disabled():
        print("\n" + report(pairs))
    assert share(pairs) >= AT_LEAST


@pytest.mark.benchmark
def test_the_screen_is_cheap(capsys: pytest.CaptureFixture[str]) -> None:
    found = measure_screens()
    with capsys.disabled():
        print("\n" + report_screens(found))
    assert is_cheap(found)


if __name__ == "__main__":
    if "--screen" in sys.argv:
        screens = measure_screens()
        print(report_screens(screens))
        sys.exit(0 if is_cheap(screens) else 1)
    outcome = measure()
    print(report(outcome))
    sys.exit(0 if share(outcome) >= AT_LEAST else 1)
