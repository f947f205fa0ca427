"""Makes the README's pictures from real runs: the dashboard on two spirals after two changes, and a film of the lesson.

`python tests/support/make_pictures.py [picture] [film]` writes `.assets/dashboard.png` and `.assets/spiral.gif`, both
what an emulator shows of the program in a terminal. Needs chromium for the pixels, and Pillow (the extra `pictures`)
for the film.
"""

from __future__ import annotations

import contextlib
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from pty_terminal import Terminal, end_all
from shots import pages, picture

ASSETS = Path(__file__).parents[2] / ".assets"
PICTURE, FILM = ASSETS / "dashboard.png", ASSETS / "spiral.gif"
KEYS = ((8.0, "o"), (1.0, "rmsprop"), (2.0, "\r"), (6.0, "c"), (1.0, "cosine"), (2.0, "\r"), (5.0, ""))
"""Seconds to wait and keys to press: another optimizer, later another schedule."""
N_SCREENS, EVERY_S, SHOWN_MS = 22, 1.0, 500
"""Screens of the film, time between two of them, and how long each is shown."""
FILM_WIDTH, FILM_COLORS = 840, 48


@contextlib.contextmanager
def begun() -> Iterator[Any]:
    """A terminal in which the lesson has just begun."""
    with tempfile.TemporaryDirectory() as folder:
        terminal = Terminal("spiral", env={"DLTUI_HOME": folder, "COLORTERM": "truecolor"}, size=(36, 120))
        try:
            terminal.until(lambda: "steps/s" in terminal.text())
            terminal.press("\x1b")  # the tour of a first run
            yield terminal
            terminal.press("\x11")
            terminal.until(terminal.ended)
        finally:
            terminal.close()
            end_all(folder)


def watch(terminal: Any, seconds: float) -> None:
    """Let the program draw for a while."""
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        terminal.read()


def make_picture() -> None:
    """Write the dashboard in the middle of a run with two changes."""
    with begun() as terminal:
        for seconds, keys in KEYS:
            watch(terminal, seconds)
            terminal.press(keys)
        terminal.text()
        picture(terminal.screen_copy(), PICTURE)


def make_film() -> None:
    """Write what a terminal shows of the lesson, from its first step on."""
    from PIL import Image

    screens = []
    with begun() as terminal:
        for _ in range(N_SCREENS):
            watch(terminal, EVERY_S)
            terminal.text()
            screens.append(terminal.screen_copy())
    with tempfile.TemporaryDirectory() as folder:
        frames = [image.convert("RGB") for image in pages(screens, Path(folder))]
    height = round(frames[0].height * FILM_WIDTH / frames[0].width)
    small = [frame.resize((FILM_WIDTH, height), Image.Resampling.LANCZOS) for frame in frames]
    palette = small[-1].quantize(FILM_COLORS)
    first, *rest = [frame.quantize(palette=palette, dither=Image.Dither.NONE) for frame in small]
    ends = [SHOWN_MS] * (len(small) - 1) + [4 * SHOWN_MS]
    first.save(FILM, save_all=True, append_images=rest, duration=ends, loop=0, optimize=True)


def main() -> None:
    """Write what is asked for, or all of it."""
    wanted = sys.argv[1:] or ["picture", "film"]
    if "picture" in wanted:
        make_picture()
    if "film" in wanted:
        make_film()


if __name__ == "__main__":
    main()
