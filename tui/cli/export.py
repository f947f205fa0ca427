"""`dltui export`: a kept run as a file that other programs read."""

from __future__ import annotations

import argparse
import json
import os
import sys
from collections.abc import Sequence

from dltui.core.text import safe_text

from .parser import Parser, add_json_argument, add_plugin_argument
from .streams import out, say


class HomeExporter:
    """Writes runs of the user's home into the current folder, for the dashboard; imports what it needs when asked."""

    def formats(self) -> Sequence[tuple[str, str, str]]:
        """Name, title and one line on every format."""
        from dltui.core.export import export_formats

        return [(one.name, one.title, one.summary) for one in export_formats().values()]

    def export(self, run: str, to: str) -> str:
        """Write a run in a format under a name with its step; what was written, in one sentence.

        Raises:
            ConfigError: The run cannot be exported so, or a file of that name is there.
        """
        from dltui.core.export import export_formats, export_run
        from dltui.core.export.write import load_run

        found = load_run(run)
        step = found.bookmark.state.step
        done = export_run(found, to, f"{run}-step{step}{export_formats()[to].suffix}")
        written = " and ".join(safe_text(os.path.abspath(path), 300) for path in done.paths)
        return f"The run at step {step:,} is in {written}"


def add_arguments(parser: Parser) -> None:
    """What `dltui export` takes."""
    parser.add_argument("run", nargs="?", metavar="RUN", help="id of the run, or a saved state")
    parser.add_argument(
        "--to", metavar="FORMAT|FILE", help="a format, a file that ends like one, or a folder for all; alone: a list"
    )
    parser.add_argument("-o", "--out", default="", metavar="FILE|-", help="where to write; - for the standard output")
    parser.add_argument("--force", action="store_true", help="write over files that are there")
    add_plugin_argument(parser)
    add_json_argument(parser, "one JSON object with the files written")


def run(args: argparse.Namespace) -> int:
    """`dltui export`: the exit code.

    Raises:
        ConfigError: There is no such run or format, or it cannot be written.
    """
    from dltui.core.conformance.plugin import load_plugins
    from dltui.core.errors import ConfigError
    from dltui.core.export import export_formats, export_run
    from dltui.core.export.formats import check_format
    from dltui.core.export.write import exported_bytes, load_run

    if args.to is None:
        listed = [f"  {one.name:<12} {one.summary}" for one in export_formats().values()]
        out("\n".join(["dltui export RUN --to FORMAT|FILE", "", *listed]))
        return 0
    if args.run is None:
        raise ConfigError("names no run (see dltui runs)", field="the command")
    load_plugins(args.plugin)
    if args.out == "-" and not check_format(args.to).is_text and sys.stdout.isatty():
        raise ConfigError("is not text and would disturb the terminal", field="--to", value=args.to, allowed="a file")
    found = load_run(args.run)
    if args.out == "-":
        content = exported_bytes(found, args.to)
        if check_format(args.to).is_text:
            out(content.decode(), end="", to_keep=True)
        else:
            sys.stdout.buffer.write(content)
        return 0
    done = export_run(found, args.to, args.out, args.force)
    for sentence in done.refused:
        say(sentence)
    if args.json:
        out(
            json.dumps(
                {"run": args.run, "step": found.bookmark.state.step, "files": done.paths, "refused": done.refused}
            )
        )
    else:
        out("\n".join(done.paths))
    return 0
