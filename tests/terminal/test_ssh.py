"""The connection is lost, through a real SSH server on this machine: no step is, and nothing spins."""

import os
import signal
import time
from pathlib import Path

import pytest
from patience import LIMIT_S, shared, wait_for
from pty_terminal import Terminal, end_all, idle_share, live
from ssh_server import MISSING, ssh_command, ssh_server

from dltui.core.remote.client import RemoteSession

pytestmark = pytest.mark.skipif(bool(MISSING), reason=f"not run: {MISSING}")


@pytest.fixture
def server(tmp_path):
    """The port of an SSH server of our own."""
    with ssh_server(tmp_path) as port:
        yield port


def connect(server, folder, home, *args):
    """A terminal whose program runs behind SSH."""
    passed_on = {name: os.environ[name] for name in ("DLTUI_CACHE", "DLTUI_TOUR")}
    variables = {"DLTUI_HOME": home, "LC_ALL": "C.UTF-8", **passed_on}
    return Terminal(env={}, command=ssh_command(server, folder, variables, *args))


def drop(server, folder, home, number):
    """One lost connection: step found, share of a core wasted, seconds to attach, whether the history is whole."""
    screen = connect(server, folder, home, "xor")
    try:
        screen.shows("training")
        screen.go_to_full_speed()
        ((run, pid),) = live(home).items()
        # The connection dies in turn at each of its ends.
        if number % 2:
            os.kill(screen.pid, signal.SIGKILL)
        else:
            screen.vanish()
        screen.until(screen.ended)
        assert wait_for(lambda: os.getsid(pid) == pid)
    except BaseException:
        end_all(home)
        raise
    finally:
        screen.close()
    path = str(Path(home) / "runs" / run)
    share = idle_share(pid, 2.0)
    begun = time.monotonic()
    remote = RemoteSession(path)
    remote.start()
    first = remote.wait(lambda s: s.status == "training", LIMIT_S)
    took = time.monotonic() - begun
    later = remote.wait(lambda s: s.step > first.step, LIMIT_S)
    curve = later.curves["train_loss"]
    whole = int(curve.steps[0]) <= 1 and live(home) == {run: pid}
    remote.close()
    end_all(home)
    return first.step, share, took, whole


def drops(server, folder, n_times):
    figures = []
    for number in range(n_times):
        home = folder / f"h{number}"
        home.mkdir()
        figures.append(drop(server, folder, str(home), number))
    steps, shares, times, whole = zip(*figures, strict=True)
    print(f"\n{n_times} connections lost: {sum(whole)} runs went on with all of their history")
    print(f"threads that do not train took at most {max(shares):.1%} of a core")
    print(f"attaching took at most {max(times) * 1000:.0f} ms")
    assert all(whole) and min(steps) > 0 and max(shares) < 0.1 and max(times) < shared(0.5)


def test_lost_connections(server, tmp_path):
    drops(server, tmp_path, 2)


@pytest.mark.slow
def test_a_hundred_lost_connections(server, tmp_path):
    drops(server, tmp_path, 100)
