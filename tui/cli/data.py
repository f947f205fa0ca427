"""`dltui data`: what is found in a file of data, and what would be done with it; nothing is trained.

Of a run it says what was found and done when it was trained, also where the file is gone.
"""

from __future__ import annotations

import argparse
import json

from .parser import Parser, add_data_arguments, add_json_argument
from .streams import out


def add_arguments(parser: Parser) -> None:
    """What `dltui data` takes."""
    parser.add_argument(
        "source", metavar="FILE|PRESET|RUN", help="a file of data, a preset that names one, or a kept run"
    )
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
    from dltui.core.disk.home import find_home
    from dltui.core.store.runs import run_names
    from dltui.core.tables.report import as_text

    from .plan import with_data_choices, with_settings

    if args.source in run_names(find_home().runs):
        _show_kept(args)
        return 0
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


def _show_kept(args: argparse.Namespace) -> None:
    """What was found when a run was trained.

    Raises:
        ConfigError: It did not learn from a table, or something was chosen, which nothing can be any more.
    """
    from dltui.core.errors import ConfigError
    from dltui.core.predict.predictor import kept_bookmark
    from dltui.core.tables.report import as_text

    for name in ("target", "drop", "task", "set"):
        if getattr(args, name):
            raise ConfigError("has no effect on a run that was trained", field=f"--{name}", value=getattr(args, name))
    data = kept_bookmark(args.source).state.data
    found = data.findings
    if found is None:
        raise ConfigError("has nothing kept about a table", field="run", value=args.source)
    out(json.dumps(found.to_plain()) if args.json else as_text(found, data.scaler, data.target_scaler))
