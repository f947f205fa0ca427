"""A run's folder under failing calls, loss of power and sudden death."""

from __future__ import annotations

import errno
import os
import random
import subprocess
import sys
from contextlib import suppress
from typing import Any

import pytest
from crash import CrashDisk, FailingDisk, PowerLossError

from dltui.core.errors import ConfigError
from dltui.core.store.runs import create_run, delete_run, list_runs, open_run

from .test_runs import CONFIG, new, state


@pytest.mark.parametrize("code", [errno.ENOSPC, errno.EIO, errno.EROFS])
def test_any_call_may_fail_while_a_run_is_made(tmp_path, code):
    for first in range(60):
        disk = FailingDisk(code, first)
        try:
            run = new(tmp_path, disk=disk)
        except (OSError, ConfigError):  # the latter when what was just written cannot be read back
            assert disk.n_failed
            assert os.listdir(tmp_path) == []
            continue
        run.close()
        if not disk.n_failed:
            break
        delete_run(str(tmp_path), run.id)
    assert 10 < first < 59


@pytest.mark.parametrize("code", [errno.ENOSPC, errno.EIO])
def test_any_call_may_fail_while_saving(tmp_path, code):
    disk = FailingDisk(code, 10**9)
    run = new(tmp_path, disk=disk)
    saved = 0
    n_failures = 0
    for first in range(40):
        for step in range(first * 10, first * 10 + 3):
            disk.first, disk.n_calls = first, 0
            try:
                run.write_checkpoint(step, 0, state(step), {}, best=step % 7 == 0)
                saved = step
            except OSError:
                n_failures += 1
                assert run.resume().step >= saved
    assert n_failures > 10
    disk.healthy()
    run.write_checkpoint(999, 0, state(999), {})
    assert run.resume() and run.resume().messages == ()
    assert [name for name in os.listdir(run.path) if name.endswith(".tmp")] == []
    run.close()


def power_loss(seed, without=None, sites=None):
    """Create, save and decide, losing power three times; states checked."""
    rng = random.Random(seed)
    disk = CrashDisk(without=without)
    run_id, saved, decided = "", -1, 0
    for _ in range(3):
        disk.power = disk.n_calls + rng.randint(1, 150)
        with suppress(PowerLossError):
            run = (
                open_run("/h/runs", run_id, disk=disk)
                if run_id
                else create_run("/h/runs", config=CONFIG, seed=1, data_digest="d", disk=disk)
            )
            run_id = run.id
            for _ in range(8):
                if rng.random() < 0.5:
                    run.journal.append(max(saved, 0), "apply", {"x": "y" * rng.choice((1, 900))})
                    decided = run.journal.last_n
                else:
                    run.write_checkpoint(
                        saved + 1, run.journal.last_n, state(saved + 1, 200), {}, best=rng.random() < 0.3
                    )
                    saved += 1
        if sites is not None:
            sites |= disk.sites
        disk = disk.crash(rng)
        if not run_id:
            continue
        check = open_run("/h/runs", run_id, disk=disk)
        found = check.resume()
        assert found.step >= max(saved, 0)
        assert found.messages == ()
        assert check.journal.last_n >= decided
        assert [r.n for r in found.replay] == list(range(found.n + 1, check.journal.last_n + 1))
        assert not found.arrays or found.arrays["w"][0] == found.step
        saved = max(saved, found.step) if found.arrays else -1
        check.close()
    return 3


def check_power_loss(n):
    n_states, seed = 0, 0
    while n_states < n:
        n_states += power_loss(seed)
        seed += 1
    print(f"\n{n_states} states of a run's folder after a loss of power: 0 lost, 0 torn")


def test_power_loss():
    check_power_loss(300)


@pytest.mark.slow
def test_power_loss_full():
    check_power_loss(20_000)


def test_the_name_of_a_run_is_synced():
    """Left out, the whole folder may be gone."""
    sites: set[Any] = set()
    for seed in range(5):
        power_loss(seed, sites=sites)
    (site,) = (site for site in sites if site[2] == "create_run")
    with pytest.raises((ConfigError, OSError)):
        for seed in range(500):
            power_loss(seed, without=site)


def test_killed_at_random(tmp_path):
    """A writer killed at any moment leaves every file readable, and what it had acknowledged."""
    code = """
import sys, numpy as np
from dltui.core.store.runs import create_run
run = create_run(sys.argv[1], config={}, seed=0, data_digest="")
for step in range(1, 10**6):
    run.journal.append(step, "apply", {"step": step})
    run.write_checkpoint(step, step, {"w": np.full(20_000, step, np.float32)}, {})
    print(step, flush=True)
"""
    rng = random.Random(5)
    for i in range(5):
        runs = tmp_path / str(i)
        with subprocess.Popen([sys.executable, "-c", code, runs], stdout=subprocess.PIPE) as child:
            for _ in range(rng.randint(1, 40)):
                line = child.stdout.readline()
            child.kill()
            rest = child.stdout.read().splitlines(keepends=True)
            child.wait()
        said = [int(text) for text in [line, *rest] if text.endswith(b"\n")]
        (info,) = list_runs(str(runs))
        assert info.problem == "" and not info.live
        run = open_run(str(runs), info.id)
        found = run.resume()
        assert found.messages == () and found.step >= said[-1]
        assert (found.arrays["w"] == found.step).all()
        assert not [name for name in os.listdir(run.path) if name.endswith(".tmp")]
        run.close()


def test_one_writer_at_a_time(tmp_path):
    """Processes that open one run as fast as they can: never two at once, and a killed one leaves nothing locked."""
    run = new(tmp_path)
    run.close()
    code = """
import os, sys
from dltui.core.errors import ConfigError
from dltui.core.store.runs import open_run
runs, name = sys.argv[1:]
held = refused = 0
while held < 40:
    try:
        run = open_run(runs, name)
    except ConfigError as error:
        assert "is in use" in str(error), error
        refused += 1
        continue
    os.close(os.open(os.path.join(runs, "alone"), os.O_CREAT | os.O_EXCL))
    run.journal.append(held, "apply", {"pid": os.getpid()})
    os.unlink(os.path.join(runs, "alone"))
    run.close()
    held += 1
print(held, refused)
"""
    command = [sys.executable, "-c", code, str(tmp_path), run.id]
    children = [subprocess.Popen(command, stdout=subprocess.PIPE, text=True) for _ in range(3)]
    outs = [child.communicate(timeout=240)[0].split() for child in children]
    assert [child.returncode for child in children] == [0, 0, 0]
    print(f"\n120 times held, {sum(int(out[1]) for out in outs)} times refused, 0 at once")
    again = open_run(str(tmp_path), run.id)
    assert again.messages == [] and [record.n for record in again.records] == list(range(1, 121))
    again.close()
