"""A sweep over two nodes that share no disk, and a look from outside at what a sweep of one machine opens.

Nodes are network namespaces with a home and a cache of kernels each; on the second the folder with the data is empty.

pytest -m slow -rP tests/durability/test_sweep_nodes.py      as root, on Linux with iproute2
"""

from __future__ import annotations

import os
import shlex
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import pytest
from patience import LIMIT_S, until

SUPPORT = Path(__file__).parents[1] / "support"
ADDRESSES = {"one": "10.77.13.1", "two": "10.77.13.2"}
OVER = ("--over", "optimizer.learning_rate=0.001:0.1:log:5", "--over", "network.activation=smooth_relu,tanh",
        "--seeds", "2", "--steps", "400")  # fmt: skip
SCAN = """
import socket, sys
found = []
for port in range(1, 65536):
    with socket.socket() as probe:
        probe.settimeout(1.0)
        if probe.connect_ex((sys.argv[1], port)) == 0:
            found.append(port)
print(found)
"""

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(os.geteuid() != 0 or not shutil.which("ip"), reason="needs root and the command ip"),
]


@dataclass
class Command:
    """A command that runs."""

    process: subprocess.Popen[str]
    out: Path
    err: Path

    def done(self) -> str:
        """What it said when it has ended well."""
        self.process.wait(LIMIT_S)
        assert self.process.returncode == 0, self.err.read_text()
        return self.out.read_text()


def ip(*words: str) -> None:
    """Change the network."""
    subprocess.run(["ip", *words], check=True, capture_output=True)


@pytest.fixture
def network() -> Iterator[None]:
    """Two namespaces with a wire between them."""
    names = {node: f"dltui-{os.getpid()}-{node}" for node in ADDRESSES}
    for node in ADDRESSES:
        ip("netns", "add", names[node])
    try:
        ip("link", "add", "dltui-w1", "netns", names["one"], "type", "veth",
           "peer", "name", "dltui-w2", "netns", names["two"])  # fmt: skip
        for (node, address), wire in zip(ADDRESSES.items(), ("dltui-w1", "dltui-w2"), strict=True):
            ip("-n", names[node], "addr", "add", f"{address}/24", "dev", wire)
            ip("-n", names[node], "link", "set", wire, "up")
            ip("-n", names[node], "link", "set", "lo", "up")
        yield
    finally:
        for node in ADDRESSES:
            ip("netns", "del", names[node])


@contextmanager
def on(node: str, tmp_path: Path, *command: str, hide: Path | None = None) -> Iterator[Command]:
    """A command on a node, ended with the block."""
    place = tmp_path / node
    place.mkdir(exist_ok=True)
    environment = {**os.environ, "DLTUI_HOME": str(place / "home"), "DLTUI_CACHE": str(place / "cache"),
                   "XDG_CACHE_HOME": str(place / "cache")}  # fmt: skip
    words = shlex.join(command)
    if hide is not None:
        words = f"mount -t tmpfs none {shlex.quote(str(hide))} && exec {words}"
    inside = ["ip", "netns", "exec", f"dltui-{os.getpid()}-{node}", "unshare", "-m", "sh", "-c", words]
    out, err = place / "out", place / f"err-{time.monotonic_ns()}"
    with open(out, "w") as to_out, open(err, "w") as to_err:
        process = subprocess.Popen(
            inside, env=environment, cwd=place, text=True, stdout=to_out, stderr=to_err, start_new_session=True
        )
    try:
        yield Command(process, out, err)
    finally:
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()


def dask(*words: str) -> tuple[str, ...]:
    return (sys.executable, "-c", "from dask.__main__ import main; main()", *words)


def dltui(*words: str) -> tuple[str, ...]:
    return (sys.executable, "-m", "dltui.tui", *words)


def test_two_nodes_without_a_shared_disk_come_to_the_table_of_one_process(tmp_path: Path, network: None) -> None:
    shared = tmp_path / "data"
    shared.mkdir()
    rows = (f"{k % 7},{k % 5},{k % 7 + 0.5 * (k % 5)}\n" for k in range(90))
    (shared / "t.csv").write_text("a,b,y\n" + "".join(rows))
    (shared / "a.toml").write_text('[data]\nname = "csv"\npath = "t.csv"\n[network]\nhidden = [6]\n')
    shutil.copy(SUPPORT / "plugins" / "smooth_relu.py", shared / "own.py")
    sweep = ("sweep", str(shared / "a.toml"), *OVER, "--plugin", str(shared / "own.py"))
    tables = {}
    for workers in ("0", "1", "2", "4"):
        table = tmp_path / f"{workers}.csv"
        with on("one", tmp_path, *dltui(*sweep, "--workers", workers, "-o", str(table))) as command:
            command.done()
        tables[workers] = table.read_bytes()
    address = f"tcp://{ADDRESSES['one']}:8786"

    def worker(node: str) -> tuple[str, ...]:
        place = ("--host", ADDRESSES[node], "--no-dashboard", "--local-directory", str(tmp_path / node))
        return dask("worker", address, "--nworkers", "2", "--nthreads", "1", *place)

    table = tmp_path / "nodes.csv"
    scheduler = dask("scheduler", "--host", ADDRESSES["one"], "--port", "8786", "--no-dashboard")
    with (
        on("one", tmp_path, *scheduler),
        on("one", tmp_path, *worker("one")),
        on("two", tmp_path, *worker("two"), hide=shared),
        on("one", tmp_path, *dltui(*sweep, "--on", address, "-o", str(table))) as command,
    ):
        command.done()
    tables["nodes"] = table.read_bytes()
    assert list((tmp_path / "two").rglob("dltui-files/*/t.csv")), "the second node took part, with a copy of its own"
    assert len(set(tables.values())) == 1 and len(tables["0"].splitlines()) == 21
    print(f"{len(tables)} tables of {len(tables['0'])} bytes are the same")


def test_nothing_is_open_to_another_machine(tmp_path: Path, network: None) -> None:
    words = ("sweep", "spiral", "--over", "optimizer.learning_rate=0.001:0.1:log:40", "--steps", "2000000")
    with on("one", tmp_path, *dltui(*words, "--workers", "2")) as command:
        home = tmp_path / "one" / "home" / "sweeps"
        until(lambda: command.process.poll() is not None or list(home.glob("*/status.json")))
        with on("two", tmp_path, sys.executable, "-c", SCAN, ADDRESSES["one"]) as scan:
            found = scan.done()
        assert command.process.poll() is None, "it trained meanwhile"
    assert found.strip() == "[]"
    print("65535 ports looked at from another machine, none open")
