"""What keeping a run costs: the network of TensorFlow Playground trained with and without journal and states.

Both train in turn in one process, slice by slice, the kept one as `dltui train` does it: pieces of 50 ms, the step
shown after each, status and curves every second, a state whenever it is due. A slice is long enough for several states.
The figures are medians of the rounds' ratios: by the clock, which means something only where nothing else runs, and by
the processor time of the training thread; beside them what that thread spent on states, and what the saver's did.
"""

from __future__ import annotations

import os
import statistics
import sys
import tempfile
import time
from dataclasses import dataclass
from typing import Any

import pytest

from dltui.core import Config, Trainer
from dltui.core.disk.home import find_home
from dltui.core.run.run import JournaledRun
from dltui.core.store.keeper import Keeper
from dltui.core.store.status import RunStatus

ROUNDS = 7
SLICE_S = 5.0
PIECE_S = 0.05
AT_MOST = 0.02


@dataclass(frozen=True)
class Outcome:
    """What a comparison found."""

    costs: list[float]
    """Share of the speed lost by the clock, one a round."""
    costs_cpu: list[float]
    """The same by the processor time of the training thread."""
    steps_per_s: float
    n_states: int
    n_bytes: int
    """Of one state."""
    state_share: float
    """Share of its time the training thread spent on states."""
    saver_share: float
    """Processor time of all other threads over that of the training thread."""
    load: float
    """Processes that wanted to run."""

    @property
    def cost(self) -> float:
        """The median round by the clock."""
        return statistics.median(self.costs)

    @property
    def cost_cpu(self) -> float:
        """The median round by processor time."""
        return statistics.median(self.costs_cpu)


def config() -> Config:
    """2-8-8-2, batch 10, 500 points, SGD."""
    return Config.from_dict(
        {
            "data": {"name": "spiral", "n_samples": 500},
            "network": {"hidden": [8, 8], "activation": "tanh"},
            "optimizer": {"name": "sgd", "learning_rate": 0.03},
            "training": {"batch_size": 10},
        }
    )


class Timed(JournaledRun):
    """A run that notes what its states cost."""

    n_states = 0
    spent_s = 0.0

    def write_state(self) -> None:
        """Write one, and note how long it took."""
        start = time.perf_counter()
        super().write_state()
        self.n_states += 1
        self.spent_s += time.perf_counter() - start


def speed(run: JournaledRun, piece: int) -> tuple[float, float]:
    """Steps per second over one slice, by the clock and by the thread's processor time."""
    start, cpu, first = time.perf_counter(), time.thread_time(), run.trainer.step
    while time.perf_counter() - start < SLICE_S:
        run.advance(piece)
        run.show(RunStatus(status="training", step=run.trainer.step, figures=run.trainer.history.latest()))
    done = run.trainer.step - first
    return done / (time.perf_counter() - start), done / (time.thread_time() - cpu)


def compare(rounds: int = ROUNDS) -> Outcome:
    """Train both in turn; `DLTUI_HOME` says where the kept one is kept."""
    chosen = config()
    bare, trainer = JournaledRun(Trainer(chosen)), Trainer(chosen)
    about: dict[str, Any] = {"config": chosen.to_dict(dormant=True), "seed": 0, "data_digest": trainer.data.digest}
    kept = Timed(trainer, Keeper.begin(find_home(), **about))
    bare.advance(20_000)
    start = time.perf_counter()
    bare.advance(20_000)
    piece = max(1, int(20_000 * PIECE_S / (time.perf_counter() - start)))
    kept.advance(40_000)
    costs, costs_cpu, speeds = [], [], []
    all_cpu, own_cpu = time.process_time(), time.thread_time()
    for i in range(rounds):
        order = (bare, kept) if i % 2 else (kept, bare)
        found = {}
        for run in order:
            found[run] = speed(run, piece)
            assert kept.keeper is not None
            kept.keeper.drain(10.0)
        costs.append(1.0 - found[kept][0] / found[bare][0])
        costs_cpu.append(1.0 - found[kept][1] / found[bare][1])
        speeds.append(found[kept][0])
    own_cpu = time.thread_time() - own_cpu
    others = (time.process_time() - all_cpu - own_cpu) / (own_cpu / 2)
    assert kept.keeper is not None and kept.keeper.run is not None and not kept.keeper.problem
    needed = sum(series.buckets.nbytes + series.last.nbytes for series in trainer.history.series.values())
    share = kept.spent_s / (rounds * SLICE_S)
    kept.close(RunStatus(status="finished"), 10.0)
    load = os.getloadavg()[0]
    return Outcome(costs, costs_cpu, statistics.median(speeds), kept.n_states, needed, share, others, load)


def report(outcome: Outcome) -> str:
    """The outcome in a few lines."""
    low, high = min(outcome.costs), max(outcome.costs)
    return (
        f"2-8-8-2 tanh, batch 10, {len(outcome.costs)} rounds in turn, {outcome.steps_per_s:,.0f} steps/s when kept\n"
        f"  keeping costs {outcome.cost:+.2%} of the speed by the clock (median; {low:+.2%} to {high:+.2%}; "
        f"load {outcome.load:.1f}), {outcome.cost_cpu:+.2%} by the processor time of the training thread\n"
        f"  {outcome.n_states} states of at most {outcome.n_bytes / 1e6:.1f} MB, "
        f"{outcome.state_share:.2%} of the training thread's time; the saver's thread took {outcome.saver_share:.2%}"
    )


@pytest.mark.benchmark
def test_keeping_a_run_costs_next_to_nothing(capsys: pytest.CaptureFixture[str]) -> None:
    outcome = compare()
    with capsys.disabled():
        print("\n" + report(outcome))
    assert outcome.state_share <= AT_MOST
    assert outcome.cost_cpu <= AT_MOST
    if outcome.load < 1.5:
        assert outcome.cost <= AT_MOST


def main() -> int:
    """Print the comparison."""
    with tempfile.TemporaryDirectory() as folder:
        os.environ["DLTUI_HOME"] = folder
        outcome = compare()
    print(report(outcome))
    return 0 if max(outcome.state_share, outcome.cost_cpu) <= AT_MOST else 1


if __name__ == "__main__":
    sys.exit(main())
