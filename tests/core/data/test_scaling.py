"""Inputs packed for the engine, scaled column by column or channel by channel, and refused where 32 bits end."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from dltui.core import ConfigError, families
from dltui.core.config.arguments import LARGEST
from dltui.core.data.scaling import as_columns, as_float32, by_columns, check_scaled, check_values, read_only
from dltui.core.datasets.base import Samples

RNG = np.random.default_rng(4)


def test_packed_inputs_are_in_one_piece_and_closed_to_writing() -> None:
    made = as_float32(np.asfortranarray(RNG.normal(size=(6, 3))))
    assert made.dtype == np.float32 and made.flags.c_contiguous and not made.flags.writeable
    with pytest.raises(ValueError, match="read-only"):
        made[0, 0] = 1


def test_what_belongs_to_somebody_else_is_copied_before_it_is_closed() -> None:
    theirs = np.arange(12, dtype=np.float32).reshape(3, 4)
    part = theirs[:, :2]
    made = read_only(part)
    theirs[0, 0] = 99
    assert made[0, 0] == 0 and theirs.flags.writeable
    own = np.arange(3.0)
    assert read_only(own) is own and not own.flags.writeable


def test_channels_are_the_columns_of_pictures() -> None:
    pictures = RNG.normal(size=(5, 3, 4, 2))
    columns = as_columns(pictures)
    assert columns.shape == (5 * 4 * 2, 3)
    for channel in range(3):
        assert np.array_equal(np.sort(columns[:, channel]), np.sort(pictures[:, channel].ravel()))
    table = RNG.normal(size=(5, 3))
    assert as_columns(table) is table


def test_a_scaler_gives_pictures_back_in_their_shape() -> None:
    scaler, pictures = families["scalers"]["standardize"], RNG.normal(3.0, 7.0, size=(20, 2, 3, 4))
    fitted = scaler.fit(as_columns(pictures), {})
    scaled = by_columns(scaler.transform, pictures, fitted, {})
    assert scaled.shape == pictures.shape
    assert scaled.mean(axis=(0, 2, 3)) == pytest.approx(0.0, abs=1e-12)
    assert scaled.std(axis=(0, 2, 3)) == pytest.approx(1.0)
    assert scaler.inverse is not None
    np.testing.assert_allclose(by_columns(scaler.inverse, scaled, fitted, {}), pictures)


def samples(**more: Any) -> Samples:
    return Samples(x=np.array([[1.0, 2.0], [3.0, 1e39]]), y=np.zeros((2, 1)), task="values", **more)


def test_an_input_too_large_is_named_by_its_place() -> None:
    named = samples(input_names=("length", "width"))
    with pytest.raises(ConfigError, match=r"width = 1e\+39 is too large to train on; choose a scaler; allowed: up to"):
        check_scaled(named.x, named, np.array([0, 1]), "none", None)
    with pytest.raises(ConfigError, match=r"input 2 = 1e\+39 is .*, in row 8; the scaler log does not bring it down"):
        many = Samples(x=np.vstack([np.zeros((6, 2)), named.x]), y=np.zeros((8, 1)), task="values")
        check_scaled(many.x[[3, 7]], many, np.array([3, 7]), "log", "data.npz")
    lined = samples(lines=np.array([2, 5]), columns=(1, 3))
    with pytest.raises(ConfigError, match=r"houses\.csv, line 5, column 3: "):
        check_scaled(lined.x, lined, np.array([0, 1]), "none", "houses.csv")
    check_scaled(np.clip(named.x, -LARGEST, LARGEST), named, np.array([0, 1]), "none", None)


def test_a_value_to_learn_too_large_is_named_too() -> None:
    y = np.array([[1.0, 2.0], [3.0, -1e39]])
    with pytest.raises(ConfigError, match=r"price = -1e\+39 is too large to train on; allowed"):
        check_values(y, samples(output_names=("rooms", "price")), None)
    with pytest.raises(ConfigError, match=r"^target = "):
        check_values(y, samples(), None)
    check_values(np.array([10**12]), samples(), None)  # numbers of classes are no values
