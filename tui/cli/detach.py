"""`dltui train --detach`: has a process of its own train, and says how its run is found again."""

from __future__ import annotations

import argparse
import signal
import sys
import time
from collections.abc import Callable
from typing import TYPE_CHECKING

from dltui.core.errors import ConfigError
from dltui.core.text import safe_text

from ..terminal.guard import in_background
from .streams import out, say

if TYPE_CHECKING:
    from dltui.core.config import Config


def train_detached(args: argparse.Namespace) -> int:
    """`dltui train --detach`: the exit code.

    Raises:
        ConfigError: What was asked cannot be done without a terminal.
    """
    from .report import report_of_start

    for flag in ("at", "until", "no_save"):
        if getattr(args, flag):
            name = "--" + flag.replace("_", "-")
            raise ConfigError(
                "cannot be combined with --detach",
                field=name,
                allowed="--set, --seed, --target, --drop, --task, --steps, --epochs",
            )
    sys.stdout.flush()
    answer = in_background(lambda tell: _train(args, tell))
    if answer is None:
        return 0
    kind, _, text = answer.partition(" ")
    if kind != "run":
        say(f"{text or 'the training process has died'}")
        return 2
    run, task, notice = text.split(" ", 2)
    if notice:
        say(notice)
    say_how_to_return(run)
    if args.json:
        out(report_of_start(run, args.source, task).to_json())
    return 0


def say_how_to_return(run: str) -> None:
    """Say how a run without a terminal is found again."""
    name = safe_text(run) or "this run"
    try:
        how = f"\n  see it:  dltui attach {name}\n  end it:  dltui stop {name}" if run else ""
        say(f"{name} goes on without this terminal{how}")
        sys.stderr.flush()
    except OSError:
        return  # the terminal is gone


def _config_of(args: argparse.Namespace) -> tuple[Config, str]:
    """What is to be trained, and what is to be said of it first."""
    from dltui.core.config.presets import load_preset
    from dltui.core.conformance.plugin import load_plugins

    from .plan import DEFAULT_STEPS, NO_END, with_data_choices, with_settings

    load_plugins(args.plugin)
    config = with_settings(with_data_choices(load_preset(args.source), args), args.set, args.seed)
    limits = {"training.max_steps": args.steps, "training.max_epochs": args.epochs}
    config = config.with_changes({path: limit for path, limit in limits.items() if limit})
    if config.has_end:
        return config, ""
    return config.with_changes({"training.max_steps": DEFAULT_STEPS}), NO_END


def _train(args: argparse.Namespace, tell: Callable[[str], None]) -> None:
    """Train in this process until the end, or until told to."""
    from dltui.core.commands import Run
    from dltui.core.disk.home import find_home
    from dltui.core.remote.served import LOOK_S, ServedSession
    from dltui.core.session import Session

    known: list[str] = []
    try:
        config, notice = _config_of(args)
        served = ServedSession(Session(config, keep=True, name=args.source), find_home(), known.append)
        problem = served.take_permit()
    except ConfigError as error:
        tell(f"problem {error}")
        return
    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGQUIT):
        signal.signal(number, lambda *_: served.stop())
    if not problem:
        served.start()
        served.send(Run())
    while not problem and not known and served.alive:
        problem = served.keep_on()
        time.sleep(LOOK_S / 10)
    problem, snapshot = served.failure or problem, served.latest()
    if problem or not known or snapshot is None:
        tell(f"problem {problem}")
    else:
        tell(f"run {known[0]} {snapshot.task} {notice}")
    if problem:
        served.close()
    else:
        served.work_until_end()
