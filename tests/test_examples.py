"""The examples in the docstrings of core and tui answer what they say."""

from __future__ import annotations

import doctest
import importlib
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
EXAMPLES = {
    "dltui." + ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__"): n
    for top in ("core", "tui")
    for path in sorted((ROOT / top).rglob("*.py"))
    if (n := path.read_text(encoding="utf-8").count(">>> "))
}
"""Module -> how many examples are written in it."""


@pytest.mark.parametrize("name", EXAMPLES)
def test_the_examples_of_a_module_are_true(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    found = doctest.testmod(importlib.import_module(name))
    assert not found.failed, capsys.readouterr().out
    assert found.attempted == EXAMPLES[name], "an example is not found, so it is not run"
