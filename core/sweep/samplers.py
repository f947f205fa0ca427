"""Which settings are tried: all of them, or as many as are asked for, chosen by a rule.

Three rules look at nothing and are known before the first trial. Two learn from what came out: these are asked for a
whole generation and told all of it, in the order of its numbers and not of arrival, so that how many trials run at a
time changes nothing.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from itertools import product
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np

from ..errors import ConfigError
from ..foresight.over import FLAG
from .space import Axis

if TYPE_CHECKING:
    import optuna

GENERATION = 12
"""Settings that are chosen at a time where the choice depends on what came out."""
MOST = 50_000
"""Most settings that are tried."""
DEFAULT_TRIALS = 20
"""Settings that are tried where nobody says how many."""
SAMPLERS = ("grid", "random", "sobol", "tpe", "cma")
EXTRA = "pip install 'dltui[sweep]'"
_DRAW = 0x5377
"""Keeps these random numbers apart from those of a run with the same seed."""

Texts = dict[str, str]
"""Path -> value as typed."""


class Sampler(Protocol):
    """A rule."""

    def ask(self, n: int) -> list[Texts]:
        """The next settings to try, at most `n`."""

    def tell(self, scores: Sequence[float]) -> None:
        """What became of those asked for last: smaller is better, infinite where there is no figure."""


class ListSampler:
    """Settings that are known before the first trial.

    Args:
        points: All of them.
    """

    def __init__(self, points: Sequence[Texts]) -> None:
        self._points, self._at = points, 0

    def ask(self, n: int) -> list[Texts]:
        """See `Sampler`."""
        asked = list(self._points[self._at : self._at + n])
        self._at += len(asked)
        return asked

    def tell(self, scores: Sequence[float]) -> None:
        """See `Sampler`; nothing depends on it."""


class OptunaSampler:
    """Settings that Optuna chooses; its study lives here in memory, and no worker sees it.

    Args:
        name: "tpe" or "cma".
        axes: What differs.
        seed: Of the choice.
    """

    def __init__(self, name: str, axes: Sequence[Axis], seed: int) -> None:
        import optuna

        optuna.logging.set_verbosity(optuna.logging.ERROR)
        self._axes = axes
        self._fixed = {axis.path: _distribution(axis) for axis in axes}
        small = seed & 0x7FFFFFFF
        sampler: Any = (
            optuna.samplers.TPESampler(seed=small, n_startup_trials=GENERATION)
            if name == "tpe"
            else optuna.samplers.CmaEsSampler(seed=small, n_startup_trials=1, warn_independent_sampling=False)
        )
        self._study = optuna.create_study(sampler=sampler)
        self._asked: list[optuna.Trial] = []
        self._worst = -math.inf

    def ask(self, n: int) -> list[Texts]:
        """See `Sampler`."""
        self._asked = [self._study.ask(self._fixed) for _ in range(n)]
        return [
            {
                axis.path: axis.text_of(trial.params[axis.path]) if axis.is_range else trial.params[axis.path]
                for axis in self._axes
            }
            for trial in self._asked
        ]

    def tell(self, scores: Sequence[float]) -> None:
        """See `Sampler`; what has no figure counts as the worst that was seen."""
        import optuna

        self._worst = max([self._worst, *(score for score in scores if math.isfinite(score))])
        for trial, score in zip(self._asked, scores, strict=True):
            if math.isfinite(score) or math.isfinite(self._worst):
                self._study.tell(trial, score if math.isfinite(score) else self._worst)
            else:
                self._study.tell(trial, state=optuna.trial.TrialState.FAIL)


def make_sampler(name: str, axes: Sequence[Axis], n: int, seed: int) -> Sampler:
    """The sampler of a name.

    Args:
        name: One of `SAMPLERS`.
        axes: What differs.
        n: Settings in all.
        seed: Of the choice.

    Raises:
        ConfigError: It does not fit what differs, or what it needs is not installed.
    """
    if name not in SAMPLERS:
        raise ConfigError("is not a sampler", field="--sampler", value=name, choices=SAMPLERS)
    if name == "grid":
        return ListSampler(_grid(axes)[:n])
    if name == "random":
        return ListSampler(_random(axes, n, seed))
    if name == "cma" and sum(axis.is_range for axis in axes) < 2:
        raise ConfigError("needs two ranges at least", field="--sampler", value=name, allowed="--over KEY=low:high")
    try:
        return ListSampler(_sobol(axes, n, seed)) if name == "sobol" else OptunaSampler(name, axes, seed)
    except ImportError as error:
        problem = f"needs {error.name or 'a package'}, which is not installed"
        raise ConfigError(problem, field="--sampler", value=name, allowed=f"grid, random, or {EXTRA}") from None


def default_sampler(axes: Sequence[Axis]) -> str:
    """Every combination where there is an end of them."""
    return "random" if any(axis.is_range for axis in axes) else "grid"


def grid_size(axes: Sequence[Axis]) -> int:
    """Combinations of all values; 0 where one is a range."""
    return 0 if any(axis.is_range for axis in axes) else math.prod(len(axis.values) for axis in axes)


def learns(name: str) -> bool:
    """Whether what is tried depends on what came out."""
    return name not in ("grid", "random", "sobol")


def _grid(axes: Sequence[Axis]) -> list[Texts]:
    for axis in axes:
        if axis.is_range:
            allowed = "KEY=low:high:n, or --sampler random"
            raise ConfigError("has no end of values for a grid", field=FLAG, value=axis.path, allowed=allowed)
    if grid_size(axes) > MOST:
        raise ConfigError(f"makes {grid_size(axes)} combinations", field=FLAG, allowed=f"at most {MOST}")
    return [
        dict(zip((axis.path for axis in axes), values, strict=True)) for values in product(*(a.values for a in axes))
    ]


def _random(axes: Sequence[Axis], n: int, seed: int) -> list[Texts]:
    """Drawn one by one, so that the first of many are the few of few; where there is an end of them, none twice."""
    size = grid_size(axes)
    if 0 < size <= MOST:
        order = np.random.default_rng([seed & 0xFFFFFFFFFFFFFFFF, _DRAW]).permutation(size)
        grid = _grid(axes)
        return [grid[place] for place in order[:n].tolist()]
    draws = (np.random.default_rng([seed & 0xFFFFFFFFFFFFFFFF, _DRAW, i]).random(len(axes)).tolist() for i in range(n))
    return [_point(axes, shares) for shares in draws]


def _sobol(axes: Sequence[Axis], n: int, seed: int) -> list[Texts]:
    from scipy.stats import qmc

    power = max(math.ceil(math.log2(max(n, 1))), 0)
    shares = qmc.Sobol(len(axes), rng=np.random.default_rng([seed & 0xFFFFFFFFFFFFFFFF, _DRAW])).random_base2(power)
    return [_point(axes, row) for row in shares[:n].tolist()]


def _point(axes: Sequence[Axis], shares: Sequence[float]) -> Texts:
    return {axis.path: axis.at(share) for axis, share in zip(axes, shares, strict=True)}


def _distribution(axis: Axis) -> optuna.distributions.BaseDistribution:
    from optuna.distributions import CategoricalDistribution, FloatDistribution, IntDistribution

    if not axis.is_range:
        return CategoricalDistribution(axis.values)
    if axis.whole:
        return IntDistribution(round(axis.low), round(axis.high), log=axis.log)
    return FloatDistribution(axis.low, axis.high, log=axis.log)
