"""When a run without a screen changes what, and when it stops: read from the command line, checked before it starts."""

from __future__ import annotations

import argparse
import math
import re
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from dltui.core.config import Config
from dltui.core.errors import ConfigError

METRICS = (
    "train_loss",
    "val_loss",
    "train_accuracy",
    "val_accuracy",
    "train_r2",
    "val_r2",
    "learning_rate",
    "step",
    "epoch",
    "elapsed_s",
)
"""Names a stop condition may use."""

DEFAULT_STEPS = 20_000
"""How far a run goes for which nobody, not even its preset, named an end."""


@dataclass(frozen=True)
class Plan:
    """When to change what, and when to stop."""

    last_step: int | None = None
    """Stop at this step."""
    switches: Mapping[int, Mapping[str, Any]] = field(default_factory=dict)
    """Step -> Config paths and values, applied before that step is taken."""
    until: Callable[[Mapping[str, float]], bool] | None = None
    """Stop when this holds for the metrics."""
    needs: frozenset[str] = frozenset()
    """Metrics the condition uses."""
    stops: tuple[int, ...] = ()
    """Steps at which to look at the condition."""


def with_settings(config: Config, settings: Sequence[str], seed: int | None) -> Config:
    """The Config with what `--set` and `--seed` say.

    Raises:
        ConfigError: One of them is wrong.
    """
    changes: dict[str, Any] = {}
    for text in settings:
        path, value = _pair(text, "--set", "KEY=VALUE")
        changes[path] = config.parse_value(path, value)
    if seed is not None:
        changes["training.seed"] = seed
    return config.with_changes(changes) if changes else config


def make_plan(config: Config, args: argparse.Namespace, start: int) -> Plan:
    """When to switch and when to stop, checked before anything is trained.

    Args:
        config: In force at the start.
        args: `at`, `steps`, `epochs` and `until`.
        start: Step the run begins at.

    Raises:
        ConfigError: A switch or the condition is wrong.
    """
    switches = read_switches(config, args.at, start)
    last = start + args.steps if args.steps else None
    training = config.training
    endless = not (last or args.until or training.max_epochs or training.max_steps or training.early_stopping)
    if endless:
        last = start + DEFAULT_STEPS
        print(f"dltui: no end was given; stopping after {DEFAULT_STEPS} steps (see --steps, --until)", file=sys.stderr)
    if not args.until:
        return Plan(last, switches)
    from dltui.core.expression import compile_expression

    condition = compile_expression(args.until, METRICS)
    names = frozenset(name for name in METRICS if re.search(rf"\b{name}\b", args.until))
    stops = tuple(int(number) for number in re.findall(r"\bstep\s*[><=]+\s*(\d+)", args.until))

    def until(metrics: Mapping[str, float]) -> bool:
        values = {name: np.array(metrics.get(name, math.nan)) for name in METRICS}
        return bool(np.all(condition(**values)))

    return Plan(last, switches, until, names, stops)


def read_switches(config: Config, texts: Sequence[str], start: int = 0) -> dict[int, dict[str, Any]]:
    """What `--at` says: step -> changes, all of them tried on the Config beforehand.

    Raises:
        ConfigError: One of them is wrong.
    """
    found: list[tuple[int, str, str]] = []
    for text in texts:
        step, colon, rest = text.partition(":")
        if not colon or not step.strip().isdecimal():
            raise ConfigError("is not allowed", field="--at", value=text, allowed="STEP:KEY=VALUE")
        if int(step) < start:
            raise ConfigError("lies behind the run", field="--at", value=text, allowed=f"from step {start} on")
        found.append((int(step), *_pair(rest, "--at", "STEP:KEY=VALUE")))
    switches: dict[int, dict[str, Any]] = {}
    for when in sorted({when for when, _, _ in found}):
        changes = {path: config.parse_value(path, value) for at, path, value in found if at == when}
        config = config.with_changes(changes)
        switches[when] = changes
    return switches


def _pair(text: str, flag: str, form: str) -> tuple[str, str]:
    path, equals, value = text.partition("=")
    if not equals or not path.strip():
        raise ConfigError("is not allowed", field=flag, value=text, allowed=form)
    return path.strip(), value.strip()
