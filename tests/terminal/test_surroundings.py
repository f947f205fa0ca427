"""Where a program is not at home: it works, or says once what is not saved and where, and never falls over."""

import json
import os
import re
import shutil
import signal
import subprocess
import sys

import pytest
from pty_terminal import Terminal, end_all, live, wait_for

from dltui.core.store.runs import list_runs


@pytest.fixture
def terminal(tmp_path):
    opened = []

    def start(*args, home=str(tmp_path / "h"), **options):
        env = {"DLTUI_HOME": home} | options.pop("env", {})
        opened.append(Terminal(*args, env=env, **options))
        return opened[-1]

    yield start
    for each in opened:
        each.close()
    end_all(tmp_path / "h")


def leaves(screen):
    """Whether it still obeys, and gives the terminal back."""
    screen.press("q")
    screen.until(screen.ended)
    return screen.code == 0 and screen.restored()


def test_a_home_that_takes_nothing(terminal, tmp_path):
    (tmp_path / "file").write_text("")
    screen = terminal("xor", home=str(tmp_path / "file" / "home"), size=(40, 200))
    screen.until(lambda: "not saved" in screen.text() and "training" in screen.text())
    assert leaves(screen)


def test_a_home_without_room(terminal, tmp_path):
    """/dev/full would do for a file; for a folder a file system without room takes root."""
    if os.geteuid() != 0:
        pytest.skip("not run: a file system without room takes root")
    home = tmp_path / "small"
    home.mkdir()
    mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=64k", "dltui-test", str(home)], check=False)
    if mounted.returncode:
        pytest.skip("not run: nothing can be mounted here")
    try:
        (home / "rest").write_bytes(bytes(60_000))
        screen = terminal("xor", home=str(home), size=(40, 200))
        screen.until(lambda: "not saved" in screen.text() and "training" in screen.text())
        assert leaves(screen)
    finally:
        subprocess.run(["umount", "-l", str(home)], check=True)


def test_no_home_at_all(terminal):
    screen = terminal("xor", home="", env={"HOME": "", "XDG_DATA_HOME": ""}, size=(40, 200))
    screen.until(lambda: "training" in screen.text())
    assert leaves(screen)


def test_without_a_place_to_save_a_lost_terminal_ends_the_run(terminal, tmp_path):
    (tmp_path / "file").write_text("")
    screen = terminal("xor", home=str(tmp_path / "file" / "home"))
    screen.shows("training")
    pid = screen.child()
    screen.vanish()
    screen.until(screen.ended)
    assert screen.code == 128 + signal.SIGHUP
    assert wait_for(lambda: not os.path.exists(f"/proc/{pid}"))


def test_two_at_once_do_not_meet(terminal, tmp_path):
    first, second = terminal("xor"), terminal("xor")
    first.shows("training")
    second.shows("training")
    assert wait_for(lambda: len(live(tmp_path / "h")) == 2)
    assert leaves(first) and leaves(second)
    assert [info.problem for info in list_runs(str(tmp_path / "h" / "runs"))] == ["", ""]


@pytest.mark.parametrize("what", ["moved", "deleted"])
def test_a_folder_that_goes_away_while_it_is_used(terminal, tmp_path, what):
    screen = terminal("xor", size=(40, 200))
    screen.shows("training")
    assert wait_for(lambda: live(tmp_path / "h"))
    (run,) = live(tmp_path / "h")
    path = tmp_path / "h" / "runs" / run
    if what == "moved":
        path.rename(tmp_path / "moved")
    else:
        shutil.rmtree(path, ignore_errors=True)
        shutil.rmtree(path, ignore_errors=True)  # it may have been written to meanwhile
    screen.until(lambda: "not saved" in screen.text())
    seen = len(screen.seen)
    screen.until(lambda: len(screen.seen) > seen + 3000)  # it trains on, and shows it
    assert leaves(screen)


def test_a_cache_that_cannot_be_used(terminal, tmp_path):
    cache = tmp_path / "cache"
    cache.write_text("")
    variables = {**os.environ, "DLTUI_CACHE": str(cache), "DLTUI_HOME": str(tmp_path / "h"), "TMPDIR": str(tmp_path)}
    command = [sys.executable, "-m", "dltui.tui", "train", "xor", "--steps", "20", "--json"]
    done = subprocess.run(command, capture_output=True, text=True, timeout=240, env=variables)
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout.splitlines()[-1])["step"] == 20
    assert not list(tmp_path.glob("dltui-kernels-*")), "a folder was left behind"


@pytest.mark.parametrize(
    "env",
    [
        {"LC_ALL": "C"},
        {"LC_ALL": "ISO-8859-1"},
        {"LC_ALL": "", "LC_CTYPE": "", "LANG": "de_DE.ISO-8859-1"},
        {"LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0", "PYTHONIOENCODING": "ascii"},
        {"LC_ALL": "C.UTF-8", "PYTHONUTF8": "0", "PYTHONIOENCODING": "latin-1"},
    ],
)
def test_where_the_encoding_is_not_utf_8_all_is_drawn_in_ascii(terminal, env):
    screen = terminal("xor", env=env)
    screen.shows("training")
    seen = len(screen.seen)
    screen.until(lambda: len(screen.seen) > seen + 3000)
    assert screen.seen.isascii() and b"\\u" not in screen.seen
    assert leaves(screen)


@pytest.mark.parametrize(
    ("term", "codes"),
    [("xterm", {*range(30, 38), *range(40, 48), *range(90, 98), 100}), ("screen", {*range(30, 38), *range(40, 48)})],
)
def test_a_terminal_of_few_colors_is_sent_no_others(terminal, term, codes):
    screen = terminal("xor", env={"TERM": term, "COLORTERM": ""})
    screen.shows("training")
    seen = len(screen.seen)
    screen.until(lambda: len(screen.seen) > seen + 3000)
    sent = {int(code) for found in re.findall(rb"\x1b\[([0-9;]+)m", screen.seen) for code in found.split(b";")}
    assert sent <= codes | set(range(10))
    assert len(sent & {33, 36, 93, 96}) >= 2, "signs are told apart by color, too"
    assert leaves(screen)


@pytest.mark.parametrize(
    ("env", "words"),
    [({"TERM": "dumb"}, "dumb"), ({"LC_ALL": "C.UTF-8", "PYTHONUTF8": "0", "PYTHONIOENCODING": "utf-16-le"}, "ASCII")],
)
def test_a_terminal_that_cannot_draw_is_refused_in_one_line(terminal, env, words):
    screen = terminal("xor", env=env)
    screen.until(screen.ended)
    screen.read()
    said = screen.seen.replace(b"\0", b"")  # where the stream is in an encoding of two bytes
    assert screen.code == 2 and words.encode() in said and b"dltui train" in said
    assert b"\x1b" not in said and said.count(b"\n") == 1


def test_a_terminal_without_a_name(terminal):
    screen = terminal("xor", env={"TERM": ""})
    screen.shows("training")
    assert leaves(screen)


def test_bytes_that_are_no_text_are_no_matter(terminal):
    screen = terminal("xor")
    screen.shows("training")
    os.write(screen.master, b"\xff\xfe\x80\xc3(\x00\xf5")
    seen = len(screen.seen)
    screen.until(lambda: len(screen.seen) > seen + 2000)
    assert leaves(screen)
