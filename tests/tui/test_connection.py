"""The app's end of a session: opened in a thread of its own, sent to before it is there, begun anew after a failure."""

from __future__ import annotations

import threading
from typing import Any

import pytest
from fakes import FakeSession
from patience import until

from dltui.core.commands import Load, Pause, Run, SetSpeed
from dltui.core.errors import ConfigError
from dltui.tui.connection import Connection


class Held:
    """Opens sessions when it is let."""

    def __init__(self) -> None:
        self.gate = threading.Event()
        self.opened: list[FakeSession] = []
        self.threads: list[threading.Thread] = []

    def __call__(self, source: Any) -> FakeSession:
        self.threads.append(threading.current_thread())
        self.gate.wait()
        if source == "wrong":
            raise ConfigError("is wrong", file="wrong.toml")
        self.opened.append(FakeSession(source))
        return self.opened[-1]


@pytest.fixture
def held() -> Any:
    made = Held()
    yield made
    made.gate.set()


def test_what_is_sent_before_the_session_is_there_waits_for_it(held: Held) -> None:
    connection = Connection(held)
    assert connection.waited_s() is None
    connection.begin("spiral")
    connection.send(Pause())
    assert connection.session is None and connection.latest() is None
    waited = connection.waited_s()
    assert waited is not None and waited >= 0
    held.gate.set()
    until(lambda: connection.session)
    assert held.threads[0] is not threading.main_thread()
    assert connection.session is held.opened[0] and held.opened[0].started
    assert held.opened[0].commands == [SetSpeed(pace=1.0), Run(), Pause()]
    assert connection.waited_s() is None and connection.latest() is not None
    connection.send(Pause())
    assert held.opened[0].commands[-1] == Pause()


def test_another_source_takes_the_place_of_what_is_trained(held: Held) -> None:
    held.gate.set()
    connection = Connection(held)
    connection.begin("spiral")
    until(lambda: connection.session)
    connection.begin("xor")
    assert len(held.opened) == 1 and held.opened[0].commands[-3:] == [SetSpeed(pace=1.0), Load("xor"), Run()]
    connection.begin("digits", run=False)
    assert held.opened[0].commands[-1] == Load("digits")


def test_looking_trains_nothing(held: Held) -> None:
    held.gate.set()
    connection = Connection(held)
    connection.begin("spiral", run=False)
    until(lambda: connection.session)
    assert held.opened[0].commands == []


def test_a_failure_is_told_once_and_another_session_can_be_begun(held: Held) -> None:
    held.gate.set()
    connection = Connection(held)
    connection.begin("wrong")
    until(lambda: connection._failure)
    assert connection.take_failure() == "wrong.toml: is wrong" and connection.take_failure() == ""
    connection.begin("spiral")
    until(lambda: connection.session)
    assert held.opened[0].commands[-1] == Run(), "nothing of the failed one is left"
    held.opened[0].failure = "the run was ended by an error"
    assert connection.take_failure() == "the run was ended by an error"
    assert connection.session is None and connection.take_failure() == ""


def test_a_session_that_cannot_outlive_the_terminal_says_so(held: Held) -> None:
    connection = Connection(held)
    assert connection.keep_on() == "nothing is being trained here" and connection.take_notice() == ""
    connection.close(1.0)
    held.gate.set()
    connection.begin("spiral")
    until(lambda: connection.session)
    assert connection.keep_on() != ""
    connection.close(1.0, by="SIGTERM")
    assert held.opened[0].closed


class LastingSession(FakeSession):
    """A session that can go on without a terminal."""

    run, notice = "run-1", "Your last run was ended."

    def __init__(self, source: Any) -> None:
        super().__init__(source)
        self.noted: list[str] = []

    def keep_on(self) -> str:
        return ""

    def work_until_end(self) -> None:
        pass

    def stop(self) -> None:
        pass

    def note_interrupted(self, by: str) -> None:
        self.noted.append(by)


def test_one_that_can_says_its_notice_once_and_is_told_who_ends_it() -> None:
    connection = Connection(LastingSession)
    connection.begin("spiral")
    until(lambda: connection.session)
    session: Any = connection.session
    assert connection.take_notice() == "Your last run was ended." and connection.take_notice() == ""
    assert connection.keep_on() == ""
    connection.close(1.0)
    assert session.closed and session.noted == []
    connection.close(1.0, by="SIGTERM")
    assert session.noted == ["SIGTERM"]
