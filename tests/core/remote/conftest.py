"""A session that is served, and terminals that attach to it."""

from __future__ import annotations

import threading

import pytest
from patience import LIMIT_S

from dltui.core.remote.client import RemoteSession
from dltui.core.remote.server import Server

from .test_wire import make_snapshot


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
