"""The flat text mode: a lesson is done and a network changed by typed lines alone, and nothing in it is drawn."""

from __future__ import annotations

import io

import pytest

from dltui.core.session import Session
from dltui.tui.cli.plain import PlainMode

LINES = """lesson
try 2
wait
lesson
unit dense1.2
sample 3
mute
weight 2
edit 0,5
freeze
activation relu
wider
status
backprop
input x1*x2
set optimizer.learning_rate=0.02
undo
layers
nonsense
set optimizer.name=adamm
"""


@pytest.fixture(scope="module")
def said() -> list[str]:
    session = Session("xor")
    session.start()
    lines: list[str] = []
    try:
        assert PlainMode(session, io.StringIO(LINES), lines.append).talk() == 0
    finally:
        assert session.close(60.0)
    return lines


def test_a_lesson_is_done_by_typed_lines(said: list[str]) -> None:
    assert any(line.startswith("try 1:") for line in said)
    assert any(line.startswith(("it held:", "it failed:")) for line in said)


def test_a_network_is_changed_by_typed_lines(said: list[str]) -> None:
    heard = "\n".join(said)
    for told in ("dense1.2 of", "sample 3 of", "muted: none to dense1.2", "dense1.2 weight 2 = 0.5", "frozen: none to"):
        assert told in heard, told
    for told in (
        "relu",
        "back through dense1",
        "the weights that move the loss most",
        "features: x1,x2 to x1,x2,x1*x2",
    ):
        assert told in heard, told
    assert any(line.startswith("not done: 'nonsense'") for line in said)
    assert "did you mean 'adam'" in heard


def test_nothing_is_drawn(said: list[str]) -> None:
    for line in said:
        assert line and "\n" not in line
        assert not [sign for sign in line if 0x2190 <= ord(sign) <= 0x28FF], line
