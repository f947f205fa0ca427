"""All that decides about the table of a sweep: with one digest two sweeps come to the same rows, wherever trained."""

from __future__ import annotations

import hashlib
import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, fields, replace
from itertools import islice

from ..config import Config
from ..disk.canonical import to_json
from ..disk.typed import Fields
from ..errors import ConfigError
from ..training.condition import Condition, read_condition
from .pruning import check_rule, cuts_after
from .samplers import (
    DEFAULT_TRIALS,
    GENERATION,
    MOST,
    default_sampler,
    grid_size,
    learns,
    make_sampler,
)
from .space import Axis, read_axes
from .trial import Bench, Trial, TrialRow, settings_of

TIMED = frozenset({"elapsed_s"})
"""What a condition cannot look at: it is never the same twice."""
CHECKED = 2000
"""Settings whose networks are laid out before the first trial."""


@dataclass(frozen=True)
class SweepPlan:
    """What a sweep is asked for."""

    source: str
    """Name or path of the preset, for people."""
    config: Config
    """What all trials have in common."""
    overs: tuple[str, ...]
    """What differs, as typed."""
    metric: str = ""
    """What trials are ranked by."""
    sampler: str = ""
    n_points: int = 0
    """Settings that are tried."""
    n_seeds: int = 1
    """Trials of each, which differ in the seed."""
    n_steps: int = 0
    """Steps of each; 0: as many as it has of its own."""
    until: str = ""
    """Where each ends at the latest."""
    prune: str = ""
    """Rule by which trials are given up."""
    data: str = ""
    """Digest of the data in common."""
    plugins: tuple[str, ...] = ()
    """Digests of files with the user's own methods."""

    @property
    def n_trials(self) -> int:
        """Trials in all."""
        return self.n_points * self.n_seeds

    @property
    def axes(self) -> tuple[Axis, ...]:
        """What differs."""
        return read_axes(self.config, self.overs)

    @property
    def condition(self) -> Condition | None:
        """Where each ends at the latest."""
        return read_condition(self.until) if self.until else None

    def plain(self) -> dict[str, object]:
        """As plain data."""
        names = (item.name for item in fields(self))
        return {name: getattr(self, name) for name in names} | {"config": self.config.to_dict(dormant=True)}

    @classmethod
    def from_plain(cls, data: object) -> SweepPlan:
        """The plan that `plain` wrote.

        Raises:
            ConfigError: It is none, or its Config is not allowed any more.
        """
        told = Fields(data, "sweep")
        return cls(
            source=told.text("source", limit=4096),
            config=Config.from_dict(told.mapping("config")),
            overs=_words(told, "overs"),
            metric=told.text("metric"),
            sampler=told.text("sampler"),
            n_points=told.whole("n_points", 1, MOST),
            n_seeds=told.whole("n_seeds", 1, MOST),
            n_steps=told.count("n_steps"),
            until=told.text("until"),
            prune=told.text("prune"),
            data=told.text("data"),
            plugins=_words(told, "plugins"),
        )

    def digest(self) -> str:
        """What tells sweeps apart: the preset's name does not count, and neither do its words."""
        plain = self.plain()
        config = plain["config"]
        assert isinstance(config, dict)
        counted = {**plain, "source": "", "config": {name: config[name] for name in config if name != "preset"}}
        length = {"steps": self.config.preset.steps}
        return hashlib.sha256(to_json({**counted, **length}).encode()).hexdigest()

    def bench(self) -> Bench:
        """What trains its trials here.

        Raises:
            ConfigError: The data cannot be used.
        """
        return Bench(self.config, self.metric, self.n_steps, self.condition)

    def generations(self) -> Iterator[Generation]:
        """The trials in groups; each but the first may depend on what came out of those before it.

        Raises:
            ConfigError: The sampler is not at hand.
        """
        sampler = make_sampler(self.sampler, self.axes, self.n_points, self.config.training.seed)
        size = GENERATION if learns(self.sampler) or self.prune else self.n_points
        done: list[TrialRow] = []
        first = 0
        while first < self.n_points:
            points = sampler.ask(min(size, self.n_points - first))
            cuts = cuts_after(self.prune, done)
            generation = Generation(
                tuple(
                    Trial(point * self.n_seeds + k, point, texts, self.config.training.seed + k, cuts(point))
                    for point, texts in enumerate(points, first)
                    for k in range(self.n_seeds)
                )
            )
            yield generation
            first += len(points)
            rows = generation.rows
            done += rows
            if learns(self.sampler):
                by_point = [[row for row in rows if row.point == place] for place in range(first - len(points), first)]
                sampler.tell([_mean_score(of_point, self.metric) for of_point in by_point])


@dataclass
class Generation:
    """Trials that may run in any order."""

    trials: tuple[Trial, ...]
    rows: Sequence[TrialRow] = ()
    """What came of them, by number; set before the next generation is asked for."""


def make_plan(asked: SweepPlan, bench: Bench, metrics: Sequence[str]) -> SweepPlan:
    """A plan with nothing left open, whatever is wrong with it told.

    Args:
        asked: With "" and 0 where nothing was said.
        bench: Of its Config.
        metrics: Those that its runs have.

    Raises:
        ConfigError: Something in it is not allowed; names a setting, and what is allowed.
    """
    axes = asked.axes
    metric = asked.metric or ("val_loss" if "val_loss" in metrics else "train_loss")
    if metric not in metrics:
        raise ConfigError("is not a metric of this run", field="--metric", value=metric, choices=sorted(metrics))
    condition = asked.condition
    if condition is not None:
        condition.check_known(metrics)
        if condition.needs & TIMED:
            raise ConfigError("is never the same twice", field="--until", value="elapsed_s", allowed="step or epoch")
    check_rule(asked.prune)
    sampler = asked.sampler or default_sampler(axes)
    size = grid_size(axes)
    n_points = asked.n_points or (size if sampler == "grid" else DEFAULT_TRIALS)
    if size and sampler in ("grid", "random"):
        n_points = min(n_points, size)
    plan = replace(asked, metric=metric, sampler=sampler, n_points=n_points, data=bench.start.data.digest)
    # The sampler says what is wrong before there are too many of anything.
    make_sampler(sampler, axes, 1, 0)
    if not 1 <= plan.n_trials <= MOST:
        raise ConfigError(f"makes {plan.n_trials} trials", field="--trials", allowed=f"1 to {MOST}")
    return plan


def check_points(plan: SweepPlan, bench: Bench, tell: Callable[[int], None] = lambda _: None) -> None:
    """Refuse what is not allowed before the first trial: the networks of all settings are laid out.

    Where the data itself is varied, what fits it is only known when it has been made.

    Args:
        plan: With nothing left open.
        bench: Of its Config.
        tell: Told how many have been looked at.

    Raises:
        ConfigError: One of the settings is not allowed.
    """
    seed = plan.config.training.seed
    for number, texts in enumerate(islice(_points_to_check(plan), CHECKED)):
        changes = settings_of(plan.config, texts, seed)
        if not any(path.startswith("data.") for path in changes):
            bench.trainer(texts, seed)
        tell(number + 1)


def _points_to_check(plan: SweepPlan) -> Iterator[Mapping[str, str]]:
    """All settings where they are known; else each value and both ends of each range beside the first of the others."""
    axes = plan.axes
    if not learns(plan.sampler):
        yield from make_sampler(plan.sampler, axes, plan.n_points, plan.config.training.seed).ask(plan.n_points)
        return
    first = {axis.path: axis.ends()[0] for axis in axes}
    for axis in axes:
        for value in axis.ends():
            yield {**first, axis.path: value}


def _mean_score(rows: Sequence[TrialRow], metric: str) -> float:
    scores = [row.score(metric) for row in rows]
    return math.fsum(scores) / len(scores) if scores and all(map(math.isfinite, scores)) else math.inf


def _words(told: Fields, name: str) -> tuple[str, ...]:
    value = told.raw(name)
    if not isinstance(value, (list, tuple)) or len(value) > 64 or not all(isinstance(word, str) for word in value):
        raise told.wrong(name)
    return tuple(value)
