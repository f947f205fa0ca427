"""`dltui open SWEEP#12`: a trial of a sweep as a run like any other, or as a preset.

A trial left nothing behind but its row. It is trained again, to the bit, which the digest of the row proves.
"""

from __future__ import annotations

import argparse
import sys
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

from dltui.core.errors import ConfigError
from dltui.core.text import safe_text

from .parser import Parser, add_json_argument, add_plugin_argument
from .streams import can_show_dashboard, out, say

if TYPE_CHECKING:
    from dltui.core.config import Config
    from dltui.core.sweep.plan import SweepPlan
    from dltui.core.sweep.trial import TrialRow

SIGN = "#"
"""Between the name of a sweep and the number of a trial."""
STRETCH = 20_000
"""Most steps between two looks at an interrupt."""


@dataclass(frozen=True)
class KeptTrial:
    """A trial that is named."""

    name: str
    """As typed."""
    sweep: str
    """Id of its sweep."""
    plan: SweepPlan
    row: TrialRow

    @property
    def config(self) -> Config:
        """Its Config.

        Raises:
            ConfigError: Its settings are not allowed.
        """
        from dltui.core.sweep.trial import settings_of

        config = self.plan.config.with_changes(settings_of(self.plan.config, self.row.texts, self.row.seed))
        title = config.preset.title or safe_text(self.plan.source)
        return config.with_changes({"preset.title": f"{title} (trial {self.row.number})"})


def add_arguments(parser: Parser) -> None:
    """What `dltui open` takes."""
    parser.add_argument("trial", metavar="SWEEP#N", help="a trial: its sweep (or last), and its number in the table")
    parser.add_argument("--save", metavar="FILE", help="write it as a preset, and train nothing")
    parser.add_argument("--headless", action="store_true", help="train it as a run that is kept, and show nothing")
    add_json_argument(parser)
    add_plugin_argument(parser)


def run(args: argparse.Namespace) -> int:
    """`dltui open`: the exit code.

    Raises:
        ConfigError: There is no such trial, or it cannot be trained.
    """
    from dltui.core.conformance.plugin import load_plugins

    load_plugins(args.plugin)
    trial = find_trial(args.trial)
    if args.save is not None:
        from dltui.core.config.presets import save_preset

        save_preset(trial.config, args.save)
        say(f"{args.trial} is written as {safe_text(args.save)}")
        return 0
    if not args.headless and not can_show_dashboard():
        return 2
    code, kept = _train_again(trial, args.json)
    if args.headless or code:
        return code
    from .dashboard import show_dashboard

    return show_dashboard(None, args.plugin, resume=kept)


def is_trial(word: str) -> bool:
    """Whether a word names a trial of a sweep."""
    sweep, sign, number = word.rpartition(SIGN)
    return bool(sign) and number.isdecimal() and (not sweep or sweep == "last" or sweep.startswith("sweep-"))


def find_trial(word: str) -> KeptTrial:
    """The trial a word names.

    Raises:
        ConfigError: There is none.
    """
    from dltui.core.disk.home import find_home
    from dltui.core.sweep.folder import find_sweep, read_sweep

    sweep, sign, number = word.rpartition(SIGN)
    if not sign or not number.isdecimal():
        raise ConfigError("names no trial", value=word, allowed=f"SWEEP{SIGN}12, or last{SIGN}12")
    info = read_sweep(find_sweep(find_home().sweeps, sweep or "last"))
    row = info.rows.get(int(number))
    if row is None:
        raise ConfigError("has no row yet", field=f"the trial {number}", allowed=f"0 to {info.plan.n_trials - 1}")
    return KeptTrial(word, info.id, info.plan, row)


def _train_again(trial: KeptTrial, as_json: bool) -> tuple[int, str]:
    """Train it as a run that is kept; the exit code, and the id of the run."""
    from dltui.core import Trainer
    from dltui.core.run.run import JournaledRun
    from dltui.core.run.start import keep_run
    from dltui.core.sweep.trial import own_length

    from .drive import interrupts
    from .progress import ProgressBar
    from .report import progress_text, report

    began, row = time.perf_counter(), trial.row
    if not row.digest:
        raise ConfigError(f"was never trained: {row.reason}", field="the trial", value=trial.name)
    trainer = Trainer(trial.config)
    run = JournaledRun(trainer, keep_run(trainer, trial.plan.source, trial.config.preset.title))
    run.aim(trial.plan.n_steps or own_length(trainer))
    with interrupts() as interrupted, ProgressBar(sys.stderr) as bar:
        while trainer.step < row.step and not interrupted():
            if run.advance(min(row.step - trainer.step, STRETCH)).stopped:
                break
            bar.show(trainer.step / row.step, lambda: progress_text(trainer))
    if row.stopped == "diverged":  # the step that is not made says so
        run.advance(1)
    about = run.about("closed", exact=True)
    kept = run.keeper.run.id if run.keeper is not None and run.keeper.run is not None else ""
    result = report(trainer, kept, trial.plan.source, row.stopped, time.perf_counter() - began, about.figures)
    run.close(about, 5.0)
    if interrupted():
        return 128 + interrupted(), kept
    if result.digest != row.digest:
        say("it came out otherwise than in the sweep: the data, the versions or the processor have changed since")
    if as_json or not kept:
        out(result.to_json())
    else:
        say(f"{trial.sweep}{SIGN}{row.number} is trained again, kept as {kept}")
    return (0 if kept else 1), kept
