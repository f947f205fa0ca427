"""A run on another process's screen: the whole of it, quickly, and leaving it costs the run nothing."""

from __future__ import annotations

import statistics
import time
from dataclasses import replace

import pytest
from patience import LIMIT_S, shared, until

from dltui.core.commands import Apply, Close, Pause
from dltui.core.errors import ConfigError
from dltui.core.remote.channel import connect
from dltui.core.remote.wire import Hello

from .conftest import attached
from .test_wire import same


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
