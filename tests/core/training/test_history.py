"""Curves stay bounded, keep every extreme, and do not depend on how they were fed."""

from __future__ import annotations

import hashlib

import numpy as np
import pytest

from dltui.core.training.history import CAPACITY, RECENT, BoundedSeries, History


def _digest(history: History) -> str:
    digest = hashlib.sha256()
    history.hash_into(digest)
    return digest.hexdigest()


def test_a_short_series_is_kept_as_it_is() -> None:
    series = BoundedSeries()
    values = np.arange(100, dtype=np.float32)
    series.extend(5, values)
    steps, kept = series.whole()
    assert np.array_equal(steps, np.arange(5, 105))
    assert np.array_equal(kept, values)
    assert series.latest == 99.0


def test_a_long_series_is_bounded_and_keeps_its_extremes() -> None:
    series = BoundedSeries()
    values = np.random.default_rng(0).normal(size=10 * CAPACITY).astype(np.float32)
    values[12_345], values[77_777] = 1e6, -1e6
    series.extend(0, values)
    steps, means = series.whole()
    assert len(steps) <= CAPACITY
    assert steps[0] == 0
    curve = series.curve(500)
    assert len(curve.steps) <= 500
    assert curve.high.max() == 1e6
    assert curve.low.min() == -1e6
    counts = series.buckets[: len(steps), 1]
    assert (means * counts).sum() == pytest.approx(values.sum(dtype=np.float64), rel=1e-9)


def test_the_last_stretch_is_kept_in_full() -> None:
    series = BoundedSeries()
    values = np.arange(3 * RECENT, dtype=np.float32)
    series.extend(0, values)
    curve = series.recent(1000)
    assert np.array_equal(curve.values, values[-1000:])
    assert np.array_equal(curve.steps, np.arange(3 * RECENT - 1000, 3 * RECENT))


def test_a_series_does_not_depend_on_how_it_was_fed() -> None:
    values = np.random.default_rng(1).normal(size=3 * CAPACITY).astype(np.float32)
    whole, bits = History(), History()
    whole.of("loss").extend(0, values)
    start = 0
    for n in np.random.default_rng(2).integers(1, 700, 1000):
        bits.of("loss").extend(start, values[start : start + n])
        start += int(n)
    bits.of("loss").extend(start, values[start:])
    assert _digest(whole) == _digest(bits)


def test_storage_and_copies_go_on_as_the_original() -> None:
    history = History()
    history.of("loss").extend(0, np.random.default_rng(3).normal(size=20_000).astype(np.float32))
    again = History.from_arrays(history.arrays())
    assert _digest(again) == _digest(history)
    for each in (history, again):
        each.of("loss").extend(20_000, np.ones(5000, np.float32))
    assert _digest(again) == _digest(history)
    assert np.array_equal(again.of("loss").recent(100).values, history.of("loss").recent(100).values)


def test_a_nan_is_a_gap_and_spoils_nothing_else() -> None:
    series = BoundedSeries()
    series.extend(0, np.array([1, np.nan, 3], np.float32))
    curve = series.curve(10)
    assert np.isnan(curve.values[1])
    assert curve.values[[0, 2]].tolist() == [1.0, 3.0]


def test_snapshots_cannot_be_written_to() -> None:
    series = BoundedSeries()
    series.extend(0, np.ones(3, np.float32))
    with pytest.raises(ValueError, match="read-only"):
        series.curve(10).values[0] = 2.0


def test_a_value_beyond_single_precision_is_infinite_and_no_warning() -> None:
    series = BoundedSeries()
    series.append(1, -3.5e69)
    assert series.latest == -np.inf
