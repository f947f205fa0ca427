"""`dltui predict`: the answers of a kept run for the rows of a file, beside the rows themselves."""

from __future__ import annotations

import argparse
import sys

from .parser import Parser
from .streams import out


def add_arguments(parser: Parser) -> None:
    """What `dltui predict` takes."""
    parser.add_argument("run", metavar="RUN", help="id of the run, or a saved state")
    parser.add_argument("file", metavar="FILE|-", help="rows like those it was trained on; - reads the standard input")
    parser.add_argument("-o", "--out", metavar="OUT", help="where to write; without it, to the standard output")


def run(args: argparse.Namespace) -> int:
    """`dltui predict`: the exit code.

    Raises:
        ConfigError: There is no such run, or the file does not fit it.
    """
    from dltui.core.disk.files import check_path, failures_named, write_atomic
    from dltui.core.predict import Predictor
    from dltui.core.predict.answers import answered
    from dltui.core.tables.reading.read import read_table, read_table_of

    predictor = Predictor.load(args.run)
    if args.file == "-":
        table = read_table_of(sys.stdin.buffer.read(), "the standard input", least=1, known=predictor.columns)
    else:
        table = read_table(args.file, least=1, known=predictor.columns)
    text = answered(table, predictor.predict_table(table))
    if args.out is None:
        out(text, end="")
        return 0
    target = check_path(args.out)
    with failures_named(target):
        write_atomic(target, text.encode())
    return 0
