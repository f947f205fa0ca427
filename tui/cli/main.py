"""The command line: a table of subcommands, and the dashboard when none is named.

Everything heavy is imported by the function that needs it, so that `--help` and a mistyped name answer at once. Wrong
input is one sentence and exit code 2, wherever it is found; an answer that cannot be written is exit code 1.
"""

from __future__ import annotations

import argparse
import os
import shlex
import sys
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import NoReturn, TextIO

from dltui.core.errors import ConfigError, nearest

from .parser import Parser, whole_number
from .streams import OutputError, drop_output, prepare_streams

HEADLESS_HINT = "Without a screen: dltui train PRESET --epochs 10"


@dataclass(frozen=True)
class Subcommand:
    """One thing `dltui` does besides the dashboard."""

    help: str
    """One line for `--help`."""
    add_arguments: Callable[[Parser], None]
    run: Callable[[argparse.Namespace], int]
    """Does it; gives the exit code. Raises ConfigError for wrong input."""


def _train_arguments(parser: Parser) -> None:
    parser.add_argument("source", metavar="PRESET|FILE", help="name of a preset, or path of a preset file")
    parser.add_argument("--set", action="append", default=[], metavar="KEY=VALUE", help="a setting, before the start")
    parser.add_argument("--seed", type=whole_number(), metavar="S", help="the same as --set training.seed=S")
    add_stop_arguments(parser)
    parser.add_argument("--detach", action="store_true", help="go on without this terminal (dltui ps, attach, stop)")
    _plugin_argument(parser)


def add_stop_arguments(parser: Parser) -> None:
    """What a command that trains without a screen takes: switches, ends, and the form of the answer."""
    parser.add_argument("--at", action="append", default=[], metavar="STEP:KEY=VALUE", help="a change at that step")
    limits = parser.add_mutually_exclusive_group()
    limits.add_argument("--steps", type=whole_number(1), metavar="N", help="train so many steps")
    limits.add_argument("--epochs", type=whole_number(1), metavar="N", help="train so many epochs")
    parser.add_argument(
        "--until", metavar="EXPR", help="train until this holds: 'val_accuracy >= 0.95 or step >= 20000'"
    )
    parser.add_argument("--json", action="store_true", help="print one JSON object on the last line")
    parser.add_argument("--no-save", action="store_true", help="do not keep the run")


def _train(args: argparse.Namespace) -> int:
    if args.detach:
        from .attach import train_detached

        return train_detached(args)
    from .train import train

    return train(args)


def _json_argument(parser: Parser) -> None:
    parser.add_argument("--json", action="store_true", help="print a JSON list")


def _presets(args: argparse.Namespace) -> int:
    from .presets import print_presets

    return print_presets(as_json=args.json)


def _attach_arguments(parser: Parser) -> None:
    parser.add_argument("run", nargs="?", metavar="RUN", help="id of the run; without it, the newest that can be")
    parser.add_argument("--watch", action="store_true", help="only look: no key changes the run")


def _attach(args: argparse.Namespace) -> int:
    from .attach import attach, reachable

    path = reachable(args.run)
    return attach(path, watch=args.watch) if _is_terminal() else 2


def _ps(args: argparse.Namespace) -> int:
    from .attach import ps

    return ps(as_json=args.json)


def _stop_arguments(parser: Parser) -> None:
    parser.add_argument("run", metavar="RUN", help="id of the run")


def _stop(args: argparse.Namespace) -> int:
    from .attach import stop

    return stop(args.run)


def _runs_arguments(parser: Parser) -> None:
    parser.add_argument("words", nargs="*", metavar="WORD", help="only runs all these words fit; an id shows that run")
    parser.add_argument("--delete", nargs="+", metavar="RUN", help="delete these runs")
    _json_argument(parser)


def _runs(args: argparse.Namespace) -> int:
    from .runs import runs

    return runs(args)


def _resume_arguments(parser: Parser) -> None:
    parser.add_argument("run", nargs="?", metavar="RUN", help="id of the run; without it, the newest")
    parser.add_argument("--headless", action="store_true", help="train without a screen")
    add_stop_arguments(parser)
    _plugin_argument(parser)


def _resume(args: argparse.Namespace) -> int:
    from .runs import newest

    run = newest(args.run)
    if args.headless or args.json or args.no_save or args.steps or args.epochs or args.until is not None or args.at:
        from .train import resume

        return resume(args, run)
    if not _is_terminal():
        return 2
    from .dashboard import run_dashboard

    return run_dashboard(None, args.plugin, resume=run)


def _replay_arguments(parser: Parser) -> None:
    parser.add_argument("run", metavar="RUN", help="id of the run")
    parser.add_argument("--verify", action="store_true", help="compare every written state with the replay")
    parser.add_argument("--json", action="store_true", help="print one JSON object on the last line")
    _plugin_argument(parser)


def _replay(args: argparse.Namespace) -> int:
    from .runs import replay

    return replay(args)


SUBCOMMANDS: Mapping[str, Subcommand] = {
    "train": Subcommand("train without a screen", _train_arguments, _train),
    "presets": Subcommand("list the presets", _json_argument, _presets),
    "runs": Subcommand("list, show and delete the runs that are kept", _runs_arguments, _runs),
    "resume": Subcommand("go on with a run at the step last shown", _resume_arguments, _resume),
    "replay": Subcommand("make a run again from its decisions", _replay_arguments, _replay),
    "ps": Subcommand("list the runs being trained", _json_argument, _ps),
    "attach": Subcommand("show a run that trains elsewhere, and take over", _attach_arguments, _attach),
    "stop": Subcommand("save a run that trains elsewhere and end it", _stop_arguments, _stop),
}
"""Name -> what it does. A subcommand is a row here and a function that imports what it needs."""


def main(argv: Sequence[str] | None = None) -> NoReturn:
    """Entry point of `dltui`; ends the process."""
    try:
        prepare_streams()
        code = run(list(sys.argv[1:] if argv is None else argv))
        sys.stdout.flush()
    except ConfigError as error:
        print(f"dltui: {error}", file=sys.stderr)
        code = 2
    except KeyboardInterrupt:
        code = 130
    except BrokenPipeError:
        drop_output()
        code = 141
    except OutputError as error:
        drop_output()
        with suppress(OSError):  # a terminal that is gone
            print(f"dltui: nothing more can be written to the standard output: {error.strerror}", file=sys.stderr)
        code = 1
    sys.exit(code)


def run(argv: list[str]) -> int:
    """Do what the arguments say; the exit code."""
    try:
        if not argv or argv[0] not in SUBCOMMANDS:
            return _dashboard(_read(argv))
        subcommand = SUBCOMMANDS[argv[0]]
        return subcommand.run(_parser_of(argv[0]).parse(argv[1:]))
    except SystemExit as ended:  # --help
        return int(ended.code or 0)


def _parser_of(name: str) -> Parser:
    subcommand = SUBCOMMANDS[name]
    parser = Parser(prog=f"dltui {name}", description=_sentence(subcommand.help))
    subcommand.add_arguments(parser)
    return parser


def _read(argv: list[str]) -> argparse.Namespace:
    """What is asked of the dashboard.

    Raises:
        ConfigError: Something is wrong; names the command that may have been meant.
    """
    parser = _parser()
    args, left = parser.parse_known_args(argv)
    if left and _parser_of("train").knows(left[0]):
        raise ConfigError(
            f"is for training without a screen: dltui train {shlex.join(argv)}", value=left[0].partition("=")[0]
        )
    if left and args.source is not None and nearest(args.source, SUBCOMMANDS) and not _is_preset(args.source):
        raise ConfigError("is not a command", value=args.source, choices=SUBCOMMANDS)
    return parser.parse(argv)


def _is_preset(source: str) -> bool:
    from .presets import check_source

    with suppress(ConfigError):
        check_source(source)
        return True
    return False


def _parser() -> Parser:
    width = max(map(len, SUBCOMMANDS))
    listing = "\n".join(f"  dltui {name:<{width}}  {item.help}" for name, item in SUBCOMMANDS.items())
    parser = Parser(
        prog="dltui",
        description="A neural network you can drive: trains while you turn every knob.",
        epilog=f"without the dashboard:\n{listing}\n\nEach of them explains itself with --help.",
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument(
        "source", nargs="?", metavar="PRESET|FILE", help="what to train; without it, choose from a list"
    )
    parser.add_argument("--version", action="store_true", help="print the version")
    _plugin_argument(parser)
    return parser


def _plugin_argument(parser: Parser) -> None:
    parser.add_argument("--plugin", action="append", default=[], metavar="FILE", help="a Python file with own methods")


def _dashboard(args: argparse.Namespace) -> int:
    if args.version:
        from importlib.metadata import version

        print(f"dltui {version('dltui')}")
        return 0
    if args.source is not None:
        from .presets import check_source

        check_source(args.source, SUBCOMMANDS)
    if not _is_terminal():
        return 2
    from .dashboard import run_dashboard

    return run_dashboard(args.source, args.plugin)


def _is_terminal() -> bool:
    """Whether the dashboard can be shown; says why not."""
    problem = terminal_problem(os.environ, sys.stdin, sys.stderr)
    if problem:
        print(f"dltui: {problem} {HEADLESS_HINT}", file=sys.stderr)
    return not problem


def terminal_problem(environ: Mapping[str, str], stdin: TextIO, screen: TextIO) -> str:
    """Why the dashboard cannot be shown, in a plain sentence; "" when it can."""
    if not stdin.isatty() or not screen.isatty():
        return "the dashboard needs a terminal (over SSH: ssh -t)."
    if environ.get("TERM") == "dumb":
        return "the dashboard cannot be drawn on a terminal of the kind 'dumb'."
    if (screen.encoding or "").lower().replace("-", "").replace("_", "") != "utf8":
        return f"the dashboard needs a UTF-8 terminal, this one is {screen.encoding} (try LC_ALL=C.UTF-8)."
    return ""


def _sentence(text: str) -> str:
    return f"{text[:1].upper()}{text[1:]}."
