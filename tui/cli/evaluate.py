"""`dltui evaluate`: how good a kept run is, on its validation rows or on a file with known answers."""

from __future__ import annotations

import argparse
import json
import math
from typing import TYPE_CHECKING, Any

from .parser import Parser, add_json_argument
from .streams import out

if TYPE_CHECKING:
    from dltui.core.predict import Predictor
    from dltui.core.snapshot import EvaluationReport


def add_arguments(parser: Parser) -> None:
    """What `dltui evaluate` takes."""
    parser.add_argument("run", metavar="RUN", help="id of the run, or a saved state")
    parser.add_argument("file", nargs="?", metavar="FILE", help="rows with known answers; else the validation rows")
    add_json_argument(parser, "one JSON object")
    parser.add_argument("--markdown", action="store_true", help="print tables in Markdown")


def run(args: argparse.Namespace) -> int:
    """`dltui evaluate`: the exit code.

    Raises:
        ConfigError: There is no such run, or the file does not fit it.
    """
    from dltui.core.predict import Predictor
    from dltui.core.predict.evaluation import evaluate_table
    from dltui.core.predict.evaluation_text import as_text
    from dltui.core.tables.reading.read import read_table

    predictor = Predictor.load(args.run)
    if args.file is None:
        found = _on_validation_rows(predictor)
    else:
        found = evaluate_table(predictor, read_table(args.file, least=1, known=predictor.columns))
    if args.json:
        out(json.dumps({"run": args.run, **_without_nan(found.to_plain())}))
    else:
        out(as_text(found, markdown=args.markdown))
    return 0


def _on_validation_rows(predictor: Predictor) -> EvaluationReport:
    from dltui.core.data import prepare
    from dltui.core.errors import ConfigError
    from dltui.core.predict.evaluation import evaluate_part

    config = predictor.config
    data = prepare(config.data, config.training.seed)
    if data.digest != predictor.data.digest:
        raise ConfigError("has changed since; name a file with known answers", field="the data of the run")
    if not data.n_val:
        raise ConfigError("has no validation rows; name a file with known answers", field="the run")
    return evaluate_part(predictor, data.x_val, data.in_unit(data.y_val), "the validation rows")


def _without_nan(value: Any) -> Any:
    """The same with None in place of what JSON has no number for."""
    if isinstance(value, dict):
        return {key: _without_nan(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [_without_nan(item) for item in value]
    return None if isinstance(value, float) and not math.isfinite(value) else value
