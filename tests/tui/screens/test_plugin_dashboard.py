"""A user's own method in the dashboard: named on the command line, found in the picker, switched to in mid-run."""

import re
from pathlib import Path

import pytest
from pty_terminal import Terminal, end_all

README = (Path(__file__).parents[3] / "README.md").read_text(encoding="utf-8")
(EXAMPLE,) = re.findall(r"^```python\n(# squareplus\.py\n.*?)^```", README, re.MULTILINE | re.DOTALL)


@pytest.fixture
def opened(tmp_path):
    terminals = []

    def start(text):
        file = tmp_path / "mine.py"
        file.write_text(text, encoding="utf-8")
        terminals.append(Terminal("--plugin", str(file), "xor", env={"DLTUI_HOME": str(tmp_path)}))
        return terminals[-1]

    yield start
    for terminal in terminals:
        terminal.close()
    end_all(tmp_path)


def test_it_is_chosen_with_a_key_while_training(opened):
    screen = opened(EXAMPLE.replace("squareplus", "a_squareplus"))
    screen.shows("training")
    screen.press("a")
    screen.until(lambda: b"quareplus" in screen.seen)
    screen.press("\x1b[H")
    screen.shows("without an exponential")
    before = len(screen.seen)
    screen.press("\r")
    screen.until(lambda: b"a_squareplus" in screen.seen[before:])
    screen.until(lambda: "without an exponential" not in (text := screen.text()) and "a_squareplus" in text)
    screen.until(lambda: "training" in screen.text())


def test_one_that_does_not_pass_is_said_in_a_sentence(opened):
    screen = opened(EXAMPLE.replace("* 0.5 * (1.0", "* 0.7 * (1.0"))
    screen.shows("squareplus")
    screen.until(lambda: "is not the slope" in " ".join(screen.text().split()))
