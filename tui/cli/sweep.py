"""`dltui sweep`: many trials of one preset on every core, kept row by row, ranked.

What is wrong is told before the first trial. Whatever ends a sweep early, `--resume` trains what is missing.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import signal
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING

from dltui.core.errors import ConfigError
from dltui.core.text import safe_text

from .parser import Parser, add_data_arguments, add_json_argument, add_plugin_argument, whole_number
from .streams import out, say

if TYPE_CHECKING:
    from dltui.core.sweep.driver import Driver, Engine
    from dltui.core.sweep.folder import SweepFolder
    from dltui.core.sweep.plan import SweepPlan
    from dltui.core.sweep.trial import Bench, TrialRow

FORMS = (".csv", ".json", ".svg")
"""What a table is written as."""
AGAIN = 75
"""Exit code that means: nothing is wrong, run the same again with `--resume`."""


def add_arguments(parser: Parser) -> None:
    """What `dltui sweep` takes."""
    parser.add_argument("source", metavar="PRESET|FILE|SWEEP", help="what is trained, or a sweep to go on with")
    add_what_is_tried(parser)
    parser.add_argument("--set", action="append", default=[], metavar="KEY=VALUE", help="a setting they all have")
    add_data_arguments(parser)
    parser.add_argument("--seed", type=whole_number(), metavar="S", help="the first seed")
    parser.add_argument("--workers", type=whole_number(0), metavar="N", help="processes (one a core); 0: this one")
    parser.add_argument("--on", metavar="ADDRESS", help="workers elsewhere: tcp://HOST:PORT, or a scheduler's file")
    parser.add_argument("--resume", action="store_true", help="go on with the sweep of these words, if there is one")
    parser.add_argument("--detach", action="store_true", help="train without this terminal")
    parser.add_argument("--watch", action="store_true", help="the same, and look at it; q leaves it to itself")
    parser.add_argument(
        "-o", "--output", metavar="FILE", help="write the table there too: .csv or .json; or its charts: .svg"
    )
    parser.add_argument(
        "--charts", action="store_true", help="also draw what matters, and the metric over each setting"
    )
    add_json_argument(parser)
    add_plugin_argument(parser)


def add_what_is_tried(parser: Parser) -> None:
    """What decides about the table."""
    parser.add_argument(
        "--over",
        action="append",
        default=[],
        metavar="KEY[=VALUES]",
        help="what differs: a,b,c or low:high:n or low:high:log:n, or a range low:high or low:high:log to draw from",
    )
    parser.add_argument("--sampler", metavar="NAME", help="grid, random, sobol, tpe or cma")
    parser.add_argument("--trials", type=whole_number(1), metavar="N", help="settings to try (all of a grid, else 20)")
    parser.add_argument("--seeds", type=whole_number(1), metavar="K", help="trials of each, which differ in the seed")
    parser.add_argument("--metric", metavar="NAME", help="what they are ranked by (val_loss, or train_loss without it)")
    limits = parser.add_mutually_exclusive_group()
    limits.add_argument("--steps", type=whole_number(1), metavar="N", help="steps of each")
    limits.add_argument("--epochs", type=whole_number(1), metavar="N", help="epochs of each")
    parser.add_argument("--until", metavar="EXPR", help="end each at the latest when this holds: 'val_loss <= 0.1'")
    parser.add_argument("--prune", metavar="RULE", help="give up what falls behind: median or hyperband")


def run(args: argparse.Namespace) -> int:
    """`dltui sweep`: the exit code.

    Raises:
        ConfigError: The preset, a setting, or what differs is wrong.
    """
    from dltui.core.conformance.plugin import load_plugins
    from dltui.core.disk.home import find_home

    from .sweep_watch import begin_without_terminal, watch

    _check_output(args.output)
    load_plugins(args.plugin)
    home = find_home()
    if home.problem:
        raise ConfigError(f"a sweep is kept row by row: {home.reason}")
    if is_sweep(args.source) and not args.resume:
        return _show(args, home.sweeps)
    if args.detach or args.watch:
        name = begin_without_terminal(args, partial(_keep_on, args, home.sweeps))
        return watch(os.path.join(home.sweeps, name)) if name and args.watch else 0
    return _keep_on(args, home.sweeps, lambda _: None)


def _keep_on(args: argparse.Namespace, sweeps: str, begun: Callable[[str], None]) -> int:
    """Train a sweep to its end; the exit code.

    Args:
        args: As typed.
        sweeps: Folder of all sweeps.
        begun: Told the sweep's id before the first trial.

    Raises:
        ConfigError: Something that was asked for is not allowed.
    """
    from dltui.core.disk.home import describe_failure

    try:
        folder, bench = _open(args, sweeps)
    except OSError as error:
        raise ConfigError(describe_failure(error, sweeps)) from error
    try:
        begun(folder.id)
        return _train(args, folder, bench)
    except OSError as error:
        say(f"{describe_failure(error, folder.path)}; go on with: dltui sweep {folder.id} --resume")
        return AGAIN
    finally:
        folder.close()


def is_sweep(word: str) -> bool:
    """Whether a word names a sweep."""
    return word == "last" or word.startswith("sweep-")


def _show(args: argparse.Namespace, sweeps: str) -> int:
    """Tell the table of a sweep as it is now, also while it is trained."""
    from dltui.core.sweep.folder import find_sweep, read_sweep

    path = find_sweep(sweeps, args.source)
    if args.watch:
        from .sweep_watch import watch

        return watch(path)
    info = read_sweep(path)
    left = info.plan.n_trials - len(info.rows)
    _tell(args, info.id, info.plan, list(info.rows.values()))
    if left:
        say(f"{left} trials are left" + ("" if info.live else f"; go on with: dltui sweep {info.id} --resume"))
    return 0


def _open(args: argparse.Namespace, sweeps: str) -> tuple[SweepFolder, Bench]:
    """The sweep's folder, a new one or that to go on with, and what trains here.

    Raises:
        ConfigError: Something that was asked for is not allowed.
    """
    from dltui.core.sweep.folder import SweepFolder, create_sweep, find_sweep, unfinished_like

    if is_sweep(args.source):
        folder = SweepFolder(find_sweep(sweeps, args.source))
        bench = folder.plan.bench()
        if bench.start.data.digest != folder.plan.data:
            folder.close()
            raise ConfigError("has other data than when it was begun", field="sweep", value=folder.id)
        return folder, bench
    plan, bench = plan_of(args)
    path = unfinished_like(sweeps, plan) if args.resume else ""
    folder = SweepFolder(path) if path else create_sweep(sweeps, plan)
    if folder.message:
        say(folder.message)
    return folder, bench


def plan_of(args: argparse.Namespace) -> tuple[SweepPlan, Bench]:
    """What is asked for, checked to the last setting.

    Raises:
        ConfigError: Something in it is not allowed.
    """
    from dltui.core import Trainer
    from dltui.core.config.presets import build_from, load_preset
    from dltui.core.sweep.asked import Asked, asked_in
    from dltui.core.sweep.plan import SweepPlan, check_points, make_plan
    from dltui.core.sweep.trial import Bench

    from .plan import with_data_choices, with_settings
    from .report import metric_names

    told = Asked(
        tuple(args.over), args.trials, args.seeds, args.steps, args.sampler, args.metric, args.until, args.prune
    )
    asked = told.before(asked_in(args.source))
    config = with_settings(with_data_choices(load_preset(args.source), args), args.set, args.seed)
    if args.epochs:
        config = config.with_changes({"training.max_epochs": args.epochs})
    first = SweepPlan(
        safe_text(args.source), config, asked.over, asked.metric or "", asked.sampler or "", asked.trials or 0,
        asked.seeds or 1, 0 if args.epochs else asked.steps or 0, asked.until or "", asked.prune or "",
    )  # fmt: skip
    _ = first.axes, first.condition  # what is wrong with the words is told before the data is read
    start = build_from(args.source, config, Trainer)
    bench = Bench(config, first.metric, first.n_steps, first.condition, start)
    plan = make_plan(first, bench, sorted(metric_names(start.data)))
    bench = Bench(config, plan.metric, plan.n_steps, plan.condition, start)
    check_points(plan, bench)
    for note in start.data.notes:
        say(note)
    return plan, bench


def _train(args: argparse.Namespace, folder: SweepFolder, bench: Bench) -> int:
    """Train what is missing, and tell the table; the exit code."""
    from dltui.core.sweep.driver import Driver

    from .drive import interrupts
    from .sweep_report import say_plan

    say_plan(folder)
    problem = ""
    with interrupts() as interrupted, _engine(args, folder, bench) as engine:
        driver = Driver(folder, engine, lambda: bool(interrupted()))
        try:
            _follow(driver)
        except ConnectionError as error:
            problem = str(error)
    _tell(args, folder.id, folder.plan, list(folder.rows.values()))
    if driver.finished:
        return 0
    left = folder.plan.n_trials - len(folder.rows)
    say(f"{problem + ': ' if problem else ''}{left} trials are left; go on with: dltui sweep {folder.id} --resume")
    return 128 + signal.SIGINT if interrupted() == signal.SIGINT else AGAIN


@contextmanager
def _engine(args: argparse.Namespace, folder: SweepFolder, bench: Bench) -> Iterator[Engine]:
    """Who trains."""
    from dltui.core.sweep.cluster import cluster_at, local_cluster
    from dltui.core.sweep.driver import Here

    if args.on is not None:
        with cluster_at(folder.plan, args.plugin, args.on) as engine:
            yield engine
    elif args.workers == 0 or len(folder.rows) >= folder.plan.n_trials:
        yield Here(bench)
    else:
        with local_cluster(folder.plan, args.plugin, args.workers or 0) as engine:
            yield engine


def _follow(driver: Driver) -> None:
    """Train to the end beside a bar."""
    from .progress import ProgressBar
    from .sweep_report import bar_text

    plan, rows = driver.folder.plan, driver.folder.rows
    began, before = time.monotonic(), len(rows)
    with ProgressBar(sys.stderr) as bar:
        for _ in driver.rows():
            bar.show(len(rows) / plan.n_trials, lambda: bar_text(driver, len(rows) - before, time.monotonic() - began))


def _tell(args: argparse.Namespace, name: str, plan: SweepPlan, rows: Sequence[TrialRow]) -> None:
    """The table, where it was asked for."""
    from dltui.core.disk.files import failures_named, write_atomic
    from dltui.core.sweep.table import json_of

    from ..draw.look import Look
    from .sweep_report import chart_lines, table_lines

    if args.output:
        with failures_named(args.output):
            write_atomic(args.output, _file(args.output, name, plan, rows).encode())
    if args.json:
        out(json.dumps(json_of(name, plan, rows)), flush=True)
    elif rows:
        look = replace(Look.detect(os.environ, sys.stdout.encoding), color=False)
        columns = min(shutil.get_terminal_size((100, 40)).columns, 160)
        for line in [*table_lines(plan, rows), *(["", *chart_lines(plan, rows, columns, look)] if args.charts else [])]:
            out(line)


def _file(path: str, name: str, plan: SweepPlan, rows: Sequence[TrialRow]) -> str:
    """What is written into a file, by the end of its name."""
    from dltui.core.pictures.svg import svg_of
    from dltui.core.sweep.findings import findings, sheet
    from dltui.core.sweep.table import csv_of, json_of, ranked_points

    if path.endswith(".svg"):
        title = f"{plan.source}: {len(rows)} trials, by {plan.metric}"
        return svg_of(sheet(plan, findings(plan, ranked_points(plan, rows)), title), title)
    if path.endswith(".csv"):
        return csv_of(plan, rows)
    return json.dumps(json_of(name, plan, rows), indent=1) + "\n"


def _check_output(path: str | None) -> None:
    """Refuse a table of another form.

    Raises:
        ConfigError: Names the forms there are.
    """
    if path is not None and not path.endswith(FORMS):
        raise ConfigError("is not a form of table", field="--output", value=path, allowed=", ".join(FORMS))
