"""Every scaler against scikit-learn, and the columns that break a careless one."""

import importlib.util
import json
from pathlib import Path

import numpy as np
import pytest

from dltui.core.errors import ConfigError
from dltui.core.registry import families

REFERENCES = Path(__file__).parents[2] / "support" / "references"
LARGEST = np.finfo(np.float64).max
NAMES = sorted(families["scalers"])


def load_script(name):
    spec = importlib.util.spec_from_file_location(name, REFERENCES / f"{name}.py")
    assert spec and spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def inputs():
    rng = np.random.default_rng(20)
    sizes = np.array([1.0, 1000.0, 1e-6, 1e12, 1.0])
    train = np.exp(rng.normal(size=(41, 5))) * sizes
    train[:, 4] = np.repeat([2.0, 3.0], [40, 1])
    return train, np.exp(rng.normal(size=(17, 5)) * 1.5) * sizes


def defaults(scaler, **changes):
    return {param.name: param.default for param in scaler.params} | changes


def entries():
    return json.loads((REFERENCES / "scalers.json").read_text())


@pytest.mark.parametrize("entry", entries(), ids=lambda entry: f"{entry['name']}-{entry['settings']}")
def test_scikit_learn_agrees(entry, note):
    scaler = families["scalers"][entry["name"]]
    train, later = inputs()
    settings = defaults(scaler, **entry["settings"])
    fitted = scaler.fit(train, settings)
    for part, x in (("train", train), ("later", later)):
        ours, theirs = scaler.transform(x, fitted, settings), np.array(entry[part])
        note("scalers", entry["name"], sklearn=(np.abs(ours - theirs) / np.maximum(np.abs(theirs), 1.0)).max())
        np.testing.assert_allclose(ours, theirs, rtol=1e-11, atol=1e-12)


def test_the_record_is_what_scikit_learn_says_today():
    if importlib.util.find_spec("sklearn") is None:
        assert len(entries()) == 10
        return
    for new, old in zip(load_script("make_scalers").record(), entries(), strict=True):
        assert (new["name"], new["settings"]) == (old["name"], old["settings"])
        for part in ("train", "later"):
            np.testing.assert_allclose(new[part], old[part], rtol=1e-12, atol=1e-14)


def test_every_scaler_has_a_record():
    assert {entry["name"] for entry in entries()} | {"none"} == set(NAMES)


HARD = {
    "constant": np.full((9, 1), 0.1),
    "constant large": np.full((9, 1), 1e300),
    "zeros": np.zeros((9, 1)),
    "single row": np.array([[3.0]]),
    "nearly constant": np.array([[1e8], [1e8 + 1e-8], [1e8]]),
    "both ends": np.array([[-LARGEST], [LARGEST], [0.0]]),
    "huge": np.array([[1e308], [1.7e308], [1.1e308], [-1e307]]),
    "subnormal": np.array([[5e-324], [1e-323], [0.0]]),
}


@pytest.mark.parametrize("case", HARD)
@pytest.mark.parametrize("name", NAMES)
def test_stays_finite_and_does_not_touch_its_input(name, case):
    scaler, x = families["scalers"][name], HARD[case].copy()
    later = np.array([[0.0], [LARGEST], [-LARGEST], [1e-320]])
    for standardize in (False, True):
        settings = defaults(scaler)
        settings |= {"standardize": standardize} if "standardize" in settings else {}
        fitted = scaler.fit(x, settings)
        for column in fitted.values():
            assert column.shape == (1,)
            assert column.dtype == np.float64
            assert np.isfinite(column).all()
        for rows in (x, later):
            y = scaler.transform(rows, fitted, settings)
            assert y.shape == rows.shape
            assert np.isfinite(y).all()
            if scaler.inverse is not None:
                assert np.isfinite(scaler.inverse(y, fitted, settings)).all()
    np.testing.assert_array_equal(x, HARD[case])


@pytest.mark.parametrize("name", ["standardize", "linear", "robust"])
def test_a_constant_column_becomes_zero(name):
    scaler = families["scalers"][name]
    x = np.full((10, 1), 0.1)
    settings = defaults(scaler)
    np.testing.assert_array_equal(scaler.transform(x, scaler.fit(x, settings), settings), 0.0)


@pytest.mark.parametrize("name", [name for name in NAMES if families["scalers"][name].inverse is not None])
def test_the_inverse_leads_back(name):
    scaler = families["scalers"][name]
    assert scaler.inverse
    train, _ = inputs()
    for standardize in (False, True):
        settings = defaults(scaler)
        settings |= {"standardize": standardize} if "standardize" in settings else {}
        fitted = scaler.fit(train, settings)
        back = scaler.inverse(scaler.transform(train, fitted, settings), fitted, settings)
        np.testing.assert_allclose(back, train, rtol=1e-9, atol=1e-9)


def test_log_keeps_the_sign():
    scaler = families["scalers"]["log"]
    y = scaler.transform(np.array([[-9.0], [0.0], [9.0]]), {}, {"standardize": False})
    np.testing.assert_allclose(y[:, 0], [-np.log(10), 0.0, np.log(10)])


def test_clip_can_standardize_what_is_left():
    scaler = families["scalers"]["clip"]
    x = np.r_[np.linspace(0, 1, 99), 1e6][:, None]
    settings = defaults(scaler, standardize=True)
    y = scaler.transform(x, scaler.fit(x, settings), settings)
    assert abs(y.mean()) < 1e-9
    assert abs(y.std() - 1) < 1e-9
    assert y.max() < 2


def test_minmax_refuses_a_range_upside_down():
    scaler = families["scalers"]["minmax"]
    with pytest.raises(ConfigError, match="feature_low"):
        scaler.fit(np.zeros((3, 1)), defaults(scaler, feature_low=2.0, feature_high=1.0))


@pytest.mark.parametrize("outlier", [1e3, 1e12, 1e15, 1e18, 1e300])
def test_an_outlier_however_far_does_not_set_the_robust_scale(outlier):
    member = families["scalers"]["robust"]
    settings = {param.name: param.default for param in member.params}
    x = np.append(np.linspace(-1.0, 1.0, 200), outlier)[:, None]
    wanted = (x - np.median(x)) / (np.quantile(x, 0.75) - np.quantile(x, 0.25))
    assert member.transform(x, member.fit(x, settings), settings)[:-1] == pytest.approx(wanted[:-1], rel=1e-9, abs=1e-9)
