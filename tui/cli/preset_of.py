"""`dltui preset-of`: the preset of a run, a file or another preset, whole, to be written to a file and edited."""

from __future__ import annotations

import argparse

from .parser import Parser, add_data_arguments
from .streams import out


def add_arguments(parser: Parser) -> None:
    """What `dltui preset-of` takes."""
    parser.add_argument("source", metavar="RUN|FILE|PRESET", help="id of a run, a file of data, or a preset")
    parser.add_argument("-o", "--output", metavar="FILE", help="write it to this file in place of the output")
    add_data_arguments(parser)


def run(args: argparse.Namespace) -> int:
    """`dltui preset-of`: the exit code.

    Raises:
        ConfigError: There is no such run, file or preset.
    """
    from dltui.core.config import Config
    from dltui.core.config.presets import load_preset, preset_text, save_preset
    from dltui.core.disk.home import find_home
    from dltui.core.store.runs import open_run, run_names

    from .plan import with_data_choices

    home = find_home()
    if args.source in run_names(home.runs):
        config = Config.from_dict(open_run(home.runs, args.source, write=False).meta.config)
    else:
        config = load_preset(args.source)
    config = with_data_choices(config, args)
    if args.output:
        save_preset(config, args.output)
    else:
        out(preset_text(config), end="", to_keep=True)
    return 0
