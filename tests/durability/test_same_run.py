"""Whatever happens to its terminal, a run is what its journal says: replayed without a screen it comes out the same."""

import fcntl
import os
import random
import struct
import termios
import threading
from pathlib import Path

import pytest
from nets import CLASSES, IMAGES, VALUES, config
from pty_terminal import Terminal, end_all, live, wait_for
from switches import drive

from dltui.core import Trainer
from dltui.core import commands as ask
from dltui.core.config.presets import save_preset
from dltui.core.remote.client import RemoteSession
from dltui.core.run.verify import verify
from dltui.core.store.folder import RunDir

SURROUNDINGS = ("a dashboard", "a storm of sizes", "a terminal that is not read", "lost and attached again")
BASES = (CLASSES, VALUES, IMAGES)


class Tender:
    """Reads a terminal beside the test, and with `sizes` changes its size all the time."""

    def __init__(self, screen, rng=None):
        self._screen, self._rng = screen, rng
        self._over = threading.Event()
        self.n_sizes = 0
        self._thread = threading.Thread(target=self._work)
        self._thread.start()

    def _work(self):
        while not self._over.is_set():
            self._screen.read(0.02)
            if self._rng is not None:
                size = self._rng.randint(1, 70), self._rng.randint(1, 220)
                fcntl.ioctl(self._screen.master, termios.TIOCSWINSZ, struct.pack("HHHH", *size, 0, 0))
                self.n_sizes += 1

    def end(self):
        self._over.set()
        self._thread.join()


def session_in(surroundings, seed, n_switches, folder):
    """A session driven while this happens to its terminal: (decisions, states compared, changes of size)."""
    rng, home, n_sizes = random.Random(seed), folder / "home", 0
    preset = folder / "preset.toml"
    save_preset(config(BASES[seed % len(BASES)]), str(preset))
    environment = {"DLTUI_HOME": str(home)}
    screens = [Terminal(str(preset), env=environment)]
    tender = None
    try:
        screens[0].shows("training", 120.0)
        assert wait_for(lambda: bool(live(home)))
        ((run, _),) = live(home).items()
        path = str(home / "runs" / run)
        remote = RemoteSession(path)
        remote.start()
        if surroundings != "a terminal that is not read":
            tender = Tender(screens[0], rng if surroundings == "a storm of sizes" else None)
        half = n_switches // 2
        drive(remote, rng, half)
        if surroundings == "lost and attached again":
            tender.end()
            screens[0].vanish()
            screens[0].until(screens[0].ended)
        drive(remote, rng, half - half // 2)
        if surroundings == "lost and attached again":
            screens.append(Terminal("attach", run, env=environment))
            screens[1].shows("Loss")
            tender = Tender(screens[1])
        drive(remote, rng, n_switches - half - (half - half // 2))
        last = remote.latest().run
        remote.send(ask.Close())
        assert wait_for(lambda: not live(home))
        n_sizes = tender.n_sizes if tender is not None else 0
        remote.close()
    finally:
        if tender is not None:
            tender.end()
        for screen in screens:
            screen.close()
        end_all(home)
    assert last == run  # a change of the seed is a new beginning of the same run
    opened = RunDir(path, write=False)
    verdict = verify(opened, Trainer)
    assert verdict.problems == () and verdict.n_states > 0
    return len(opened.records), verdict.n_states, n_sizes


def sessions(seeds, n_switches, folder, capsys):
    found = []
    for seed in seeds:
        place = Path(folder) / str(seed)
        os.mkdir(place)
        found.append(session_in(SURROUNDINGS[seed % len(SURROUNDINGS)], seed, n_switches, place))
    n_decisions, n_states, n_sizes = (sum(figures) for figures in zip(*found, strict=True))
    with capsys.disabled():
        print(f"\n  {len(seeds)} sessions ({', '.join(SURROUNDINGS)}; {n_sizes} changes of size):")
        print(f"  {n_decisions} decisions, {n_states} states: 0 digests differ")
    assert n_decisions > len(seeds) * n_switches / 2


def test_sessions_are_the_same_with_and_without_a_screen(tmp_path, capsys):
    sessions(range(4), 16, tmp_path, capsys)


@pytest.mark.slow
def test_many_sessions_are_the_same_with_and_without_a_screen(tmp_path, capsys):
    sessions(range(20), 200, tmp_path, capsys)
