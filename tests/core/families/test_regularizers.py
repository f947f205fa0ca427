"""Every regularizer: its formula, its expectation, and that padding and unused lanes are left alone."""

from __future__ import annotations

from importlib.util import find_spec
from typing import Any

import numpy as np
import pytest
from nets import CLASSES, IMAGES, VALUES, trainer
from references import member_cases as cases

from dltui.core import ConfigError
from dltui.core.kernel.arrays import aligned, flat, from_lanes, to_lanes
from dltui.core.kernel.row import StandaloneRow
from dltui.core.registry import families

MEMBERS = families["regularizers"]
HIDDEN = [name for name, member in MEMBERS.items() if member.on_hidden]
BATCH = [name for name, member in MEMBERS.items() if member.on_batch]
WEIGHTS = [name for name, member in MEMBERS.items() if member.on_gradient or member.before_update or member.on_weights]
every_hidden = pytest.mark.parametrize("name", HIDDEN)
every_batch = pytest.mark.parametrize("name", BATCH)
every_weights = pytest.mark.parametrize("name", WEIGHTS)


@pytest.mark.parametrize("name", MEMBERS)
def test_strength_is_the_members_own_setting_and_off_by_default(name: str) -> None:
    strength = MEMBERS[name].strength
    assert strength.name == name
    assert strength.default == 0.0
    assert strength.low == 0.0
    assert MEMBERS[name].on_hidden or name in BATCH or name in WEIGHTS


def hidden(
    name: str, x: np.ndarray, p: float, *, way: int = 0, pixels: int = 1, row_index: int = 3, **control: int
) -> np.ndarray:
    """Outputs of the forward (way 0) or backward (way 1) pass on (samples, units)."""
    n, units = x.shape
    settings = {"seed": 11, "step": 5, **control}
    given = to_lanes(x, -(-n // 16))
    result = aligned(given.size)
    row = StandaloneRow(n, **settings).set(
        x=given, y=result, dy=given, dx=result, n=given.size // 16, params=[p], extra=pixels
    )
    row.set(row_index=row_index, n_in=units, n_out=units)
    kernels = MEMBERS[name].on_hidden
    assert kernels
    row.run(kernels[way])
    return from_lanes(result, n, units)


@every_hidden
def test_nothing_happens_outside_training(name: str) -> None:
    x = np.random.default_rng(0).normal(size=(13, 7)).astype(np.float32)
    assert np.array_equal(hidden(name, x, 0.5, train=0), x)


@every_hidden
@pytest.mark.parametrize("p", [0.1, 0.5, 0.9])
def test_mean_and_share_are_kept(name: str, p: float, note: Any) -> None:
    x = np.random.default_rng(0).normal(size=(64, 500)).astype(np.float32).astype(np.float64)
    y = hidden(name, x, p)
    kept = hidden(name, np.ones(x.shape), p, way=1) != 0
    n = x.size
    assert kept.mean() == pytest.approx(1 - p, abs=5 * np.sqrt(p * (1 - p) / n))
    error = abs(y.mean() - x.mean()) / (y.std() / np.sqrt(n))
    note("regularizers", name, **{"mean in sigma": error})
    assert error < 5


@every_hidden
@pytest.mark.parametrize("p", [0.1, 0.5, 0.9])
def test_gradient_is_the_mask(name: str, p: float) -> None:
    x = np.random.default_rng(0).normal(size=(37, 11)).astype(np.float32)
    difference = hidden(name, 2 * x, p) - hidden(name, x, p)
    assert np.allclose(difference, hidden(name, x, p, way=1), atol=1e-5)


@every_hidden
def test_mask_depends_on_seed_step_and_row_only(name: str) -> None:
    x = np.ones((32, 20))
    first = hidden(name, x, 0.5)
    assert np.array_equal(first, hidden(name, x, 0.5))
    for other in ({"seed": 12}, {"step": 6}, {"row_index": 4}):
        assert not np.array_equal(first, hidden(name, x, 0.5, **other))


@pytest.mark.parametrize("name", ["dropout", "spatial_dropout"])
def test_dropout_scales_what_it_keeps(name: str) -> None:
    y = hidden(name, np.ones((64, 100)), 0.2)
    assert set(np.unique(y.astype(np.float32))) == {np.float32(0.0), np.float32(1.25)}


def test_alpha_dropout_keeps_mean_and_variance() -> None:
    x = np.random.default_rng(0).normal(size=(64, 2000))
    y = hidden("alpha_dropout", x, 0.3)
    assert y.mean() == pytest.approx(0.0, abs=0.02)
    assert y.std() == pytest.approx(1.0, abs=0.02)


def test_spatial_dropout_takes_whole_channels() -> None:
    y = hidden("spatial_dropout", np.ones((37, 6 * 9)), 0.5, pixels=9).reshape(37, 6, 9)
    assert (y == y[:, :, :1]).all()
    assert 0.3 < (y[:, :, 0] == 0).mean() < 0.7


def apply(
    name: str, w: np.ndarray, g: np.ndarray, strength: float, rate: float = 0.1, step: int = 0
) -> tuple[np.ndarray, np.ndarray]:
    """Weights and gradient after every hook of a member, on one tensor (outputs, inputs) or (n,)."""
    member = MEMBERS[name]
    stored, gradient = flat(w.T), flat(g.T)
    row = StandaloneRow(step=step, seed=1).set(w=stored, gw=gradient, n=stored.size // 16, hyper=[rate, strength])
    row.set(rows=w.shape[-1], columns=w.shape[0] if w.ndim == 2 else 0)
    for hook in (member.on_gradient, member.before_update, member.on_weights):
        if hook is not None:
            row.run(hook)
    assert not stored[w.size :].any()
    assert not np.nan_to_num(gradient[w.size :]).any()
    back = [array[: w.size].astype(np.float64).reshape(w.shape[::-1]).T for array in (stored, gradient)]
    return back[0], back[1]


def tensors(shape: tuple[int, ...]) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(sum(shape))
    w, g = rng.normal(size=shape), rng.normal(size=shape) * 3.0
    w.flat[0] = 0.0
    return w.astype(np.float32).astype(np.float64), g.astype(np.float32).astype(np.float64)


@every_weights
@pytest.mark.parametrize("shape", [(5, 3), (16, 7), (37, 4), (33,)], ids=str)
@pytest.mark.parametrize("strength", [0.01, 1.0])
def test_hooks_on_weights_and_gradient(name: str, shape: tuple[int, ...], strength: float, note: Any) -> None:
    w, g = tensors(shape)
    new_w, new_g = apply(name, w, g, strength)
    norms = np.linalg.norm(w, axis=1, keepdims=True) if w.ndim == 2 else np.zeros(shape)
    formulas: dict[str, tuple[np.ndarray, np.ndarray]] = {
        "l1": (w, g + strength * np.sign(w)),
        "l2": (w, g + strength * w),
        "weight_decay": (w * (1 - 0.1 * strength), g),
        "clip_value": (w, np.clip(g, -strength, strength)),
        "clip_norm": (w, g * min(1.0, strength / (np.linalg.norm(g) + 1e-6))),
        "max_norm": (w * np.minimum(1.0, strength / np.maximum(norms, 1e-30)) if w.ndim == 2 else w, g),
    }
    if name in formulas:
        error = max(np.abs(new_w - formulas[name][0]).max(), np.abs(new_g - formulas[name][1]).max())
        note("regularizers", name, formula=error)
        assert error < 2e-6
    assert np.isfinite(new_w).all()
    assert np.isfinite(new_g).all()


def test_clipping_leaves_a_short_gradient_to_the_bit() -> None:
    w, g = tensors((5, 3))
    for name in ("clip_norm", "clip_value"):
        assert np.array_equal(apply(name, w, g, 100.0)[1], g)
    assert np.array_equal(apply("max_norm", w, g, 100.0)[0], w)


def test_clipping_a_huge_gradient_keeps_its_direction() -> None:
    w, g = tensors((5, 3))
    clipped = apply("clip_norm", w, g * 1e30, 1.0)[1]
    assert np.allclose(clipped, g / np.linalg.norm(g), rtol=1e-5)


def test_clipping_does_not_hide_nan() -> None:
    w, g = tensors((5, 3))
    g[1, 1] = np.nan
    assert np.isnan(apply("clip_norm", w, g, 1.0)[1]).all()
    assert np.isnan(apply("clip_value", w, g, 1.0)[1][1, 1])


def test_gradient_noise_fades_as_its_formula_says() -> None:
    w = np.zeros((200, 100))
    for step in (0, 99):
        noise = apply("gradient_noise", w, w, 0.5, step=step)[1]
        assert noise.std() == pytest.approx(0.5 / (1 + step) ** 0.275, rel=0.03)
        assert abs(noise.mean()) < 0.02


def test_order_of_the_hooks_on_the_gradient() -> None:
    ordered = sorted((name for name in WEIGHTS if MEMBERS[name].on_gradient), key=lambda name: MEMBERS[name].order)
    known = [name for name in ordered if name in ("clip_value", "clip_norm", "gradient_noise", "l1", "l2")]
    assert known == ["clip_value", "clip_norm", "gradient_noise", "l1", "l2"]


def batch(
    name: str, x: np.ndarray, t: np.ndarray, strength: float, *, shape: tuple[int, int] | None = None, **control: int
) -> tuple[np.ndarray, np.ndarray]:
    """Inputs and targets after a hook on the batch; `shape` is (height, width) of pictures."""
    n = len(x)
    stride = -(-n // 16) + 1
    inputs, targets = to_lanes(x, stride), to_lanes(t, stride)
    row = StandaloneRow(n, stride, **{"seed": 2, "step": 1, **control}).set(
        x=inputs, target=targets, n_in=x.shape[1], n_out=t.shape[1]
    )
    height, width = shape or (1, x.shape[1])
    row.set(channels=x.shape[1] // (height * width), height=height, width=width)
    row.set(hyper=[0.0, strength], scratch=aligned((x.shape[1] + t.shape[1]) * stride * 16))
    kernel = MEMBERS[name].on_batch
    assert kernel
    row.run(kernel)
    for array, given in ((inputs, x), (targets, t)):
        assert not array.reshape(given.shape[1], -1)[:, n:].any()
    return from_lanes(inputs, n, x.shape[1]), from_lanes(targets, n, t.shape[1])


@every_batch
@pytest.mark.parametrize("n_rows", [1, 13, 37])
def test_hooks_on_the_batch_repeat_themselves(name: str, n_rows: int) -> None:
    x, t = cases.loss_inputs("classes", n_rows, 4)
    first, again, later = (batch(name, x, t, 0.3, step=step) for step in (1, 1, 2))
    assert np.array_equal(first[0], again[0])
    assert np.array_equal(first[1], again[1])
    assert np.isfinite(first[0]).all()
    assert np.allclose(first[1].sum(axis=1), 1.0, atol=1e-6)
    if name != "label_smoothing" and n_rows > 1:
        assert not np.array_equal(first[0], later[0])


def test_a_flip_mirrors_a_share_of_the_pictures_in_all_their_channels() -> None:
    rng = np.random.default_rng(3)
    x = rng.normal(size=(400, 2 * 3 * 4)).astype(np.float32)
    flipped = batch("random_flip", x, x[:, :1], 0.25, shape=(3, 4))[0]
    mirrored = x.reshape(400, 2, 3, 4)[..., ::-1].reshape(400, -1)
    as_they_were, turned = ((flipped == other).all(axis=1) for other in (x, mirrored))
    assert (as_they_were ^ turned).all()
    assert turned.mean() == pytest.approx(0.25, abs=0.06)


def test_a_shift_stays_within_its_pixels_and_lets_the_border_go_on() -> None:
    slope = np.tile(np.arange(9.0), (5, 1)).reshape(1, -1)
    x = np.repeat(slope, 300, axis=0).astype(np.float32)
    moved = batch("random_shift", x, x[:, :1], 2.0, shape=(5, 9))[0].reshape(300, 5, 9)
    by = moved[:, 0, 4] - 4.0
    assert np.abs(by).max() <= 2.0 and by.std() == pytest.approx(2.0 / np.sqrt(3.0), rel=0.1)
    assert np.allclose(moved, np.clip(np.arange(9.0) + by[:, None, None], 0.0, 8.0), atol=1e-5)


def test_a_rotation_keeps_the_center_and_turns_the_rest_by_its_degrees() -> None:
    rows, columns = np.indices((9, 9)) - 4.0
    x = np.repeat(columns.reshape(1, -1), 300, axis=0).astype(np.float32)
    turned = batch("random_rotation", x, x[:, :1], 30.0, shape=(9, 9))[0].reshape(300, 9, 9)
    # A slope along the columns, turned, is a slope along cos(a) columns + sin(a) rows.
    angles = np.arcsin(np.clip(turned[:, 5, 4], -1.0, 1.0))
    assert np.allclose(turned[:, 4, 4], 0.0, atol=1e-5)
    assert np.degrees(np.abs(angles)).max() <= 30.0 and np.degrees(np.abs(angles)).max() > 25.0
    expected = np.cos(angles)[:, None, None] * columns + np.sin(angles)[:, None, None] * rows
    assert np.allclose(turned[:, 3:6, 3:6], expected[:, 3:6, 3:6], atol=1e-4)


def test_pictures_are_moved_only_where_there_are_pictures_and_labels_smoothed_only_where_there_are_labels() -> None:
    for name in (name for name, member in MEMBERS.items() if member.of_pictures):
        with pytest.raises(ConfigError, match=f"regularization.{name} = 0.5 needs pictures"):
            trainer({**CLASSES, "regularization": {name: 0.5}})
        running = trainer(IMAGES, steps=3)
        running.apply({f"regularization.{name}": 0.5})
        running.advance(20)
        assert running.step == 23
    with pytest.raises(ConfigError, match=r"regularization.label_smoothing = 0.1 does not work with values"):
        trainer(VALUES, regularization__label_smoothing=0.1)


def test_input_noise_has_its_deviation() -> None:
    x = np.zeros((320, 50))
    noise = batch("input_noise", x, np.zeros((320, 1)), 0.25)[0]
    assert noise.std() == pytest.approx(0.25, rel=0.03)
    assert abs(noise.mean()) < 0.01


def test_label_smoothing_spreads_a_share() -> None:
    t = np.eye(4)
    assert np.allclose(batch("label_smoothing", t, t, 0.2)[1], 0.8 * t + 0.05)
    assert np.allclose(batch("label_smoothing", t, t[:, :1], 0.2)[1], 0.8 * t[:, :1] + 0.1)


def test_mixup_blends_inputs_and_targets_alike() -> None:
    x = np.eye(13)
    mixed, targets = batch("mixup", x, x, 1.0)
    assert np.array_equal(mixed, targets)
    assert ((mixed > 0).sum(axis=1) <= 2).all()
    assert np.allclose(mixed.sum(axis=1), 1.0, atol=1e-6)


@pytest.mark.parametrize("alpha", [0.2, 1.0, 4.0])
def test_mixup_draws_its_share_from_beta(alpha: float) -> None:
    x = np.eye(2)
    shares = np.array([batch("mixup", x, x, alpha, step=step)[0][0, 0] for step in range(2000)])
    variance = 1 / (4 * (2 * alpha + 1))
    assert shares.mean() == pytest.approx(0.5, abs=5 * np.sqrt(variance / 2000))
    assert shares.var() == pytest.approx(variance, rel=0.12)


if find_spec("torch"):
    from references import torch_members

    def test_clipping_equals_torch(note: Any) -> None:
        for shape in ((5, 3), (37, 4)):
            w, g = tensors(shape)
            for name in ("clip_norm", "clip_value"):
                theirs = torch_members.clipped(g, 0.7, name.removeprefix("clip_"))
                error = np.abs(apply(name, w, g, 0.7)[1] - theirs).max()
                note("regularizers", name, torch=error)
                assert error < 1e-6

    def test_label_smoothing_equals_torch() -> None:
        x, t = cases.loss_inputs("classes", 13, 4)
        _, smoothed = batch("label_smoothing", x, t, 0.1)
        result = np.zeros(4)
        row = StandaloneRow(13).set(
            x=to_lanes(x, 1), target=to_lanes(smoothed, 1), dx=aligned(64), n_out=4, result=result
        )
        row.run(families["losses"]["cross_entropy"].gradient)
        assert result[0] == pytest.approx(torch_members.smoothed(x, t, 0.1), rel=1e-6)
