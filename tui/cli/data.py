"""`dltui data`: what is found in a file of data, and what would be done with it; nothing is trained."""

from __future__ import annotations

import argparse
import json

from .parser import Parser, add_data_arguments, add_json_argument
from .streams import out


def add_arguments(parser: Parser) -> None:
    """What `dltui data` takes."""
    parser.add_argument("source", metavar="FILE|PRESET", help="a file of data, or a preset that names one")
    parser.add_argument("--set", action="append", default=[], metavar="KEY=VALUE", help="a setting, as for training")
    add_data_arguments(parser)
    add_json_argument(parser, "one JSON object")


def run(args: argparse.Namespace) -> int:
    """`dltui data`: the exit code.

    Raises:
        ConfigError: It cannot be read, or what is set does not fit it.
    """
    from dltui.core.config.presets import load_preset
    from dltui.core.data import prepare
    from dltui.core.tables.report import as_text

    from .plan import with_data_choices, with_settings

    config = with_settings(with_data_choices(load_preset(args.source), args), args.set, None)
    data = prepare(config.data, config.training.seed)
    if data.findings is not None:
        out(
            json.dumps(data.findings.to_plain())
            if args.json
            else as_text(data.findings, config.data.scaler, config.data.target_scaler)
        )
        return 0
    about = {
        "data": data.name, "task": data.task, "n_train": data.n_train, "n_val": data.n_val,
        "input_shape": list(data.input_shape), "n_outputs": data.n_outputs, "classes": list(data.class_names),
        "notes": list(data.notes),
    }  # fmt: skip
    out(json.dumps(about) if args.json else "\n".join(f"{name}: {value}" for name, value in about.items()))
    return 0
