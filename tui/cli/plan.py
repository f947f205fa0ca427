"""When a run without a screen changes what, and when it stops: read from the command line, checked before it starts."""

from __future__ import annotations

import argparse
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field

from dltui.core.config import Config
from dltui.core.config.arguments import read_changes
from dltui.core.errors import ConfigError
from dltui.core.training.condition import METRICS, read_condition

DEFAULT_STEPS = 20_000
"""How far a run goes for which nobody, not even its preset, named an end."""
NO_END = f"no end was given; stopping after {DEFAULT_STEPS} steps (see --steps, --epochs, --until)"


@dataclass(frozen=True)
class RunPlan:
    """When to change what, and when to stop."""

    last_step: int | None = None
    """Stop at this step."""
    switches: Mapping[int, Mapping[str, object]] = field(default_factory=dict)
    """Step -> Config paths and values, applied before that step is taken."""
    until: Callable[[Mapping[str, float]], bool] | None = None
    """Stop when this holds for the metrics."""
    needs: frozenset[str] = frozenset()
    """Metrics the condition uses."""
    stops: tuple[int, ...] = ()
    """Steps at which to look at the condition."""
    notices: tuple[str, ...] = ()
    """What to say before the first step, a sentence each."""

    def missed(self, step: int) -> tuple[str, ...]:
        """What to say, after a run that ended at `step`, of changes not made that `notices` did not announce."""
        late = [when for when in self.switches if when > step and (self.last_step is None or when <= self.last_step)]
        return tuple(f"the change at step {when} was not made: the run ended at step {step}" for when in late)


def with_settings(config: Config, settings: Sequence[str], seed: int | None) -> Config:
    """The Config with what `--set` and `--seed` say.

    Raises:
        ConfigError: One of them is wrong.
    """
    changes = read_changes(config, [_pair(text, "--set", "KEY=VALUE") for text in settings])
    if seed is not None:
        changes["training.seed"] = seed
    return config.with_changes(changes) if changes else config


def with_data_choices(config: Config, args: argparse.Namespace) -> Config:
    """The Config with what `--target`, `--drop` and `--task` say.

    Raises:
        ConfigError: The data has no such setting.
    """
    named = {f"data.{name}": getattr(args, name) for name in ("target", "drop", "task")}
    changes = {path: value for path, value in named.items() if value is not None}
    return config.with_changes(changes) if changes else config


def make_plan(
    config: Config, args: argparse.Namespace, start: int, planned: Mapping[int, Mapping[str, object]] | None = None
) -> RunPlan:
    """When to switch and when to stop, checked before anything is trained.

    Args:
        config: In force at the start.
        args: `at`, `steps`, `epochs` and `until`.
        start: Step the run begins at.
        planned: What is planned for the run already.

    Raises:
        ConfigError: A switch or the condition is wrong.
    """
    switches = read_switches(config, args.at, start, planned)
    last = start + args.steps if args.steps else None
    goal = read_goal(args.until)
    notices = []
    if not (last or goal.until or config.has_end):
        last = start + DEFAULT_STEPS
        notices.append(NO_END)
    for when in switches:
        if last is not None and when > last:
            notices.append(f"the change at step {when} will not be made now: the run ends at step {last}")
    return RunPlan(last, switches, goal.until, goal.needs, goal.stops, tuple(notices))


def check_options(args: argparse.Namespace) -> None:
    """Refuse `--at` and `--until` where their form alone is wrong, before there is a run to hold them against.

    Raises:
        ConfigError: One of them cannot be read.
    """
    for text in args.at:
        _read_change(text)
    read_goal(args.until)


def read_goal(text: str | None) -> RunPlan:
    """A plan that holds nothing but a condition; None: none.

    Raises:
        ConfigError: The condition is wrong.
    """
    if text is None:
        return RunPlan()
    goal = read_condition(text)
    return RunPlan(until=goal.holds, needs=goal.needs, stops=goal.stops)


def check_needs(plan: RunPlan, names: Collection[str]) -> None:
    """Refuse a condition that could never hold because the run has no such metric.

    Args:
        plan: With the condition.
        names: Metrics the run has; a switch of the data may bring others, so that nothing is refused then.

    Raises:
        ConfigError: Names the metrics this run has.
    """
    if any(path.startswith("data.") for changes in plan.switches.values() for path in changes):
        return
    of_run = [name for name in METRICS if name in names or not name.startswith(("train_", "val_"))]
    for name in sorted(plan.needs.difference(of_run)):
        raise ConfigError("is not a metric of this run", field="--until", value=name, choices=of_run)


def read_switches(
    config: Config, texts: Sequence[str], start: int = 0, planned: Mapping[int, Mapping[str, object]] | None = None
) -> dict[int, dict[str, object]]:
    """What is planned and what `--at` says: step -> changes, all of them tried on the Config beforehand.

    Args:
        config: In force at the start.
        texts: What `--at` says.
        start: Step the run begins at.
        planned: What is planned already.

    Raises:
        ConfigError: One of them is wrong.
    """
    found = [_read_change(text) for text in texts]
    for text, (step, _, _) in zip(texts, found, strict=True):
        if step < start:
            raise ConfigError("names a step that has passed", field="--at", value=text, allowed=f"from step {start} on")
    planned = planned or {}
    switches: dict[int, dict[str, object]] = {}
    for when in sorted({when for when, _, _ in found} | set(planned)):
        changes = read_changes(config, [(path, value) for at, path, value in found if at == when])
        switches[when] = {**planned.get(when, {}), **changes}
        config = config.with_changes(switches[when])
    return switches


def _read_change(text: str) -> tuple[int, str, str]:
    """What one `--at` says: step, path and value.

    Raises:
        ConfigError: It is of another form.
    """
    step, colon, rest = text.partition(":")
    if not colon or not step.strip().isdecimal():
        raise ConfigError("is not allowed", field="--at", value=text, allowed="STEP:KEY=VALUE")
    return int(step), *_pair(rest, "--at", "STEP:KEY=VALUE")


def _pair(text: str, flag: str, form: str) -> tuple[str, str]:
    path, equals, value = text.partition("=")
    if not equals or not path.strip():
        raise ConfigError("is not allowed", field=flag, value=text, allowed=form)
    return path.strip(), value.strip()
