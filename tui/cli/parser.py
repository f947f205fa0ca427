"""Reads the words of a command line; whatever is wrong with them is a `ConfigError`, one sentence like any other.

`argparse` would print its usage before each error and write what was typed to the terminal as it is. Options that
several subcommands share are here as well.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable, Sequence
from typing import NoReturn

from dltui.core.errors import ConfigError


class Parser(argparse.ArgumentParser):
    """An `ArgumentParser` that raises `ConfigError`."""

    def error(self, message: str) -> NoReturn:
        """Called by `argparse` for every error.

        Raises:
            ConfigError: Always.
        """
        raise ConfigError(f"{message.removeprefix('argument ')} (see {self.prog} --help)")

    def parse(self, words: Sequence[str]) -> argparse.Namespace:
        """What the words say.

        Raises:
            ConfigError: There is a word or an option too many, or one is missing or wrong.
        """
        args, left = self.parse_known_args(words)
        if left and left[0].startswith("-"):
            raise ConfigError(f"is not an option of {self.prog}", value=_option(left[0]), choices=self.options)
        if left:
            raise ConfigError(f"is one word too many for {self.prog} (see {self.prog} --help)", value=left[0])
        return args

    @property
    def options(self) -> list[str]:
        """Every option by its long name."""
        return [name for name in self._option_string_actions if name.startswith("--")]

    def knows(self, word: str) -> bool:
        """Whether a word is one of the options, with or without a value."""
        return _option(word) in self.options


def add_stop_arguments(parser: Parser) -> None:
    """What a command that trains without a screen takes: changes, ends, and the form of the answer."""
    parser.add_argument("--at", action="append", default=[], metavar="STEP:KEY=VALUE", help="a change at that step")
    limits = parser.add_mutually_exclusive_group()
    limits.add_argument("--steps", type=whole_number(1), metavar="N", help="train this many steps")
    limits.add_argument("--epochs", type=whole_number(1), metavar="N", help="train this many epochs")
    parser.add_argument(
        "--until", metavar="EXPR", help="train until this holds: 'val_accuracy >= 0.95 or step >= 20000'"
    )
    add_json_argument(parser)
    parser.add_argument("--no-save", action="store_true", help="do not keep the run")


def add_data_arguments(parser: Parser) -> None:
    """What is to be learned from a file of data."""
    parser.add_argument("--target", metavar="COLUMN", help="the column to predict (guessed if it is not named)")
    parser.add_argument("--drop", metavar="A,B", help="columns that are not inputs")
    parser.add_argument("--task", choices=("classes", "values"), help="what the target is")


def add_json_argument(parser: Parser, what: str = "one JSON object on the last line") -> None:
    """How the answer is printed."""
    parser.add_argument("--json", action="store_true", help=f"print {what}")


def add_plugin_argument(parser: Parser) -> None:
    """Files with the user's own methods."""
    parser.add_argument(
        "--plugin", action="append", default=[], metavar="FILE", help="a Python file with methods of your own"
    )


def whole_number(low: int | None = None) -> Callable[[str], int]:
    """What reads a whole number from `low` up."""
    allowed = "a whole number" if low is None else f"a whole number from {low} up"

    def read(text: str) -> int:
        try:
            number = int(text)
        except ValueError:
            number = None
        if number is None or (low is not None and number < low):
            raise argparse.ArgumentTypeError(f"{text!r} is not {allowed}")
        return number

    return read


def _option(word: str) -> str:
    return word.partition("=")[0]
