"""Training without a screen: the trainer driven directly, a bar on stderr, one line of JSON on stdout.

Where the run is cut into stretches never changes the run, so the bar may be drawn and conditions looked at whenever it
suits; only conditions on `step` itself are met to the step.
"""

from __future__ import annotations

import argparse
import json
import math
import re
import signal
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from types import FrameType
from typing import Any

import numpy as np

from dltui.core.config import Config
from dltui.core.errors import ConfigError

from .progress import Bar

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

STRETCH = 100
"""Least steps between two looks at a stop condition."""


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


def train(args: argparse.Namespace) -> int:
    """`dltui train`: the exit code.

    Raises:
        ConfigError: The preset, a setting or a condition is wrong.
    """
    from dltui.core import Trainer, load_preset
    from dltui.core.plugin import load_plugins

    load_plugins(args.plugin)
    config = with_settings(load_preset(args.source), args.set, args.seed)
    if args.epochs:
        config = config.with_changes({"training.max_epochs": args.epochs})
    plan = make_plan(config, args, start=0)
    return drive(Trainer(config), plan, preset=args.source, as_json=args.json)


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
    switches = read_switches(config, args.at)
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


def read_switches(config: Config, texts: Sequence[str]) -> dict[int, dict[str, Any]]:
    """What `--at` says: step -> changes, all of them tried on the Config beforehand.

    Raises:
        ConfigError: One of them is wrong.
    """
    found: list[tuple[int, str, str]] = []
    for text in texts:
        step, colon, rest = text.partition(":")
        if not colon or not step.strip().isdecimal():
            raise ConfigError("is not allowed", field="--at", value=text, allowed="STEP:KEY=VALUE")
        found.append((int(step), *_pair(rest, "--at", "STEP:KEY=VALUE")))
    switches: dict[int, dict[str, Any]] = {}
    for when in sorted({when for when, _, _ in found}):
        changes = {path: config.parse_value(path, value) for at, path, value in found if at == when}
        config = config.with_changes(changes)
        switches[when] = changes
    return switches


def drive(trainer: Any, plan: Plan, *, preset: str, as_json: bool, run: str = "") -> int:
    """Train as planned and report; the exit code.

    Args:
        trainer: A `Trainer`.
        plan: Switches and ends.
        preset: Name for the report.
        as_json: Whether to print the JSON object.
        run: Id of the run, if it is kept.
    """
    begun = time.perf_counter()
    with interrupts() as interrupted, Bar(sys.stderr) as bar:
        stopped = _advance(trainer, plan, bar, interrupted, begun)
    result = report(trainer, run, preset, stopped, time.perf_counter() - begun)
    if not as_json:
        print(sentence(result))
    else:
        print(json.dumps(result))
    if stopped == "interrupted":
        return 130
    return 1 if stopped == "diverged" or (plan.until is not None and stopped != "until") else 0


def _advance(trainer: Any, plan: Plan, bar: Bar, interrupted: Callable[[], bool], begun: float) -> str:
    """Train until an end is reached; why it ended."""
    config: Config = trainer.config
    stretch = STRETCH
    while not interrupted():
        step = trainer.step
        if step in plan.switches:
            trainer.apply(plan.switches[step])
            config = trainer.config
        if plan.last_step is not None and step >= plan.last_step:
            return "finished"
        ends = [*plan.switches, *plan.stops, *(stop + 1 for stop in plan.stops), plan.last_step]
        ahead = min((end for end in ends if end is not None and end > step), default=step + stretch)
        asked = time.perf_counter()
        result = trainer.advance(min(ahead - step, stretch))
        took = time.perf_counter() - asked
        metrics: dict[str, float] = {}
        if result.stopped is None and plan.until is not None:
            metrics = measure(trainer, plan.needs, time.perf_counter() - begun)
            if plan.until(metrics):
                return "until"
        if result.stopped is not None:
            return str(result.stopped)
        if plan.until is None:
            stretch = max(STRETCH, min(int(stretch * 0.1 / max(took, 1e-4)), 4 * stretch, 10**6))
        bar.show(_share(trainer, plan, config), lambda: bar_text(trainer))
    return "interrupted"


def _share(trainer: Any, plan: Plan, config: Config) -> float:
    """How far the run is, 0 to 1; NaN when there is no telling."""
    shares = [
        done / limit
        for done, limit in (
            (trainer.step, plan.last_step),
            (trainer.step, config.training.max_steps),
            (trainer.epoch, config.training.max_epochs),
            (trainer.step, max(plan.stops, default=0)),
        )
        if limit
    ]
    return max(shares, default=math.nan)


def measure(trainer: Any, needs: frozenset[str], elapsed_s: float) -> dict[str, float]:
    """The metrics asked for, as they are now."""
    metrics = {
        "step": float(trainer.step),
        "epoch": float(trainer.epoch),
        "elapsed_s": elapsed_s,
        "learning_rate": float(trainer.learning_rate),
    }
    for part in ("train", "val"):
        if any(name.startswith(f"{part}_") for name in needs):
            metrics |= {f"{part}_{name}": float(value) for name, value in trainer.evaluate(part).items()}
    return metrics


def report(trainer: Any, run: str, preset: str, stopped: str, elapsed_s: float) -> dict[str, Any]:
    """The object `--json` prints."""
    metrics = {f"{part}_{name}": value for part in ("train", "val") for name, value in trainer.evaluate(part).items()}
    return {
        "run": run or None,
        "preset": preset,
        "step": int(trainer.step),
        "epoch": int(trainer.epoch),
        "stopped": stopped,
        **{
            name: _plain(metrics[name])
            for name in ("train_loss", "val_loss", "val_accuracy", "val_r2")
            if name in metrics
        },
        "elapsed_s": round(elapsed_s, 3),
        "digest": trainer.digest(),
    }


def sentence(result: Mapping[str, Any]) -> str:
    """The same for a person, on one line."""
    words = {"finished": "done", "until": "condition met", "early stopping": "stopped early"}
    parts = [words.get(result["stopped"], result["stopped"]), f"step {result['step']}", f"epoch {result['epoch']}"]
    for name in ("train_loss", "val_loss", "val_accuracy", "val_r2"):
        if result.get(name) is not None:
            parts.append(f"{name} {result[name]:.4g}")
    return " · ".join([*parts, f"{result['elapsed_s']:.1f} s"])


def bar_text(trainer: Any) -> str:
    """What stands beside the bar."""
    losses = trainer.history["train_loss"][1]
    loss = f"  loss {float(losses[-1]):.4g}" if len(losses) else ""
    return f"step {trainer.step}  epoch {trainer.epoch}{loss}"


@contextmanager
def interrupts() -> Iterator[Callable[[], bool]]:
    """While inside, Ctrl-C, SIGTERM and SIGHUP ask for an end between two steps; gives the question whether one did."""
    asked = False

    def ask(_number: int, _frame: FrameType | None) -> None:
        nonlocal asked
        if asked:
            raise KeyboardInterrupt
        asked = True

    before = {number: signal.signal(number, ask) for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)}
    try:
        yield lambda: asked
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _pair(text: str, flag: str, form: str) -> tuple[str, str]:
    path, equals, value = text.partition("=")
    if not equals or not path.strip():
        raise ConfigError("is not allowed", field=flag, value=text, allowed=form)
    return path.strip(), value.strip()


def _plain(value: float) -> float | None:
    """JSON has no NaN."""
    return float(value) if math.isfinite(value) else None
