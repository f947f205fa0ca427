"""Trials on the workers of dask.distributed: processes of this machine, or machines anywhere.

The driver hands out a little more than can be trained at a time. Where trials are short many go in one task. What was
in flight on a worker that died is trained again, one trial at a time with nothing beside it, so that one which kills
its worker is told from one that was merely there.
"""

from __future__ import annotations

import logging
import math
import os
import tempfile
import time
from collections import deque
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from itertools import islice
from queue import Empty, SimpleQueue
from typing import TYPE_CHECKING, Any

from ..errors import ConfigError
from ..foresight.race import cores
from ..warmup.functions import LOOPS
from .parcel import Parcel, pack
from .plan import SweepPlan
from .samplers import EXTRA
from .trial import KILLED, Trial, TrialRow, ended

if TYPE_CHECKING:
    from distributed import Client, Future

SHORT_S, TASK_S = 0.05, 0.25
"""A trial shorter than the first is trained with others, as many as take about the second."""
MOST_IN_TASK = 256
AHEAD = 2
"""Tasks in flight for each worker: while one is trained the next is there."""
DEATHS = 2
"""So often a trial that runs alone takes its worker along before it is given up."""
WAIT_S = 0.1
START_S = 60.0
"""How long a scheduler and its first worker are waited for."""
LOST_S = 20.0
"""How long a process that died may be away; one that is killed while it starts is never started again by dask."""
WARMED = 200
"""Settings whose functions are compiled on each node before the first trial."""


class Cluster:
    """An `Engine` on the workers of a client.

    Args:
        client: Connected.
        parcel: What the workers need.
        n_wanted: Workers there should be; 0: as many as there are.
        start_more: Starts so many more.
    """

    def __init__(
        self, client: Client, parcel: Parcel, n_wanted: int = 0, start_more: Callable[[int], None] = lambda _: None
    ) -> None:
        self._client, self._key = client, parcel.key()
        self._n_wanted, self._start_more = n_wanted, start_more
        self._whole = time.monotonic()
        """When all were there last."""
        self._done: SimpleQueue[Future] = SimpleQueue()
        self._in_flight: dict[Future, list[Trial]] = {}
        self._suspects: deque[Trial] = deque()
        self._deaths: dict[int, int] = {}
        self._trial_s = math.inf
        """About how long a trial takes."""
        self._workers: list[str] = []
        self._looked = -math.inf

    def run(self, trials: Sequence[Trial], called_off: Callable[[], bool]) -> Iterator[TrialRow | None]:
        """See `Engine`.

        Raises:
            ConfigError: A worker cannot take part.
        """
        waiting = deque(trials)
        self._suspects.clear()
        try:
            while (waiting or self._in_flight or self._suspects) and not called_off():
                self._hand_out(waiting)
                self._look_after_workers()
                try:
                    future = self._done.get(timeout=WAIT_S)
                except Empty:
                    if self._client.status in ("closed", "connecting", "newly-created"):
                        raise ConnectionError("the scheduler is gone") from None
                    yield None
                    continue
                yield from self._taken_back(future)
        finally:
            for future in self._in_flight:
                with suppress(Exception):  # a scheduler that is gone has dropped them already
                    future.cancel()
            self._in_flight.clear()

    def running(self) -> list[int]:
        """See `Engine`."""
        return sorted(trial.number for trials in self._in_flight.values() for trial in trials)

    def workers(self) -> list[str]:
        """See `Engine`."""
        if time.monotonic() - self._looked > 1.0:
            self._looked = time.monotonic()
            with suppress(Exception):  # it is asked again in a moment
                self._workers = sorted(self._client.nthreads())
        return self._workers

    def _look_after_workers(self) -> None:
        """Start others in the place of those that have been gone for long."""
        n, now = len(self.workers()), time.monotonic()
        if n >= self._n_wanted:
            self._whole = now
        elif now - self._whole > LOST_S:
            self._whole = now
            self._start_more(self._n_wanted - n)

    def _hand_out(self, waiting: deque[Trial]) -> None:
        if self._suspects:
            if not self._in_flight:
                self._submit([self._suspects.popleft()])
            return
        n_slots = max(AHEAD * len(self.workers()), 1)
        while waiting and len(self._in_flight) < n_slots:
            size = 1 if self._trial_s >= SHORT_S else min(math.ceil(TASK_S / max(self._trial_s, 1e-4)), MOST_IN_TASK)
            size = max(1, min(size, math.ceil(len(waiting) / n_slots)))
            self._submit([waiting.popleft() for _ in range(size)])

    def _submit(self, batch: list[Trial]) -> None:
        from .worker import train

        future = self._client.submit(train, self._key, [trial.plain() for trial in batch], pure=False, retries=0)
        self._in_flight[future] = batch
        future.add_done_callback(self._done.put)

    def _taken_back(self, future: Future) -> Iterator[TrialRow]:
        """The rows of a task that ended."""
        batch = self._in_flight.pop(future, None)
        if batch is None:
            return
        if future.status == "finished":
            try:
                rows = [TrialRow.from_plain(plain) for plain in future.result(timeout=START_S)]
            except Exception:  # the worker died with the rows
                yield from self._lost(batch)
                return
            per_trial = sum(row.elapsed_s for row in rows) / len(rows)
            self._trial_s = per_trial if self._trial_s == math.inf else 0.8 * self._trial_s + 0.2 * per_trial
            yield from rows
        elif future.status == "error":
            error = future.exception()
            if type(error).__name__ == "KilledWorker":
                yield from self._died(batch)
            elif isinstance(error, KeyError):
                raise ConnectionError("the scheduler has been started anew")
            else:
                raise error if isinstance(error, ConfigError) else ConfigError(f"{type(error).__name__}: {error}")
        else:  # what a worker had trained and died with
            yield from self._lost(batch)

    def _lost(self, batch: list[Trial]) -> Iterator[TrialRow]:
        """What becomes of trials whose rows never arrived.

        Raises:
            ConnectionError: Not a worker is gone, but the scheduler.
        """
        if self._client.status != "running":
            raise ConnectionError("the scheduler is gone")
        self._suspects.extend(batch)
        yield from ()

    def _died(self, batch: list[Trial]) -> Iterator[TrialRow]:
        """What becomes of trials whose worker died."""
        if len(batch) == 1 and batch[0].number in self._deaths:
            self._deaths[batch[0].number] += 1
        for trial in batch:
            if self._deaths.setdefault(trial.number, 0) >= DEATHS:
                yield ended(trial, KILLED, f"the process that trained it died {DEATHS} times with nothing beside it")
            else:
                self._suspects.append(trial)


@contextmanager
def local_cluster(plan: SweepPlan, plugins: Sequence[str], n_workers: int = 0) -> Iterator[Cluster]:
    """Processes of this machine, one a core; nothing listens beyond loopback.

    Args:
        plan: Of the sweep.
        plugins: Files with the user's own methods.
        n_workers: Processes; 0: one a core.

    Raises:
        ConfigError: What it needs is not installed.
    """
    try:
        import dask
        from distributed import Client, LocalCluster
    except ImportError as error:
        problem = f"needs {error.name or 'a package'}, which is not installed"
        raise ConfigError(problem, field="--workers", allowed=f"0 (this process), or {EXTRA}") from None
    for loop in LOOPS:
        loop.prepare()  # here, once, and not in every worker
    quiet = {
        "distributed.scheduler.allowed-failures": 0,
        "distributed.admin.tick.limit": "1h",
        "distributed.worker.profile.enabled": False,
        "distributed.worker.memory.terminate": False,
        "distributed.worker.memory.pause": False,
        "distributed.worker.memory.spill": False,
        "distributed.worker.memory.target": False,
    }
    with (
        tempfile.TemporaryDirectory(prefix="dltui-sweep-", ignore_cleanup_errors=True) as folder,
        dask.config.set(quiet),
        LocalCluster(
            n_workers=n_workers or cores(),
            threads_per_worker=1,
            processes=True,
            host="127.0.0.1",
            dashboard_address="127.0.0.1:0",
            worker_dashboard_address="127.0.0.1:0",
            memory_limit=0,
            silence_logs=logging.CRITICAL,
            local_directory=folder,
        ) as processes,
        Client(processes) as client,
    ):
        parcel = pack(plan, plugins, with_files=False)
        _begin(client, plan, parcel)
        yield Cluster(
            client,
            parcel,
            n_workers or cores(),
            lambda n: processes.scale(len(processes.worker_spec) + n),
        )


@contextmanager
def cluster_at(plan: SweepPlan, plugins: Sequence[str], address: str) -> Iterator[Cluster]:
    """The workers of a scheduler that is there already.

    Args:
        plan: Of the sweep.
        plugins: Files with the user's own methods.
        address: "tcp://host:port", "tls://host:port", or the scheduler's file.

    Raises:
        ConfigError: It cannot be reached, or one of its workers cannot take part.
    """
    try:
        from distributed import Client
    except ImportError as error:
        problem = f"needs {error.name or 'a package'}, which is not installed"
        raise ConfigError(problem, field="--on", allowed=EXTRA) from None
    where: Mapping[str, Any] = {"address": address} if "://" in address else {"scheduler_file": _awaited(address)}
    logging.getLogger("distributed").setLevel(logging.CRITICAL)
    try:
        client = Client(**where, timeout=START_S, set_as_default=False)
    except (OSError, TimeoutError, ValueError) as error:
        raise ConfigError(f"cannot be reached ({error})", field="--on", value=address) from None
    with client:
        yield on_client(client, plan, plugins)


def on_client(client: Client, plan: SweepPlan, plugins: Sequence[str] = ()) -> Cluster:
    """The workers of a client that is connected already: each gets the data by its content, and is looked at.

    Args:
        client: Connected.
        plan: Of the sweep.
        plugins: Files with the user's own methods.

    Raises:
        ConfigError: There is no worker, or one cannot take part.
    """
    try:
        client.wait_for_workers(1, timeout=START_S)
    except TimeoutError:
        raise ConfigError("has no workers", field="--on", allowed="dask worker ADDRESS --nthreads 1") from None
    parcel = pack(plan, plugins, with_files=True)
    _begin(client, plan, parcel)
    return Cluster(client, parcel)


def _begin(client: Client, plan: SweepPlan, parcel: Parcel) -> None:
    """Hand out the parcel, look at every worker, and compile once on each node.

    Raises:
        ConfigError: A worker cannot take part.
    """
    from .worker import SweepPlugin, greet, warm

    try:
        client.register_plugin(SweepPlugin(parcel))
        answers: Mapping[str, str] = client.run(greet, parcel.key())
    except ConfigError:
        raise
    except Exception as error:
        problem = f"cannot take part ({type(error).__name__}: {error})"
        raise ConfigError(problem, field="a worker", allowed="the same version of dltui on every node") from None
    for address, problem in answers.items():
        if problem:
            raise ConfigError(f"cannot take part: {problem}", field=f"the worker {address}")
    by_host = {address.rpartition(":")[0]: address for address in answers}
    if parcel.files or len(by_host) > 1:
        points = _some_points(plan)
        tasks = [client.submit(warm, parcel.key(), points, workers=[one], pure=False) for one in by_host.values()]
        client.gather(tasks, errors="skip")  # what is wrong with a setting is its row


def _some_points(plan: SweepPlan) -> list[tuple[dict[str, str], int]]:
    first = next(plan.generations()).trials
    return [(dict(trial.texts), trial.seed) for trial in islice(first, 0, None, plan.n_seeds)][:WARMED]


def _awaited(path: str) -> str:
    """The file a scheduler writes when it is there.

    Raises:
        ConfigError: It did not come.
    """
    end = time.monotonic() + START_S
    while not os.path.exists(path):
        if time.monotonic() > end:
            raise ConfigError("is neither an address nor a scheduler's file", field="--on", value=path,
                              allowed="tcp://HOST:PORT, or what dask scheduler --scheduler-file writes")  # fmt: skip
        time.sleep(WAIT_S)
    return path
