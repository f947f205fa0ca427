"""Whatever is wrong with the words of a command line is one sentence."""

from __future__ import annotations

import pytest

from dltui.core.errors import ConfigError
from dltui.tui.cli.parser import Parser, add_json_argument, add_plugin_argument, add_stop_arguments, whole_number


@pytest.fixture
def parser() -> Parser:
    made = Parser(prog="dltui train")
    made.add_argument("preset", metavar="PRESET|FILE")
    add_stop_arguments(made)
    add_plugin_argument(made)
    return made


def test_what_is_right_is_read(parser: Parser) -> None:
    args = parser.parse(["xor", "--steps", "5", "--at", "3:a=b", "--at", "4:c=d", "--json", "--plugin", "own.py"])
    assert (args.preset, args.steps, args.epochs, args.until) == ("xor", 5, None, None)
    assert args.at == ["3:a=b", "4:c=d"] and args.json and not args.no_save and args.plugin == ["own.py"]
    assert parser.parse(["xor"]).at == []


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (["xor", "--stpes", "5"], "'--stpes' is not an option of dltui train.*did you mean '--steps'"),
        (["xor", "--stpes=5"], "'--stpes' is not an option"),
        (["xor", "moons"], r"'moons' is one word too many for dltui train \(see dltui train --help\)"),
        ([], r"PRESET\|FILE.*\(see dltui train --help\)"),
        (["xor", "--steps"], r"--steps: expected one argument \(see"),
        (["xor", "--steps", "0"], "'0' is not a whole number from 1 up"),
        (["xor", "--steps", "2.5"], "'2.5' is not a whole number from 1 up"),
        (["xor", "--steps", "2", "--epochs", "2"], "--epochs.*not allowed with.*--steps"),
    ],
)
def test_what_is_wrong_is_one_sentence(parser: Parser, words: list[str], says: str, capfd) -> None:
    with pytest.raises(ConfigError, match=says):
        parser.parse(words)
    assert capfd.readouterr() == ("", ""), "argparse says nothing itself"


def test_options_are_known_with_and_without_a_value(parser: Parser) -> None:
    assert parser.knows("--steps") and parser.knows("--steps=5") and not parser.knows("--stpes")
    assert {"--help", "--at", "--json", "--no-save"} <= set(parser.options)


def test_numbers_have_the_limits_they_are_given() -> None:
    assert whole_number()("-7") == -7 and whole_number(1)("7") == 7
    made = Parser(prog="p")
    add_json_argument(made, "a list")
    assert "print a list" in made.format_help()
