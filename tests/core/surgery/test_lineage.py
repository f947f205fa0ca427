"""Which old unit a new one stands for, and how the weights that read it are split among copies."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dltui.core.surgery.lineage import Lineage, copies, first_copies, grown, shares


def test_nothing_changed_is_known_as_such() -> None:
    same = copies(np.arange(4), 4)
    assert same.unchanged and same.covers and same.same_values
    swapped = copies(np.array([1, 0, 2, 3]), 4)
    assert swapped.covers and swapped.same_values and not swapped.unchanged
    fewer = copies(np.array([0, 1, -1]), 4)
    assert not fewer.covers
    stretched = Lineage(np.arange(4), np.full(4, 2.0), np.zeros(4), 4)
    assert stretched.covers and not stretched.same_values and not stretched.unchanged


@given(st.integers(1, 12), st.integers(1, 40), st.integers(0, 5))
def test_a_layer_that_grows_keeps_its_units_and_copies_each_in_its_turn(n_old: int, n_new: int, seed: int) -> None:
    origin = grown(n_old, n_new, seed, "dense1")
    assert len(origin) == n_new
    assert np.array_equal(origin[:n_old], np.arange(min(n_old, n_new)))
    counts = np.bincount(origin, minlength=n_old)
    if n_new >= n_old:
        assert counts.max() - counts.min() <= 1
    assert np.array_equal(origin, grown(n_old, n_new, seed, "dense1"))


def test_which_units_are_copied_first_depends_on_seed_and_layer() -> None:
    drawn = {tuple(grown(20, 25, seed, name)[20:]) for seed in range(3) for name in ("dense1", "dense2")}
    assert len(drawn) == 6


@given(st.lists(st.integers(-1, 4), min_size=1, max_size=20), st.integers(0, 5))
def test_the_shares_of_one_old_unit_add_up_to_one(units: list[int], seed: int) -> None:
    origin = np.array(units)
    found = shares(origin, range(2, 6), seed, "dense2")
    assert found.shape == (4, len(origin))
    for unit in set(units) - {-1}:
        mine = origin == unit
        assert found[:, mine].sum(axis=1) == pytest.approx(1.0)
        assert (found[:, mine] > 0).all()
        assert (found[:, mine] == 1.0).all() or mine.sum() > 1
    assert not found[:, origin < 0].any()


def test_copies_are_read_in_other_shares_by_every_reader_whoever_asks_for_which_rows() -> None:
    origin = np.array([0, 1, 0, 0])
    found = shares(origin, range(8), 3, "dense2")
    assert len(np.unique(found[:, 0])) == 8
    assert np.array_equal(found[5:], shares(origin, range(5, 8), 3, "dense2"))
    assert not np.array_equal(found, shares(origin, range(8), 3, "dense3"))


def test_only_the_first_copy_carries_state_on() -> None:
    assert first_copies(np.array([0, 1, 2, 1, 0, -1])).tolist() == [0, 1, 2, -1, -1, -1]


def test_whole_channels_are_told_from_units() -> None:
    by_channel = copies(np.array([1, 0, -1]), 2).spread(3)
    assert by_channel.origin.tolist() == [3, 4, 5, 0, 1, 2, -1, -1, -1] and by_channel.n_old == 6
    back = by_channel.by_channel(3, 2)
    assert back is not None and back.origin.tolist() == [1, 0, -1] and back.n_old == 2


@pytest.mark.parametrize(
    "mixed",
    [
        copies(np.array([0, 1, 2, 4, 3, 5]), 6),
        copies(np.array([1, 2, 3, 3, 4, 5]), 6),
        copies(np.array([0, -1, 2, 3, 4, 5]), 6),
        Lineage(np.arange(6), np.array([1.0, 1, 2, 1, 1, 1]), np.zeros(6), 6),
        Lineage(np.arange(6), np.ones(6), np.array([0.0, 0, 0, 0, 0, 1]), 6),
    ],
    ids=["places swapped", "shifted", "a hole", "one slope", "one shift"],
)
def test_units_that_are_no_whole_channels_are_none(mixed: Lineage) -> None:
    assert mixed.by_channel(2, 2) is None
    assert mixed.by_channel(6, 6) is mixed


def test_channels_of_another_size_are_no_channels_carried_over() -> None:
    assert copies(np.arange(6), 6).by_channel(2, 3) is None
    assert copies(np.arange(6), 6).by_channel(4, 4) is None
