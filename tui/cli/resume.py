"""`dltui resume`: continues a run, in the dashboard or without a screen."""

from __future__ import annotations

import argparse
import os
from typing import TYPE_CHECKING

from dltui.core.errors import ConfigError

from .parser import Parser, add_plugin_argument, add_stop_arguments
from .streams import can_show_dashboard, say

if TYPE_CHECKING:
    from dltui.core import Trainer


def add_arguments(parser: Parser) -> None:
    """What `dltui resume` takes."""
    parser.add_argument("run", nargs="?", metavar="RUN", help="id of the run; without it, the newest")
    parser.add_argument("--headless", action="store_true", help="train without a screen")
    add_stop_arguments(parser)
    add_plugin_argument(parser)


def run(args: argparse.Namespace) -> int:
    """`dltui resume`: the exit code.

    Raises:
        ConfigError: There is no such run, it cannot be brought back, or an option is wrong.
    """
    name = find_resumable(args.run)
    if args.headless or args.json or args.no_save or args.steps or args.epochs or args.until is not None or args.at:
        return _train(args, name)
    if not can_show_dashboard():
        return 2
    from .dashboard import show_dashboard

    return show_dashboard(None, args.plugin, resume=name)


def find_resumable(run: str | None) -> str:
    """The run that is meant: the one named, or the newest that nobody trains.

    Raises:
        ConfigError: There is none.
    """
    from dltui.core.disk.home import find_home
    from dltui.core.disk.lock import is_locked
    from dltui.core.run.tree import front_of
    from dltui.core.store.meta import read_meta
    from dltui.core.store.runs import by_age, run_path
    from dltui.core.text import safe_text

    folder = find_home().runs
    if run:
        return os.path.basename(run_path(folder, run))
    for name in reversed(by_age(folder)):
        path = os.path.join(folder, name)
        if is_locked(os.path.join(path, "LOCK")) or not os.path.isdir(path):
            continue
        try:
            read_meta(path)
            front = front_of(folder, name)
            return name if is_locked(os.path.join(folder, front, "LOCK")) else front
        except ConfigError as error:
            say(f"{name} is passed over: {error}")
    raise ConfigError("no run is kept that can be resumed", file=safe_text(folder))


def _train(args: argparse.Namespace, run: str) -> int:
    """Without a screen: the exit code."""
    from dltui.core import Trainer
    from dltui.core.conformance.plugin import load_plugins
    from dltui.core.disk.home import find_home
    from dltui.core.run.replay import resume_trainer
    from dltui.core.run.start import continue_run
    from dltui.core.store.keeper import Keeper
    from dltui.core.store.runs import open_run

    from .drive import drive
    from .plan import check_needs, check_options, make_plan
    from .report import metric_names

    load_plugins(args.plugin)
    check_options(args)
    folder = open_run(find_home().runs, run, write=not args.no_save)
    try:
        trainer, messages = resume_trainer(folder, Trainer)
        continued, further = continue_run(folder, trainer, None), _further(trainer, args)
        planned = continued.plan
        plan = make_plan(trainer.config.with_changes(further), args, trainer.step, planned)
        check_needs(plan, metric_names(trainer.data))
    except ConfigError:
        folder.close()
        raise
    where = "; nothing from here on is kept" if args.no_save else ""
    for message in (*folder.messages, *messages, f"{run} resumes at step {trainer.step}{where}"):
        say(message)
    for step, changes in planned.items():
        say(f"planned at step {step}: {', '.join(f'{path} = {value}' for path, value in changes.items())}")
    n_said = len(trainer.events)
    continued.keeper = None if args.no_save else Keeper(folder)
    if further:
        continued.apply(further)
    return drive(continued, plan, preset=folder.meta.preset or folder.meta.title, as_json=args.json, n_said=n_said)


def _further(trainer: Trainer, args: argparse.Namespace) -> dict[str, int]:
    """Changes that let a run continue for as long as was asked, past the ends it was given when it began."""
    training = trainer.config.training
    changes: dict[str, int] = {}
    if (args.epochs or args.steps) and trainer.stopped == "early stopping":
        changes["training.early_stopping"] = 0
    if args.epochs:
        return changes | {"training.max_epochs": trainer.epoch + args.epochs, "training.max_steps": 0}
    last = trainer.step + (args.steps or 0)
    ended = trainer.stopped == "finished"
    if args.steps and (training.max_epochs or ended or 0 < training.max_steps < last):
        changes |= {"training.max_epochs": 0, "training.max_steps": 0}
    return changes
