"""Small sweeps for tests: quick to train, with something of every kind."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from nets import CLASSES, config

from dltui.core.sweep.driver import Driver, Engine, Here
from dltui.core.sweep.folder import SweepFolder, create_sweep
from dltui.core.sweep.plan import SweepPlan, make_plan
from dltui.core.sweep.table import csv_of
from dltui.core.sweep.trial import Trial, TrialRow

METRICS = ("train_accuracy", "train_loss", "val_accuracy", "val_loss")
RATES = "optimizer.learning_rate=0.001:0.1:log:3"
OVERS = (RATES, "network.activation=tanh,relu")


def plan_of(*overs: str, base: Mapping[str, Any] = CLASSES, **asked: Any) -> SweepPlan:
    """A plan with nothing left open."""
    first = SweepPlan("moons", config(base), overs or OVERS, **{"n_steps": 60, **asked})
    return make_plan(first, first.bench(), METRICS)


def trained(folder: SweepFolder, engine: Engine | None = None) -> str:
    """The table of a sweep trained to its end."""
    driver = Driver(folder, engine or Here(folder.plan.bench()))
    for _ in driver.rows():
        pass
    assert driver.finished
    return csv_of(folder.plan, folder.rows.values())


def table_of(plan: SweepPlan, home: Path, engine: Engine | None = None) -> str:
    """The table of a new sweep."""
    folder = create_sweep(str(home), plan)
    try:
        return trained(folder, engine)
    finally:
        folder.close()


class Shuffled:
    """Trains in this process in another order than it was asked to.

    Args:
        inner: What trains.
        order: Sorts the trials by this.
    """

    def __init__(self, inner: Engine, order: Any) -> None:
        self._inner, self._order = inner, order

    def run(self, trials: Sequence[Trial], called_off: Any) -> Iterable[TrialRow | None]:
        return self._inner.run(sorted(trials, key=self._order), called_off)

    def running(self) -> list[int]:
        return []

    def workers(self) -> list[str]:
        return []


def row(number: int, loss: float, **more: Any) -> TrialRow:
    """A row as a trial of one seed would give it."""
    given = {"point": number, "texts": {"optimizer.learning_rate": f"{number + 1}"}, "seed": 0, "stopped": "finished"}
    return TrialRow(number, metrics={"val_loss": loss}, **{**given, **more})
