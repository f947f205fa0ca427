"""Curves on the disk: bounded, extremes kept, damage costs one block."""

from __future__ import annotations

import errno
import math
import os

import numpy as np
import pytest
from crash import FailingDisk

from dltui.core.errors import ConfigError
from dltui.core.store import curves as module
from dltui.core.store.curves import BLOCK, FACTORS, CurveWriter, file_name, read_curves

NAMES = ("train_loss", "val_loss", "learning_rate")


@pytest.fixture
def small(monkeypatch):
    monkeypatch.setattr(module, "MAX_BLOCKS", 4)


def fill(log, start, stop, every=100):
    for step in range(start, stop):
        log.append(step, (math.sin(step), math.nan, 0.1))
        if step % every == 0:
            log.flush()
    log.flush()


def test_round_trip(tmp_path):
    fill(CurveWriter(tmp_path, NAMES), 0, 1000)
    curves = read_curves(tmp_path)
    series = curves.series
    assert curves.columns == NAMES
    assert list(series) == [1, 16, 256]
    np.testing.assert_array_equal(series[1].steps, np.arange(1000))
    np.testing.assert_array_equal(series[1].mean[:, 0], np.sin(np.arange(1000)))
    assert np.isnan(series[1].mean[:, 1]).all() and np.isnan(series[16].mean[:, 1]).all()
    chunk = np.sin(np.arange(16, 32))
    second = [series[16].low[1, 0], series[16].mean[1, 0], series[16].high[1, 0], series[16].last[1, 0]]
    np.testing.assert_allclose(second, [chunk.min(), chunk.mean(), chunk.max(), chunk[-1]])
    np.testing.assert_array_equal(series[256].steps, [0, 256, 512])


def test_bounded_and_no_spike_is_lost(tmp_path, small):
    log = CurveWriter(tmp_path, NAMES)
    for step in range(30_000):
        log.append(step, (99.0 if step == 12_345 else 1.0, 0.0, -7.0 if step == 23_456 else 0.0))
        if step % 3_000 == 0:
            log.flush()
    log.flush()
    assert all((tmp_path / file_name(f)).stat().st_size <= module.MAX_BLOCKS * BLOCK for f in FACTORS)
    whole = read_curves(tmp_path).series[256]
    assert whole.factor > 256
    assert whole.high[:, 0].max() == 99.0 and whole.low[:, 2].min() == -7.0
    assert whole.steps[0] == 0 and whole.steps[-1] > 29_000
    assert (np.diff(whole.steps) > 0).all()
    recent = read_curves(tmp_path).series[1]
    assert recent.steps[-1] == 29_999 and (np.diff(recent.steps) == 1).all()


@pytest.mark.parametrize("n_first", [5, 100, 3000])
def test_going_on(tmp_path, small, n_first):
    fill(CurveWriter(tmp_path, NAMES), 0, n_first)
    fill(CurveWriter(tmp_path, NAMES), n_first, n_first + 500)
    series = read_curves(tmp_path).series
    assert series[1].steps[-1] == n_first + 499
    assert (np.diff(series[1].steps) >= 1).all()


def test_a_rewind_takes_back(tmp_path):
    log = CurveWriter(tmp_path, NAMES)
    fill(log, 0, 50)
    fill(log, 20, 30)
    np.testing.assert_array_equal(read_curves(tmp_path).series[1].steps, np.arange(30))


def test_a_damaged_block_costs_its_points(tmp_path):
    fill(CurveWriter(tmp_path, NAMES), 0, 1000)
    path = tmp_path / file_name(1)
    data = bytearray(path.read_bytes())
    for at in range(BLOCK, len(data), 1001):
        damaged = bytearray(data)
        damaged[at] ^= 4
        path.write_bytes(damaged)
        found = read_curves(tmp_path).series[1]
        assert found.n_damaged == 1
        assert 900 < len(found.steps) < 1000
    data[100] ^= 1
    path.write_bytes(data)
    with pytest.raises(ConfigError, match="metrics-0001"):
        read_curves(tmp_path)
    fill(CurveWriter(tmp_path, NAMES), 1000, 1010)
    assert list(read_curves(tmp_path).series[1].steps) == list(range(1000, 1010))
    assert f"{file_name(1)}.old" in os.listdir(tmp_path)


@pytest.mark.parametrize("first", range(14))
def test_a_failing_disk_loses_nothing(tmp_path, first):
    disk = FailingDisk(errno.ENOSPC, first, 3)
    log = CurveWriter(tmp_path, NAMES, disk=disk)
    n_problems = 0
    for step in range(400):
        log.append(step, (step, 0.0, 0.0))
        if step % 40 == 39:
            try:
                log.flush()
            except OSError:
                n_problems += 1
    disk.healthy()
    log.flush()
    assert bool(n_problems) == bool(disk.n_failed)
    np.testing.assert_array_equal(read_curves(tmp_path).series[1].steps, np.arange(400))
    assert sorted(os.listdir(tmp_path)) == [file_name(f) for f in FACTORS]


def test_too_many_columns(tmp_path):
    with pytest.raises(ConfigError):
        log = CurveWriter(tmp_path, [f"column {i}" for i in range(1000)])
        log.append(0, [0.0] * 1000)
        log.flush()


def test_infinite_values(tmp_path):
    log = CurveWriter(tmp_path, NAMES)
    for step in range(32):
        log.append(step, (math.inf if step % 2 else -math.inf, math.inf, 1e308))
    log.flush()
    found = read_curves(tmp_path).series[16]
    assert found.high[0, 0] == math.inf and found.low[0, 0] == -math.inf
