"""Other processes, killed at any moment: the same table, none missing and none twice.

pytest -m slow -rP tests/core/sweep/test_cluster.py      20 kills of a worker, 5 of the driver, 5 of the scheduler
"""

from __future__ import annotations

import csv
import os
import random
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import psutil
import pytest
from nets import VALUES
from patience import LIMIT_S, until
from sweeps import plan_of, table_of

from dltui.core import ConfigError, sweep
from dltui.core.sweep import cluster
from dltui.core.sweep.cluster import Cluster, cluster_at, local_cluster
from dltui.core.sweep.driver import Driver
from dltui.core.sweep.folder import create_sweep, read_sweep, sweep_names
from dltui.core.sweep.parcel import own_print
from dltui.core.sweep.table import csv_of
from dltui.core.sweep.trial import Trial

LONG: dict[str, Any] = {"n_steps": 40_000, "n_seeds": 2}
FATED = Path(__file__).parents[2] / "support" / "fated.py"
WORDS = ("sweep", "spiral", "--over", "optimizer.learning_rate=0.001:0.1:log:6", "--seeds", "2", "--steps", "60000")


def children(of: int | None = None) -> list[psutil.Process]:
    """The processes that train below a process."""
    found = []
    for one in psutil.Process(of).children(recursive=True):
        with suppress(psutil.Error):  # it has died meanwhile
            if "spawn_main" in " ".join(one.cmdline()):
                found.append(one)
    return found


def lives(process: psutil.Process) -> bool:
    """Whether a process still runs."""
    try:
        return bool(process.is_running() and process.status() != psutil.STATUS_ZOMBIE)
    except psutil.Error:
        return False


def start(*words: str, home: Path) -> subprocess.Popen[str]:
    """`dltui WORDS` in a process of its own."""
    environment = {**os.environ, "DLTUI_HOME": str(home)}
    command = [sys.executable, "-m", "dltui.tui", *words]
    return subprocess.Popen(command, env=environment, text=True, stdout=subprocess.PIPE, stderr=subprocess.PIPE)


def finished(*words: str, home: Path) -> subprocess.CompletedProcess[str]:
    """What `dltui WORDS` says."""
    process = start(*words, home=home)
    out, err = process.communicate(timeout=LIMIT_S)
    return subprocess.CompletedProcess(words, process.returncode, out, err)


def n_rows(home: Path) -> int:
    """Rows that count so far in the one sweep of a home."""
    names = sweep_names(str(home / "sweeps"))
    try:
        return len(read_sweep(str(home / "sweeps" / names[-1])).rows) if names else 0
    except ConfigError:
        return 0  # it is being begun


@contextmanager
def dask(*words: str) -> Iterator[subprocess.Popen[bytes]]:
    """A scheduler or a worker of dask's own command."""
    command = [sys.executable, "-c", "from dask.__main__ import main; main()", *words]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        yield process
    finally:
        process.send_signal(signal.SIGTERM)
        try:
            process.wait(30)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


@contextmanager
def nodes(folder: Path) -> Iterator[tuple[str, subprocess.Popen[bytes]]]:
    """A scheduler with two workers on loopback: its file and its process."""
    file = folder / "scheduler.json"
    file.unlink(missing_ok=True)
    place = ("--host", "127.0.0.1", "--no-dashboard")
    with dask("scheduler", *place, "--port", "0", "--scheduler-file", str(file)) as scheduler:
        until(file.exists)
        worker = ("worker", "--scheduler-file", str(file), *place, "--nthreads", "1", "--local-directory", str(folder))
        with dask(*worker), dask(*worker):
            yield str(file), scheduler


def test_as_many_workers_as_there_may_be_come_to_the_same_table(tmp_path: Path) -> None:
    plan = plan_of(n_seeds=2)
    here = table_of(plan, tmp_path)
    for n_workers in (1, 2):
        with local_cluster(plan, [], n_workers) as engine:
            assert table_of(plan, tmp_path, engine) == here
            assert len(engine.workers()) == n_workers and not engine.running()


def test_nothing_listens_beyond_loopback() -> None:
    with local_cluster(plan_of(), [], 2):
        for process in (psutil.Process(), *children()):
            listening = [one.laddr.ip for one in process.net_connections("inet") if one.status == psutil.CONN_LISTEN]
            assert set(listening) <= {"127.0.0.1", "::1"}, process.cmdline()


def kill_workers(tmp_path: Path, n_kills: int) -> None:
    plan = plan_of(*(["optimizer.learning_rate=0.001:0.1:log:12"]), **LONG)
    whole = table_of(plan, tmp_path)
    killed, rng = 0, random.Random(1)
    while killed < n_kills:
        folder = create_sweep(str(tmp_path), plan)
        with local_cluster(plan, [], 2) as engine:
            for row in Driver(folder, engine).rows():
                alive = children()
                if row is not None and killed < n_kills and len(alive) == 2 and rng.random() < 0.7:
                    rng.choice(alive).send_signal(signal.SIGKILL)
                    killed += 1
        assert csv_of(plan, folder.rows.values()) == whole
        folder.close()


def test_a_worker_that_is_killed_costs_no_trial(tmp_path: Path) -> None:
    kill_workers(tmp_path, 2)


def test_a_worker_that_never_comes_back_is_replaced(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from distributed import default_client

    monkeypatch.setattr(cluster, "LOST_S", 0.5)
    plan = plan_of(n_steps=2000)
    whole = table_of(plan, tmp_path)
    with local_cluster(plan, [], 1) as engine:
        (gone,) = engine.workers()
        default_client().retire_workers([gone], close_workers=True)
        assert table_of(plan, tmp_path, engine) == whole
        assert gone not in engine.workers()


@pytest.mark.slow
def test_twenty_workers_that_are_killed_cost_no_trial(tmp_path: Path) -> None:
    kill_workers(tmp_path, 20)


def kill_driver(tmp_path: Path, n_kills: int) -> None:
    whole = finished(*WORDS, "--workers", "0", "-o", str(tmp_path / "whole.csv"), home=tmp_path / "whole")
    assert whole.returncode == 0, whole.stderr
    home = tmp_path / "home"
    for kill in range(n_kills):
        driver = start(*WORDS, "--workers", "2", "--resume", home=home)
        begun = n_rows(home)
        until(lambda: driver.poll() is not None or n_rows(home) > min(begun + 1, 11))  # noqa: B023
        workers = children(driver.pid) if driver.poll() is None else []
        driver.kill()
        driver.communicate()
        until(lambda: not any(map(lives, workers)))  # noqa: B023
        assert n_rows(home) >= begun, kill
    done = finished(*WORDS, "--workers", "2", "--resume", "-o", str(tmp_path / "a.csv"), home=home)
    assert done.returncode == 0, done.stderr
    assert (tmp_path / "a.csv").read_bytes() == (tmp_path / "whole.csv").read_bytes()
    assert len(sweep_names(str(home / "sweeps"))) == 1


def test_a_driver_that_is_killed_goes_on(tmp_path: Path) -> None:
    kill_driver(tmp_path, 1)


@pytest.mark.slow
def test_five_drivers_that_are_killed_go_on(tmp_path: Path) -> None:
    kill_driver(tmp_path, 5)


def kill_scheduler(tmp_path: Path, n_kills: int) -> None:
    finished(*WORDS, "--workers", "0", "-o", str(tmp_path / "whole.csv"), home=tmp_path / "whole")
    home = tmp_path / "home"
    for _ in range(n_kills):
        with nodes(tmp_path) as (file, scheduler):
            driver = start(*WORDS, "--on", file, "--resume", home=home)
            begun = n_rows(home)
            until(lambda: driver.poll() is not None or n_rows(home) > min(begun + 1, 10))  # noqa: B023
            scheduler.kill()
            _, err = driver.communicate(timeout=LIMIT_S)
            if n_rows(home) < 12:
                assert driver.returncode == 75 and "--resume" in err, err
    with nodes(tmp_path) as (file, _):
        done = finished(*WORDS, "--on", file, "--resume", "-o", str(tmp_path / "a.csv"), home=home)
    assert done.returncode == 0, done.stderr
    assert (tmp_path / "a.csv").read_bytes() == (tmp_path / "whole.csv").read_bytes()
    assert len(sweep_names(str(home / "sweeps"))) == 1


def test_a_scheduler_that_is_killed_costs_what_was_in_flight(tmp_path: Path) -> None:
    kill_scheduler(tmp_path, 1)


@pytest.mark.slow
def test_five_schedulers_that_are_killed_cost_what_was_in_flight(tmp_path: Path) -> None:
    kill_scheduler(tmp_path, 5)


def test_a_batch_system_that_ends_it_is_told_to_run_it_again(tmp_path: Path) -> None:
    driver = start(*WORDS, "--workers", "2", home=tmp_path)
    until(lambda: n_rows(tmp_path) > 0 or driver.poll() is not None)
    driver.terminate()
    _, err = driver.communicate(timeout=LIMIT_S)
    left = 12 - n_rows(tmp_path)
    assert driver.returncode == (75 if left else 0), err
    if left:
        assert f"{left} trials are left; go on with: dltui sweep sweep-" in err


def test_a_trial_that_kills_its_worker_is_one_row_and_one_that_cannot_begin_another(tmp_path: Path) -> None:
    words = ("sweep", str(tmp_path / "a.toml"), "--over", "data.fate=0,1,2", "--over", "network.hidden=2,3",
             "--steps", "50", "--plugin", str(FATED), "--workers", "2", "-o", str(tmp_path / "t.csv"))  # fmt: skip
    (tmp_path / "a.toml").write_text('[data]\nname = "fated"\n')
    done = finished(*words, home=tmp_path)
    assert done.returncode == 0, done.stderr
    rows = {
        (row["data.fate"], row["network.hidden"]): (row["stopped"], row["reason"])
        for row in csv.DictReader((tmp_path / "t.csv").read_text().splitlines())
    }
    assert len(rows) == 6
    for hidden in "23":
        assert rows["0", hidden][0] == "finished"
        assert rows["1", hidden][0] == "killed its worker" and "died 2 times" in rows["1", hidden][1]
        assert rows["2", hidden][0] == "refused" and "ZeroDivisionError: fate" in rows["2", hidden][1]


def test_workers_elsewhere_come_to_the_same_table_and_a_client_is_used_as_it_is(tmp_path: Path) -> None:
    from distributed import Client

    table = tmp_path / "far" / "t.csv"
    table.parent.mkdir()
    table.write_text("a,b,y\n" + "".join(f"{k % 7},{k % 5},{k % 7 + 0.5 * (k % 5)}\n" for k in range(70)))
    data = {"name": "csv", "path": str(table), "val_fraction": 0.4}
    plan = plan_of("optimizer.learning_rate=0.001,0.01", base={**VALUES, "data": data}, n_seeds=2, metric="val_loss")
    here = table_of(plan, tmp_path)
    with nodes(tmp_path) as (file, _):
        with cluster_at(plan, [], file) as engine:
            assert table_of(plan, tmp_path, engine) == here
        with Client(scheduler_file=file) as client:
            results = sweep.run(plan.config, plan.overs, seeds=2, steps=60, client=client)
            assert len(list(results)) == 4 and results.csv() == here
            assert client.submit(sum, [1, 2]).result() == 3, "it is still the caller's"


def test_a_worker_that_cannot_take_part_is_refused_in_one_sentence(tmp_path: Path) -> None:
    from dltui.core.sweep import parcel

    plan = plan_of()
    with nodes(tmp_path) as (file, _), pytest.MonkeyPatch.context() as patch:
        patch.setattr(parcel, "own_print", lambda: {**own_print(), "numba": "0.1"})
        said = r"the worker tcp://.* cannot take part: .*numba .*here it is 0\.1"
        with pytest.raises(ConfigError, match=said), cluster_at(plan, [], file):
            pass


def test_what_is_not_there_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cluster, "START_S", 0.5)
    for address in ("tcp://127.0.0.1:1", "no-file.json"):
        with pytest.raises(ConfigError, match="--on"), cluster_at(plan_of(), [], address):
            pass
    monkeypatch.setitem(sys.modules, "distributed", None)
    with pytest.raises(ConfigError, match=r"--workers.*0 \(this process\)"), local_cluster(plan_of(), []):
        pass


def test_short_trials_go_together_and_every_one_comes_back(tmp_path: Path) -> None:
    plan = plan_of("optimizer.learning_rate=0.001:0.1:log:100", n_steps=5, n_seeds=3)
    sent: list[int] = []
    with local_cluster(plan, [], 2) as engine:
        submit = Cluster._submit

        def noted(self: Cluster, batch: list[Trial]) -> None:
            sent.append(len(batch))
            submit(self, batch)

        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(Cluster, "_submit", noted)
            table = table_of(plan, tmp_path, engine)
    assert sum(sent) == 300 and max(sent) > 3 and len(table.splitlines()) == 301
