"""`dltui train`: a new run, without a screen.

What can be wrong is found before anything is trained or kept, and nearly all of it before the compiler is loaded.
"""

from __future__ import annotations

import argparse
from functools import partial
from typing import TYPE_CHECKING

from .parser import Parser, add_data_arguments, add_plugin_argument, add_stop_arguments, whole_number
from .streams import say

if TYPE_CHECKING:
    from dltui.core.engine.state import TrainState


def add_arguments(parser: Parser) -> None:
    """What `dltui train` takes."""
    parser.add_argument("source", metavar="PRESET|FILE", help="a preset's name, or a file: a preset or data")
    parser.add_argument("--set", action="append", default=[], metavar="KEY=VALUE", help="a setting, before the start")
    add_data_arguments(parser)
    parser.add_argument("--seed", type=whole_number(), metavar="S", help="the same as --set training.seed=S")
    add_stop_arguments(parser)
    parser.add_argument("--detach", action="store_true", help="train without this terminal (dltui ps, attach, stop)")
    add_plugin_argument(parser)


def run(args: argparse.Namespace) -> int:
    """`dltui train`: the exit code.

    Raises:
        ConfigError: The preset, a setting or a condition is wrong.
    """
    if args.detach:
        from .detach import train_detached

        return train_detached(args)
    from dltui.core import Trainer
    from dltui.core.config.presets import build_from, load_plan, load_preset
    from dltui.core.conformance.plugin import load_plugins
    from dltui.core.run.run import JournaledRun
    from dltui.core.run.start import keep_run

    from .drive import drive
    from .plan import check_needs, make_plan, with_data_choices, with_settings
    from .report import metric_names

    load_plugins(args.plugin)
    config = with_settings(with_data_choices(load_preset(args.source), args), args.set, args.seed)
    if args.epochs:
        config = config.with_changes({"training.max_epochs": args.epochs})
    plan = make_plan(config, args, start=0, planned=load_plan(args.source))

    def check(state: TrainState) -> None:
        check_needs(plan, metric_names(state.data))

    trainer = build_from(args.source, config, partial(Trainer, prepare=check))
    for note in trainer.data.notes:
        say(note)
    keeper = None if args.no_save else keep_run(trainer, args.source, config.preset.title or args.source)
    return drive(JournaledRun(trainer, keeper), plan, preset=args.source, as_json=args.json)
