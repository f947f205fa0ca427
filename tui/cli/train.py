"""Training without a screen: a `Run` driven directly, a bar on stderr, one line of JSON on stdout.

What can be wrong is found before anything is trained or kept. The decision to know: what a person should know goes to
stderr as it happens, and stdout holds the answer alone.
"""

from __future__ import annotations

import argparse
import json
import os
import signal
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from types import FrameType
from typing import Any

from dltui.core.disk.home import find_home
from dltui.core.errors import ConfigError
from dltui.core.store.interrupted import note_interrupted
from dltui.core.training.trouble import why_stopped

from .drive import Watch, train_as_planned
from .plan import Plan, check_needs, make_plan, with_settings
from .progress import Bar
from .report import metric_names, report, sentence

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
    from dltui.core.config.presets import made_of
    from dltui.core.conformance.plugin import load_plugins
    from dltui.core.run.run import Run
    from dltui.core.store.keeper import Keeper

    load_plugins(args.plugin)
    config = with_settings(load_preset(args.source), args.set, args.seed)
    if args.epochs:
        config = config.with_changes({"training.max_epochs": args.epochs})
    plan = make_plan(config, args, start=0)
    trainer = made_of(args.source, config, Trainer)
    check_needs(plan, metric_names(trainer))
    keeper = None
    if not args.no_save:
        about_run = {"title": config.preset.title or args.source, "preset": args.source, "seed": config.training.seed}
        home, data = find_home(), trainer.data.digest
        keeper = Keeper.begin(home, config=config.to_dict(dormant=True), data_digest=data, **about_run)
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
    from dltui.core.conformance.plugin import load_plugins
    from dltui.core.run.replay import resumed
    from dltui.core.run.run import Run
    from dltui.core.store.keeper import Keeper
    from dltui.core.store.runs import open_run

    load_plugins(args.plugin)
    folder = open_run(find_home().runs, run, write=not args.no_save)
    try:
        trainer, messages = resumed(folder, Trainer)
        further = _further(trainer, args)
        plan = make_plan(trainer.config.with_changes(further), args, start=trainer.step)
        check_needs(plan, metric_names(trainer))
    except ConfigError:
        folder.close()
        raise
    where = "; what comes is not kept" if args.no_save else ""
    for message in (*folder.messages, *messages, f"{run} goes on at step {trainer.step}{where}"):
        _say(message)
    continued = Run(trainer, None if args.no_save else Keeper(folder))
    if further:
        continued.apply(further)
    return drive(continued, plan, preset=folder.meta.preset or folder.meta.title, as_json=args.json)


def _further(trainer: Any, args: argparse.Namespace) -> dict[str, Any]:
    """Changes that let a run go on for as long as was asked, past the ends it was given when it began."""
    training = trainer.config.training
    changes: dict[str, Any] = {}
    if (args.epochs or args.steps) and trainer.stopped == "early stopping":
        changes["training.early_stopping"] = 0
    if args.epochs:
        return changes | {"training.max_epochs": trainer.epoch + args.epochs, "training.max_steps": 0}
    last = trainer.step + (args.steps or 0)
    ended = trainer.stopped == "finished"
    if args.steps and (training.max_epochs or ended or 0 < training.max_steps < last):
        changes |= {"training.max_epochs": 0, "training.max_steps": 0}
    return changes


def _why_not_further(stopped: str) -> str:
    if stopped == "diverged":
        return "it has diverged before and makes no further step as it is"
    return f"it has come to its end ({stopped}); go on past it with --steps or --epochs"


def drive(run: Any, plan: Plan, *, preset: str, as_json: bool) -> int:
    """Train as planned, save and report; the exit code.

    Args:
        run: A `Run`.
        plan: Switches and ends.
        preset: Name for the report.
        as_json: Whether to print the JSON object.
    """
    begun = time.perf_counter()
    keeper, trainer = run.keeper, run.trainer
    goes = trainer.stopped is None or trainer.step in plan.switches
    for notice in plan.notices if goes else (_why_not_further(trainer.stopped),):
        _say(notice)
    with interrupts() as interrupted:
        with Bar(sys.stderr) as bar:
            watch = Watch(keeper, lambda text: bar.say(f"dltui: {text}"))
            watch.look()
            stopped = train_as_planned(run, plan, bar, watch, interrupted)
        last = run.about(ENDS.get(stopped, stopped), exact=True)
        kept = keeper.run.id if keeper is not None and keeper.in_place else ""
        saved = run.close(last, SAVE_S)
    result = report(trainer, kept, preset, stopped, time.perf_counter() - begun, last)
    if keeper is not None and not saved and not watch.said:
        _say(keeper.problem or "the last state is not saved")
    if kept and interrupted() not in (0, signal.SIGINT):
        note_interrupted(find_home(), kept, signal.Signals(interrupted()).name)
    print(json.dumps(result) if as_json else sentence(result, keeper is not None), flush=True)
    for missed in plan.missed(trainer.step) if stopped != "interrupted" else ():
        _say(missed)
    if stopped == "diverged":
        if trainer.trouble is not None:
            _say(why_stopped(trainer.state, trainer.trouble))
        if kept:
            rate = f"{trainer.config.optimizer.learning_rate / 10:.3g}"
            change = f"--at {trainer.step}:optimizer.learning_rate={rate}"
            _say(f"go on from there with a smaller rate: dltui resume {kept} --steps 1000 {change}")
    if stopped == "interrupted":
        if kept:
            _say(f"stopped at step {result['step']}; go on with: dltui resume {kept}")
        return 128 + interrupted()
    return 1 if stopped == "diverged" or (plan.until is not None and stopped != "until") else 0


def _say(text: str) -> None:
    with suppress(OSError):  # a terminal that is gone must not cost the run
        print(f"dltui: {text}", file=sys.stderr)


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
