"""Every initializer against PyTorch's spread, and what only some of them promise."""

import importlib.util
import json
import math
from pathlib import Path

import numpy as np
import pytest

from dltui.core.errors import ConfigError
from dltui.core.initializers.base import Draw
from dltui.core.registry import families

REFERENCES = Path(__file__).parents[2] / "support" / "references"
NAMES = sorted(families["initializers"])
SHAPES = [(1, 1), (3, 2), (2, 7), (4, 3, 3, 3), (1, 1, 5, 5)]


def make_draw(shape, seed=3):
    field = math.prod(shape[2:])

    def uniform(n):
        return np.clip(np.random.default_rng([seed, 0]).random(n), 1e-300, None)

    def normal(n):
        return np.random.default_rng([seed, 1]).normal(size=n)

    return Draw(
        shape=shape, fan_in=shape[1] * field, fan_out=shape[0] * field, gain=1.0, uniform=uniform, normal=normal
    )


def settings_of(name, **changes):
    return {param.name: param.default for param in families["initializers"][name].params} | changes


def entries():
    return json.loads((REFERENCES / "initializers.json").read_text())


@pytest.mark.parametrize("entry", entries(), ids=lambda e: f"{e['name']}-{e['settings']}-{e['shape']}")
def test_spread_is_pytorch_s(entry, note):
    member = families["initializers"][entry["name"]]
    w = member.draw(make_draw(tuple(entry["shape"])), settings_of(entry["name"], **entry["settings"]))
    # Two samples of n numbers: their deviations differ by about std/sqrt(n), their means by about std*sqrt(2/n).
    n, std = w.size, entry["std"]
    if std:
        note("initializers", entry["name"], **{"std beside torch": abs(w.std() / std - 1)})
    assert abs(w.std() - std) <= 5 * std / math.sqrt(n)
    assert abs(w.mean() - entry["mean"]) <= 7 * std / math.sqrt(n) + 1e-15
    span = entry["high"] - entry["low"]
    tails = 0.25 if "truncated" not in entry["name"] and ("normal" in entry["name"] or std < span / 6) else 1e-3
    assert abs(w.min() - entry["low"]) <= tails * span
    assert abs(w.max() - entry["high"]) <= tails * span


def test_the_record_is_what_pytorch_says_today():
    if importlib.util.find_spec("torch") is None:
        assert len(entries()) == 45
        return
    spec = importlib.util.spec_from_file_location("make_initializers", REFERENCES / "make_initializers.py")
    assert spec and spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    for new, old in zip(module.record(), entries(), strict=True):
        assert (new["name"], new["settings"], new["shape"]) == (old["name"], old["settings"], old["shape"])
        for key in ("mean", "std", "low", "high"):
            assert new[key] == pytest.approx(old[key], rel=1e-9, abs=1e-12)


def test_every_initializer_has_a_record():
    assert {entry["name"] for entry in entries()} == set(NAMES)


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("name", NAMES)
def test_shape_type_and_determinism(name, shape):
    member = families["initializers"][name]
    w = member.draw(make_draw(shape), settings_of(name))
    assert w.shape == shape
    assert w.dtype == np.float64
    assert np.isfinite(w).all()
    np.testing.assert_array_equal(w, member.draw(make_draw(shape), settings_of(name)))
    if name not in ("zeros", "constant") and w.size > 1:
        assert not np.array_equal(w, member.draw(make_draw(shape, seed=4), settings_of(name)))


@pytest.mark.parametrize("shape", [(5, 5), (3, 8), (8, 3), (4, 2, 3, 3), (30, 2, 3, 3)])
def test_orthogonal_rows_or_columns(shape):
    w = families["initializers"]["orthogonal"].draw(make_draw(shape), {"gain": 1.5}).reshape(shape[0], -1)
    small = w @ w.T if w.shape[0] <= w.shape[1] else w.T @ w
    np.testing.assert_allclose(small, 1.5**2 * np.eye(len(small)), atol=1e-12)


def test_orthogonal_is_pytorch_s_on_the_same_numbers():
    draw = make_draw((6, 4))
    q, r = np.linalg.qr(draw.normal(24).reshape(6, 4))
    np.testing.assert_allclose(
        families["initializers"]["orthogonal"].draw(draw, {"gain": 1.0}), q * np.sign(np.diag(r)), atol=1e-14
    )


def test_uniform_keeps_inside_its_limits():
    w = families["initializers"]["uniform"].draw(make_draw((50, 50)), {"low": -0.3, "high": 0.1})
    assert -0.3 <= w.min() < -0.29
    assert 0.09 < w.max() <= 0.1
    with pytest.raises(ConfigError, match=r"network\.low"):
        families["initializers"]["uniform"].draw(make_draw((2, 2)), {"low": 0.2, "high": 0.1})


@pytest.mark.parametrize("cut", [0.5, 2.0, 6.0])
def test_truncated_normal_has_no_far_ends(cut):
    w = families["initializers"]["truncated_normal"].draw(make_draw((100, 100)), {"mean": 1.0, "std": 0.1, "cut": cut})
    assert np.abs(w - 1.0).max() <= cut * 0.1


def test_auto_without_an_activation_is_glorot_uniform():
    draw = make_draw((20, 30))
    auto = families["initializers"]["auto"].draw(draw, {})
    np.testing.assert_array_equal(auto, families["initializers"]["glorot_uniform"].draw(draw, {"gain": 1.0}))
