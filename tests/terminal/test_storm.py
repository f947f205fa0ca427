"""A storm of keys, mouse, pastes and resizes in a real terminal: nothing breaks, nothing changes that was not changed,
and it ends at once.
"""

from __future__ import annotations

import fcntl
import os
import random
import struct
import termios
import time
from collections.abc import Callable, Sequence
from contextlib import suppress

import pytest
from patience import LIMIT_S
from pty_terminal import Terminal, end_all, live

from dltui.core import Trainer, load_preset
from dltui.core.run.verify import verify
from dltui.core.store.folder import RunDir
from dltui.core.store.runs import run_names
from dltui.tui.keys import KEYS

NAMED = {
    "space": " ",
    "enter": "\r",
    "escape": "\x1b",
    "tab": "\t",
    "shift+tab": "\x1b[Z",
    "left": "\x1b[D",
    "right": "\x1b[C",
    "up": "\x1b[A",
    "down": "\x1b[B",
    "shift+left": "\x1b[1;2D",
    "shift+right": "\x1b[1;2C",
    "home": "\x1b[H",
    "f1": "\x1bOP",
    "f2": "\x1bOQ",
    "f3": "\x1bOR",
    "f4": "\x1bOS",
    "slash": "/",
    "comma": ",",
    "full_stop": ".",
    "plus": "+",
    "minus": "-",
    "equals_sign": "=",
    "question_mark": "?",
    "less_than_sign": "<",
    "greater_than_sign": ">",
    "left_square_bracket": "[",
    "right_square_bracket": "]",
}
"""Keys with names of their own, as a terminal sends them."""
FUNCTION_KEYS = {"f5": 15, "f6": 17, "f7": 18, "f8": 19, "f9": 20, "f10": 21, "f11": 23, "f12": 24}
"""Their numbers in what a terminal sends."""
LEAVE = {"quit", "detach", "suspend_process", "command_palette"}
"""Actions that end the storm sooner, or find one that does."""
CHARTS = ("left", "right", "plus", "minus", "shift+left", "shift+right", "home", "comma", "full_stop")
LOOK = [*CHARTS, *"lwLmMAdvh1235678C", "escape", "question_mark", "f1", "g"]
"""Keys that only look, while no control has the focus."""
PASTES = ("", "x", "0.1", "a\nb\tc", "\x1b[31m", "dltui:spirl @x", "é" * 50, "y" * 400)


def sent(name: str) -> str:
    """What a terminal sends for a key; "" for one that most do not send."""
    if name.startswith("ctrl+") and len(name) == 6:
        return chr(ord(name[-1]) & 31)
    if name in FUNCTION_KEYS:
        return f"\x1b[{FUNCTION_KEYS[name]}~"
    return NAMED.get(name, name if len(name) == 1 else "")


def all_keys() -> list[str]:
    names = [key for row in KEYS if row.action not in LEAVE for key in row.keys]
    known = [sent(name) for name in names if sent(name)]
    assert len(known) > 0.9 * len(names)
    return [*known, *"abcxyz0.5", "\x7f"]


def looks() -> list[str]:
    return [sent(name) for name in LOOK]


def resize(screen: Terminal, dice: random.Random) -> None:
    rows, columns = dice.choice([(24, 80), (36, 120), (60, 200), (9, 38), (dice.randint(1, 70), dice.randint(1, 220))])
    fcntl.ioctl(screen.master, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))


def mouse(dice: random.Random, buttons: Sequence[int], wide: int) -> str:
    """Where something is done with the mouse, in the form of a terminal."""
    x, y, button = dice.randint(1, wide), dice.randint(1, 36), dice.choice(buttons)
    up = f"\x1b[<{button};{x};{y}m" if button < 32 else ""
    return f"\x1b[<{button};{x};{y}M{up}"


def storm(screen: Terminal, dice: random.Random, n: int, event: Callable[[], str]) -> None:
    """Send so many events, a few at a time, and take what is written."""
    for _ in range(0, n, 10):
        keys = [event() for _ in range(10)]
        if dice.random() < 0.1:
            resize(screen, dice)
        for one in keys:
            send(screen, one.encode())
        screen.read(0.02)


def send(screen: Terminal, data: bytes) -> None:
    """Write as a terminal does, which goes on reading while it is not read from."""
    os.set_blocking(screen.master, False)
    end = time.monotonic() + LIMIT_S
    while data:
        assert not screen.ended(), screen.seen[-6000:].decode(errors="replace")
        assert time.monotonic() < end, "nothing is read any more"
        with suppress(BlockingIOError):
            data = data[os.write(screen.master, data) :]
        screen.read(0.0)


def leave(screen: Terminal) -> None:
    """Quit, whatever window is open."""
    screen.press("\x1b")
    screen.read(0.2)
    screen.press("\x11")
    pressed = time.monotonic()
    screen.until(screen.ended)
    print(f"\n  ended {time.monotonic() - pressed:.2f} s after Ctrl+Q")
    assert screen.code == 0 and screen.restored()
    at = screen.seen.find(b"Traceback")
    assert at < 0, screen.seen[at : at + 6000].decode(errors="replace")


@pytest.fixture
def home(tmp_path):
    return tmp_path / "home"


@pytest.fixture
def terminal(tmp_path, home, monkeypatch):
    (tmp_path / "here").mkdir()
    monkeypatch.chdir(tmp_path / "here")  # where charts are exported to
    opened = []

    def start(*args, **options):
        opened.append(Terminal(*args, env={"DLTUI_HOME": str(home), "ESCDELAY": "2000"}, **options))
        return opened[-1]

    yield start
    for each in opened:
        each.close()
    end_all(home)


def check_looking(terminal, home, seed: int, n: int, *, cuttable: bool = True) -> None:
    """Look so often; without `cuttable` by keys alone that are one sign: on a busy machine `ESC [ C` is read
    in two parts, of which the second lowers the rate.
    """
    dice, keys = random.Random(seed), [key for key in looks() if cuttable or len(key) == 1]

    def event() -> str:
        draw = dice.random()
        if draw < 0.8:
            return dice.choice(keys)
        if not cuttable:
            return dice.choice(keys)
        if draw < 0.95:
            return mouse(dice, (35, 64, 65), 200)
        return f"\x1b[200~{dice.choice(PASTES)}\x1b[201~"

    screen = terminal("xor")
    screen.shows("training")
    screen.press("1")
    storm(screen, dice, n, event)
    leave(screen)
    (name,) = run_names(str(home / "runs"))
    folder = RunDir(str(home / "runs" / name), write=False)
    changed = [(record.step, record.kind, record.intent) for record in folder.records if record.kind != "end"]
    assert changed == []
    verdict = verify(folder, Trainer)
    assert verdict.problems == ()
    twin = Trainer(load_preset("xor"))
    twin.advance(folder.last_shown()[1])
    assert twin.digest() == verdict.digest


def check_everything(terminal, home, seed: int, n: int) -> None:
    dice, keys = random.Random(seed), all_keys()

    def event() -> str:
        draw = dice.random()
        if draw < 0.75:
            return dice.choice(keys)
        if draw < 0.95:
            return mouse(dice, (0, 0, 1, 2, 32, 35, 64, 65), 200)
        return f"\x1b[200~{dice.choice(PASTES)}\x1b[201~"

    screen = terminal("xor")
    screen.shows("training")
    storm(screen, dice, n, event)
    leave(screen)
    assert not live(home)


def test_looking_changes_nothing(terminal, home):
    check_looking(terminal, home, 1, 400)


def test_a_storm_of_everything_breaks_nothing(terminal, home):
    check_everything(terminal, home, 2, 500)


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(10, 13))
def test_a_long_look_changes_nothing(terminal, home, seed):
    check_looking(terminal, home, seed, 10_000, cuttable=False)


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(20, 23))
def test_a_long_storm_of_everything_breaks_nothing(terminal, home, seed):
    check_everything(terminal, home, seed, 10_000)
