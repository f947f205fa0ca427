"""`dltui replay`: trains a run again from its decisions, to prove that it is what it says."""

from __future__ import annotations

import argparse
import json

from .parser import Parser, add_json_argument, add_plugin_argument
from .streams import out, say


def add_arguments(parser: Parser) -> None:
    """What `dltui replay` takes."""
    parser.add_argument("run", metavar="RUN", help="id of the run")
    parser.add_argument("--verify", action="store_true", help="compare every saved state with the replay")
    add_json_argument(parser)
    add_plugin_argument(parser)


def run(args: argparse.Namespace) -> int:
    """`dltui replay`: the exit code.

    Raises:
        ConfigError: There is no such run, or it cannot be replayed.
    """
    from dltui.core import Trainer
    from dltui.core.conformance.plugin import load_plugins
    from dltui.core.disk.home import find_home
    from dltui.core.run.verify import verify
    from dltui.core.store.folder import RunDir
    from dltui.core.store.runs import run_path

    path = run_path(find_home().runs, args.run)
    load_plugins(args.plugin)
    verdict = verify(RunDir(path, write=False), Trainer, compare=args.verify)
    for note in (*verdict.notes, *verdict.problems):
        say(note)
    unproven = args.verify and not verdict.n_states
    if unproven:
        say("no saved state was there to be compared, so nothing is proven")
    if args.json:
        out(json.dumps({"run": args.run, **vars(verdict)}))
    else:
        compared = f" · {verdict.n_states} states compared" if args.verify else ""
        found = " · differs from what was saved" if verdict.problems else " · all agree" if verdict.n_states else ""
        decisions = f"{verdict.n_decisions} decisions"
        out(f"{args.run} · step {verdict.step} · {decisions}{compared}{found} · digest {verdict.digest}")
    return 1 if verdict.problems or unproven else 0
