"""Every activation: its values and gradient as in PyTorch, and its extremes; the battery has its finite differences."""

from __future__ import annotations

from importlib.util import find_spec
from typing import Any

import numpy as np
import pytest
from references import member_cases as cases

from dltui.core.conformance.slopes import ActivationRun, variants
from dltui.core.registry import families

MEMBERS = families["activations"]
RECORDED = cases.recorded()["activations"]


CASES = [(name, settings) for name, member in MEMBERS.items() for settings in variants(member)]
every_case = pytest.mark.parametrize("name, settings", CASES, ids=lambda value: str(value))


def both(name: str, *args: Any, **options: Any) -> ActivationRun:
    return ActivationRun(MEMBERS[name], *args, **options)


def samples(n: int = 33) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(5)
    z = (rng.normal(size=(n, cases.UNITS)) * 2.5).astype(np.float32).astype(np.float64)
    return z, rng.normal(size=(n, cases.UNITS)).astype(np.float32).astype(np.float64)


@pytest.mark.parametrize("name", [name for name, member in MEMBERS.items() if member.learned])
def test_learned_setting_has_the_right_gradient(name: str) -> None:
    z, dy = samples(37)
    h = 1 / 8
    low, high = ((both(name, {}, z, dy, slope=0.5 + d).y * dy).sum() for d in (-h, h))
    found = both(name, {}, z, dy, slope=0.5, spare=2, junk=7.0).ds
    assert found[0] == pytest.approx((high - low) / (2 * h), rel=1e-4)
    assert not found[1:].any()


def compare(name: str, settings: dict[str, Any], y: np.ndarray, dz: np.ndarray, note: Any, column: str) -> None:
    z = cases.activation_inputs()
    ours = both(name, settings, z, np.tile(np.arange(1.0, z.shape[1] + 1), (len(z), 1)))
    for mine, theirs in ((ours.y, y.reshape(z.shape)), (ours.dz, dz.reshape(z.shape))):
        error = np.abs(mine - theirs) / np.maximum(np.abs(theirs), 1.0)
        note("activations", name, **{column: error.max()})
        assert error.max() < 3e-6, z.ravel()[error.argmax()]


@every_case
def test_equals_the_recorded_answers(name: str, settings: dict[str, Any], note: Any) -> None:
    settings = next((s for s in (settings, {}) if cases.key(name, s) in RECORDED), settings)
    answer = RECORDED.get(cases.key(name, settings))
    if answer is not None:
        compare(name, settings, np.array(answer["y"]), np.array(answer["dz"]), note, "recorded")


if find_spec("torch"):
    from references import torch_members

    TORCH_CASES = [(name, s) for name, (_, several) in torch_members.ACTIVATIONS.items() for s in several]

    @pytest.mark.parametrize("name, settings", TORCH_CASES, ids=lambda value: str(value))
    def test_equals_torch(name: str, settings: dict[str, Any], note: Any) -> None:
        y, dz = torch_members.activation(name, settings, cases.activation_inputs())
        compare(name, settings, y, dz, note, "torch")


@every_case
def test_extremes_stay_finite(name: str, settings: dict[str, Any]) -> None:
    z = cases.activation_inputs()
    made = both(name, settings, z, np.ones(z.shape))
    assert np.isfinite(made.y).all()
    assert np.isfinite(made.dz).all()


@every_case
def test_nan_is_not_hidden(name: str, settings: dict[str, Any]) -> None:
    z = np.zeros((3, 1))
    z[1] = np.nan
    y = both(name, settings, z, np.ones(z.shape)).y
    assert np.isnan(y[1]).all()
    assert np.isfinite(y[[0, 2]]).all()


@every_case
def test_place_in_memory_does_not_matter(name: str, settings: dict[str, Any]) -> None:
    z, dy = samples(13)
    plain = both(name, settings, z, dy)
    for other in (both(name, settings, z, dy, spare=2, junk=3.0), both(name, settings, z, dy, in_place=True)):
        assert np.array_equal(plain.y, other.y)
        assert np.array_equal(plain.dz, other.dz)
        assert np.array_equal(plain.ds, other.ds)
