"""Every data set that needs no file: shape, balance, seed; the real ones by their counts and sums."""

import numpy as np
import pytest
from data_files import section

from dltui.core.data import prepare
from dltui.core.datasets.base import PLANE_INPUTS, plane_inputs
from dltui.core.errors import ConfigError
from dltui.core.registry import families

DATASETS = families["datasets"]
GENERATED = sorted(name for name, member in DATASETS.items() if member.kind == "generated")
REAL = sorted(name for name, member in DATASETS.items() if member.kind == "real")
PICTURES = ["bars_and_stripes", "digits", "shapes"]
PLANE = sorted(name for name in GENERATED if any(param.name == "features" for param in DATASETS[name].params))


def load(name, seed=1, **settings):
    member = DATASETS[name]
    complete = {param.name: param.default for param in member.params} | settings
    return member.load(complete, np.random.default_rng(seed))


def test_all_of_the_catalogue_is_there():
    assert set(DATASETS) == {
        *("circle", "xor", "gaussians", "spiral", "moons", "checkerboard", "rings"),
        *("sine", "step", "sawtooth", "bumps", "expression", "plane", "multi_gaussian", "saddle"),
        *("bars_and_stripes", "shapes", "digits", "iris", "wine", "breast_cancer", "diabetes"),
        *("csv", "npz", "npy", "idx", "images"),
    }


def test_no_setting_of_a_data_set_is_also_one_of_a_scaler_or_of_the_section():
    scaling = {param.name for member in families["scalers"].values() for param in member.params}
    ours = {param.name for member in DATASETS.values() for param in member.params}
    assert not ours & (scaling | {"name", "val_fraction", "scaler"})


@pytest.mark.parametrize("name", [*GENERATED, *REAL])
def test_shapes_types_and_names(name):
    samples = load(name)
    n = len(samples.x)
    assert samples.x.dtype == np.float64
    assert samples.x.ndim == 2
    assert np.isfinite(samples.x).all()
    assert len(samples.input_names) == (0 if samples.image_shape else samples.x.shape[1])
    if samples.task == "classes":
        assert samples.y.dtype == np.int64
        assert samples.y.shape == (n,)
        assert set(np.unique(samples.y)) == set(range(len(samples.class_names)))
        assert samples.output_names == ()
    else:
        assert samples.y.dtype == np.float64
        assert samples.y.shape == (n, len(samples.output_names))
        assert np.isfinite(samples.y).all()
        assert samples.class_names == ()


@pytest.mark.parametrize("name", GENERATED)
def test_count_balance_and_size(name):
    for n in (4, 37, 500):
        samples = load(name, n_samples=n)
        assert len(samples.x) == len(samples.y) == n
        if samples.task == "classes":
            counts = np.bincount(samples.y, minlength=len(samples.class_names))
            assert counts.max() - counts.min() <= 1
        assert np.abs(samples.x).max() < 10


@pytest.mark.parametrize("name", GENERATED)
def test_the_seed_decides(name):
    one, same, other = load(name, 5), load(name, 5), load(name, 6)
    np.testing.assert_array_equal(one.x, same.x)
    np.testing.assert_array_equal(one.y, same.y)
    assert not np.array_equal(one.x, other.x)


@pytest.mark.parametrize("name", GENERATED)
def test_extreme_settings_stay_finite(name):
    member = DATASETS[name]
    for end in ("low", "high"):
        settings = {
            param.name: type(param.default)(getattr(param, end))
            for param in member.params
            if getattr(param, end) is not None and param.name not in ("n_samples", "x_low", "x_high")
        }
        samples = load(name, n_samples=60, **settings)
        assert np.isfinite(samples.x).all()
        assert np.isfinite(samples.y).all()


@pytest.mark.parametrize("name", PLANE)
def test_hand_made_inputs_follow_from_the_points(name):
    samples = load(name, features=", ".join(PLANE_INPUTS))
    x1, x2 = samples.plane.T
    assert samples.input_names == PLANE_INPUTS
    np.testing.assert_allclose(samples.x, np.stack((x1, x2, x1**2, x2**2, x1 * x2, np.sin(x1), np.sin(x2)), axis=1))
    plain = load(name)
    np.testing.assert_array_equal(plain.x, samples.plane)
    np.testing.assert_array_equal(plain.y, samples.y)


def test_names_of_hand_made_inputs():
    assert plane_inputs(" x1² ,x1 * x2,x2**2") == ("x1^2", "x1*x2", "x2^2")
    assert plane_inputs("x1 x2^2 x1 * x2 sin( x1 ) sin(x2)") == ("x1", "x2^2", "x1*x2", "sin(x1)", "sin(x2)")
    for text, problem in (("x1,x3", "x3"), ("x1,x1", "twice"), (" , ", "no input"), ("sin(x)", "did you mean")):
        with pytest.raises(ConfigError, match=problem):
            plane_inputs(text)


def test_the_classes_lie_where_they_should():
    x, y = (lambda s: (s.x, s.y))(load("circle", noise=0.0))
    np.testing.assert_array_equal(y, np.hypot(*x.T) > 3)
    x, y = (lambda s: (s.x, s.y))(load("xor", noise=0.0))
    np.testing.assert_array_equal(y, x[:, 0] * x[:, 1] > 0)
    x, y = (lambda s: (s.x, s.y))(load("checkerboard", noise=0.0, fields=4))
    np.testing.assert_array_equal(y, np.floor(x / 3).sum(axis=1) % 2)
    x, y = (lambda s: (s.x, s.y))(load("rings", noise=0.0, classes=3))
    np.testing.assert_array_equal(y, np.floor(np.hypot(*x.T) / 2))
    x, y = (lambda s: (s.x, s.y))(load("spiral", noise=0.0, turns=1.0, classes=2))
    arm = (np.arctan2(x[:, 1], x[:, 0]) / (2 * np.pi) - np.hypot(*x.T) / 5) % 1.0
    np.testing.assert_array_equal(y, (arm > 0.25) & (arm < 0.75))


def test_the_values_are_those_of_the_formula():
    samples = load("saddle", noise=0.0)
    np.testing.assert_allclose(samples.y[:, 0], samples.x[:, 0] * samples.x[:, 1] / 18)
    samples = load("plane", noise=0.0)
    np.testing.assert_allclose(samples.y[:, 0], samples.x.sum(axis=1) / 10)
    samples = load("step", noise=0.0)
    np.testing.assert_array_equal(samples.y, np.where(samples.x < 0, -1.0, 1.0))
    samples = load("sine", noise=0.0, waves=1.0)
    np.testing.assert_allclose(samples.y, np.sin(np.pi * (samples.x + 3) / 3))
    samples = load("sawtooth", noise=0.0, teeth=1)
    np.testing.assert_allclose(samples.y, samples.x / 3, atol=1e-12)
    for name in ("multi_gaussian", "bumps"):
        y = load(name, noise=0.0, n_samples=3000).y
        assert y.min() == pytest.approx(-1, abs=0.1)
        assert y.max() == pytest.approx(1, abs=0.1)


def test_the_user_s_function():
    samples = load("expression", formula="x**2 + 1", noise=0.0, x_low=0.0, x_high=2.0)
    np.testing.assert_allclose(samples.y, samples.x**2 + 1)
    assert samples.x.min() >= 0
    assert samples.x.max() <= 2
    assert load("expression", formula="3", noise=0.0).y.tolist() == [[3.0]] * 500


@pytest.mark.parametrize(
    ("settings", "problem"),
    [
        ({"formula": "log(x)"}, "no finite value at x = -"),
        ({"formula": "x +"}, r"data\.formula"),
        ({"formula": "__import__('os')"}, r"data\.formula"),
        ({"formula": "y"}, r"data\.formula"),
        ({"formula": ""}, r"data\.formula"),
        ({"x_low": 2.0, "x_high": 1.0}, "x_low"),
    ],
)
def test_a_function_that_cannot_be(settings, problem):
    with pytest.raises(ConfigError, match=problem):
        load("expression", **settings)


@pytest.mark.parametrize("name", PICTURES)
def test_pictures_flat_square_and_as_their_own_target(name):
    flat, square, copy = load(name), load(name, as_image=True), load(name, autoencoder=True)
    assert square.x.shape == (len(flat.x), *flat.image_shape)
    np.testing.assert_array_equal(square.x.reshape(flat.x.shape), flat.x)
    np.testing.assert_array_equal(copy.y, flat.x)
    assert copy.target_is_input
    assert copy.task == "values"
    both = prepare(section(name, as_image=True, autoencoder=True), 0)
    assert both.input_shape == both.image_shape
    assert both.n_outputs == both.y_train.shape[1] == flat.x.shape[1]


def test_bars_and_stripes():
    samples = load("bars_and_stripes", noise=0.0, size=3, n_samples=2000, as_image=True)
    images, bars = samples.x[:, 0], samples.y == 0
    assert set(np.unique(images)) == {0.0, 1.0}
    assert (images[bars] == images[bars][:, :1]).all()
    assert (images[~bars] == images[~bars][:, :, :1]).all()
    sums = images.sum(axis=(1, 2))
    assert sums.min() > 0
    assert sums.max() < 9
    assert len(np.unique(images.reshape(2000, -1), axis=0)) == 12


@pytest.mark.parametrize("name", ["bars_and_stripes", "shapes"])
def test_no_set_of_pictures_fills_the_memory(name):
    with pytest.raises(ConfigError, match=r"n_samples.* at most 8192 pictures"):
        load(name, n_samples=9000, size=32)


def test_drawn_shapes_differ_and_lie_inside():
    samples = load("shapes", noise=0.0, size=24, n_samples=400, as_image=True)
    images = samples.x[:, 0]
    assert images.min() == 0.0
    assert images.max() == 1.0
    assert (images.sum(axis=(1, 2)) > 20).all()
    share = [images[samples.y == kind].mean() for kind in range(4)]
    assert min(share[0], share[1]) > share[2] > 0
    np.testing.assert_allclose(images[samples.y == 0].mean(0), images[samples.y == 0].mean(0).T, atol=0.15)


@pytest.mark.parametrize(
    ("name", "shape", "counts"),
    [
        ("digits", (1797, 64), [178, 182, 177, 183, 181, 182, 181, 179, 174, 180]),
        ("iris", (150, 4), [50, 50, 50]),
        ("wine", (178, 13), [59, 71, 48]),
        ("breast_cancer", (569, 30), [212, 357]),
    ],
)
def test_real_classes(name, shape, counts):
    samples = load(name)
    assert samples.x.shape == shape
    assert np.bincount(samples.y).tolist() == counts


def test_real_numbers():
    digits = load("digits")
    assert (digits.x.min(), digits.x.max()) == (0.0, 1.0)
    assert digits.x.sum() * 16 == 561718
    diabetes = load("diabetes")
    assert diabetes.x.shape == (442, 10)
    assert diabetes.y.sum() * 100 == pytest.approx(67243)
    assert load("iris").x.sum() == pytest.approx(2078.7)
    assert load("wine").x[:, -1].max() == 1680
