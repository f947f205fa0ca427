"""Writing never holds up the one who asks, and starts again by itself."""

from __future__ import annotations

import errno
import threading
import time

import pytest
from patience import LIMIT_S, shared, until

from dltui.core.errors import ConfigError
from dltui.core.store import saver as module
from dltui.core.store.saver import Saver


@pytest.fixture
def saver():
    saver = Saver()
    yield saver
    saver.close()


def test_the_newest_wins_and_asking_never_waits(saver):
    gate, started, done = threading.Event(), threading.Event(), []

    def slow():
        started.set()
        gate.wait(LIMIT_S)

    saver.put("checkpoint", slow)
    assert started.wait(LIMIT_S)
    begin = time.perf_counter()
    for i in range(10_000):
        saver.put("checkpoint", lambda i=i: done.append(i))
    assert time.perf_counter() - begin < shared(1.0)
    gate.set()
    assert saver.drain(LIMIT_S)
    assert done == [9_999]


def test_a_full_disk_is_said_and_got_over(saver, monkeypatch):
    monkeypatch.setattr(module, "_FIRST_RETRY_S", 0.02)
    full, done = [True], []

    def job():
        if full:
            raise OSError(errno.ENOSPC, "No space left on device")
        done.append(1)

    begin = time.monotonic()
    saver.put("checkpoint", job, "/tmp/run", 8_000_000)
    until(lambda: saver.problem)
    assert time.monotonic() - begin < shared(2.0)
    assert saver.problem.startswith("checkpoint not saved: /tmp/run: No space left on device (needs 8.0 MB, ")
    assert not saver.drain(5)
    full.clear()
    until(lambda: done)
    until(lambda: not saver.problem)


def test_a_hanging_disk_is_said(saver, monkeypatch):
    monkeypatch.setattr(module, "STALLED_S", 0.05)
    gate = threading.Event()
    saver.put("status", lambda: gate.wait(LIMIT_S) and None, "/mnt/nfs")
    until(lambda: "writing to /mnt/nfs takes" in saver.problem)
    assert not saver.drain(0.05)
    gate.set()
    assert saver.drain(LIMIT_S)
    assert saver.problem == ""


@pytest.mark.parametrize("error", [ConfigError("is too large"), RuntimeError("odd"), MemoryError()])
def test_no_job_ends_the_thread(saver, error):
    done = []

    def job():
        raise error

    saver.put("checkpoint", job, "x")
    until(lambda: saver.problem)
    saver.put("status", lambda: done.append(1))
    until(lambda: done)
    saver.put("checkpoint", lambda: done.append(2))
    until(lambda: len(done) == 2)
    until(lambda: not saver.problem)


def test_one_kind_failing_does_not_hold_up_another(saver):
    def job():
        raise OSError(errno.EIO, "Input/output error")

    done = []
    saver.put("checkpoint", job, "x")
    until(lambda: saver.problem)
    saver.put("metrics", lambda: done.append(1))
    until(lambda: done)


def test_close_tries_once_more_and_is_quick():
    saver = Saver()
    tries = []

    def job():
        tries.append(1)
        raise OSError(errno.EIO, "Input/output error")

    saver.put("checkpoint", job, "x")
    until(lambda: saver.problem)
    begin = time.monotonic()
    assert not saver.close(2.0)
    assert time.monotonic() - begin < shared(1.0)
    assert len(tries) == 2


def test_close_saves_what_waits():
    saver, done = Saver(), []
    saver.put("checkpoint", lambda: done.append(1))
    assert saver.close(5.0)
    assert done == [1]
