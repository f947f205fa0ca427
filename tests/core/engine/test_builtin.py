"""The engine's own rows: an activation fading into another, the gradient as it was, the average of the weights."""

from __future__ import annotations

import numpy as np
import pytest

from dltui.core import families
from dltui.core.engine import builtin
from dltui.core.kernel.arrays import aligned
from dltui.core.kernel.row import StandaloneRow

RNG = np.random.default_rng(2)
Z = RNG.normal(size=32).astype(np.float32)
D = RNG.normal(size=32).astype(np.float32)


def flat(values: np.ndarray) -> np.ndarray:
    made = aligned(values.size)
    made[:] = values
    return made


def blended(step: int, first: int = 100, steps: int = 10) -> tuple[np.ndarray, np.ndarray]:
    """Values and gradient of tanh fading into ReLU."""
    y, dx = aligned(32), aligned(32)
    row = StandaloneRow(16, stride=1, step=step)
    subs = []
    for name in ("tanh", "relu"):
        member, sub = families["activations"][name], StandaloneRow(16, stride=1, step=step)
        gradient = aligned(32)
        sub.set(forward=member.forward.address, backward=member.backward.address, x=flat(Z), y=aligned(32), n=2)
        subs.append(sub.set(dx=gradient, dy=gradient, params=[]))
    row.set(x=flat(Z), y=y, dx=dx, dy=flat(D), n=2)
    row.cells[builtin.OLD], row.cells[builtin.NEW] = (sub.cells.ctypes.data for sub in subs)
    row.cells[builtin.FIRST], row.cells[builtin.STEPS] = first, steps
    for kernel in builtin.BLEND:
        row.run(kernel)
    return y, dx


@pytest.mark.parametrize(("step", "share"), [(100, 1.0), (101, 0.9), (105, 0.5), (109, 0.1), (110, 0.0), (500, 0.0)])
def test_the_old_activation_fades_by_equal_parts(step: int, share: float) -> None:
    y, dx = blended(step)
    old, new = np.tanh(Z), np.maximum(Z, 0)
    np.testing.assert_allclose(y, share * old + (1 - share) * new, rtol=1e-5, atol=1e-6)
    slope = share * (1 - np.tanh(Z) ** 2) + (1 - share) * (Z > 0)
    np.testing.assert_allclose(dx, slope * D, rtol=1e-5, atol=1e-6)


def test_the_gradient_is_kept_as_it_was() -> None:
    kept, gradient = aligned(32), flat(D)
    StandaloneRow().set(w=kept, gw=gradient, n=2).run(builtin.keep_gradient)
    np.testing.assert_array_equal(kept, D)
    np.testing.assert_array_equal(gradient, D)


@pytest.mark.parametrize("every", [1, 3])
@pytest.mark.parametrize("decay", [0.0, 0.9])
def test_weights_go_into_their_average(every: int, decay: float) -> None:
    w, averaged = aligned(32), aligned(32)
    hyper = np.array([0.0, 0.0, every, decay, 0.0])
    row = StandaloneRow().set(w=w, gw=averaged, n=2, hyper=hyper)
    taken: list[np.ndarray] = []
    for step in range(1, 13):
        w[:] = RNG.normal(size=32)
        row.run(builtin.average)
        if step % every == 0:
            taken.append(w.copy())
        assert (hyper[builtin.N_AVERAGED], hyper[builtin.WAITED]) == (len(taken), step % every)
        if taken:
            expected = taken[0]
            for n, weights in enumerate(taken[1:], start=1):
                expected = (
                    decay * expected + (1 - decay) * weights if decay else expected + (weights - expected) / (n + 1)
                )
            np.testing.assert_allclose(averaged, expected, rtol=1e-5, atol=1e-6)
