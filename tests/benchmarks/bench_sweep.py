"""Sweeps: two workers beside one, the cost of a trial beside its training, many trials, scikit-learn's random search.

python tests/benchmarks/bench_sweep.py [trials]      all of it; many trials are 10,000 of the spiral unless it says so
"""

from __future__ import annotations

import resource
import sys
import tempfile
import time
import warnings
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import pytest

from dltui.core import load_preset
from dltui.core.sweep.cluster import Cluster, local_cluster
from dltui.core.sweep.driver import Driver
from dltui.core.sweep.folder import create_sweep
from dltui.core.sweep.plan import SweepPlan, make_plan
from dltui.core.sweep.table import best_of

SPEEDUP, OVERHEAD_S = 1.8, 0.005
RATES = "optimizer.learning_rate=0.0001:1:log"


@dataclass(frozen=True)
class Swept:
    """One sweep, timed without the start of its workers."""

    n_trials: int
    elapsed_s: float
    trained_s: float
    """Time the trials say they took, all together."""
    best: float
    driver_mb: float
    """Most memory the driver has held so far."""


def plan_of(preset: str, *overs: str, n_points: int, n_steps: int, metric: str = "val_loss") -> SweepPlan:
    """A sweep of a preset at random."""
    config = load_preset(preset).with_changes({"training.max_epochs": 0})
    first = SweepPlan(preset, config, overs, metric, "random", n_points, 1, n_steps)
    bench = first.bench()
    return make_plan(first, bench, [f"{p}_{name}" for p in ("train", "val") for name in bench.start.evaluate(p)])


def swept(plan: SweepPlan, n_workers: int) -> Swept:
    """Train it once."""
    with tempfile.TemporaryDirectory(prefix="dltui-bench-") as place:
        folder = create_sweep(place, plan)
        with local_cluster(plan, [], n_workers) as engine:
            warm(plan, Path(place), engine)
            began = time.perf_counter()
            for _ in Driver(folder, engine).rows():
                pass
            elapsed = time.perf_counter() - began
        folder.close()
    rows = list(folder.rows.values())
    best = best_of(plan, rows)
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    value = best.metrics[plan.metric] if best is not None else float("nan")
    return Swept(len(rows), elapsed, sum(row.elapsed_s for row in rows), value, memory)


def warm(plan: SweepPlan, place: Path, engine: Cluster) -> None:
    """Have every worker load what the trials call."""
    few = create_sweep(str(place), replace(plan, n_points=8))
    for _ in Driver(few, engine).rows():
        pass
    few.close()


def search_sklearn(n_points: int, n_steps: int, n_jobs: int) -> tuple[float, float]:
    """Seconds and best accuracy of a random search over the rate of a network like the preset's, on the same split."""
    from sklearn.exceptions import ConvergenceWarning
    from sklearn.model_selection import PredefinedSplit, RandomizedSearchCV
    from sklearn.neural_network import MLPClassifier

    bench = plan_of("digits", RATES, n_points=1, n_steps=1).bench()
    data, config = bench.start.data, bench.config
    batch = int(config.training.batch_size)
    x = np.concatenate((data.x_train, data.x_val)).reshape(data.n_train + data.n_val, -1)
    y = np.concatenate((data.y_train, data.y_val))
    fold = np.concatenate((np.full(data.n_train, -1), np.zeros(data.n_val)))
    model = MLPClassifier(
        config.network.hidden or (32,), batch_size=batch, max_iter=max(1, n_steps * batch // data.n_train),
        tol=0.0, n_iter_no_change=10**6, solver="sgd" if "sgd" in config.optimizer.name else "adam",
    )  # fmt: skip
    rates = np.geomspace(1e-4, 1.0, 10_000)
    search = RandomizedSearchCV(
        model, {"learning_rate_init": rates}, n_iter=n_points, cv=PredefinedSplit(fold), refit=False, n_jobs=n_jobs,
        random_state=0,
    )  # fmt: skip
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)
        began = time.perf_counter()
        search.fit(x, y)
    return time.perf_counter() - began, float(search.best_score_)


def report(n_many: int) -> str:
    """All figures in a few lines."""
    long = plan_of("spiral", RATES, n_points=60, n_steps=20_000)
    one, two = swept(long, 1), swept(long, 2)
    short = swept(plan_of("spiral", RATES, n_points=1000, n_steps=20), 1)
    many = swept(plan_of("spiral", RATES, n_points=n_many, n_steps=2000), 2)
    ours = swept(plan_of("digits", RATES, n_points=60, n_steps=1200, metric="val_accuracy"), 2)
    theirs = search_sklearn(60, 1200, 2)
    overhead = 1000.0 * (short.elapsed_s - short.trained_s) / short.n_trials
    return (
        f"two workers beside one, {one.n_trials} trials of 20,000 steps: {one.elapsed_s / two.elapsed_s:.2f} ×\n"
        f"beside its training a trial of 20 steps costs {overhead:.2f} ms\n"
        f"{many.n_trials:,} trials of 2,000 steps on two workers: {many.elapsed_s:.1f} s, "
        f"driver {many.driver_mb:.0f} MB at most\n"
        f"digits, 60 trials of 1,200 steps on two cores: {ours.elapsed_s:.1f} s, accuracy {ours.best:.4f}; "
        f"scikit-learn {theirs[0]:.1f} s, {theirs[1]:.4f}"
    )


@pytest.mark.benchmark
def test_two_workers_are_worth_it_and_a_trial_costs_little() -> None:
    long = plan_of("spiral", RATES, n_points=60, n_steps=20_000)
    assert swept(long, 1).elapsed_s >= SPEEDUP * swept(long, 2).elapsed_s
    short = swept(plan_of("spiral", RATES, n_points=1000, n_steps=20), 1)
    assert short.elapsed_s - short.trained_s <= OVERHEAD_S * short.n_trials


if __name__ == "__main__":
    print(report(int(sys.argv[1]) if len(sys.argv) > 1 else 10_000))
