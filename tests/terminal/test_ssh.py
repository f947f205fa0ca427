"""The connection is lost, through a real SSH server on this machine: no step is, and nothing spins."""

import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

import pytest
from patience import LIMIT_S, shared, wait_for
from pty_terminal import Terminal, end_all, idle_share, live

from dltui.core.remote.client import RemoteSession

SSHD = shutil.which("sshd", path="/usr/sbin:/usr/bin:/sbin") or ""
pytestmark = pytest.mark.skipif(not SSHD or not shutil.which("ssh"), reason="not run: there is no SSH server here")


@pytest.fixture
def server(tmp_path):
    """An SSH server of our own: this machine only, our key only."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    for name in ("host", "user"):
        subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", str(tmp_path / name)], check=True)
    (tmp_path / "keys").write_text((tmp_path / "user.pub").read_text())
    (tmp_path / "keys").chmod(0o600)
    (tmp_path / "sshd_config").write_text(
        f"Port {port}\nListenAddress 127.0.0.1\nHostKey {tmp_path}/host\nPidFile {tmp_path}/pid\n"
        f"AuthorizedKeysFile {tmp_path}/keys\nPasswordAuthentication no\nKbdInteractiveAuthentication no\n"
        "UsePAM no\nStrictModes no\nPermitRootLogin yes\nPrintMotd no\nPrintLastLog no\n"
    )
    cage = Path("/run/sshd")  # a server that runs as root wants it
    made = os.geteuid() == 0 and not cage.exists()
    if made:
        cage.mkdir(mode=0o755)
    log = (tmp_path / "log").open("wb")
    process = subprocess.Popen([SSHD, "-D", "-e", "-f", str(tmp_path / "sshd_config")], stderr=log)

    def listens():
        with socket.socket() as probe:
            return probe.connect_ex(("127.0.0.1", port)) == 0

    assert wait_for(listens), (tmp_path / "log").read_text()
    yield port
    process.terminate()
    process.wait(10)
    log.close()
    if made:
        cage.rmdir()


def connect(server, folder, home, *args):
    """A terminal whose program runs behind SSH."""
    variables = {"DLTUI_HOME": home, "DLTUI_CACHE": os.environ["DLTUI_CACHE"], "LC_ALL": "C.UTF-8"}
    program = " ".join(
        [*(f"{name}={value}" for name, value in variables.items()), sys.executable, "-m dltui.tui", *args]
    )
    options = ("StrictHostKeyChecking=no", "UserKnownHostsFile=/dev/null", "LogLevel=ERROR", "IdentitiesOnly=yes")
    command = ["ssh", "-tt", "-F", "/dev/null", "-i", f"{folder}/user", "-p", str(server)]
    for option in options:
        command += ["-o", option]
    return Terminal(env={}, command=[*command, "127.0.0.1", program])


def drop(server, folder, home, number):
    """One lost connection: step found, share of a core wasted, seconds to attach, whether the history is whole."""
    screen = connect(server, folder, home, "xor")
    try:
        screen.shows("training")
        screen.press("f")
        screen.until(lambda: "1×" not in screen.text())
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
