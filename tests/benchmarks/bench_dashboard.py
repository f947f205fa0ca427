"""What watching costs: steps a second with the dashboard open at 120×36, over those of the same run without a screen.

Both are whole programs started from the command line, taking turns; the steps of the dashboard are read from its own
status line, between two moments well after its start.
"""

from __future__ import annotations

import json
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest
from terminal import Terminal, dltui_command, surroundings

PRESET = "spiral"
ROUNDS = 5
SLICE_S = 5.0
AT_LEAST = 0.85


def dashboard_steps_per_s(environment: dict[str, str]) -> float:
    """Steps a second on the screen."""
    terminal = Terminal(dltui_command(PRESET), environment)
    try:
        terminal.read_until(lambda: bool(terminal.chunks) and len(terminal.steps()) >= 3, 60.0)
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


if __name__ == "__main__":
    outcome = measure()
    print(report(outcome))
    sys.exit(0 if share(outcome) >= AT_LEAST else 1)
