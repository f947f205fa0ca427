"""Split, scaling and packing: what the training part teaches, and that nothing else does."""

import numpy as np
import pytest
from data_files import section

from dltui.core.data import Data, from_arrays, prepare
from dltui.core.data.split import split
from dltui.core.errors import ConfigError
from dltui.core.registry import families

NAMES = sorted(name for name, member in families["datasets"].items() if member.kind != "file")


def check(data):
    assert isinstance(data, Data)
    for part in (data.x_train, data.x_val):
        assert part.dtype == np.float32
        assert part.flags.c_contiguous
        assert not part.flags.writeable
        assert part.shape[1:] == data.input_shape
        assert np.isfinite(part).all()
    for x, y in ((data.x_train, data.y_train), (data.x_val, data.y_val)):
        assert len(x) == len(y)
        assert y.flags.c_contiguous
        if data.task == "classes":
            assert y.dtype == np.int64
            assert y.shape == (len(x),)
        else:
            assert y.dtype == np.float32
            assert y.shape == (len(x), data.n_outputs)
    assert len(data.digest) == 64


@pytest.mark.parametrize("name", NAMES)
def test_every_data_set_is_made_ready(name):
    data = prepare(section(name, "standardize", 0.25), 7)
    check(data)
    again = prepare(section(name, "standardize", 0.25), 7)
    other = prepare(section(name, "standardize", 0.25), 8)
    assert data.digest == again.digest != other.digest
    n = data.n_train + data.n_val
    assert data.n_val == round(0.25 * n)
    if data.task == "classes":
        assert data.class_counts is not None and data.class_weights is not None
        counts = np.bincount(data.y_val, minlength=data.n_outputs)
        all_counts = counts + data.class_counts
        assert (np.abs(counts - 0.25 * all_counts) < 1).all()
        assert data.class_counts.tolist() == np.bincount(data.y_train).tolist()
        assert data.class_weights[data.y_train].mean() == pytest.approx(1, rel=1e-6)
    else:
        assert data.class_counts is None
        assert data.class_weights is None


@pytest.mark.parametrize("scaler", sorted(families["scalers"]))
@pytest.mark.parametrize("as_image", [False, True])
def test_every_scaler_is_fitted_on_the_training_rows_only(scaler, as_image):
    flat = prepare(section("digits", as_image=as_image), 3)
    data = prepare(section("digits", scaler, as_image=as_image), 3)
    check(data)
    raw = flat.x_train.astype(np.float64)
    columns = raw.transpose(0, 2, 3, 1).reshape(-1, 1) if as_image else raw
    fitted = families["scalers"][scaler].fit(columns, data.scaler_settings)
    assert fitted.keys() == data.fitted.keys()
    for key, value in fitted.items():
        np.testing.assert_allclose(data.fitted[key], value)
    np.testing.assert_allclose(data.scale(flat.x_val), data.x_val, rtol=1e-6, atol=1e-6)
    np.testing.assert_array_equal(data.y_val, flat.y_val)


def test_standardized_training_rows_have_mean_0_and_deviation_1():
    data = prepare(section("wine", "standardize"), 0)
    np.testing.assert_allclose(data.x_train.mean(axis=0), 0, atol=1e-5)
    np.testing.assert_allclose(data.x_train.std(axis=0), 1, atol=1e-5)
    assert np.abs(data.x_val.mean(axis=0)).max() > 1e-3


def test_later_inputs_far_outside_stay_numbers():
    data = prepare(section("spiral", "standardize"), 0)
    assert np.isfinite(data.scale(np.array([[1e300, -1e300]]))).all()
    with pytest.raises(ConfigError, match="shape"):
        data.scale(np.zeros((3, 5)))


def test_without_a_validation_part():
    data = prepare(section("iris", val_fraction=0.0), 0)
    check(data)
    assert (data.n_train, data.n_val) == (150, 0)


def test_values_keep_the_units_of_their_targets():
    data = prepare(section("diabetes", "standardize"), 0)
    assert np.concatenate((data.y_train, data.y_val)).sum() * 100 == pytest.approx(67243, rel=1e-5)


def test_points_and_frame_for_maps():
    plane = prepare(section("spiral", "standardize", features="x1,x1*x2,sin(x2)"), 1)
    assert plane.hand_made == ("x1", "x1*x2", "sin(x2)")
    assert plane.points_train is not None
    assert plane.points_train.shape == (250, 2)
    np.testing.assert_allclose(plane.at_points(plane.points_train), plane.x_train, rtol=1e-5, atol=1e-6)
    for low, high, column in zip(plane.low, plane.high, plane.points_train.T, strict=True):
        assert low < column.min() <= column.max() < high
    line = prepare(section("sine", "minmax"), 1)
    assert line.points_val is not None
    assert line.points_val.shape == (250, 1)
    assert len(line.low) == 1
    np.testing.assert_allclose(line.at_points(line.points_val), line.x_val, rtol=1e-5, atol=1e-6)
    assert prepare(section("iris"), 1).points_train is None


def test_one_input_by_hand_is_still_a_plane():
    data = prepare(section("circle", features="x1^2"), 0)
    assert data.input_shape == (1,)
    assert data.points_train.shape == (250, 2)
    assert data.at_points(np.zeros((4, 2))).shape == (4, 1)


@pytest.mark.parametrize("fraction", [0.05, 0.2, 0.5, 0.95])
def test_split_parts_are_disjoint_and_whole(fraction):
    rng = np.random.default_rng(0)
    for y in (rng.integers(0, 5, 101), np.repeat([0, 1], [97, 4]), rng.normal(size=(101, 2)), np.arange(101) // 100):
        train, val = split(y, fraction, np.random.default_rng(1))
        assert sorted([*train, *val]) == list(range(101))
        assert len(val) == min(round(101 * fraction), 101 - len(np.unique(y)) if y.dtype.kind == "i" else 101)
        if y.dtype.kind == "i":
            assert set(y[train]) == set(y)


def test_too_few_rows_to_split():
    for y in (np.zeros((1, 1)), np.arange(3), np.array([0])):
        with pytest.raises(ConfigError, match="val_fraction"):
            split(y, 0.5, np.random.default_rng(0))
    train, val = split(np.zeros((2, 1)), 0.01, np.random.default_rng(0))
    assert (len(train), len(val)) == (1, 1)


def test_unknown_names():
    for key in ("name", "scaler"):
        config = section("iris")
        object.__setattr__(config, key, "standardise")
        with pytest.raises(ConfigError, match=f"data.{key}"):
            prepare(config, 0)


X = np.arange(12.0).reshape(6, 2)


def test_own_arrays_of_classes_and_values():
    data = from_arrays((X, [0, 1, 2, 0, 1, 2], X[:2], np.array([3, 0], np.uint8)))
    check(data)
    assert (data.task, data.n_outputs, data.class_names) == ("classes", 4, ("0", "1", "2", "3"))
    assert data.class_weights is not None
    assert data.class_weights[3] == 0
    assert data.points_val.shape == (2, 2)
    values = from_arrays((X.astype(np.float32), X[:, 0], X[:3], X[:3, 0]))
    check(values)
    assert (values.task, values.n_outputs) == ("values", 1)
    images = from_arrays((np.zeros((4, 3, 5, 6), np.float32), np.zeros((4, 7)), None, None))
    check(images)
    assert images.image_shape == (3, 5, 6)
    assert images.n_val == 0
    np.testing.assert_array_equal(values.scale(X), X)
    source = np.ones((4, 2), np.float32)
    kept = from_arrays((source, [0, 1, 0, 1], source, [0, 1, 0, 1]))
    source[:] = 5
    assert kept.x_train.max() == 1


@pytest.mark.parametrize(
    ("arrays", "problem"),
    [
        ((X, [0, 1]), "x_train, y_train"),
        ((X, [0, 1], X, [0, 1]), "6"),
        ((X[:, 0], [0, 1] * 3, X, [0, 1] * 3), "wrong shape"),
        ((X, [0, 1] * 3, X[:, :1], [0, 1] * 3), r"\(n, 2\)"),
        ((X, [0, -1] * 3, X, [0, 1] * 3), "-1"),
        ((X, [0, 10**6] * 3, X, [0, 1] * 3), "1000000"),
        ((X, [0] * 6, X, [0] * 6), "one class"),
        ((X, [0, 1] * 3, X, [0.5] * 6), "another kind"),
        ((X * np.nan, [0, 1] * 3, X, [0, 1] * 3), "nan"),
        ((X * 1e38, [0, 1] * 3, X, [0, 1] * 3), "row 0"),
        ((X, [0, 1] * 3, 5, [0]), "x_val"),
        ((X, [0, 1] * 3, X, 5), "y_val"),
        ((X, [0.0, np.inf] * 3, X, [0.0] * 6), "inf"),
        ((np.array([["a", "b"]]), [0], None, None), "numbers"),
        (([[1, 2], [3]], [0, 1], None, None), "differ in length"),
        ((X[:0], [], None, None), "no rows"),
        ((X, [0, 1] * 3, X, None), "y_val"),
        ((X, [[0, 1]] * 6, X, [[0, 1]] * 6), "wrong shape"),
        ((np.zeros((6, 0)), [0, 1] * 3, None, None), "wrong shape"),
        (5, "x_train, y_train"),
    ],
)
def test_own_arrays_that_cannot_be(arrays, problem):
    with pytest.raises(ConfigError, match=problem):
        from_arrays(arrays)
