"""Training without a screen: a `Run` driven directly, a bar on stderr, one line of JSON on stdout.

Where the run is cut into stretches never changes the run, so the bar may be drawn and conditions looked at whenever it
suits; only conditions on `step` itself are met to the step.
"""

from __future__ import annotations

import argparse
import json
import math
import os
import signal
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from types import FrameType
from typing import Any

from dltui.core.config import Config
from dltui.core.errors import ConfigError
from dltui.core.home import find_home
from dltui.core.unfinished import note_interrupted

from .plan import Plan, make_plan, with_settings
from .progress import Bar

STRETCH = 100
"""Least steps between two looks at a stop condition."""
PIECE_S = 0.05
"""Time between two looks whether to end."""
ENDS = {"until": "finished", "early stopping": "finished", "interrupted": "closed"}
"""What a list of runs says of a run that ended so."""
SAVE_S = 5.0
"""How long writing the last state may take."""


def train(args: argparse.Namespace) -> int:
    """`dltui train`: the exit code.

    Raises:
        ConfigError: The preset, a setting or a condition is wrong.
    """
    from dltui.core import Trainer, load_preset
    from dltui.core.keeper import Keeper
    from dltui.core.plugin import load_plugins
    from dltui.core.run import Run

    load_plugins(args.plugin)
    config = with_settings(load_preset(args.source), args.set, args.seed)
    if args.epochs:
        config = config.with_changes({"training.max_epochs": args.epochs})
    plan = make_plan(config, args, start=0)
    trainer = Trainer(config)
    keeper = None
    if not args.no_save:
        about = {"title": config.preset.title or args.source, "preset": args.source, "seed": config.training.seed}
        home, data = find_home(), trainer.data.digest
        keeper = Keeper.begin(home, config=config.to_dict(dormant=True), data_digest=data, **about)
    return drive(Run(trainer, keeper), plan, preset=args.source, as_json=args.json)


def resume(args: argparse.Namespace, run: str) -> int:
    """`dltui resume --headless`: the exit code.

    Args:
        args: The stop options of `train`.
        run: Id of the run.

    Raises:
        ConfigError: The run cannot be brought back, or an option is wrong.
    """
    from dltui.core import Trainer
    from dltui.core.keeper import Keeper
    from dltui.core.plugin import load_plugins
    from dltui.core.replay import resumed
    from dltui.core.run import Run
    from dltui.core.rundir import open_run

    load_plugins(args.plugin)
    folder = open_run(find_home().runs, run)
    try:
        trainer, messages = resumed(folder, Trainer)
        plan = make_plan(trainer.config, args, start=trainer.step)
    except ConfigError:
        folder.close()
        raise
    for message in (*folder.messages, *messages):
        print(f"dltui: {message}", file=sys.stderr)
    print(f"dltui: {run} goes on at step {trainer.step}", file=sys.stderr)
    kept = Run(trainer, Keeper(folder))
    kept.apply(_further(trainer, args))
    return drive(kept, plan, preset=folder.meta.preset or folder.meta.title, as_json=args.json)


def _further(trainer: Any, args: argparse.Namespace) -> dict[str, Any]:
    """Changes that let a run go on for as long as was asked, past the ends it was given when it began."""
    training = trainer.config.training
    if args.epochs:
        return {"training.max_epochs": trainer.epoch + args.epochs, "training.max_steps": 0}
    last = trainer.step + (args.steps or 0)
    ended = trainer.stopped == "finished"
    if args.steps and (training.max_epochs or ended or 0 < training.max_steps < last):
        return {"training.max_epochs": 0, "training.max_steps": 0}
    return {}


def drive(run: Any, plan: Plan, *, preset: str, as_json: bool) -> int:
    """Train as planned, save and report; the exit code.

    Args:
        run: A `Run`.
        plan: Switches and ends.
        preset: Name for the report.
        as_json: Whether to print the JSON object.
    """
    begun = time.perf_counter()
    keeper = run.keeper
    if keeper is not None and keeper.problem:
        print(f"dltui: {keeper.problem}", file=sys.stderr)
    with interrupts() as interrupted:
        with Bar(sys.stderr) as bar:
            stopped = _advance(run, plan, bar, interrupted, begun)
        saved = run.close(about(run, ENDS.get(stopped, stopped)), SAVE_S)
    kept = keeper.run.id if keeper is not None and keeper.run is not None else ""
    result = report(run.trainer, kept, preset, stopped, time.perf_counter() - begun)
    if not as_json:
        print(sentence(result))
    else:
        print(json.dumps(result), flush=True)
    if not saved and keeper is not None:
        print(f"dltui: {keeper.problem or 'the last state is not saved'}", file=sys.stderr)
    if stopped == "interrupted":
        if kept:
            if interrupted() != signal.SIGINT:
                note_interrupted(find_home(), kept, signal.Signals(interrupted()).name)
            print(f"dltui: stopped at step {result['step']}; go on with: dltui resume {kept}", file=sys.stderr)
        return 128 + interrupted()
    return 1 if stopped == "diverged" or (plan.until is not None and stopped != "until") else 0


def about(run: Any, status: str) -> dict[str, Any]:
    """What a list of runs shows."""
    trainer = run.trainer
    return {"status": status, "step": trainer.step, "epoch": trainer.epoch, **trainer.history.latest()}


def _advance(run: Any, plan: Plan, bar: Bar, interrupted: Callable[[], int], begun: float) -> str:
    """Train until an end is reached; why it ended."""
    trainer = run.trainer
    piece, switched = STRETCH, -1
    while not interrupted():
        step = trainer.step
        if step in plan.switches and step != switched:
            run.apply(plan.switches[step])
            switched = step
        if plan.last_step is not None and step >= plan.last_step:
            return "finished"
        ends = [*plan.switches, *plan.stops, *(stop + 1 for stop in plan.stops), plan.last_step]
        ahead = min((end for end in ends if end is not None and end > step), default=step + 10**6)
        look = min(ahead, step + STRETCH) if plan.until is not None else ahead
        stopped = None
        while stopped is None and trainer.step < look and not interrupted():
            asked = time.perf_counter()
            result = run.advance(min(look - trainer.step, piece))
            stopped = result.stopped
            took = time.perf_counter() - asked
            if result.n_steps == piece or took > PIECE_S:
                piece = max(1, min(int(piece * PIECE_S / max(took, 1e-5)), 4 * piece, 10**6))
            if bar.show(_share(trainer, plan, trainer.config), lambda: bar_text(trainer)):
                run.show(about(run, "training"))
        if stopped is not None:
            return str(stopped)
        if plan.until is None or interrupted():
            continue
        if plan.until(measure(trainer, plan.needs, time.perf_counter() - begun)):
            return "until"
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
    parts.append(f"{result['elapsed_s']:.1f} s")
    return " · ".join([*parts, f"kept as {result['run']}"] if result["run"] else parts)


def bar_text(trainer: Any) -> str:
    """What stands beside the bar."""
    loss = trainer.history.latest().get("train_loss")
    return f"step {trainer.step}  epoch {trainer.epoch}" + (f"  loss {loss:.4g}" if loss is not None else "")


@contextmanager
def interrupts() -> Iterator[Callable[[], int]]:
    """While inside, Ctrl-C, SIGTERM and SIGHUP ask for an end between two steps; gives the number of the one that did.

    The second one ends at once. A signal that is ignored from the start (nohup) stays so.
    """
    asked = 0

    def ask(number: int, _frame: FrameType | None) -> None:
        nonlocal asked
        if asked:
            os._exit(128 + number)
        asked = number

    numbers = [signal.SIGINT, signal.SIGTERM, signal.SIGHUP]
    before = {n: signal.signal(n, ask) for n in numbers if signal.getsignal(n) != signal.SIG_IGN}
    try:
        yield lambda: asked
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _plain(value: float) -> float | None:
    """JSON has no NaN."""
    return float(value) if math.isfinite(value) else None
