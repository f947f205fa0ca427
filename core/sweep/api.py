"""Sweeps from Python: `for row in sweep.run("spiral", over=["optimizer.name=sgd,adam"], steps=2000): …`."""

from __future__ import annotations

import os
from collections.abc import Generator, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from types import TracebackType
from typing import TYPE_CHECKING

from ..config import Config
from ..config.presets import load_preset
from ..disk.home import find_home
from ..errors import ConfigError
from .cluster import local_cluster, on_client
from .driver import Driver, Engine, Here
from .folder import SweepFolder, create_sweep, unfinished_like
from .plan import SweepPlan, check_points, make_plan
from .table import Point, csv_of, ranked_points
from .trial import Bench, TrialRow

if TYPE_CHECKING:
    from distributed import Client


class Results:
    """The rows of a sweep as they come, those that are there already first. Trains while it is iterated.

    Args:
        folder: Where rows are kept; closed at the end.
        engine: Who trains; entered when the first row is asked for.
    """

    def __init__(self, folder: SweepFolder, engine: AbstractContextManager[Engine]) -> None:
        self.name, self.plan = folder.id, folder.plan
        self._folder, self._engine = folder, engine
        self._rows = self._all()

    def __iter__(self) -> Iterator[TrialRow]:
        return self._rows

    def __next__(self) -> TrialRow:
        return next(self._rows)

    def __enter__(self) -> Results:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def points(self) -> list[Point]:
        """The settings that have a row so far, the best first."""
        return ranked_points(self.plan, self._folder.rows.values())

    def csv(self) -> str:
        """The table so far."""
        return csv_of(self.plan, self._folder.rows.values())

    def close(self) -> None:
        """Train no more; what is there is kept."""
        self._rows.close()
        self._folder.close()

    def _all(self) -> Generator[TrialRow, None, None]:
        try:
            yield from list(self._folder.rows.values())
            with self._engine as engine:
                for row in Driver(self._folder, engine).rows():
                    if row is not None:
                        yield row
        finally:
            self._folder.close()


def run(
    config: Config | str,
    over: Sequence[str],
    *,
    seeds: int = 1,
    trials: int = 0,
    sampler: str = "",
    metric: str = "",
    steps: int = 0,
    until: str = "",
    prune: str = "",
    resume: bool = False,
    workers: int = 0,
    client: Client | None = None,
    folder: str | os.PathLike[str] = "",
) -> Results:
    """Train many settings, and give each row when it is on the disk.

    Args:
        config: A Config, or the name or path of a preset.
        over: What differs, as after `--over`.
        seeds: Trials of each choice of settings.
        trials: Choices of settings; 0: all of a grid, else 20.
        sampler: "grid", "random", "sobol", "tpe" or "cma"; "": a grid where it has an end.
        metric: What is best; "": the validation loss where there is one.
        steps: Of each trial; 0: as many as the run has of its own.
        until: Where each ends at the latest.
        prune: "median", "hyperband", or "".
        resume: Whether to go on with the newest sweep that was asked for in the same words.
        workers: Processes of this machine; 0: this one alone. A script that asks for more begins with
            `if __name__ == "__main__":`, as with all of multiprocessing.
        client: Of dask.distributed, connected; its workers train, and it stays open.
        folder: Where sweeps are kept; "": with the runs.

    Raises:
        ConfigError: Something in it is not allowed, or there is no place to keep rows.
    """
    made = load_preset(config) if isinstance(config, str) else config
    first = SweepPlan(
        config if isinstance(config, str) else "",
        made,
        tuple(over),
        metric,
        sampler,
        trials,
        seeds,
        steps,
        until,
        prune,
    )
    bench = Bench(made, metric, steps, first.condition)
    metrics = [f"{part}_{name}" for part in ("train", "val") for name in bench.start.evaluate(part)]
    plan = make_plan(first, bench, metrics)
    bench = Bench(made, plan.metric, steps, plan.condition, bench.start)
    check_points(plan, bench)
    place = os.fspath(folder)
    if not place:
        home = find_home()
        if home.problem:
            raise ConfigError(f"a sweep is kept row by row: {home.reason}")
        place = home.sweeps
    path = unfinished_like(place, plan) if resume else ""
    kept = SweepFolder(path) if path else create_sweep(place, plan)
    return Results(kept, _engine(plan, bench, workers, client))


@contextmanager
def _engine(plan: SweepPlan, bench: Bench, workers: int, client: Client | None) -> Iterator[Engine]:
    if client is not None:
        yield on_client(client, plan)
    elif workers:
        with local_cluster(plan, (), workers) as engine:
            yield engine
    else:
        yield Here(bench)
