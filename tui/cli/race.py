"""`dltui race`: several ways to train, from one start on the same batches, ranked.

What is raced is told before the first step, and so is whatever is wrong with it.
"""

from __future__ import annotations

import argparse
import json
import math
import sys
import threading
from collections.abc import Callable, Collection, Sequence
from functools import partial
from typing import TYPE_CHECKING

from dltui.core.errors import ConfigError
from dltui.core.text import safe_text

from .parser import (
    Parser,
    add_data_arguments,
    add_json_argument,
    add_plugin_argument,
    whole_number,
)
from .streams import out, say

if TYPE_CHECKING:
    from dltui.core import Trainer
    from dltui.core.engine.state import TrainState
    from dltui.core.foresight.race import Contender

    from .plan import RunPlan
    from .progress import ProgressBar

STEPS = 2000
"""Steps of each where neither the preset nor the command says how many."""


def add_arguments(parser: Parser) -> None:
    """What `dltui race` takes."""
    parser.add_argument("source", metavar="PRESET|FILE|SWEEP#N", help="a preset's name, a file, or a trial")
    parser.add_argument(
        "--over",
        action="append",
        required=True,
        metavar="KEY[=VALUES]",
        help="what differs: a,b,c or low:high:n or low:high:log:n; a key alone means every member of its family",
    )
    parser.add_argument("--set", action="append", default=[], metavar="KEY=VALUE", help="a setting they all have")
    add_data_arguments(parser)
    parser.add_argument("--seed", type=whole_number(), metavar="S", help="the same as --set training.seed=S")
    parser.add_argument("--steps", type=whole_number(1), metavar="N", help="steps of each")
    parser.add_argument("--until", metavar="EXPR", help="note when each reaches this: 'val_loss <= 0.1'")
    parser.add_argument("--metric", metavar="NAME", help="what they are ranked by (val_loss, or train_loss without it)")
    parser.add_argument("--workers", type=whole_number(1), metavar="N", help="how many run at a time (one a core)")
    add_json_argument(parser)
    add_plugin_argument(parser)


def run(args: argparse.Namespace) -> int:
    """`dltui race`: the exit code.

    Raises:
        ConfigError: The preset, a setting, what differs or the condition is wrong.
    """
    from dltui.core import Trainer
    from dltui.core.config.presets import build_from, load_preset
    from dltui.core.conformance.plugin import load_plugins
    from dltui.core.foresight.over import combinations
    from dltui.core.foresight.race import race, ranked

    from .drive import interrupts
    from .open import find_trial, is_trial
    from .plan import check_needs, read_goal, with_data_choices, with_settings
    from .progress import ProgressBar
    from .report import metric_names

    load_plugins(args.plugin)
    begun = find_trial(args.source).config if is_trial(args.source) else load_preset(args.source)
    config = with_settings(with_data_choices(begun, args), args.set, args.seed)
    contenders, goal = combinations(config, args.over), read_goal(args.until)

    def check(state: TrainState) -> None:
        check_needs(goal, metric_names(state.data))
        _metric(args.metric, metric_names(state.data))

    file = None if is_trial(args.source) else args.source
    start = build_from(file, config, partial(Trainer, prepare=check))
    metric = _metric(args.metric, metric_names(start.data))
    n_steps = args.steps or _own_length(start)
    for note in start.data.notes:
        say(note)
    say(f"{len(contenders)} contenders, {n_steps} steps each, ranked by {metric}")
    with interrupts() as interrupted:
        with ProgressBar(sys.stderr) as bar:
            found = race(
                start,
                contenders,
                n_steps,
                workers=args.workers or 0,
                goal=_goal(goal) if goal.until is not None else None,
                called_off=lambda: bool(interrupted()),
                progress=_progress_in(bar, len(contenders), n_steps),
            )
        if interrupted():
            say("the race was called off")
            return 128 + interrupted()
    order = ranked(found, metric)
    if args.json:
        rows = [_row(place, one) for place, one in enumerate(order, 1)]
        out(json.dumps({"preset": safe_text(args.source), "steps": n_steps, "metric": metric, "rows": rows}))
    else:
        for line in _table(order, metric):
            out(line)
    return 0


def _metric(asked: str | None, names: Collection[str]) -> str:
    """What they are ranked by.

    Raises:
        ConfigError: The run has no such metric.
    """
    metric = asked or ("val_loss" if "val_loss" in names else "train_loss")
    if metric not in names:
        raise ConfigError("is not a metric of this run", field="--metric", value=metric, choices=sorted(names))
    return metric


def _own_length(start: Trainer) -> int:
    """As many steps as the run has of its own, or as its preset's story takes."""
    from dltui.core.training.cadence import NEVER

    return start.steps_to_end if start.steps_to_end < NEVER else start.config.preset.steps or STEPS


def _goal(plan: RunPlan) -> Callable[[Trainer], bool]:
    from dltui.core.training.condition import measure

    until = plan.until
    assert until is not None
    return lambda trainer: until(measure(trainer, plan.needs, 0.0))


def _progress_in(bar: ProgressBar, n: int, n_steps: int) -> Callable[[int, int], None]:
    """What tells the bar how far all of them are; called from their threads."""
    made, lock = [0] * n, threading.Lock()

    def show(number: int, steps: int) -> None:
        with lock:
            made[number] = steps
            share = sum(made) / (n * n_steps)
            bar.show(share, lambda: f"{sum(steps > 0 for steps in made)} of {n} begun")

    return show


def _row(place: int, one: Contender) -> dict[str, object]:
    """A contender, as `--json` prints it."""
    future = one.future
    settings = {path: list(value) if isinstance(value, tuple) else value for path, value in one.changes.items()}
    if future is None:
        return {"rank": place, "settings": settings, "metrics": {}, "step": 0, "stopped": "refused",
                "refused": one.refused, "elapsed_s": 0.0, "digest": None}  # fmt: skip
    return {
        "rank": place,
        "settings": settings,
        "metrics": {name: value if math.isfinite(value) else None for name, value in future.metrics.items()},
        "step": future.step,
        "stopped": future.stopped,
        "reached": {"step": future.reached[0], "elapsed_s": round(future.reached[1], 6)} if future.reached else None,
        "elapsed_s": round(future.elapsed_s, 6),
        "digest": future.digest,
    }


def _table(order: Sequence[Contender], metric: str) -> list[str]:
    """The ranking for a person, one line each."""
    paths = list(order[0].changes)
    others = sorted({name for one in order if one.future for name in one.future.metrics} - {metric, "train_accuracy"})
    reached = any(one.future is not None and one.future.reached for one in order)
    head = ["", *(path.rpartition(".")[2] for path in paths), metric, *others, "us/step", *(["reached"] * reached), ""]
    rows = [head]
    for place, one in enumerate(order, 1):
        future = one.future
        known = future.metrics if future is not None else {}
        cells = [str(place), *(_text(one.changes[path]) for path in paths)]
        cells += [f"{known[name]:.4g}" if name in known else "-" for name in (metric, *others)]
        cells.append(f"{future.step_ns / 1000:.3g}" if future is not None and future.n_steps else "-")
        if reached:
            cells.append(f"step {future.reached[0]}" if future is not None and future.reached else "-")
        rows.append([*cells, _remark(one)])
    widths = [max(len(row[k]) for row in rows) for k in range(len(head))]
    return ["  ".join(cell.ljust(wide) for cell, wide in zip(row, widths, strict=True)).rstrip() for row in rows]


def _text(value: object) -> str:
    if isinstance(value, tuple):
        return " ".join(map(str, value)) or "none"
    return safe_text(f"{value:.4g}" if isinstance(value, float) else str(value), 40)


def _remark(one: Contender) -> str:
    if one.future is None:
        return f"refused: {one.refused}"
    if one.future.stopped == "diverged":
        return f"diverged at step {one.future.step}"
    return "stopped early" if one.future.stopped == "early stopping" else ""
