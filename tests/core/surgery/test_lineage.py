"""Which old unit each new unit stands for, and how those that read copies share them."""

from __future__ import annotations

import numpy as np
import pytest

from dltui.core.surgery.lineage import Lineage, copies, first_copies, grown, shares


def test_copies_of_whole_channels_are_seen_as_channels() -> None:
    channels = copies(np.array([1, 0, 1]), 2)
    units = channels.spread(4)
    assert units.origin.tolist() == [4, 5, 6, 7, 0, 1, 2, 3, 4, 5, 6, 7]
    seen = units.by_channel(3, 2)
    assert seen is not None
    assert seen.origin.tolist() == [1, 0, 1]
    assert seen.n_old == 2


@pytest.mark.parametrize(
    "units",
    [
        copies(np.array([0, 2, 1, 3]), 4),
        copies(np.array([1, 2, 3, 0]), 4),
        copies(np.array([0, 1, 2, -1]), 4),
        Lineage(np.arange(4), np.array([1.0, 2.0, 1.0, 1.0]), np.zeros(4), 4),
        Lineage(np.arange(4), np.ones(4), np.array([0.0, 0.0, 0.0, 1.0]), 4),
    ],
    ids=["mixed", "moved on", "half unknown", "two slopes", "two shifts"],
)
def test_what_differs_within_a_channel_is_not_a_relation_of_channels(units: Lineage) -> None:
    assert units.by_channel(2, 2) is None
    assert units.by_channel(4, 4) is units


def test_channels_of_another_size_have_no_relation() -> None:
    assert copies(np.arange(6), 6).by_channel(2, 3) is None
    assert copies(np.arange(6), 6).by_channel(4, 4) is None


def test_what_is_unchanged_and_what_is_covered() -> None:
    assert copies(np.arange(3), 3).unchanged
    assert not copies(np.array([0, 1, 2, 0]), 3).unchanged
    assert copies(np.array([0, 1, 2, 0]), 3).covers
    assert not copies(np.array([0, 2, -1]), 3).covers


def test_a_layer_that_grows_copies_each_unit_in_its_turn() -> None:
    origin = grown(3, 8, 1, "dense1")
    assert origin[:3].tolist() == [0, 1, 2]
    assert sorted(np.bincount(origin)) == [2, 3, 3]


def test_shares_of_copies_add_up_to_one() -> None:
    origin = grown(3, 8, 1, "dense1")
    split = shares(origin, range(5), 1, "dense2")
    for unit in range(3):
        assert split[:, origin == unit].sum(axis=1) == pytest.approx(np.ones(5))
    assert len(np.unique(split)) == split.size


def test_shares_of_some_readers_are_those_of_all() -> None:
    origin = np.array([0, 1, 2, 0, -1])
    whole = shares(origin, range(7), 1, "dense2")
    assert np.array_equal(shares(origin, range(3, 6), 1, "dense2"), whole[3:6])
    assert (whole[:, 4] == 0.0).all()
    assert (whole[:, 1:3] == 1.0).all()


def test_only_the_first_copy_carries_state_on() -> None:
    assert first_copies(np.array([2, 0, 2, -1, 1])).tolist() == [2, 0, -1, -1, 1]
