"""Steps a second beside PyTorch and JAX, from the smallest network to a convolutional one.

    .venv/bin/python tests/benchmarks/bench_peers.py [--works W1,W3] [--peers pytorch,jax] [--rounds 9] [--cores 1]

Each program is a process of its own, all pinned to the same cores (so this needs Linux). They train in turn, slice by
slice, and wait for their turn without using the processor; so whatever else the machine does falls on all of them. The
figure is the median over the rounds of the peer's time of a step over ours. Each peer has its strong form: batches cut
beforehand and in memory, PyTorch with fused optimizers (and channels last), JAX with many steps in one compiled `scan`
(a compiled step where there are convolutions). Ours is `Trainer.advance`, which shuffles, gathers and evaluates on the
way. Peers that are not installed are named: `pip install torch jax`.
"""

from __future__ import annotations

import argparse
import os
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from importlib.util import find_spec
from typing import Any

import pytest

ROUNDS = 9
SLICE_S = 0.25
BAR = 40
PEERS = {"pytorch": "torch", "jax": "jax"}
"""Peer -> what has to be installed."""


@dataclass(frozen=True)
class Work:
    """What is trained."""

    title: str
    inputs: tuple[int, ...]
    hidden: tuple[int, ...]
    """Units of the dense layers between; filters of the convolutions where inputs are pictures."""
    outputs: int
    batch: int
    rows: int
    activation: str = "relu"
    optimizer: str = "adam"
    aims: tuple[float, float] = (1.0, 1.0)
    """Least ratio to PyTorch, and to JAX."""

    @property
    def convolves(self) -> bool:
        """Whether the inputs are pictures."""
        return len(self.inputs) == 3


WORKS = {
    "W1": Work("2-8-8-1 tanh, batch 10, SGD", (2,), (8, 8), 1, 10, 500, "tanh", "sgd", (1000, 20)),
    "W7": Work("8-16-16-3 tanh, batch 1, SGD", (8,), (16, 16), 3, 1, 500, "tanh", "sgd", (700, 5)),
    "W2": Work("64-128-64-10, batch 32, Adam", (64,), (128, 64), 10, 32, 1792, aims=(11, 1.8)),
    "W6": Work("16-(20x32)-4, batch 32, SGD", (16,), (32,) * 20, 4, 32, 2048, "relu", "sgd", (20, 3)),
    "W3": Work("784-512-256-10, batch 128, Adam", (784,), (512, 256), 10, 128, 4096, aims=(1.3, 1.05)),
    "W5": Work("100-256-256-1, batch 256, Adam", (100,), (256, 256), 1, 256, 8192, aims=(1.4, 1.02)),
    "W8": Work("20-64-64-3, batch of all 10,000, Adam", (20,), (64, 64), 3, 10_000, 10_000, aims=(2, 1.2)),
    "W4": Work("1x28x28 conv16 pool conv32 pool 10, batch 64, Adam", (1, 28, 28), (16, 32), 10, 64, 1024, aims=(2, 8)),
}
RATE = 1e-3


def rows_of(work: Work) -> tuple[Any, Any]:
    """Inputs and targets: class numbers, or one value."""
    import numpy as np

    rng = np.random.default_rng(0)
    x = rng.normal(size=(work.rows, *work.inputs)).astype(np.float32)
    if work.outputs == 1:
        return x, np.sin(x[:, :1])
    return x, (np.abs(x.reshape(work.rows, -1)).sum(axis=1) * 7).astype(np.int64) % work.outputs


Steps = Callable[[int], object]


def dltui(work: Work) -> tuple[str, int, Steps]:
    """(version, steps at least, what trains n steps)."""
    from importlib.metadata import version

    from dltui.core import Config, Trainer

    network: dict[str, object] = {"hidden": list(work.hidden), "activation": work.activation}
    if work.convolves:
        conv = {"kind": "conv2d", "kernel": 3, "padding": 1}
        pairs = [({**conv, "filters": filters}, {"kind": "max_pool"}) for filters in work.hidden]
        network = {"layers": [layer for pair in pairs for layer in pair], "activation": work.activation}
    settings = {
        "network": network,
        "optimizer": {"name": work.optimizer, "learning_rate": RATE},
        "training": {"batch_size": work.batch},
    }
    x, y = rows_of(work)
    return version("dltui"), 1, Trainer(Config.from_dict(settings), data=(x, y, x[:64], y[:64])).advance


def pytorch(work: Work) -> tuple[str, int, Steps]:
    """(version, steps at least, what trains n steps)."""
    import torch
    from torch import nn

    torch.set_num_threads(len(os.sched_getaffinity(0)))
    x, y = (torch.from_numpy(array) for array in rows_of(work))
    layers: list[nn.Module] = []
    size = work.inputs[0]
    for width in work.hidden:
        layers.append(nn.Conv2d(size, width, 3, padding=1) if work.convolves else nn.Linear(size, width))
        layers.append(nn.Tanh() if work.activation == "tanh" else nn.ReLU())
        layers += [nn.MaxPool2d(2)] if work.convolves else []
        size = width
    if work.convolves:
        layers.append(nn.Flatten())
        size *= (work.inputs[1] // 4) * (work.inputs[2] // 4)
    model = nn.Sequential(*layers, nn.Linear(size, work.outputs))
    if work.convolves:
        model, x = model.to(memory_format=torch.channels_last), x.to(memory_format=torch.channels_last)
    loss = nn.MSELoss() if work.outputs == 1 else nn.CrossEntropyLoss()
    make = torch.optim.SGD if work.optimizer == "sgd" else torch.optim.Adam
    optimizer = make(model.parameters(), lr=RATE, fused=True)
    batches = list(zip(x.split(work.batch), y.split(work.batch), strict=True))

    def steps(n: int) -> None:
        for k in range(n):
            rows, targets = batches[k % len(batches)]
            optimizer.zero_grad(set_to_none=True)
            loss(model(rows), targets).backward()
            optimizer.step()

    return str(torch.__version__), 1, steps


def jax(work: Work) -> tuple[str, int, Steps]:
    """(version, steps at least, what trains n steps)."""
    import jax
    import jax.numpy as jnp
    import numpy as np

    rng, x, y = np.random.default_rng(0), *map(jnp.asarray, rows_of(work))
    weights, size = [], work.inputs[0]
    for width in work.hidden:
        shape = (width, size, 3, 3) if work.convolves else (size, width)
        weights.append((rng.normal(size=shape).astype(np.float32) * 0.1, np.zeros(width, np.float32)))
        size = width
    size *= (work.inputs[1] // 4) * (work.inputs[2] // 4) if work.convolves else 1
    last = rng.normal(size=(size, work.outputs)).astype(np.float32) * 0.1
    weights.append((last, np.zeros(work.outputs, np.float32)))
    act = jnp.tanh if work.activation == "tanh" else jax.nn.relu

    def pool(h: Any) -> Any:
        return jax.lax.reduce_window(h, -jnp.inf, jax.lax.max, (1, 1, 2, 2), (1, 1, 2, 2), "VALID")

    def loss(params: Any, rows: Any, targets: Any) -> Any:
        h = rows
        for w, b in params[:-1]:
            if work.convolves:
                h = pool(act(jax.lax.conv_general_dilated(h, w, (1, 1), "SAME") + b[None, :, None, None]))
            else:
                h = act(h @ w + b)
        out = h.reshape(len(h), -1) @ params[-1][0] + params[-1][1]
        if work.outputs == 1:
            return jnp.mean((out - targets) ** 2)
        return -jnp.mean(jnp.take_along_axis(jax.nn.log_softmax(out), targets[:, None], 1))

    def update(state: Any, at: Any) -> Any:
        params, m, v, t = state
        rows, targets = (jax.lax.dynamic_slice_in_dim(array, at * work.batch, work.batch) for array in (x, y))
        g, every, t = jax.grad(loss)(params, rows, targets), jax.tree.map, t + 1.0
        if work.optimizer == "sgd":
            return (every(lambda p, d: p - RATE * d, params, g), m, v, t), None
        m = every(lambda a, d: 0.9 * a + 0.1 * d, m, g)
        v = every(lambda a, d: 0.999 * a + 0.001 * d * d, v, g)
        fix, root = 1.0 - 0.9**t, jnp.sqrt(1.0 - 0.999**t)
        params = every(lambda p, a, b: p - RATE / fix * a / (jnp.sqrt(b) / root + 1e-8), params, m, v)
        return (params, m, v, t), None

    nothing = jax.tree.map(np.zeros_like, weights)
    state = jax.device_put((weights, nothing, nothing, 0.0))
    n_batches = work.rows // work.batch
    at_once = 1 if work.convolves else max(n_batches, 10)
    order = jnp.arange(at_once) % n_batches
    one = jax.jit(lambda state, at: update(state, at)[0], donate_argnums=0)
    many = jax.jit(lambda state: jax.lax.scan(update, state, order)[0], donate_argnums=0)

    def steps(n: int) -> None:
        nonlocal state
        for k in range(n // at_once):
            state = one(state, k % n_batches) if at_once == 1 else many(state)
        jax.block_until_ready(state)

    return str(jax.__version__), at_once, steps


PROGRAMS = {"dltui": dltui, "pytorch": pytorch, "jax": jax}


def be_peer(name: str, work: Work) -> None:
    """Train as many steps as each line of the input says, and answer with the seconds they took."""
    version, at_least, steps = PROGRAMS[name](work)
    steps(at_least)
    print(version, at_least, flush=True)
    for line in sys.stdin:
        start = time.perf_counter()
        steps(int(line))
        print(time.perf_counter() - start, flush=True)


class Peer:
    """A program in a process of its own, which trains when it is asked to."""

    def __init__(self, name: str, work: str, cores: Sequence[int]) -> None:
        threads = dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"), str(len(cores)))
        self.process = subprocess.Popen(
            [sys.executable, __file__, "--be", name, work, "--on", ",".join(map(str, cores))],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            env={**os.environ, **threads, "JAX_PLATFORMS": "cpu"},
            text=True,
        )
        self.version, at_least = self._line().split()
        self.at_least = self.n = int(at_least)
        while (taken := self.seconds()) < SLICE_S / 2:
            self.n = self.at_least * max(int(self.n * min(SLICE_S / taken, 20) / self.at_least), 2)

    def _line(self) -> str:
        assert self.process.stdout is not None
        line = self.process.stdout.readline()
        if not line:
            raise RuntimeError("a peer ended early")
        return line

    def seconds(self) -> float:
        """Wall time of one slice."""
        assert self.process.stdin is not None
        print(self.n, file=self.process.stdin, flush=True)
        return float(self._line())

    def step(self) -> float:
        """Seconds of one step, over a slice."""
        return self.seconds() / self.n

    def end(self) -> None:
        """Let it end."""
        assert self.process.stdin is not None
        self.process.stdin.close()
        self.process.wait(60)


@dataclass(frozen=True)
class Outcome:
    """Ours and the peers' on one work."""

    work: str
    step_us: float
    """Median microseconds of a step of ours."""
    ratios: dict[str, float]
    """Peer -> median of its time over ours."""
    versions: dict[str, str]


def compare(work: str, peers: Sequence[str], rounds: int = ROUNDS, cores: Sequence[int] = ()) -> Outcome:
    """Train one work in turn."""
    cores = cores or sorted(os.sched_getaffinity(0))[-1:]
    running = {name: Peer(name, work, cores) for name in ("dltui", *peers)}
    try:
        taken = [{name: peer.step() for name, peer in running.items()} for _ in range(rounds)]
    finally:
        for peer in running.values():
            peer.end()
    return Outcome(
        work,
        statistics.median(times["dltui"] for times in taken) * 1e6,
        {name: statistics.median(times[name] / times["dltui"] for times in taken) for name in peers},
        {name: peer.version for name, peer in running.items()},
    )


def lines(outcome: Outcome) -> list[str]:
    """A work, and a line for each peer with the logarithm of its ratio as a bar: to the right of | we are ahead."""
    from math import log10

    work = WORKS[outcome.work]
    result = [f"{outcome.work}  {work.title}: {outcome.step_us:,.1f} µs a step"]
    for name, ratio in outcome.ratios.items():
        aim = work.aims[list(PEERS).index(name)]
        far = min(round(abs(log10(ratio)) * BAR / 3), BAR)
        bar = "|" + "#" * far if ratio >= 1 else "-" * far + "|"
        short = "" if ratio >= aim else " <"
        result.append(f"    {name:8} {ratio:9,.2f}   aim {aim:7,.2f}{short:2}   {bar}")
    return result


def installed() -> list[str]:
    """The peers that can be asked."""
    return [name for name, package in PEERS.items() if find_spec(package) is not None]


@pytest.mark.benchmark
@pytest.mark.parametrize("work", WORKS)
def test_no_peer_trains_faster(work: str, capsys: pytest.CaptureFixture[str]) -> None:
    peers = installed()
    if not peers:
        pytest.skip("no peer is installed")
    outcome = compare(work, peers)
    with capsys.disabled():
        print("\n" + "\n".join(lines(outcome)))
    assert min(outcome.ratios.values()) >= 1.0


def main() -> int:
    """Print the comparison."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--works", default=",".join(WORKS))
    parser.add_argument("--peers", default=",".join(PEERS))
    parser.add_argument("--rounds", type=int, default=ROUNDS)
    parser.add_argument("--cores", type=int, default=1, help="processors that all of them may use")
    parser.add_argument("--be", nargs=2, help=argparse.SUPPRESS)
    parser.add_argument("--on", default="", help=argparse.SUPPRESS)
    asked = parser.parse_args()
    if asked.be:
        os.sched_setaffinity(0, {int(core) for core in asked.on.split(",")})
        be_peer(asked.be[0], WORKS[asked.be[1]])
        return 0
    cores, peers = sorted(os.sched_getaffinity(0))[-asked.cores :], installed()
    missing = [name for name in asked.peers.split(",") if name not in peers]
    print(f"cores {cores}, {asked.rounds} rounds in turn; ratio = time of the peer over ours", flush=True)
    if missing:
        print(f"not installed, left out: {', '.join(missing)}")
    versions: dict[str, str] = {}
    for work in asked.works.split(","):
        outcome = compare(work, [name for name in asked.peers.split(",") if name in peers], asked.rounds, cores)
        versions |= outcome.versions
        print("\n".join(lines(outcome)), flush=True)
    print(", ".join(f"{name} {version}" for name, version in versions.items()))
    return 0


if __name__ == "__main__":
    sys.exit(main())
