"""Training and validation rows: each row in one part, classes in their shares, decided by the seed."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dltui.core import ConfigError
from dltui.core.data.split import split


def rng(seed: int = 0) -> np.random.Generator:
    return np.random.default_rng(seed)


@given(st.lists(st.integers(0, 4), min_size=2, max_size=80), st.floats(0.01, 0.99), st.integers(0, 9))
def test_every_row_is_in_one_part_and_every_class_can_be_learned(
    classes: list[int], fraction: float, seed: int
) -> None:
    y = np.array(classes)
    if len(set(classes)) == len(classes):
        with pytest.raises(ConfigError, match="cannot be taken from"):
            split(y, fraction, rng(seed))
        return
    train, val = split(y, fraction, rng(seed))
    assert np.array_equal(np.sort(np.concatenate((train, val))), np.arange(len(y)))
    assert np.array_equal(train, np.sort(train)) and np.array_equal(val, np.sort(val))
    assert set(y[train]) == set(classes)
    assert len(val) >= 1


@pytest.mark.parametrize("fraction", [0.1, 0.25, 0.5, 0.9])
def test_classes_keep_their_shares_to_the_row(fraction: float) -> None:
    y = np.repeat([0, 1, 2], [100, 37, 11])
    _, val = split(y, fraction, rng())
    assert len(val) == round(fraction * len(y))
    for k, n in enumerate((100, 37, 11)):
        assert abs((y[val] == k).sum() - fraction * n) <= 1


def test_values_are_split_as_one_group() -> None:
    train, val = split(np.linspace(0, 1, 40)[:, None], 0.3, rng())
    assert (len(train), len(val)) == (28, 12)


def test_the_seed_decides_which_rows() -> None:
    y = np.zeros(50, np.int64)
    first, again, other = (split(y, 0.4, rng(seed))[1] for seed in (1, 1, 2))
    assert np.array_equal(first, again) and not np.array_equal(first, other)


def test_without_a_share_there_is_no_validation() -> None:
    train, val = split(np.zeros(5, np.int64), 0.0, rng())
    assert train.tolist() == [0, 1, 2, 3, 4] and val.size == 0


def test_there_are_always_two_parts_where_there_can_be() -> None:
    assert [len(part) for part in split(np.zeros((2, 1)), 0.01, rng())] == [1, 1]
    assert [len(part) for part in split(np.zeros((9, 1)), 0.999, rng())] == [1, 8]
    with pytest.raises(ConfigError, match=r"data\.val_fraction = 0\.5 cannot be taken from 1 rows"):
        split(np.zeros((1, 1)), 0.5, rng())


def test_a_class_of_one_row_is_only_trained_on() -> None:
    y = np.array([0] * 20 + [1])
    train, val = split(y, 0.5, rng())
    assert 20 in train and len(val) == 10
