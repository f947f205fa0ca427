"""A run is reached through a socket of the same user only, and a viewer holds up nobody."""

from __future__ import annotations

import os
import socket
import stat
import subprocess
import sys
import threading
import time

import pytest
from patience import shared

from dltui.core.errors import ConfigError
from dltui.core.remote import channel as wire_socket
from dltui.core.remote.channel import Listener, connect

from .test_wire import MESSAGES, make_snapshot, same


@pytest.fixture
def short_runtime(tmp_path, monkeypatch):
    """The path of a socket holds 107 bytes, less than some temporary folders have."""
    monkeypatch.chdir(tmp_path)
    return {"XDG_RUNTIME_DIR": "/proc/self/cwd"}


@pytest.fixture
def served(tmp_path, short_runtime):
    environ = short_runtime
    run = tmp_path / "20260101-000000-abcd"
    run.mkdir()
    listener = Listener(str(run), environ)
    yield str(run), environ, listener
    listener.close()
    assert not os.path.exists(listener.path)


def pair(served):
    run, environ, listener = served
    client = connect(run, environ)
    server = listener.accept(5.0)
    assert server is not None
    return client, server


def test_socket(served):
    run, environ, listener = served
    assert stat.S_IMODE(os.lstat(listener.path).st_mode) == 0o600
    assert stat.S_IMODE(os.lstat(os.path.dirname(listener.path)).st_mode) == 0o700
    assert listener.accept() is None
    client, server = pair(served)
    snapshot = make_snapshot(60_000)
    sender = threading.Thread(target=server.send, args=(snapshot,))
    sender.start()
    assert same(client.receive(5.0), snapshot)
    sender.join()
    for message in MESSAGES:
        client.send(message)
    assert all(same(server.receive(5.0), message) for message in MESSAGES)
    assert server.receive(0.01) is None
    client.close()
    with pytest.raises(OSError, match="gone"):
        server.receive(5.0)
    server.close()
    # A new server takes the place of a dead one's socket.
    again = Listener(run, environ)
    connect(run, environ).close()
    again.close()


def test_a_viewer_who_does_not_read(served):
    client, server = pair(served)
    begin = time.monotonic()
    with pytest.raises(TimeoutError):
        for _ in range(100):
            server.send(make_snapshot(20_000), timeout=0.1)
    assert time.monotonic() - begin < shared(5.0)
    server.close()
    client.close()


def test_nonsense_from_a_viewer(served):
    _, _, listener = served
    raw = socket.socket(socket.AF_UNIX)
    raw.connect(listener.path)
    server = listener.accept(5.0)
    raw.sendall(b"GET / HTTP/1.1\r\n\r\n")
    with pytest.raises(ConfigError):
        server.receive(5.0)
    server.close()
    raw.close()


def test_nobody_serves(tmp_path, short_runtime):
    with pytest.raises(ConfigError, match="is not running"):
        connect(str(tmp_path), short_runtime)


def test_a_folder_that_is_not_ours_alone(tmp_path, short_runtime):
    folder = tmp_path / "dltui"
    folder.mkdir(mode=0o700)
    assert wire_socket.socket_path("x", short_runtime).startswith("/proc/self/cwd/dltui/x-")
    folder.chmod(0o755)
    with pytest.raises(ConfigError, match="alone"):
        wire_socket.socket_path("x", short_runtime)
    folder.rmdir()
    folder.symlink_to(tmp_path)
    with pytest.raises(ConfigError, match="alone"):
        wire_socket.socket_path("x", short_runtime)


def test_another_user_is_refused(served, tmp_path):
    _, _, listener = served
    if os.geteuid() != 0:
        pytest.skip("not run: a connection of another user, which takes root to make")
    for path, mode in ((tmp_path, 0o755), (tmp_path / "dltui", 0o755), (listener.path, 0o666)):
        os.chmod(path, mode)
    code = """
import os, socket, sys
os.setuid(65534)
s = socket.socket(socket.AF_UNIX)
s.connect(sys.argv[1])
print(s.recv(9))
"""
    path = os.path.join("dltui", os.path.basename(listener.path))
    with subprocess.Popen([sys.executable, "-c", code, path], stdout=subprocess.PIPE) as child:
        assert listener.accept(20.0) is None
        out, _ = child.communicate(timeout=20)
    assert out.strip() == b"b''"
