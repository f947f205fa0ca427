"""The network of TensorFlow Playground, step for step against PyTorch.

Two inputs, two hidden layers of eight tanh units, one output, batches of 10 from 500 shuffled points, plain SGD. One
thread each. Both train in turn in one process, slice by slice, so that whatever else the machine does falls on both;
the figure is the median of the rounds' ratios. Needs torch (`pip install torch`).
"""

from __future__ import annotations

import os
import statistics
import sys
import time
from dataclasses import dataclass
from importlib.util import find_spec
from typing import Any

import pytest

N_POINTS, BATCH, RATE = 500, 10, 0.03
ROUNDS = 11
SLICE_S = 0.25
AT_LEAST = 500.0


@dataclass(frozen=True)
class Outcome:
    """What a comparison found."""

    ratios: list[float]
    """PyTorch's time of a step over dltui's, one a round."""
    ours_us: float
    """Median microseconds of a step of dltui."""
    theirs_us: float
    """Median microseconds of a step of PyTorch."""
    our_loss: float
    their_loss: float

    @property
    def ratio(self) -> float:
        """The median round."""
        return statistics.median(self.ratios)


def points() -> tuple[Any, Any]:
    """A ring around a disc: x float32 (500, 2), y float32 (500, 1) of -1 and 1."""
    import numpy as np

    rng = np.random.default_rng(0)
    inside = np.arange(N_POINTS) % 2 == 0
    radius = np.where(inside, rng.uniform(0, 2.5, N_POINTS), rng.uniform(3.5, 5, N_POINTS))
    angle = rng.uniform(0, 2 * np.pi, N_POINTS)
    x = np.stack([radius * np.sin(angle), radius * np.cos(angle)], axis=1)
    return x.astype(np.float32), np.where(inside, 1, -1).astype(np.float32)[:, None]


def make_ours(x: Any, y: Any) -> Any:
    """A Trainer."""
    from dltui.core import Config, Trainer

    config = Config.from_dict(
        {
            "network": {"hidden": [8, 8], "activation": "tanh"},
            "loss": {"name": "mse"},
            "optimizer": {"name": "sgd", "learning_rate": RATE},
            "training": {"batch_size": BATCH, "shuffle": True},
        }
    )
    return Trainer(config, data=(x, y, x, y))


class Theirs:
    """The same in PyTorch, written as its tutorials do, with the batches gathered by index."""

    def __init__(self, x: Any, y: Any) -> None:
        import torch

        torch.set_num_threads(1)
        torch.manual_seed(0)
        self.torch, self.x, self.y = torch, torch.from_numpy(x), torch.from_numpy(y)
        linear, tanh = torch.nn.Linear, torch.nn.Tanh
        self.model = torch.nn.Sequential(linear(2, 8), tanh(), linear(8, 8), tanh(), linear(8, 1))
        self.loss = torch.nn.MSELoss()
        self.optimizer = torch.optim.SGD(self.model.parameters(), lr=RATE)
        self.order, self.place = torch.randperm(N_POINTS), 0

    def advance(self, n_steps: int) -> None:
        """Train."""
        for _ in range(n_steps):
            rows = self.order[self.place : self.place + BATCH]
            self.place += BATCH
            if self.place >= N_POINTS:
                self.order, self.place = self.torch.randperm(N_POINTS), 0
            self.optimizer.zero_grad()
            self.loss(self.model(self.x[rows]), self.y[rows]).backward()
            self.optimizer.step()

    def evaluate(self) -> float:
        """Loss over all points."""
        with self.torch.no_grad():
            return float(self.loss(self.model(self.x), self.y))


def seconds(advance: Any, n_steps: int) -> float:
    """Wall time of so many steps."""
    start = time.perf_counter()
    advance(n_steps)
    return time.perf_counter() - start


def slice_of(advance: Any, n_steps: int) -> int:
    """How many steps fill a slice, found after a warm-up."""
    advance(n_steps)
    return max(int(n_steps * SLICE_S / seconds(advance, n_steps)), 1)


def compare(rounds: int = ROUNDS) -> Outcome:
    """Train both in turn."""
    x, y = points()
    ours, theirs = make_ours(x, y), Theirs(x, y)
    n_ours, n_theirs = slice_of(ours.advance, 100_000), slice_of(theirs.advance, 200)
    mine, other = [], []
    for _ in range(rounds):
        mine.append(seconds(ours.advance, n_ours) / n_ours)
        other.append(seconds(theirs.advance, n_theirs) / n_theirs)
    return Outcome(
        ratios=[b / a for a, b in zip(mine, other, strict=True)],
        ours_us=statistics.median(mine) * 1e6,
        theirs_us=statistics.median(other) * 1e6,
        our_loss=ours.evaluate("train")["loss"],
        their_loss=theirs.evaluate(),
    )


def report(outcome: Outcome) -> str:
    """The outcome in a few lines."""
    return (
        f"2-8-8-1 tanh, batch {BATCH}, {N_POINTS} points, SGD, one thread each, {len(outcome.ratios)} rounds in turn\n"
        f"  dltui    {outcome.ours_us:9.3f} µs a step   loss {outcome.our_loss:.2g}\n"
        f"  PyTorch  {outcome.theirs_us:9.3f} µs a step   loss {outcome.their_loss:.2g}\n"
        f"  ratio    {outcome.ratio:9.0f} (median; {min(outcome.ratios):.0f} to {max(outcome.ratios):.0f})"
    )


@pytest.mark.benchmark
@pytest.mark.filterwarnings("default")
def test_small_networks_train_500_times_as_fast(capsys: pytest.CaptureFixture[str]) -> None:
    pytest.importorskip("torch")
    outcome = compare()
    with capsys.disabled():
        print("\n" + report(outcome))
    assert outcome.our_loss < 0.1
    assert outcome.their_loss < 0.2
    assert outcome.ratio >= AT_LEAST


def main() -> int:
    """Print the comparison."""
    for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
        os.environ[name] = "1"
    if find_spec("torch") is None:
        print("this comparison needs PyTorch: pip install torch", file=sys.stderr)
        return 2
    outcome = compare()
    print(report(outcome))
    return 0 if outcome.ratio >= AT_LEAST else 1


if __name__ == "__main__":
    sys.exit(main())
