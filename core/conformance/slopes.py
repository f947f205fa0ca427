"""What every activation and loss must pass: its gradient is the slope, by finite differences, wherever values lie."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from ..activations.base import Activation
from ..kernel.arrays import aligned, flat, from_lanes, padded, to_lanes, vectors_for
from ..kernel.row import StandaloneRow
from ..losses.base import Loss
from ..registry import Member, Settings, kernel_numbers
from ..simd import LANES
from .data import Figures, require


def variants(member: Member) -> Iterator[Settings]:
    """The defaults, then every setting moved by itself."""
    yield {}
    for param in member.params:
        if param.choices:
            yield from ({param.name: word} for word in param.choices if word != param.default)
        elif isinstance(param.default, float):
            moved = param.default * 1.5 + 0.25
            if param.high is not None and moved >= param.high:
                moved = param.default * 0.5 if param.open_high else param.high
            yield {param.name: moved}


class ActivationRun:
    """Outputs and gradients of one activation on (samples, units).

    Args:
        member: The activation.
        settings: Those that differ from the defaults.
        z: Inputs, (samples, units).
        dy: Gradient by the outputs, (samples, units).
        spare: Vectors between two units that belong to no sample.
        junk: What lies in those and in the lanes past the batch.
        in_place: Whether both gradients share their memory.
        slope: The learned setting; None for its start.
    """

    def __init__(
        self,
        member: Activation,
        settings: Settings,
        z: np.ndarray,
        dy: np.ndarray,
        *,
        spare: int = 0,
        junk: float = 0.0,
        in_place: bool = False,
        slope: float | None = None,
    ) -> None:
        n, units = z.shape
        stride = vectors_for(n) + spare
        x, da = to_lanes(z, stride, junk), to_lanes(dy, stride)
        # Behind the batch, gradients of an earlier and larger batch may still lie.
        da.reshape(units, stride, LANES)[:, vectors_for(n) :] = junk
        y, dx = aligned(x.size), da if in_place else aligned(x.size)
        start = member.learned[0].default if member.learned else 0.0
        w, gw = flat(np.array([start if slope is None else slope])), aligned(padded(1))
        row = StandaloneRow(n, stride).set(
            x=x, y=y, dy=da, dx=dx, w=w, gw=gw, n=units * stride, n_in=units, n_out=units
        )
        row.set(params=kernel_numbers(member.params, settings))
        row.run(member.forward)
        row.run(member.backward)
        self.y, self.dz, self.ds = from_lanes(y, n, units), from_lanes(dx, n, units), gw.copy()


def check_activation(member: Activation) -> Figures:
    """Backward is the slope of forward, for every setting, wherever the values lie in memory."""
    return {"differences": max(activation_error(member, settings) for settings in variants(member))}


def activation_error(member: Activation, settings: Settings) -> float:
    """Worst difference between the gradient and the slope by finite differences, beside the size of the function.

    Raises:
        ConfigError: It is too large, or a value is not finite.
    """
    rng = np.random.default_rng(5)
    # The corners of the common functions lie at whole numbers: stay out of their reach.
    z = (np.floor(rng.normal(size=(256, 5)) * 10.0) + 0.5) / 4.0
    dy = rng.normal(size=z.shape)
    both = ActivationRun(member, settings, z, dy)
    require(np.isfinite(both.y).all(), "gives a value that is not finite")
    require(np.isfinite(both.dz).all(), "gives a gradient that is not finite")
    elsewhere = ActivationRun(member, settings, z, dy, spare=2, junk=3.0, in_place=True)
    same = np.array_equal(both.y, elsewhere.y) and np.array_equal(both.dz, elsewhere.dz)
    require(same, "gives other values where both gradients share their memory, or beside a larger batch")

    def cost(unit: int, shift: float) -> np.ndarray:
        moved = z.copy()
        moved[:, unit] += shift
        return np.asarray((ActivationRun(member, settings, moved, dy).y * dy).sum(axis=1))

    def slope(unit: int, h: float) -> np.ndarray:
        near, far = cost(unit, h) - cost(unit, -h), cost(unit, 2 * h) - cost(unit, -2 * h)
        return np.asarray((8 * near - far) / (12 * h))

    worst, n_smooth = 0.0, 0
    for unit in range(z.shape[1]):
        fine, coarse = slope(unit, 1 / 32), slope(unit, 1 / 16)
        # float32 keeps seven digits of the value, so that a large value blurs the slope.
        size = np.maximum(1.0, np.abs(fine)) + np.abs(both.y).max(axis=1) * 0.1
        # Where the two disagree there is a corner within reach, and no slope to compare with.
        smooth = np.abs(fine - coarse) < 2e-4 * size
        n_smooth += int(smooth.sum())
        error = np.where(smooth, np.abs(fine - both.dz[:, unit]) / size, 0.0)
        at = int(error.argmax())
        problem = f"has a backward that is not the slope of its forward: {both.dz[at, unit] / dy[at, unit]:.4g}"
        require(error[at] < 4e-4, f"{problem} at z = {z[at, unit]:g}, where the slope is {fine[at] / dy[at, unit]:.4g}")
        worst = max(worst, float(error[at]))
    require(n_smooth > 0.75 * z.size, "jumps, so that it has no slope to compare with")
    return worst


def run_loss(
    member: Loss,
    x: np.ndarray,
    t: np.ndarray,
    *,
    settings: Settings | None = None,
    weight: np.ndarray | None = None,
    spare: int = 0,
    junk: float = 0.0,
) -> tuple[float, np.ndarray, float, np.ndarray]:
    """(mean loss, gradient, weight of the batch, gradient in the lanes without a sample)."""
    n, units = x.shape
    stride = vectors_for(n) + spare
    outputs, dx = to_lanes(x, stride, junk), to_lanes(np.zeros(x.shape), stride, 7.0)
    result = np.zeros(4)
    row = StandaloneRow(n, stride).set(
        x=outputs, target=to_lanes(t, stride), dx=dx, n_in=units, n_out=units, result=result
    )
    row.set(params=kernel_numbers(member.params, settings or {}))
    if weight is not None:
        row.set(state=flat(weight))
    row.run(member.gradient)
    rest = dx.reshape(units, stride, LANES)[:, : vectors_for(n)].reshape(units, -1)[:, n:]
    return float(result[0]), from_lanes(dx, n, units), float(result[1]), rest


def n_outputs(member: Loss, task: str) -> int:
    """Outputs of a network the loss is tried on."""
    return 1 if member.outputs == "single" else 4 if task == "classes" else 3


def targets(member: Loss, task: str, n_rows: int) -> tuple[np.ndarray, np.ndarray]:
    """Outputs and targets (samples, outputs) to try a loss on, float32 numbers as float64."""
    rng, n_out = np.random.default_rng(n_rows), n_outputs(member, task)
    x = rng.normal(size=(n_rows, n_out)) * 2.0
    t: np.ndarray = rng.normal(size=(n_rows, n_out))
    if task == "classes":
        t = rng.integers(0, 2, (n_rows, 1)) * 1.0 if n_out == 1 else np.eye(n_out)[rng.integers(0, n_out, n_rows)]
    return x.astype(np.float32).astype(np.float64), t.astype(np.float32).astype(np.float64)


def check_loss(member: Loss) -> Figures:
    """The gradient is the slope of the mean loss; lanes past the batch count for nothing; a link keeps the shape."""
    worst = 0.0
    for task in member.tasks:
        for n_rows in (1, 13, 37):
            x, t = targets(member, task, n_rows)
            worst = max(worst, loss_error(member, x, t))
            if member.weighs_classes:
                classes = 2 if member.outputs == "single" else x.shape[1]
                worst = max(worst, loss_error(member, x, t, np.linspace(0.5, 2.0, classes)))
            plain, noisy = run_loss(member, x, t), run_loss(member, x, t, spare=2, junk=1e9)
            lone = not plain[3].any() and not noisy[3].any() and plain[0] == noisy[0]
            require(lone and np.array_equal(plain[1], noisy[1]), "counts lanes that hold no sample")
            require(plain[2] == n_rows, f"weighs {n_rows} samples as {plain[2]:g}")
            y = np.asarray(member.link(x.astype(np.float32)))
            require(y.shape == x.shape and np.isfinite(y).all(), "has a link that gives no prediction an output")
    return {"differences": worst}


def loss_error(
    member: Loss, x: np.ndarray, t: np.ndarray, weight: np.ndarray | None = None, settings: Settings | None = None
) -> float:
    """Worst difference between the gradient and the slope by finite differences, of one sample's loss.

    Raises:
        ConfigError: It is too large, or a value is not finite.
    """
    value, dx, total, _ = run_loss(member, x, t, weight=weight, settings=settings)
    require(np.isfinite(value) and np.isfinite(dx).all(), "gives a value that is not finite")
    scale = total * x.shape[1]

    def slope(i: int, j: int, h: float) -> float:
        at = {}
        for k in (-2, -1, 1, 2):
            moved = x.copy()
            moved[i, j] += k * h
            at[k] = run_loss(member, moved, t, weight=weight, settings=settings)[0]
        return float(scale * (8 * (at[1] - at[-1]) - (at[2] - at[-2])) / (12 * h))

    rng = np.random.default_rng(0)
    worst, n_smooth, places = 0.0, 0, rng.integers(0, x.shape, (12, 2))
    for i, j in places:
        fine, coarse = slope(i, j, 1 / 16), slope(i, j, 1 / 8)
        size = max(1.0, abs(fine), 0.1 * abs(value))
        if abs(fine - coarse) < 5e-3 * size:
            n_smooth += 1
            error = abs(fine - dx[i, j] * scale) / size
            problem = f"has a gradient that is not its slope: {dx[i, j] * scale:.4g} where the slope is {fine:.4g}"
            require(error < 6e-3, problem)
            worst = max(worst, error)
    require(n_smooth > len(places) // 3, "jumps, so that it has no slope to compare with")
    return worst
