"""What every optimizer and regularizer must pass: it goes downhill or does its part, and all stays finite."""

from __future__ import annotations

import numpy as np

from ..kernel.arrays import aligned, flat, from_lanes, padded, to_lanes
from ..kernel.row import StandaloneRow
from ..optimizers.base import Optimizer
from ..registry import Settings, kernel_numbers
from ..regularizers.base import Regularizer
from ..simd import LANES
from .data import Figures, require
from .slopes import variants


class OptimizerRun:
    """One optimizer over one tensor of weights, as the engine calls it."""

    def __init__(
        self, member: Optimizer, settings: Settings, rate: float, start: np.ndarray, matrix: bool = False
    ) -> None:
        self.member, self.shape, self.n = member, start.shape, start.size
        self.w, self.g = flat(start.T if matrix else start), aligned(padded(start.size))
        self.hyper = np.array([rate, 0.0, *kernel_numbers(self.member.params, settings)])
        n = self.w.size // LANES
        self.slots = [aligned(self.w.size) for _ in self.member.slots]
        self.row = StandaloneRow().set(w=self.w, gw=self.g, n=n, hyper=self.hyper).slots(self.slots)
        self.row.set(rows=start.shape[1] if matrix else start.size, columns=start.shape[0] if matrix else 0)
        if self.member.scratch and matrix:
            self.scratch = aligned(self.member.scratch(start.shape[1], start.shape[0]))
            self.scratch[:] = np.nan
            self.row.set(scratch=self.scratch)
        self.matrix = matrix

    def step(self, gradient: np.ndarray) -> np.ndarray:
        """One step; the weights after it."""
        self.begin(gradient)
        self.row.run(self.member.step)
        return self.weights()

    def begin(self, gradient: np.ndarray) -> None:
        """Count the step and lay the gradient."""
        self.g[: self.n] = np.ravel(gradient.T if self.matrix else gradient)
        self.hyper[1] += 1.0

    def weights(self) -> np.ndarray:
        """The weights in the shape they were given in, float64."""
        flat_weights = self.w[: self.n].astype(np.float64)
        return flat_weights.reshape(self.shape[::-1]).T if self.matrix else flat_weights.reshape(self.shape)


def check_optimizer(member: Optimizer) -> Figures:
    """At its usual rate a quadratic bowl's loss falls; weights and state stay finite; a rate of 0 moves nothing."""
    names, settings = set(member.slots), {param.name for param in member.params}
    require(len(names) == len(member.slots), "names a state array twice")
    named = {slot for slot, _ in (*member.corrected, *member.divided_by)} | set(member.averaged)
    require(named <= names, "names a state array it has not")
    require({beta for _, beta in member.corrected} <= settings, "names a setting it has not")
    curvature = np.linspace(0.1, 2.0, 40).reshape(8, 5)
    start = np.random.default_rng(1).normal(size=(8, 5))
    shares = []
    for settings_of in variants(member):
        run = OptimizerRun(member, settings_of, member.usual_rate, start, matrix=True)
        w = run.weights()
        before = (curvature * w * w).sum()
        for _ in range(300):
            w = run.step(curvature * w)
        require(np.isfinite(w).all(), "makes a weight that is not finite")
        require(not run.w[run.n :].any(), "moves weights that are only padding")
        shares.append((curvature * w * w).sum() / before)
    require(shares[0] < 0.97, f"does not go downhill: after 300 steps {100 * shares[0]:.3g} % of the loss are left")
    for scale in (0.0, 1e-30, 1e-12, 1e12):
        rng = np.random.default_rng(1)
        run = OptimizerRun(member, {}, 1e-3, rng.normal(size=(5, 7)), matrix=True)
        for _ in range(5):
            run.step(scale * rng.normal(size=(5, 7)))
        sound = np.isfinite(run.w).all() and all(np.isfinite(slot).all() for slot in run.slots)
        require(sound, f"makes a number that is not finite of gradients of {scale:g}")
    still = OptimizerRun(member, {}, 0.0, start.astype(np.float32), matrix=True)
    moved = float(np.abs(still.step(np.ones((8, 5))) - start.astype(np.float32)).max())
    require(moved == 0.0, "moves weights at a learning rate of 0")
    return {"loss left": float(shares[0])}


def strengths(member: Regularizer) -> list[float]:
    """Strengths to try that are allowed."""
    low, high = member.strength.low or 0.0, member.strength.high
    return [s for s in (0.01, 0.3, 1.0, 2.0) if s > low and (high is None or s < high)]


def check_regularizer(member: Regularizer) -> Figures:
    """Off by default; while evaluating it does nothing; every hook leaves finite numbers and touches no padding."""
    strength = member.strength
    require(strength.name == member.name, "must name its strength like itself")
    require(strength.default == 0.0 and strength.low == 0.0, "must be off by default, at a strength of 0")
    hooks = (member.on_batch, member.on_hidden, member.on_gradient, member.before_update, member.on_weights)
    require(any(hook is not None for hook in hooks), "has no hook")
    rng = np.random.default_rng(0)
    worst = 0.0
    for s in strengths(member):
        if member.on_hidden is not None:
            x = rng.normal(size=(13, 7)).astype(np.float32)
            for way, train in ((0, 1), (1, 1), (0, 0)):
                given = to_lanes(x, 1)
                result = aligned(given.size)
                row = StandaloneRow(13, seed=11, step=5, train=train).set(x=given, y=result, dy=given, dx=result)
                row.set(n=given.size // LANES, params=[s], extra=1, row_index=3, n_in=7, n_out=7)
                row.run(member.on_hidden[way])
                found = from_lanes(result, 13, 7)
                require(np.isfinite(found).all(), "gives a value that is not finite")
                if not train:
                    worst = max(worst, float(np.abs(found - x).max()))
                    require(worst == 0.0, "does something while the network is only evaluated")
        for shape in ((5, 3), (37, 4), (33,)):
            w, g = flat(rng.normal(size=shape)), flat(rng.normal(size=shape))
            row = StandaloneRow(step=1, seed=1).set(w=w, gw=g, n=w.size // LANES, hyper=[0.1, s])
            row.set(rows=shape[-1], columns=shape[0] if len(shape) == 2 else 0)
            for hook in (member.on_gradient, member.before_update, member.on_weights):
                if hook is not None:
                    row.run(hook)
            n = int(np.prod(shape))
            require(np.isfinite(w).all() and np.isfinite(g).all(), "makes a number that is not finite")
            require(not w[n:].any(), "moves weights that are only padding")
        if member.on_batch is not None:
            inputs, goals = to_lanes(rng.normal(size=(13, 6)), 2), to_lanes(np.eye(4)[rng.integers(0, 4, 13)], 2)
            row = StandaloneRow(13, 2, seed=2, step=1).set(x=inputs, target=goals, n_in=6, n_out=4, n=12)
            row.set(hyper=[0.0, s], params=[s], scratch=aligned(10 * 2 * LANES), channels=1, height=2, width=3)
            row.run(member.on_batch)
            require(np.isfinite(inputs).all() and np.isfinite(goals).all(), "makes a sample that is not finite")
    return {"evaluating": worst}
