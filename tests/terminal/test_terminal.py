"""The dashboard in a real terminal: it paints, answers, and gives the terminal back however it ends."""

import os
import random
import signal
import time

import pytest
from pty_terminal import Terminal, end_all, live


@pytest.fixture
def terminal(tmp_path):
    opened = []

    def start(*args, **options):
        opened.append(Terminal(*args, env={"DLTUI_HOME": str(tmp_path)}, **options))
        return opened[-1]

    yield start
    for each in opened:
        each.close()
    end_all(tmp_path)


def test_it_trains_answers_keys_and_leaves_cleanly(terminal):
    screen = terminal("xor")
    screen.shows("training")
    os.write(screen.master, b" ")
    screen.shows("paused")
    os.write(screen.master, b"q")
    screen.until(screen.ended)
    assert screen.code == 0 and screen.restored()


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT, signal.SIGQUIT])
def test_a_signal_ends_it_and_gives_the_terminal_back(terminal, number, tmp_path):
    screen = terminal("xor")
    screen.shows("training")
    os.kill(screen.pid, number)
    screen.until(screen.ended)
    assert screen.code == 128 + number and screen.restored() and not live(tmp_path)
    screen.shows(f"ended by {number.name}; resume it: dltui resume 2")
    again = terminal("xor")
    again.shows("training")
    again.until(lambda: f"by {number.name}" in again.text())


def test_a_terminal_that_goes_away_does_not_end_the_run(terminal, tmp_path):
    screen = terminal("xor")
    screen.shows("training")
    screen.vanish()
    screen.until(screen.ended)
    assert screen.code == 128 + signal.SIGHUP and len(live(tmp_path)) == 1


def test_a_terminal_that_never_answers_still_gets_frames(terminal):
    screen = terminal("xor", answers=False)
    screen.shows("training")
    before = len(screen.seen)
    screen.until(lambda: len(screen.seen) > before + 2000)


def test_a_wrong_file_ends_with_one_sentence(terminal, tmp_path):
    file = tmp_path / "wrong.toml"
    file.write_text('[optimizer]\nname = "adm"\n')
    screen = terminal(str(file))
    screen.until(screen.ended)
    assert screen.code == 2 and screen.restored()
    tail = screen.seen[screen.seen.rfind(b"\x1b[?1049l") :].replace(b"\r\n", b"")  # a long path is broken at the edge
    assert b"wrong.toml" in tail and b"adam" in tail


@pytest.mark.parametrize(("seed", "n_bytes"), [(1, 3_000), (2, 30_000)])
def test_after_a_storm_of_bytes_it_ends_at_once(terminal, seed, n_bytes):
    dice = random.Random(seed)
    leaving = b"qD\x11\x1a"  # what would end it sooner
    storm = bytes(byte for byte in dice.randbytes(n_bytes) if byte not in leaving)
    screen = terminal("xor")
    screen.shows("training")
    while storm:
        storm = storm[os.write(screen.master, storm[:512]) :]
        screen.read(0.01)
    for keys in ("\x1b", "\x1b", "\x11"):
        screen.press(keys)
        screen.read(0.1)
    pressed = time.monotonic()
    screen.until(screen.ended, 8.0)
    print(f"\nended {time.monotonic() - pressed:.1f} s after Ctrl+Q")
    assert screen.code == 0 and screen.restored()


def test_ctrl_q_that_is_pasted_is_only_text(terminal):
    screen = terminal("xor")
    screen.shows("training")
    screen.press("\x1b[200~a\x11b\x1b[201~")
    screen.press(" ")
    screen.shows("paused")
    screen.press("\x11")
    screen.until(screen.ended, 8.0)
    assert screen.code == 0


def test_the_whole_screen_can_be_drawn_again(terminal):
    screen = terminal("exploding_gradient")
    screen.shows("diverged")
    screen.text()
    screen._stream.feed(b"\x1b[2J")  # as a message of the system would
    assert "Loss" not in screen.text()
    screen.press("\x0c")
    screen.until(lambda: "Loss" in screen.text() and "diverged" in screen.text())
