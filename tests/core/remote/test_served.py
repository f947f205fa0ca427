"""How long a process goes on without a terminal, how many may, and what the next start says of one that ended."""

import os
import shutil
from types import SimpleNamespace
from typing import Any

import pytest

from dltui.core.commands import Pause
from dltui.core.config import Config
from dltui.core.disk.home import Home
from dltui.core.remote.served import N_DETACHED, PAUSED_S, UNSEEN_S, ServedSession


class FakeSession:
    failure, alive = "", True

    def latest(self):
        return None

    def close(self, timeout):
        self.alive = False
        return True


def served_session(session: Any, home: Home) -> ServedSession:
    return ServedSession(session, home)


def test_forgotten_runs_cannot_pile_up(tmp_path):
    home = Home(str(tmp_path), "")
    held = [served_session(FakeSession(), home) for _ in range(N_DETACHED + 1)]
    assert [served.keep_on() for served in held[:-1]] == [""] * N_DETACHED
    assert "8 runs" in held[-1].keep_on() and "dltui stop" in held[-1].keep_on()
    held[0].close()
    assert held[-1].keep_on() == ""
    for served in held:
        served.close()
    assert "not saved" in served_session(FakeSession(), Home(str(tmp_path), "it is read-only")).keep_on()


def test_a_paused_run_waits_for_somebody_but_not_for_ever(tmp_path):
    class Paused(FakeSession):
        def latest(self):
            class Snapshot:
                run, status, saved = "", "paused", ""

            return Snapshot()

    times = iter([0.0, 1.0, 601.0])
    served = served_session(Paused(), Home(str(tmp_path), ""))
    served.work_until_end(clock=lambda: next(times))
    assert not served.alive


class Endless(FakeSession):
    """Trains, and is paused when asked to."""

    def __init__(self, **training: int) -> None:
        self.config = Config.from_dict({"training": training})
        self.status = "training"
        self.paused_at: list[float] = []
        self.now = 0.0

    def latest(self):
        return SimpleNamespace(run="", status=self.status, saved="", config=self.config)

    def send(self, command):
        assert command == Pause()
        self.paused_at.append(self.now)
        self.status = "paused"

    def clock(self) -> float:
        self.now += 20.0
        if self.now > 2_000.0:
            self.alive = False
        return self.now


@pytest.mark.parametrize(
    ("lost", "training", "pauses"), [(True, {}, True), (False, {}, False), (True, {"max_epochs": 3}, False)]
)
def test_a_run_without_an_end_is_paused_when_its_terminal_is_lost(tmp_path, lost, training, pauses):
    session = Endless(**training)
    served_session(session, Home(str(tmp_path), "")).work_until_end(lost, session.clock)
    assert len(session.paused_at) == pauses and not session.alive
    if pauses:
        assert UNSEEN_S < session.paused_at[0] - 20.0 <= UNSEEN_S + 20.0
        assert session.now < UNSEEN_S + PAUSED_S + 100.0


def test_a_run_that_nobody_can_find_ends(tmp_path):
    home = Home(str(tmp_path / "home"), "")
    os.makedirs(home.runs)
    times = iter([0.0, 1.0, 8.0, 10.0, 12.0])
    served = served_session(FakeSession(), home)
    assert served.keep_on() == ""

    def clock():
        now = next(times)
        if now == 8.0:
            shutil.rmtree(home.path)
        return now

    served.work_until_end(clock=clock)
    assert not served.alive and next(times, None) is None
