"""`dltui train` on five real tables against scikit-learn's networks of the same size: validation scores side by side.

Both see the same split, the same scaled columns and the same hidden layers. scikit-learn is asked three ways: as it
comes, with iterations enough to converge, and with the activation, rate, batch and epochs of the preset; ours is held
against the best of the medians. The same tables are also given by the names of their files alone. Needs scikit-learn
(`pip install scikit-learn`).
"""

from __future__ import annotations

import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
import warnings
from collections.abc import Callable
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np
import pytest

PRESETS = ("digits", "iris", "wine", "breast_cancer", "diabetes")
TABLES = ("digits.csv.gz", "iris.csv", "wine_data.csv", "breast_cancer.csv")
DIABETES = "diabetes.csv"
SEEDS = (0, 1, 2, 3, 4)
WAYS = ("as it comes", "converged", "as the preset")
ACTIVATIONS = {"relu": "relu", "tanh": "tanh", "sigmoid": "logistic", "identity": "identity"}


@dataclass(frozen=True)
class Result:
    """Scores on one table: accuracy for classes, R² for values."""

    preset: str
    ours: list[float]
    """One a seed."""
    theirs: dict[str, list[float]]
    """Way of asking -> one a seed."""
    our_s: float
    their_s: float
    """Seconds of training, of all seeds and ways."""

    @property
    def our_median(self) -> float:
        """Median over the seeds."""
        return statistics.median(self.ours)

    @property
    def their_median(self) -> float:
        """Median over the seeds of the best way."""
        return max(statistics.median(scores) for scores in self.theirs.values())


def train_ours(preset: str, seed: int, home: str) -> tuple[float, float]:
    """(validation score, seconds of training) of the command line."""
    command = [sys.executable, "-m", "dltui.tui", "train", preset, "--seed", str(seed), "--json", "--no-save"]
    done = subprocess.run(
        command, capture_output=True, text=True, timeout=300, check=True, env={**os.environ, "DLTUI_HOME": home}
    )
    result = json.loads(done.stdout.splitlines()[-1])
    return float(result.get("val_accuracy", result.get("val_r2"))), float(result["elapsed_s"])


def make_theirs(config: Any, task: str, way: str, seed: int) -> Any:
    """A network of scikit-learn with the hidden layers of the preset."""
    from sklearn.neural_network import MLPClassifier, MLPRegressor

    options: dict[str, Any] = {}
    if way == "converged":
        options = {"max_iter": 2000}
    elif way == "as the preset":
        options = {
            "activation": ACTIVATIONS[config.network.activation],
            "learning_rate_init": config.optimizer.learning_rate,
            "batch_size": config.training.batch_size,
            "max_iter": config.training.max_epochs,
            "alpha": config.regularization.values["l2"] or 1e-4,
        }
    kind = MLPClassifier if task == "classes" else MLPRegressor
    return kind(hidden_layer_sizes=config.network.hidden, random_state=seed, **options)


def train_theirs(preset: str, way: str, seed: int) -> tuple[float, float]:
    """(validation score, seconds of training) of scikit-learn."""
    from dltui.core import load_preset
    from dltui.core.data import prepare

    config = load_preset(preset)
    data = prepare(config.data, seed)
    network = make_theirs(config, data.task, way, seed)
    flat = [x.reshape(len(x), -1) for x in (data.x_train, data.x_val)]
    goals = [y.ravel() for y in (data.y_train, data.y_val)]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # it says where it has not converged
        begun = time.perf_counter()
        network.fit(flat[0], goals[0])
        return float(network.score(flat[1], goals[1])), time.perf_counter() - begun


def table_of(name: str, folder: Path) -> str:
    """Path of a real table as one file; the shipped one of diabetes has its target in a second file."""
    shipped = Path(__file__).parents[2] / "presets" / "data"
    if name != DIABETES:
        return str(shipped / name)
    parts = [np.loadtxt(shipped / f"diabetes_{part}.csv.gz", ndmin=2) for part in ("data_raw", "target")]
    rows = np.hstack([part.reshape(len(parts[0]), -1) for part in parts])
    names = ",".join([f"measure{i}" for i in range(1, rows.shape[1])] + ["progression"])
    path = folder / DIABETES
    np.savetxt(path, rows, fmt="%.10g", delimiter=",", header=names, comments="")
    return str(path)


def compare(preset: str, seeds: tuple[int, ...], say: Callable[[str], None] = lambda _: None) -> Result:
    """Train both on one table."""
    with tempfile.TemporaryDirectory(prefix="dltui-bench-") as home:
        ours = [train_ours(preset, seed, home) for seed in seeds]
    theirs = {way: [train_theirs(preset, way, seed) for seed in seeds] for way in WAYS}
    result = Result(
        preset,
        [score for score, _ in ours],
        {way: [score for score, _ in runs] for way, runs in theirs.items()},
        sum(took for _, took in ours),
        sum(took for runs in theirs.values() for _, took in runs) / len(WAYS),
    )
    say(line(result))
    return result


def line(result: Result) -> str:
    """One row of the table."""
    name = Path(result.preset).name
    medians = "".join(f"{statistics.median(result.theirs[way]):15.4f}" for way in WAYS)
    times = f"{result.our_s:9.1f} s{result.their_s:9.1f} s"
    return f"{name:<18}{result.our_median:8.4f}{medians}{times}"


HEAD = f"{'preset or file':<18}{'dltui':>8}" + "".join(f"{way:>15}" for way in WAYS) + f"{'dltui':>11}{'sklearn':>11}"


@pytest.mark.benchmark
@pytest.mark.skipif(find_spec("sklearn") is None, reason="needs scikit-learn")
@pytest.mark.parametrize("preset", PRESETS)
def test_not_below_scikit_learn(preset: str) -> None:
    result = compare(preset, SEEDS, print)
    assert result.our_median >= result.their_median


@pytest.mark.benchmark
@pytest.mark.skipif(find_spec("sklearn") is None, reason="needs scikit-learn")
@pytest.mark.parametrize("name", [*TABLES, DIABETES])
def test_a_file_name_alone_is_not_below_scikit_learn(name: str, tmp_path: Path) -> None:
    result = compare(table_of(name, tmp_path), SEEDS, print)
    assert result.our_median >= result.their_median


def main() -> int:
    """Print the table; 1 if a score is below scikit-learn's."""
    if find_spec("sklearn") is None:
        print("needs scikit-learn: pip install scikit-learn", file=sys.stderr)
        return 2
    print(f"validation score, median of seeds {SEEDS}\n{HEAD}")
    with tempfile.TemporaryDirectory(prefix="dltui-bench-") as folder:
        files = [table_of(name, Path(folder)) for name in (*TABLES, DIABETES)]
        results = [compare(source, SEEDS, lambda text: print(text, flush=True)) for source in (*PRESETS, *files)]
    below = [result.preset for result in results if result.our_median < result.their_median]
    print(f"not below scikit-learn on {len(results) - len(below)} of {len(results)} tables")
    return 1 if below else 0


if __name__ == "__main__":
    sys.exit(main())
