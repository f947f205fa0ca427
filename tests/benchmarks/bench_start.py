"""How long a user waits: process start to first paint, and to the first steps trained, with and without a kernel cache.

The program runs in a real pty of 120×36 and is timed by what appears there.
"""

from __future__ import annotations

import re
import statistics
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

import pytest
from terminal import Terminal, dltui_command, surroundings

ROUNDS = 5
PAINT_S, WARM_S, COLD_S = 0.6, 2.0, 8.0
PAINTED = re.compile(r"Loss .*(?s:.*)Controls")
PAUSED = re.compile(r"paused")


@dataclass(frozen=True)
class Start:
    """One start."""

    paint_s: float
    training_s: float


def start_once(place: Path, cache: Path) -> Start:
    """Open the dashboard, wait until it trains, end it."""
    terminal = Terminal(dltui_command("spiral"), surroundings(place / "home", cache))
    try:
        terminal.read_until(lambda: bool(terminal.steps()) and terminal.steps()[-1][1] > 0, 60.0)
        painted = next((when for when, text in terminal.screens() if PAINTED.search(text)), float("inf"))
        trained = next((when for when, step in terminal.steps() if step > 0), float("inf"))
    finally:
        terminal.close()
    return Start(painted, trained)


def measure(rounds: int = ROUNDS) -> tuple[Start, list[Start]]:
    """(start with an empty cache, starts with a warm one)."""
    with tempfile.TemporaryDirectory(prefix="dltui-bench-") as folder:
        place = Path(folder)
        cold = start_once(place, place / "cache")
        return cold, [start_once(place, place / "cache") for _ in range(rounds)]


def report(cold: Start, warm: list[Start]) -> str:
    """The starts in a few lines."""
    paint = statistics.median(start.paint_s for start in warm)
    training = statistics.median(start.training_s for start in warm)
    return (
        f"process start to ...      first paint   training\n"
        f"  warm cache, median of {len(warm)}    {paint:6.2f} s   {training:6.2f} s\n"
        f"  cold cache                {cold.paint_s:6.2f} s   {cold.training_s:6.2f} s"
    )


def good(cold: Start, warm: list[Start]) -> bool:
    """Whether the promises hold."""
    return (
        statistics.median(start.paint_s for start in warm) <= PAINT_S
        and statistics.median(start.training_s for start in warm) <= WARM_S
        and cold.training_s <= COLD_S
    )


@pytest.mark.benchmark
def test_the_start_keeps_its_promises(capsys: pytest.CaptureFixture[str]) -> None:
    cold, warm = measure()
    with capsys.disabled():
        print("\n" + report(cold, warm))
    assert good(cold, warm)


if __name__ == "__main__":
    outcome = measure()
    print(report(*outcome))
    sys.exit(0 if good(*outcome) else 1)
