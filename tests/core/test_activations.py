"""Every activation: its gradient by finite differences, its values and gradient as in PyTorch, and its extremes."""

from __future__ import annotations

from collections.abc import Iterator
from importlib.util import find_spec
from typing import Any

import numpy as np
import pytest
from references import member_cases as cases
from rows import Row, flat, floats, lay, numbers, unlay

from dltui.core.registry import families

MEMBERS = families["activations"]
RECORDED = cases.recorded()["activations"]


def variants(member: Any) -> Iterator[dict[str, Any]]:
    """The defaults, then every setting moved by itself."""
    yield {}
    for param in member.params:
        if param.choices:
            yield from ({param.name: word} for word in param.choices[1:])
        else:
            moved = param.default * 1.5 + 0.25
            yield {param.name: moved if param.high is None else min(moved, param.high)}


CASES = [(name, settings) for name, member in MEMBERS.items() for settings in variants(member)]
every_case = pytest.mark.parametrize("name, settings", CASES, ids=lambda value: str(value))


class Both:
    """Outputs and gradients of one activation on (samples, units)."""

    def __init__(
        self,
        name: str,
        settings: dict[str, Any],
        z: np.ndarray,
        dy: np.ndarray,
        *,
        spare: int = 0,
        junk: float = 0.0,
        in_place: bool = False,
        slope: float | None = None,
    ) -> None:
        member, (n, units) = MEMBERS[name], z.shape
        stride = -(-n // 16) + spare
        x, da = lay(z, stride, junk), lay(dy, stride)
        # Behind the batch, gradients of an earlier and larger batch may still lie.
        da.reshape(units, stride, 16)[:, -(-n // 16) :] = junk
        y, dx = floats(x.size), da if in_place else floats(x.size)
        start = member.learned[0].default if member.learned else 0.0
        w, gw = flat(np.array([start if slope is None else slope])), floats(1)
        row = Row(n, stride).set(x=x, y=y, dy=da, dx=dx, w=w, gw=gw, n=units * stride, n_in=units, n_out=units)
        row.set(params=numbers(member, settings))
        row.run(member.forward)
        row.run(member.backward)
        self.y, self.dz, self.ds = unlay(y, n, units), unlay(dx, n, units), gw.copy()


def samples(n: int = 33) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(5)
    z = (rng.normal(size=(n, cases.UNITS)) * 2.5).astype(np.float32).astype(np.float64)
    return z, rng.normal(size=(n, cases.UNITS)).astype(np.float32).astype(np.float64)


@every_case
def test_gradient_is_the_slope(name: str, settings: dict[str, Any], note: Any) -> None:
    z, dy = samples(256)
    # The corners of the common functions lie at whole numbers: stay out of their reach.
    z = (np.floor(z * 4.0) + 0.5) / 4.0

    def cost(unit: int, shift: float) -> np.ndarray:
        moved = z.copy()
        moved[:, unit] += shift
        return (Both(name, settings, moved, dy).y * dy).sum(axis=1)

    def slope(unit: int, h: float) -> np.ndarray:
        near, far = cost(unit, h) - cost(unit, -h), cost(unit, 2 * h) - cost(unit, -2 * h)
        return (8 * near - far) / (12 * h)

    dz = Both(name, settings, z, dy).dz
    worst, n_smooth = 0.0, 0
    for unit in range(z.shape[1]):
        fine, coarse = slope(unit, 1 / 32), slope(unit, 1 / 16)
        # Where the two disagree there is a corner within reach, and no slope to compare with.
        smooth = np.abs(fine - coarse) < 2e-4
        n_smooth += int(smooth.sum())
        worst = max(worst, float(np.abs(fine - dz[:, unit])[smooth].max()))
    note("activations", name, differences=worst)
    assert n_smooth > 0.75 * z.size
    assert worst < 4e-4


@pytest.mark.parametrize("name", [name for name, member in MEMBERS.items() if member.learned])
def test_learned_setting_has_the_right_gradient(name: str) -> None:
    z, dy = samples(37)
    h = 1 / 8
    low, high = ((Both(name, {}, z, dy, slope=0.5 + d).y * dy).sum() for d in (-h, h))
    found = Both(name, {}, z, dy, slope=0.5, spare=2, junk=7.0).ds
    assert found[0] == pytest.approx((high - low) / (2 * h), rel=1e-4)
    assert not found[1:].any()


def compare(name: str, settings: dict[str, Any], y: np.ndarray, dz: np.ndarray, note: Any, column: str) -> None:
    z = cases.activation_inputs()
    ours = Both(name, settings, z, np.tile(np.arange(1.0, z.shape[1] + 1), (len(z), 1)))
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
    both = Both(name, settings, z, np.ones(z.shape))
    assert np.isfinite(both.y).all()
    assert np.isfinite(both.dz).all()


@every_case
def test_nan_is_not_hidden(name: str, settings: dict[str, Any]) -> None:
    z = np.zeros((3, 1))
    z[1] = np.nan
    y = Both(name, settings, z, np.ones(z.shape)).y
    assert np.isnan(y[1]).all()
    assert np.isfinite(y[[0, 2]]).all()


@every_case
def test_place_in_memory_does_not_matter(name: str, settings: dict[str, Any]) -> None:
    z, dy = samples(13)
    plain = Both(name, settings, z, dy)
    for other in (Both(name, settings, z, dy, spare=2, junk=3.0), Both(name, settings, z, dy, in_place=True)):
        assert np.array_equal(plain.y, other.y)
        assert np.array_equal(plain.dz, other.dz)
        assert np.array_equal(plain.ds, other.ds)
