"""A run on another process's screen: the whole of it, quickly, and whatever the viewer does costs the run nothing."""

from __future__ import annotations

import socket
import statistics
import threading
import time
from dataclasses import replace

import pytest
from patience import LIMIT_S, shared, until

from dltui.core.commands import Apply, Close, Pause
from dltui.core.errors import ConfigError
from dltui.core.remote import client as attach
from dltui.core.remote.channel import connect
from dltui.core.remote.client import RemoteSession, Server
from dltui.core.remote.wire import Hello

from .test_wire import make_snapshot, same


class FakeSession:
    """A session that only holds what it is given."""

    def __init__(self):
        self.snapshot = make_snapshot()
        self.commands = []
        self.failure = ""
        self.got = threading.Condition()

    def start(self):
        """It has begun."""

    def close(self, timeout=0.0):
        return True

    def latest(self):
        return self.snapshot

    def send(self, command):
        with self.got:
            self.commands.append(command)
            self.got.notify_all()

    def until(self, n):
        with self.got:
            assert self.got.wait_for(lambda: len(self.commands) >= n, LIMIT_S)


@pytest.fixture
def served(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    environ = {"XDG_RUNTIME_DIR": "/proc/self/cwd"}
    run = tmp_path / "20260101-000000-abcd"
    run.mkdir()
    session = FakeSession()
    server = Server(session, str(run), environ)
    yield session, server, str(run), environ
    server.close()


def attached(served, **kwargs):
    _, _, run, environ = served
    remote = RemoteSession(run, environ=environ, **kwargs)
    remote.start()
    return remote


def test_a_viewer_hears_that_the_run_has_failed(served):
    session, _, _, _ = served
    remote = attached(served)
    remote.wait(lambda _: True, LIMIT_S)
    session.failure = "the run was ended by an error in dltui (ValueError: no bins)"
    until(lambda: remote.failure)
    assert remote.failure == session.failure
    with pytest.raises(ConfigError, match="no bins"):
        remote.wait(lambda s: s.step == 99, LIMIT_S)
    assert remote.close()


def test_attach_command_and_leave(served):
    session, server, _, _ = served
    remote = attached(served)
    assert same(remote.wait(lambda _: True, LIMIT_S), session.snapshot)
    first = remote.latest()
    assert remote.latest() is first
    session.snapshot = replace(session.snapshot, step=99)
    assert remote.wait(lambda s: s.step == 99, LIMIT_S) is remote.latest()
    remote.send(Apply({"optimizer.learning_rate": 0.5}))
    remote.send(Pause())
    session.until(2)
    assert session.commands == [Apply({"optimizer.learning_rate": 0.5}), Pause()]
    assert remote.close()
    assert remote.failure == ""
    until(lambda: server.n_viewers == 0)
    assert session.commands[2:] == []  # leaving is not ending
    again = attached(served)
    again.wait(lambda s: s.step == 99, LIMIT_S)
    again.send(Close())
    session.until(3)
    again.close()


def test_watching_commands_nothing(served):
    session, _, run, environ = served
    remote = attached(served, watch=True)
    remote.wait(lambda _: True, LIMIT_S)
    remote.send(Pause())
    remote.close()
    # Nor does one that claims to watch and sends all the same.
    raw = connect(run, environ)
    raw.send(Hello(1, "", "", watch=True))
    raw.send(Pause())
    other = attached(served)
    other.send(Close())
    session.until(1)
    raw.receive(5.0)
    assert session.commands == [Close()]
    raw.close()
    other.close()


def test_attaching_is_quick(served):
    times = []
    for _ in range(20):
        begin = time.perf_counter()
        remote = attached(served)
        remote.wait(lambda _: True, LIMIT_S)
        times.append(time.perf_counter() - begin)
        remote.close()
    print(f"\nattached in {statistics.median(times) * 1e3:.1f} ms (median), {max(times) * 1e3:.1f} ms (longest)")
    assert statistics.median(times) < shared(0.5)


def test_the_end_of_a_run_is_shown(served):
    session, server, _, _ = served
    remote = attached(served)
    remote.wait(lambda _: True, LIMIT_S)
    session.snapshot = replace(session.snapshot, status="closed")
    server.close()
    assert remote.wait(lambda s: s.status == "closed", LIMIT_S)
    until(lambda: remote.failure)
    assert "ended" in remote.failure
    remote.send(Pause())
    remote.close()


def test_bad_viewers_are_let_go(served, monkeypatch):
    session, server, run, environ = served
    monkeypatch.setattr(attach, "_STALLED_S", 0.2)
    session.snapshot = make_snapshot(40_000)
    stalled = connect(run, environ)
    stalled.send(Hello(1, "", ""))
    nonsense = socket.socket(socket.AF_UNIX)
    nonsense.connect(server._listener.path)
    nonsense.sendall(b"\x00" * 100)
    rude = connect(run, environ)
    rude.send(Pause())  # without a hello
    good = attached(served)
    good.wait(lambda _: True, LIMIT_S)
    until(lambda: server.n_viewers == 1)
    assert session.commands == []
    for channel in (stalled, nonsense, rude, good):
        channel.close()


def test_a_crowd_is_refused(served, monkeypatch):
    monkeypatch.setattr(attach, "MAX_VIEWERS", 2)
    viewers = [attached(served) for _ in range(2)]
    for viewer in viewers:
        viewer.wait(lambda _: True, LIMIT_S)
    third = attached(served)
    with pytest.raises(ConfigError, match="as many viewers"):
        third.wait(lambda _: True, LIMIT_S)
    for viewer in (*viewers, third):
        viewer.close()
