"""What every schedule, initializer, scaler and data set must pass: shapes, finite numbers, the same answer twice."""

from __future__ import annotations

import math
from numbers import Real

import numpy as np

from ..datasets.base import PLANE_INPUTS, Dataset, Samples
from ..errors import ConfigError
from ..initializers.base import Draw, Initializer
from ..registry import default_settings
from ..scalers.base import Scaler
from ..schedules.base import WITHOUT_END, Clock, Schedule

Figures = dict[str, float]
"""What was measured, by name: errors, which should be small."""

SHAPES = ((1, 1), (3, 2), (2, 7), (64, 33), (4, 3, 3, 3), (1, 1, 5, 5))
"""Weights an initializer is asked for."""
BASES = (1e-6, 0.1, 10.0)
"""Base learning rates a schedule is asked for."""


def require(condition: object, problem: str) -> None:
    """Refuse a member.

    Raises:
        ConfigError: The condition does not hold.
    """
    if not condition:
        raise ConfigError(problem)


def check_schedule(schedule: Schedule) -> Figures:
    """Rates are finite, never negative, and do not depend on how many are asked for at once."""
    settings = schedule.settings_over(default_settings(schedule.params), WITHOUT_END)
    near = np.arange(3000)
    far = np.unique(np.geomspace(3000, 2**52, 300).astype(np.int64))
    worst = 0.0
    for base in BASES:
        if schedule.check is not None:
            schedule.check(settings, base)
        memory = dict(schedule.memory or {})
        for t in (near, far):
            rates = schedule.rates(base, Clock(t=t, epoch=t // 30), settings, memory)
            require(isinstance(rates, np.ndarray) and rates.shape == t.shape, "does not give one rate a step")
            bad = ~np.isfinite(rates) | (rates < 0.0)
            at = int(t[bad.argmax()])
            require(not bad.any(), f"gives a rate of {rates[bad.argmax()]:g} at step {at}")
        whole = schedule.rates(base, Clock(t=near, epoch=near // 30), settings, memory)
        for start in range(0, 3000, 250):
            t = near[start : start + 250]
            part = schedule.rates(base, Clock(t=t, epoch=t // 30), settings, memory)
            worst = max(worst, float(np.abs(part - whole[start : start + 250]).max() / base))
        require(worst == 0.0, "gives other rates when they are asked for in parts")
        if schedule.observe is not None:
            for loss in (1.0, 0.5, math.nan, math.inf, *(0.5 for _ in range(40))):
                memory = dict(schedule.observe(loss, settings, memory, base))
                require(
                    all(isinstance(kept, Real) for kept in memory.values()), "remembers something that is not a number"
                )
                rate = schedule.rates(base, Clock(t=near[:1], epoch=near[:1]), settings, memory)
                require(np.isfinite(rate).all() and (rate >= 0.0).all(), "gives no rate after an evaluation")
    return {"parts": worst}


def make_draw(shape: tuple[int, ...], seed: int = 3) -> Draw:
    """What an initializer gets for a weight of this shape."""
    field = math.prod(shape[2:])

    def uniform(n: int) -> np.ndarray:
        return np.clip(np.random.default_rng([seed, 0]).random(n), 1e-300, None)

    def normal(n: int) -> np.ndarray:
        return np.random.default_rng([seed, 1]).normal(size=n)

    return Draw(
        shape=shape, fan_in=shape[1] * field, fan_out=shape[0] * field, gain=1.0, uniform=uniform, normal=normal
    )


def check_initializer(initializer: Initializer) -> Figures:
    """Weights have the shape asked for, are finite, of a size to train with, and follow from the seed."""
    worst = 0.0
    for shape in SHAPES:
        draws = [np.asarray(initializer.draw(make_draw(shape), default_settings(initializer.params))) for _ in range(2)]
        require(draws[0].shape == shape, f"draws shape {draws[0].shape} for a weight of shape {shape}")
        require(np.isfinite(draws[0]).all(), f"draws a weight that is not finite, for shape {shape}")
        require(np.array_equal(draws[0], draws[1]), "draws other weights from the same seed")
        worst = max(worst, float(np.abs(draws[0]).max()))
    require(worst < 1e4, f"draws a weight of {worst:g}")
    return {"largest weight": worst}


def check_scaler(scaler: Scaler) -> Figures:
    """Scaled rows are finite and of the same shape, the given ones untouched, and the inverse leads back."""
    rng = np.random.default_rng(20)
    train = np.exp(rng.normal(size=(41, 5))) * np.array([1.0, 1000.0, 1e-6, 1e6, 1.0])
    train[:, 4] = 2.0
    settings, worst = default_settings(scaler.params), 0.0
    for x in (train, train[:1], np.zeros((9, 2))):
        given = x.copy()
        fitted = scaler.fit(x, settings)
        scaled = np.asarray(scaler.transform(x, fitted, settings))
        require(scaled.shape == x.shape, f"turns shape {x.shape} into {scaled.shape}")
        require(np.isfinite(scaled).all(), "gives a value that is not finite")
        require(np.array_equal(given, x), "changes the rows it is given")
        if scaler.inverse is not None:
            back = np.asarray(scaler.inverse(scaled, fitted, settings))
            error = np.abs(back - x).max() / max(float(np.abs(x).max()), 1e-300)
            require(back.shape == x.shape and error < 1e-6, "has an inverse that does not lead back")
            worst = max(worst, float(error))
    return {"inverse": worst}


def check_names(samples: Samples) -> None:
    """What samples say of themselves beside their numbers.

    Raises:
        ConfigError: Names that cannot be shown, or a plane or picture the inputs do not come from.
    """
    names = (*samples.class_names, *samples.input_names, *samples.output_names)
    require(
        all(isinstance(name, str) and name.isprintable() for name in names), "has a name that is not one line of text"
    )
    size, shape, plane = math.prod(samples.x.shape[1:]), samples.image_shape, samples.plane
    pictured = not shape or (len(shape) == 3 and math.prod(shape) == size)
    require(pictured, f"gives the image_shape {shape} for inputs of shape {samples.x.shape[1:]}")
    if plane is not None:
        require(np.shape(plane) == (len(samples.x), 2), "gives a plane that is not (n, 2)")
        strange = [name for name in samples.input_names if name not in PLANE_INPUTS]
        require(not strange, f"gives a plane, but the input {strange[:1]} is not one of {', '.join(PLANE_INPUTS)}")
    same = not samples.target_is_input or samples.y.shape == (len(samples.x), size)
    require(same, "says the targets are the inputs, but gives targets of another shape")


def check_dataset(dataset: Dataset) -> Figures:
    """Samples have shapes, types and names that fit, finite numbers, and follow from the seed; files are not read."""
    if dataset.kind == "file":
        return {"not finite": 0.0}
    first, again = (dataset.load(default_settings(dataset.params), np.random.default_rng(1)) for _ in range(2))
    require(isinstance(first, Samples), "does not load Samples")
    x, y, n = first.x, first.y, len(first.x)
    require(n >= 4 and len(y) == n, f"gives {n} inputs and {len(y)} targets; there must be at least 4 of each")
    require(x.dtype == np.float64 and x.ndim in (2, 4), "gives inputs that are not float64 (n, columns)")
    require(np.isfinite(x).all(), "gives an input that is not finite")
    require(first.task in ("classes", "values"), 'has a task that is neither "classes" nor "values"')
    if first.task == "classes":
        require(y.dtype == np.int64 and y.ndim == 1, "gives classes that are not int64 (n,)")
        n_classes = len(first.class_names)
        require(n_classes >= 2, "gives fewer than two class_names")
        require(set(np.unique(y)) <= set(range(n_classes)), f"gives classes outside 0 … {n_classes - 1}")
    else:
        require(y.dtype == np.float64 and y.ndim == 2, "gives values that are not float64 (n, outputs)")
        require(np.isfinite(y).all(), "gives a target that is not finite")
        require(len(first.output_names) in (0, y.shape[1]), "does not name each of its outputs")
    if x.ndim == 2 and not first.image_shape:
        require(len(first.input_names) == x.shape[1], "does not name each of its inputs")
    check_names(first)
    require(np.array_equal(x, again.x) and np.array_equal(y, again.y), "gives other samples for the same seed")
    return {"not finite": float(np.count_nonzero(~np.isfinite(x)))}
