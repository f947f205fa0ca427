"""Nothing that comes from a file is obeyed by the terminal, by whatever way it comes there."""

import os
import re
import signal
import subprocess
import sys
from types import SimpleNamespace
from typing import Any

import pytest
from pty_terminal import Terminal, end_all
from rich.segment import Segment
from rich.style import Style
from textual.strip import Strip
from typed import command

from dltui.tui.terminal.plain_text import keep_text_plain, plain

NO_COLORS: Any = SimpleNamespace(_color_system=None)
"""A console, as far as a strip wants one."""
ESC = "\x1b"
PAYLOADS = {
    "clipboard": f"{ESC}]52;c;UFdORUQ=\x07",
    "title": f"{ESC}]0;PWNED\x07",
    "link": f"{ESC}]8;;http://evil.example{ESC}\\click{ESC}]8;;{ESC}\\",
    "clear": f"{ESC}[2J",
    "reset": f"{ESC}c",
    "device": f"{ESC}P+q544e{ESC}\\",
    "program": f"{ESC}_PWNED{ESC}\\",
    "privacy": f"{ESC}^PWNED{ESC}\\",
    "string": f"{ESC}XPWNED{ESC}\\",
    "8-bit": "\x9b2J\x9d52;c;UFdORUQ=\x9c",
    "line": "a\rb\bc\ad",
    "bidi": "\u202egnp.exe\u202c\u2066x\u2069\u200e\u200f",
    "zero width": "a\u200bb\u2060c\ufeffd",
    "marks": "e" + "\u0301" * 500,
    "markup": "[bold]x[/] [@click=app.quit]y[/] [link=x] [/",
}
# What acts and is nowhere in what we draw. A lone C1 byte cannot be in UTF-8, so they are looked for as characters.
OBEYED = re.compile(
    r"\x1b\](?!22;)|\x1b[cPX^_]|\x1b\[[0-9;]*[JKLMPSTX@]|[\x80-\x9f]|[\x00-\x06\x07\x08\x0b\x0c\x0e-\x1a\x7f]"
    r"|[\u202a-\u202e\u2066-\u2069\u200b\u200e\u200f\u2060\ufeff]"
)


def obeyed(seen):
    text = seen.decode("utf-8", "replace")
    # Ours: modes, which have a sign before their number, and the shape of the pointer.
    return OBEYED.search(re.sub(r"\x1b\[[<>=?][0-9;]*\$?[a-zA-Z]|\x1b\]22;[a-z-]*\x07", "", text))


def toml_text(text):
    return '"' + "".join(f"\\u{ord(c):04x}" if c in '"\\' or not c.isprintable() else c for c in text) + '"'


@pytest.mark.parametrize("name", PAYLOADS)
def test_a_strip_is_only_text(name):
    keep_text_plain()
    for style in (None, Style(bold=True), Style()):
        shown = Strip([Segment("a" + PAYLOADS[name], style)]).render(NO_COLORS)
        assert not obeyed(shown.encode("utf-8", "surrogatepass"))
    assert plain("Grüße ▁▂▃ ⠿ 漢字") == "Grüße ▁▂▃ ⠿ 漢字"
    assert plain("\ud800") != "\ud800"


def test_in_the_ascii_form_every_widget_writes_ascii():
    keep_text_plain(ascii_only=True)
    try:
        shown = Strip([Segment("β1 0.9 ▁▄█ |Δw|/|w| ● Müller 漢 m\u0302 ╭─╮")]).render(NO_COLORS)
    finally:
        keep_text_plain()
    assert shown == "b1 0.9 _=# |dw|/|w| * Muller ?? m +-+"


def test_in_a_terminal_of_ascii_nothing_else_is_written(tmp_path):
    screen = Terminal("xor", env={"DLTUI_HOME": str(tmp_path / "h"), "TERM": "linux"}, size=(36, 120))
    try:
        screen.shows("training")
        screen.press("o")
        screen.shows("Adam")
        os.kill(screen.pid, signal.SIGTERM)
        screen.until(screen.ended)
        assert screen.seen.isascii()
    finally:
        screen.close()
        end_all(tmp_path / "h")


def test_a_preset_and_its_data_are_only_text(tmp_path):
    """Titles, lessons, class names, column names and file names at once, in the dashboard."""
    everything = "".join(PAYLOADS.values())
    # A text of a cell is short, and a semicolon would be taken for what parts the columns.
    in_cells = "".join(PAYLOADS[name] for name in PAYLOADS if name != "marks").replace(";", "")[:190]
    data = tmp_path / f"da{ESC}]0;PWNED\x07ta.csv"
    rows = [f'{i / 40:.3f},{(i * 7 % 40) / 40:.3f},"{"A" if i % 3 else "B"}{in_cells}"' for i in range(60)]
    data.write_text(f'"x{in_cells}","y{in_cells}","class{in_cells}"\n' + "\n".join(rows) + "\n")
    preset = tmp_path / f"pre{ESC}[2Jset.toml"
    preset.write_text(
        f"[preset]\ntitle = {toml_text('T' + everything)}\nlesson = {toml_text('L' + everything)}\n"
        f'[data]\nname = "csv"\npath = {toml_text(data.name)}\n[network]\nhidden = [4]\n'
    )
    screen = Terminal(str(preset), env={"DLTUI_HOME": str(tmp_path / "h")}, size=(60, 200))
    try:
        screen.until(lambda: "━ train" in screen.text() or screen.ended())
        for key in "?\x1b 1234":
            seen = len(screen.seen)
            screen.press(key)
            screen.until(lambda seen=seen: len(screen.seen) > seen or screen.ended())
        os.kill(screen.pid, signal.SIGTERM)
        screen.until(screen.ended)
        assert screen.restored()
        found = obeyed(screen.seen)
        assert not found, (found, screen.seen[-1500:])
    finally:
        screen.close()
        end_all(tmp_path / "h")


def wrong(payload, folder):
    """Command lines that end with a sentence in which the payload is."""
    payload = payload.replace("/", "")[:100]
    preset = folder / f"p{payload}.toml"
    preset.write_text(f"[preset]\ntitle = {toml_text(payload)}\n[optimizer]\nname = {toml_text(payload)}\n")
    return ["train", str(preset), "--steps", "1", "--json"], ["train", "xor" + payload], ["stop", payload]


@pytest.mark.parametrize("name", PAYLOADS)
def test_an_error_is_only_text(name, tmp_path):
    for arguments in wrong(PAYLOADS[name], tmp_path):
        done = command(*arguments)
        seen = (done.stdout + done.stderr).encode("utf-8", "surrogatepass")
        assert done.returncode == 2 and not obeyed(seen), (arguments, seen)
        assert done.stdout == "" and done.stderr.count("\n") == 1


def test_an_error_of_a_process_is_only_text(tmp_path):
    """As above with streams as they are: the acting letters of all payloads in one."""
    everything = "".join(sorted({sign for text in PAYLOADS.values() for sign in text if not sign.isalnum()}))
    for arguments in wrong(everything, tmp_path):
        variables = {**os.environ, "LC_ALL": "C.UTF-8"}
        typed = [sys.executable, "-m", "dltui.tui", *arguments]
        done = subprocess.run(typed, capture_output=True, timeout=240, env=variables, stdin=subprocess.DEVNULL)
        assert done.returncode == 2 and not obeyed(done.stderr) and not obeyed(done.stdout), (arguments, done.stderr)
        assert done.stderr.count(b"\n") == 1
