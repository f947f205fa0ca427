"""Whatever a viewer does costs the run nothing: one that stalls, talks nonsense or comes in a crowd is let go."""

from __future__ import annotations

import socket
from dataclasses import replace

import pytest
from patience import LIMIT_S, until

from dltui.core.commands import Pause
from dltui.core.errors import ConfigError
from dltui.core.remote import server as module
from dltui.core.remote.channel import connect
from dltui.core.remote.wire import Hello

from .conftest import attached
from .test_wire import make_snapshot


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
    monkeypatch.setattr(module, "_STALLED_S", 0.2)
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
    monkeypatch.setattr(module, "MAX_VIEWERS", 2)
    viewers = [attached(served) for _ in range(2)]
    for viewer in viewers:
        viewer.wait(lambda _: True, LIMIT_S)
    third = attached(served)
    with pytest.raises(ConfigError, match="as many viewers"):
        third.wait(lambda _: True, LIMIT_S)
    for viewer in (*viewers, third):
        viewer.close()
