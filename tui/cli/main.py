"""The command line: a table of subcommands, and the dashboard when none is named.

A subcommand is a file of this folder with `add_arguments(parser)` and `run(args)`. It is imported when it is named, and
imports NumPy, the compiler and Textual only when it is run, so that `--help` and a mistyped name answer at once. Wrong
input is one sentence and exit code 2, wherever it is found; an answer that cannot be written is exit code 1.
"""

from __future__ import annotations

import argparse
import shlex
import sys
from collections.abc import Mapping, Sequence
from contextlib import suppress
from importlib import import_module
from typing import NoReturn, Protocol, cast

from dltui.core.commands import LINE_PREFIX
from dltui.core.errors import ConfigError, nearest

from .parser import Parser
from .progress import reading_shown
from .streams import OutputError, flush_streams, note_interrupts, out, prepare_streams, say

SUBCOMMANDS: Mapping[str, str] = {
    "train": "train without a screen",
    "race": "train several ways from one start, and rank them",
    "sweep": "train many settings on every core, and rank them",
    "open": "open a trial of a sweep as a run, or save it as a preset",
    "data": "say what is found in a file of data",
    "presets": "list the presets",
    "preset-of": "print the preset of a run or of a file, to be edited",
    "runs": "list, show and delete the runs that are kept",
    "evaluate": "say how good a run is, and where it fails",
    "predict": "write the answers of a run beside the rows of a file",
    "export": "write a run in a format that other programs read",
    "lesson-report": "write what was tried in a lesson, with pictures, as one file",
    "resume": "resume a run at the step it last showed",
    "replay": "train a run again from its decisions",
    "ps": "list the runs being trained",
    "attach": "show a run that trains elsewhere, and take over",
    "stop": "save a run that trains elsewhere, and end it",
}
"""Name -> what it does, in one line for `--help`. Each is a file of this folder."""

DASHBOARD = "dashboard"
"""The file of what is done when no subcommand is named."""
INTERRUPTED = 130
"""Exit code after Ctrl-C."""


class Subcommand(Protocol):
    """What the file of a subcommand holds."""

    def add_arguments(self, parser: Parser, /) -> None:
        """Tell the parser what the subcommand takes."""

    def run(self, args: argparse.Namespace, /) -> int:
        """Do it; the exit code. Raises ConfigError for wrong input."""


def subcommand(name: str) -> Subcommand:
    """The subcommand of a name, imported now."""
    return cast(Subcommand, import_module(f"{__package__}.{name.replace('-', '_')}"))


def main(argv: Sequence[str] | None = None) -> NoReturn:
    """Entry point of `dltui`; ends the process."""
    interrupted = note_interrupts()
    try:
        prepare_streams()
        code = run(list(sys.argv[1:] if argv is None else argv))
        sys.stdout.flush()
    except ConfigError as error:
        say(str(error))
        code = 2
    except KeyboardInterrupt:
        code = INTERRUPTED
    except BrokenPipeError:
        code = 141
    except OutputError as error:
        with suppress(OSError):  # a terminal that is gone
            say(f"nothing more can be written to the standard output: {error.strerror}")
        code = 1
    except Exception:
        if not interrupted.is_set():  # an interrupt may turn into any error where it meets an import
            raise
        code = INTERRUPTED
    flush_streams()
    sys.exit(code)


def run(argv: list[str]) -> int:
    """Do what the arguments say; the exit code."""
    try:
        if not argv or argv[0] not in SUBCOMMANDS:
            return _run_dashboard(_read(argv))
        args = _parser_of(argv[0]).parse(argv[1:])
        with reading_shown(sys.stderr):
            return subcommand(argv[0]).run(args)
    except SystemExit as ended:  # --help
        return int(ended.code or 0)


def _run_dashboard(args: argparse.Namespace) -> int:
    if args.version:
        from importlib.metadata import version

        out(f"dltui {version('dltui')}")
        return 0
    if args.source is not None:
        from .presets import check_source

        check_source(args.source, SUBCOMMANDS)
    return subcommand(DASHBOARD).run(args)


def _read(argv: list[str]) -> argparse.Namespace:
    """What is asked of the dashboard.

    Raises:
        ConfigError: Something is wrong; names the command that may have been meant.
    """
    parser = _parser()
    if argv and argv[0].startswith(LINE_PREFIX):
        argv = [" ".join(argv)]  # a session line whose quotes were forgotten
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
    listing = "\n".join(f"  dltui {name:<{width}}  {what}" for name, what in SUBCOMMANDS.items())
    parser = Parser(
        prog="dltui",
        description="A neural network you can drive: it trains while you turn every knob.",
        epilog=f"without the dashboard:\n{listing}\n\nEach of them explains itself with --help.",
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    subcommand(DASHBOARD).add_arguments(parser)
    parser.add_argument("--version", action="store_true", help="print the version")
    return parser


def _parser_of(name: str) -> Parser:
    what = SUBCOMMANDS[name]
    parser = Parser(prog=f"dltui {name}", description=f"{what[:1].upper()}{what[1:]}.")
    subcommand(name).add_arguments(parser)
    return parser
