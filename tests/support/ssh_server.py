"""An SSH server of our own on this machine, and a slow wire in front of it."""

import contextlib
import os
import selectors
import shutil
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

from patience import wait_for

SSHD = shutil.which("sshd", path="/usr/sbin:/usr/bin:/sbin") or ""
MISSING = "" if SSHD and shutil.which("ssh") else "there is no SSH server here"
"""Why there can be no server; "" where there can."""
PIECE_S = 0.01
"""The slow wire carries what it may carry in so much time, then waits."""


@contextlib.contextmanager
def ssh_server(folder: Path) -> Iterator[int]:
    """A server that listens to this machine only and knows one key only; its port."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    for name in ("host", "user"):
        subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", str(folder / name)], check=True)
    (folder / "keys").write_text((folder / "user.pub").read_text())
    (folder / "keys").chmod(0o600)
    (folder / "sshd_config").write_text(
        f"Port {port}\nListenAddress 127.0.0.1\nHostKey {folder}/host\nPidFile {folder}/pid\n"
        f"AuthorizedKeysFile {folder}/keys\nPasswordAuthentication no\nKbdInteractiveAuthentication no\n"
        "UsePAM no\nStrictModes no\nPermitRootLogin yes\nPrintMotd no\nPrintLastLog no\n"
    )
    cage = Path("/run/sshd")  # a server that runs as root wants it
    made = os.geteuid() == 0 and not cage.exists()
    if made:
        cage.mkdir(mode=0o755)
    log = (folder / "log").open("wb")
    process = subprocess.Popen([SSHD, "-D", "-e", "-f", str(folder / "sshd_config")], stderr=log)

    def listens() -> bool:
        with socket.socket() as probe:
            return probe.connect_ex(("127.0.0.1", port)) == 0

    try:
        assert wait_for(listens), (folder / "log").read_text()
        yield port
    finally:
        process.terminate()
        process.wait(10)
        log.close()
        if made:
            cage.rmdir()


def ssh_command(port: int, folder: Path, variables: dict[str, str], *args: str, compress: bool = False) -> list[str]:
    """The words that start `dltui` with these arguments behind SSH."""
    program = " ".join(
        [*(f"{name}={value}" for name, value in variables.items()), sys.executable, "-m dltui.tui", *args]
    )
    options = ("StrictHostKeyChecking=no", "UserKnownHostsFile=/dev/null", "LogLevel=ERROR", "IdentitiesOnly=yes")
    command = ["ssh", "-tt", *(["-C"] if compress else []), "-F", "/dev/null", "-i", f"{folder}/user", "-p", str(port)]
    for option in options:
        command += ["-o", option]
    return [*command, "127.0.0.1", program]


class SlowWire:
    """Carries bytes between a port of its own and another one, no faster than a slow link in either direction.

    Args:
        port: Where it leads to.
        bytes_per_s: What it carries.
    """

    def __init__(self, port: int, bytes_per_s: float) -> None:
        self._to = port
        self._rate = bytes_per_s
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._listener.getsockname()[1]
        """Where it begins."""
        self.carried = 0
        """Bytes brought to whoever called, so far."""
        self._ended = threading.Event()
        threading.Thread(target=self._accept, daemon=True).start()

    def close(self) -> None:
        """Cut the wire."""
        self._ended.set()
        self._listener.close()

    def _accept(self) -> None:
        while not self._ended.is_set():
            try:
                near, _ = self._listener.accept()
            except OSError:
                return
            far = socket.socket()
            # What waits in the wire itself is little: what the link cannot take waits at the sender.
            far.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
            far.connect(("127.0.0.1", self._to))
            for one in (near, far):
                one.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            threading.Thread(target=self._carry, args=(far, near, True), daemon=True).start()
            threading.Thread(target=self._carry, args=(near, far, False), daemon=True).start()

    def _carry(self, source: socket.socket, target: socket.socket, counted: bool) -> None:
        free_at = time.monotonic()
        with selectors.DefaultSelector() as ready, contextlib.suppress(OSError):
            ready.register(source, selectors.EVENT_READ)
            while not self._ended.is_set():
                if not ready.select(0.2):
                    continue
                data = source.recv(max(int(self._rate * PIECE_S), 1))
                if not data:
                    break
                # A byte arrives when the wire has carried all before it.
                free_at = max(free_at, time.monotonic()) + len(data) / self._rate
                time.sleep(max(free_at - time.monotonic(), 0.0))
                target.sendall(data)
                self.carried += len(data) if counted else 0
        for one in (source, target):
            with contextlib.suppress(OSError):
                one.shutdown(socket.SHUT_RDWR)
