"""A run without its terminal goes on, is listed, looked at, taken over and ended; forgotten ones cannot pile up."""

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from contextlib import suppress

import pytest
from patience import LIMIT_S, shared
from pty_terminal import Terminal, children, end_all, idle_share, live, wait_for

from dltui.core.disk.lock import Lock
from dltui.core.remote.client import RemoteSession
from dltui.core.remote.served import N_DETACHED
from dltui.tui.cli.attach import is_served

ENDLESS = ("--set", "training.max_epochs=0", "--steps", "1000000000")


@pytest.fixture
def home(tmp_path, monkeypatch):
    folder = tmp_path / "h"
    monkeypatch.setenv("DLTUI_HOME", str(folder))
    yield folder
    end_all(folder)


@pytest.fixture
def terminal(home):
    opened = []

    def start(*args, **options):
        opened.append(Terminal(*args, env={"DLTUI_HOME": str(home)}, **options))
        return opened[-1]

    yield start
    for each in opened:
        each.close()


def dltui(*args):
    command = [sys.executable, "-m", "dltui.tui", *args]
    return subprocess.run(command, capture_output=True, text=True, timeout=240, stdin=subprocess.DEVNULL)


def test_a_lost_terminal_costs_nothing(terminal, home):
    screen = terminal("xor")
    screen.shows("training")
    screen.go_to_full_speed()
    ((run, pid),) = live(home).items()
    assert pid == screen.child() or pid in children(screen.pid)
    path = str(home / "runs" / run)
    with_terminal = RemoteSession(path, watch=True)
    with_terminal.start()
    before = with_terminal.wait(lambda s: s.step > 0, LIMIT_S).step
    screen.vanish()
    lost = time.monotonic()
    screen.until(screen.ended)
    assert wait_for(lambda: os.getsid(pid) == pid)
    print(f"\nleft the terminal in {time.monotonic() - lost:.2f} s")
    after = with_terminal.wait(lambda s: s.step > before + 1000, LIMIT_S)
    curve = after.curves["train_loss"]
    assert int(curve.steps[0]) <= 1 and after.events[0].step == 0  # nothing of the history is missing
    with_terminal.close()
    share = idle_share(pid, 1.0)
    print(f"threads that do not train: {share:.1%} of a core")
    assert share < 0.1
    begun = time.monotonic()
    remote = RemoteSession(path)
    remote.start()
    remote.wait(lambda s: s.status == "training", LIMIT_S)
    took = time.monotonic() - begun
    print(f"attached in {took * 1000:.0f} ms")
    assert took < shared(0.5)
    remote.close()


def steps_per_s(remote, seconds, read):
    first, begun = remote.wait(lambda _: True, LIMIT_S), time.monotonic()
    while time.monotonic() - begun < seconds:
        read()
    last = remote.latest()
    return (last.step - first.step) / (time.monotonic() - begun)


def stalled(screen, home, seconds):
    """Steps a second while nobody reads the terminal, as a share of those while somebody does."""
    screen.shows("training")
    screen.go_to_full_speed()  # at its own pace a lesson is as slow either way
    ((run, _),) = live(home).items()
    remote = RemoteSession(str(home / "runs" / run), watch=True)
    remote.start()
    remote.wait(lambda s: s.status == "training" and s.elapsed_s > 1.0, LIMIT_S)
    before = steps_per_s(remote, seconds, screen.read)
    during = steps_per_s(remote, seconds, lambda: time.sleep(0.05))
    seen = len(screen.seen)
    begun = time.monotonic()
    screen.until(lambda: len(screen.seen) > seen + 2000, shared(5.0))
    print(f"\nsteps/s: {before:.0f} with a reader, {during:.0f} for {seconds} s without: {during / before:.3f}")
    print(f"first fresh frame {time.monotonic() - begun:.2f} s after the reader came back")
    remote.close()
    return during / before


def test_a_terminal_that_is_not_read_does_not_slow_training(terminal, home):
    screen = terminal("xor")
    # Others may come and go on the same processors meanwhile; what does slow training does so each time.
    assert any(stalled(screen, home, 2.0) > 0.6 for _ in range(4))


@pytest.mark.slow
def test_a_terminal_that_is_not_read_for_a_minute(terminal, home):
    assert stalled(terminal("xor"), home, 60.0) >= 0.98


def test_attach_takes_over_and_watching_changes_nothing(terminal, home):
    done = dltui("train", "xor", "--detach", *ENDLESS)
    assert done.returncode == 0, done.stderr
    ((run, _),) = live(home).items()
    assert f"dltui attach {run}" in done.stderr and f"dltui stop {run}" in done.stderr
    (row,) = json.loads(dltui("ps", "--json").stdout)
    assert row["run"] == run and row["detached"] and row["attach"] == f"dltui attach {run}"
    listed = dltui("ps").stdout
    assert f"dltui attach {run}" in listed and "without a terminal" in listed
    watching, steering = terminal("attach", run, "--watch", size=(24, 70)), terminal("attach", size=(50, 160))
    watching.shows("training")
    steering.shows("training")
    watching.press(" ")
    steering.press(" ")
    steering.shows("paused")
    watching.shows("paused")
    steering.press(" ")
    watching.press("q")
    steering.press("q")
    for each in (watching, steering):
        each.until(each.ended)
        assert each.code == 0 and each.restored()
    assert live(home)
    stopped = dltui("stop", run)
    assert stopped.returncode == 0 and f"dltui resume {run}" in stopped.stdout and not live(home)
    again = dltui("stop", run)
    assert again.returncode == 2 and "is not running" in again.stderr
    lost = dltui("attach", run)
    assert lost.returncode == 2 and f"dltui resume {run}" in lost.stderr


def test_the_key_leaves_and_another_preset_keeps_its_viewers(terminal, home):
    screen = terminal("xor")
    screen.shows("training")
    ((run, pid),) = live(home).items()
    remote = RemoteSession(str(home / "runs" / run))
    remote.start()
    screen.press("D")
    screen.until(screen.ended)
    assert screen.code == 0 and screen.restored()
    screen.shows(f"dltui attach {run}")
    alone = remote.wait(lambda s: s.step > 10_000, LIMIT_S)
    assert alone.pace == alone.speed_limit == 0.0, "the pace is for those who watch"
    from dltui.core.commands import Load

    remote.send(Load("circle"))
    other = remote.wait(lambda s: s.run not in ("", run), LIMIT_S).run
    assert wait_for(lambda: live(home) == {other: pid})
    # The socket moves in a thread of its own, after the lock.
    assert wait_for(lambda: is_served(str(home / "runs" / other)))
    found = RemoteSession(str(home / "runs" / other), watch=True)
    found.close()
    remote.close()


def test_a_detached_run_ends_with_its_run(home):
    done = dltui("train", "xor", "--detach", "--steps", "2000")
    assert done.returncode == 0, done.stderr
    assert wait_for(lambda: not live(home))
    (row,) = json.loads(dltui("runs", "--json").stdout)
    assert (row["step"], row["status"], row["preset"]) == (2000, "finished", "xor")
    replayed = dltui("train", "xor", "--steps", "2000", "--no-save", "--json")
    assert row["val_loss"] == pytest.approx(json.loads(replayed.stdout)["val_loss"])


def test_a_detached_run_has_an_end_and_answers_in_json(home):
    done = dltui("train", "xor", "--detach", "--set", "training.max_epochs=0", "--json")
    assert done.returncode == 0, done.stderr
    assert "no end was given" in done.stderr
    answer = json.loads(done.stdout.splitlines()[-1])
    assert answer["preset"] == "xor" and answer["step"] == 0 and answer["stopped"] is answer["digest"] is None
    assert wait_for(lambda: not live(home))
    (row,) = json.loads(dltui("runs", "--json").stdout)
    assert (row["run"], row["step"]) == (answer["run"], 20000)


def test_a_detached_run_is_reported_by_the_score_of_its_task(home):
    done = dltui("train", "universal_approximation", "--detach", "--steps", "20", "--json")
    assert done.returncode == 0, done.stderr
    answer = json.loads(done.stdout.splitlines()[-1])
    assert answer["val_r2"] is None and "val_accuracy" not in answer
    assert wait_for(lambda: not live(home))


def test_a_run_that_has_lost_its_folder_is_found_and_ended(home):
    assert dltui("train", "xor", "--detach", *ENDLESS).returncode == 0
    ((run, pid),) = live(home).items()
    try:
        shutil.rmtree(home / "runs" / run, ignore_errors=True)
        shutil.rmtree(home / "runs" / run, ignore_errors=True)  # it may have been written to meanwhile
        (row,) = json.loads(dltui("ps", "--json").stdout)
        assert (row["run"], row["pid"], row["stop"]) == (run, pid, f"dltui stop {run}")
        assert "its folder is gone" in dltui("ps").stdout
        stopped = dltui("stop", run)
        assert stopped.returncode == 0 and "not kept" in stopped.stdout, stopped
        assert wait_for(lambda: not os.path.exists(f"/proc/{pid}"))
        assert json.loads(dltui("ps", "--json").stdout) == []
    finally:
        with suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)


def test_a_run_that_may_not_be_detached_leaves_nothing_behind(home):
    home.mkdir()
    held = [Lock(home / f"detached-{number}.lock") for number in range(1, N_DETACHED + 1)]
    done = dltui("train", "xor", "--detach")
    assert done.returncode == 2 and "8 runs" in done.stderr
    assert os.listdir(home / "runs") == []
    for lock in held:
        lock.release()


def test_without_a_place_to_save_the_cause_is_said(home, tmp_path, monkeypatch):
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("DLTUI_HOME", str(tmp_path / "file" / "home"))
    done = dltui("train", "xor", "--detach")
    assert done.returncode == 2 and "Not a directory" in done.stderr and done.stderr.count("\n") == 1
    for name in ("runs", "ps"):
        assert "Not a directory" in dltui(name).stderr


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (["--until", "step > 5"], "--until"),
        (["--no-save"], "--no-save"),
        (["--set", "optimizer.name=adm"], "adam"),
    ],
)
def test_what_cannot_be_detached_is_said(home, options, words):
    done = dltui("train", "xor", "--detach", *options)
    assert done.returncode == 2 and words in done.stderr and not live(home)
