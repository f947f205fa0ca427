"""Whoever trains, in whatever order, cut off where it may be: the same table."""

from __future__ import annotations

from pathlib import Path

import pytest
from sweeps import Shuffled, plan_of, table_of, trained

from dltui.core.sweep.driver import Driver, Here
from dltui.core.sweep.folder import SweepFolder, create_sweep, read_status

LEARNING = ("optimizer.learning_rate=1e-4:1:log", "optimizer.beta1=0.1:0.9")


@pytest.mark.parametrize(
    ("overs", "asked"),
    [
        ((), {"n_seeds": 2}),
        ((), {"sampler": "random", "prune": "median", "n_seeds": 3}),
        (LEARNING, {"sampler": "tpe", "n_points": 20}),
        (LEARNING, {"sampler": "cma", "n_points": 20}),
        (LEARNING, {"sampler": "sobol", "n_points": 30, "prune": "hyperband", "n_steps": 45}),
    ],
    ids=["grid", "random", "tpe", "cma", "hyperband"],
)
def test_the_order_of_trials_does_not_show(tmp_path: Path, overs: tuple[str, ...], asked: dict) -> None:
    plan = plan_of(*overs, **asked)
    forwards = table_of(plan, tmp_path)
    backwards = table_of(plan, tmp_path, Shuffled(Here(plan.bench()), lambda trial: -trial.number))  # type: ignore[arg-type]
    assert forwards == backwards and len(forwards.splitlines()) == plan.n_trials + 1


def test_a_sweep_that_was_cut_off_comes_to_the_same_table(tmp_path: Path) -> None:
    plan = plan_of(*LEARNING, sampler="tpe", n_points=20)
    whole = table_of(plan, tmp_path)
    path, n_begun = create_sweep(str(tmp_path), plan), 1
    path.close()
    while n_begun:
        folder = SweepFolder(path.path)
        before = len(folder.rows)
        driver = Driver(folder, Here(plan.bench()), lambda: len(folder.rows) >= before + 7)  # noqa: B023
        n_begun = len(list(driver.rows()))
        assert n_begun in (7, 6, 0)
        folder.close()
    folder = SweepFolder(path.path)
    assert trained(folder) == whole
    folder.close()


def test_who_watches_is_told_how_it_stands(tmp_path: Path) -> None:
    folder = create_sweep(str(tmp_path), plan_of())
    trained(folder)
    folder.close()
    said = read_status(folder.path)
    assert (said["done"], said["of"], said["finished"], said["workers"]) == (6, 6, True, ["this process"])
