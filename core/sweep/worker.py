"""What runs in a worker: it unpacks a sweep once, and trains the trials it is given, which share data and kernels."""

from __future__ import annotations

import threading
from dataclasses import replace
from typing import Any

from distributed.diagnostics.plugin import WorkerPlugin

from ..conformance.plugin import load_plugins
from ..errors import ConfigError
from ..warmup.functions import LOOPS
from .parcel import PATHS, Parcel, mark_of, own_print, refusal
from .plan import SweepPlan
from .trial import Bench, Trial

_lock = threading.Lock()
_unpacked: dict[str, tuple[Parcel, str]] = {}
_ready: dict[str, ReadySweep] = {}


class ReadySweep:
    """A sweep made ready in this process.

    Args:
        parcel: What the driver sent.
        folder: Where its files go.

    Raises:
        ConfigError: This worker cannot take part; says why.
    """

    def __init__(self, parcel: Parcel, folder: str) -> None:
        own = own_print()
        if problem := refusal(parcel.print, own):
            raise ConfigError(problem, field="this worker")
        self.mark = mark_of(parcel.print, own)
        self._here = parcel.unpack(folder)
        load_plugins([self._here.get(path, path) for path in parcel.plugins])
        plan = SweepPlan.from_plain(parcel.plan)
        moved: dict[str, object] = {}
        for path in PATHS:
            try:
                moved[path] = self._here[plan.config.get(path)]
            except (ConfigError, KeyError):
                continue
        config = plan.config.with_changes(moved) if moved else plan.config
        self.bench = Bench(config, plan.metric, plan.n_steps, plan.condition)
        if self.bench.start.data.digest != plan.data:
            raise ConfigError("has other data than the driver", field="this worker")

    def local(self, trial: Trial) -> Trial:
        """The trial with files named as they are called here."""
        return replace(trial, texts={p: self._here.get(t, t) if p in PATHS else t for p, t in trial.texts.items()})


class SweepPlugin(WorkerPlugin):
    """Hands the parcel of a sweep to every worker there is, and to every one that joins or is started anew.

    Args:
        parcel: What it needs.
    """

    def __init__(self, parcel: Parcel) -> None:
        self.parcel, self.key = parcel, parcel.key()
        self.name = f"dltui-{self.key}"

    def setup(self, worker: Any) -> None:
        """Called in each worker once; what can go wrong is told by the first trial."""
        _unpacked[self.key] = (self.parcel, str(worker.local_directory))

    def teardown(self, worker: Any) -> None:
        """Forget the sweep."""
        _unpacked.pop(self.key, None)
        _ready.pop(self.key, None)


def greet(key: str) -> str:
    """Make a sweep ready; why this worker cannot take part, "" if it can."""
    try:
        _ready_sweep(key)
    except ConfigError as error:
        return str(error)
    return ""


def warm(key: str, points: list[tuple[dict[str, str], int]]) -> str:
    """Compile what the trials need into the cache of this node; why that cannot be, "" if it is done.

    Args:
        key: Of the sweep.
        points: Settings as typed, and a seed.
    """
    try:
        ready = _ready_sweep(key)
        for loop in LOOPS:
            loop.prepare()
        for texts, seed in points:
            ready.bench.trainer(ready.local(Trial(0, 0, texts, seed)).texts, seed)
    except ConfigError as error:
        return str(error)
    return ""


def train(key: str, trials: list[dict[str, object]]) -> list[dict[str, object]]:
    """The rows of a batch of trials, as plain data.

    Raises:
        ConfigError: This worker cannot take part.
    """
    ready = _ready_sweep(key)
    rows = []
    for plain in trials:
        trial = Trial.from_plain(plain)
        row = ready.bench.run(ready.local(trial))
        assert row is not None
        rows.append(replace(row, texts=dict(trial.texts), mark=ready.mark).plain())
    return rows


def _ready_sweep(key: str) -> ReadySweep:
    with _lock:
        if key not in _ready:
            parcel, folder = _unpacked[key]
            _ready[key] = ReadySweep(parcel, folder)
        return _ready[key]
