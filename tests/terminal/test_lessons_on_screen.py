"""Each lesson begun from the picker and left alone at 120×36: what it claims is read off the screen, in its time.

The screen is read by the lesson's own check (`stories.py`). A busy machine can only make a story slower, so that what
may not be seen too early is held to the clock, and what must be seen in time is given as much more as the machine is
shared.
"""

from __future__ import annotations

import re
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from patience import LIMIT_S, shared
from pty_terminal import Terminal, end_all
from stories import STORIES

from dltui.core.config.presets import list_presets, load_preset

NAMES = [head.name for head in list_presets()]
SAMPLE = ("circle", "learning_rate_too_large", "exploding_gradient")
"""One that comes to its claim, one of which nothing comes, one that ends by itself."""
EARLY_S, LATE_S = 3.0, 30.0
"""When a claim may not be seen yet, and when it must be."""
STANDS_S = 1.5
"""How long it is watched after that."""

DOWN = "\x1b[B"
VALUES = {
    "val_score": r"val (?:acc|R²) +([\d.−-]+)",
    "val_loss": r"━ val +([\d.e−-]+)",
    "rate": r"· now +([\d.e−-]+)",
    "step": r"\bstep (\d{1,3}(?: \d{3})*)\b",
}
"""What is read off the screen -> how it is written there."""


def read_off(text: str) -> dict[str, float]:
    """The values on the screen."""
    found = {name: re.search(pattern, text) for name, pattern in VALUES.items()}
    return {
        name: float(match[1].replace("−", "-").replace(" ", "")) for name, match in found.items() if match is not None
    }


def begin(screen: Terminal, name: str) -> None:
    """Choose a lesson in the picker."""
    screen.shows("What should the network learn?")
    for _ in range(NAMES.index(name)):
        screen.press(DOWN)
    screen.until(lambda: re.search(rf"dltui {name}\s", screen.text()))
    screen.press("\r")
    screen.until(lambda: "▶ training" in screen.text())


def watch(screen: Terminal, ends: str) -> Iterator[tuple[float, str, bool]]:
    """(seconds since the first step, the screen, whether the run is at rest), until it is, and a little longer."""
    begun, rested = time.monotonic(), None
    while rested is None or time.monotonic() - rested < STANDS_S:
        screen.read(0.1)
        text = screen.text()
        now = time.monotonic()
        assert now - begun < LIMIT_S, f"it never came to rest:\n{text}"
        if rested is None and re.search(rf"[‖■✗] {ends}", text.partition("\n")[0]):
            rested = now
        yield now - begun, text, rested is not None


def check(name: str, home: Path) -> None:
    """Begin a lesson, leave it alone, and read the screen."""
    story, n_steps = STORIES[name], load_preset(name).preset.steps
    screen = Terminal(env={"DLTUI_HOME": str(home), "COLORTERM": "truecolor"})
    paces, seen_at, last, text = set(), None, {}, ""
    try:
        begin(screen, name)
        for seconds, text, rests in watch(screen, story.ends):
            last = read_off(text)
            paces |= set(re.findall(r"1× · [\d.]+ (?:[kM] )?steps/s", text.partition("\n")[0]))
            told = (rests or not story.stays) and story.scores.keys() <= last.keys() and story.is_told(last)
            seen_at = seconds if told and seen_at is None else seen_at
    finally:
        screen.close()
        end_all(str(home))
    print(f"\n{name}: seen after {seen_at or -1:.1f} s, at rest at step {last.get('step', -1):.0f}, {len(paces)} paces")
    assert paces, "the pace stands beside the steps"
    assert seen_at is not None, f"never seen; at the end: {last}\n{text}"
    assert EARLY_S <= seen_at <= shared(LATE_S)
    assert last["step"] <= n_steps
    assert story.ends != "paused" or last["step"] == n_steps, "it waits where the story is told"
    assert story.is_told(last), f"it does not stand: {last}\n{text}"


@pytest.mark.parametrize("name", SAMPLE)
def test_a_lesson_shows_its_claim_in_time(name: str, tmp_path: Path) -> None:
    check(name, tmp_path)


@pytest.mark.slow
@pytest.mark.parametrize("name", [name for name in NAMES if name not in SAMPLE])
def test_every_lesson_shows_its_claim_in_time(name: str, tmp_path: Path) -> None:
    check(name, tmp_path)
