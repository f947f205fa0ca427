"""What a run without a screen says of itself: on stderr as it happens, and at the end in its report."""

import json
import os
import shutil
import signal
import subprocess
import sys
import time

import pytest
from patience import shared, wait_for
from pty_terminal import Terminal
from typed import answer, command, train

from dltui.tui.cli.drive import SAY_AGAIN_S, SaveWatch

KEYS = ["run", "preset", "step", "epoch", "stopped", "train_loss", "val_loss"]


@pytest.fixture
def endless(tmp_path):
    """Begins a run without an end; gives the process, its folder and the file with what it says."""
    begun = []

    def begin(*args):
        with (tmp_path / "said").open("w") as said:
            begun.append(
                subprocess.Popen(
                    [sys.executable, "-m", "dltui.tui", "train", "spiral", "--steps", "1000000000", *args],
                    stdout=subprocess.PIPE,
                    stderr=said,
                    text=True,
                )
            )
        assert wait_for(lambda: list(tmp_path.glob("dltui-home/runs/*/status.json")))
        return begun[-1], next(tmp_path.glob("dltui-home/runs/*/status.json")).parent, tmp_path / "said"

    yield begin
    for process in begun:
        process.kill()
        process.communicate()


@pytest.mark.parametrize("what", ["moved", "deleted"])
def test_a_folder_that_goes_away_is_told_at_once_and_in_the_report(endless, tmp_path, what):
    process, folder, said = endless("--json")
    gone = time.monotonic()
    if what == "moved":
        folder.rename(tmp_path / "moved")
    else:
        shutil.rmtree(folder, ignore_errors=True)
        shutil.rmtree(folder, ignore_errors=True)  # it may have been written to meanwhile
    assert wait_for(lambda: "not saved" in said.read_text())
    took = time.monotonic() - gone
    print(f"\ntold after {took:.1f} s")
    assert took < shared(2.5)
    process.send_signal(signal.SIGTERM)
    output, _ = process.communicate(timeout=240)
    assert json.loads(output)["run"] is None
    assert said.read_text().count("not saved") == 1 and "dltui resume" not in said.read_text()


def test_a_lost_terminal_costs_nothing(tmp_path):
    home = tmp_path / "dltui-home"
    screen = Terminal("train", "spiral", "--steps", "1000000000", env={"DLTUI_HOME": str(home)})
    screen.shows("loss")
    screen.vanish()
    screen.until(screen.ended)
    (run,) = (home / "runs").iterdir()
    assert json.loads((run / "status.json").read_text())["status"] == "closed"
    assert json.loads((home / "interrupted.json").read_text()) == {"run": run.name, "by": "SIGHUP"}


def test_a_run_that_is_not_kept_says_so_once(tmp_path, monkeypatch):
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("DLTUI_HOME", str(tmp_path / "file" / "home"))
    done = command("train", "spiral", "--steps", "20")
    assert done.returncode == 0 and done.stdout.rstrip().endswith("not kept")
    assert done.stderr.count("not saved") == 1
    assert "not kept" not in command("train", "spiral", "--steps", "20", "--no-save").stdout


def test_saved_or_not_is_said_when_it_changes_and_not_too_often():
    said, problems, times = list[str](), [""], [0.0]
    watch = SaveWatch(lambda: problems[0], said.append, lambda: times[0])
    for problem, now in (("", 0.0), ("full", 1.0), ("fuller", 1.1), ("", 1.2), ("full", 1.3), ("", 2 + SAY_AGAIN_S)):
        problems[0], times[0] = problem, now
        watch.look()
    assert said == ["full", "the run is saved again"]


def test_a_diverged_run_says_where_why_and_how_to_go_on():
    wild = ("train", "universal_approximation", "--steps", "3000", "--at", "20:optimizer.learning_rate=1e5")
    done = command(*wild, "--set", "network.activation=identity", "--set", "optimizer.name=sgd")
    assert done.returncode == 1 and done.stdout.startswith("diverged")
    words = "stopped being finite at step", "since step 20", "the last sound ones", "dltui resume"
    assert all(word in done.stderr for word in words), done.stderr
    again = command("resume", "--headless")
    assert again.returncode == 1 and "diverged before" in again.stderr and "no end was given" not in again.stderr
    way_back = next(line for line in again.stderr.splitlines() if "dltui resume" in line).partition("rate: dltui ")[2]
    further = command(*way_back.split())
    assert "diverged before" not in further.stderr and "(learning_rate:" in further.stderr


def test_the_list_of_runs_shows_the_metrics_of_the_last_step():
    result = train("--steps", "337")
    (row,) = answer("runs")
    assert row["step"] == 337
    for name in ("train_loss", "val_loss", "val_accuracy"):
        assert row[name] == pytest.approx(result[name]), name


@pytest.mark.parametrize(("preset", "score"), [("spiral", "val_accuracy"), ("universal_approximation", "val_r2")])
def test_every_key_is_there_without_a_validation_part(preset, score):
    result = answer("train", preset, "--steps", "5", "--no-save", "--set", "data.val_fraction=0")
    assert list(result) == [*KEYS, score, "elapsed_s", "scores", "digest"]
    assert result["val_loss"] is None and result[score] is None and result["train_loss"] > 0.0


def test_the_name_of_a_file_is_only_text(tmp_path):
    preset = tmp_path / "p\x1b[2J\u202e.toml"
    preset.write_text('[data]\nname = "spiral"\n')
    result = answer("train", str(preset), "--steps", "5", "--no-save")
    assert os.path.basename(result["preset"]) == "p␛[2J‹202E›.toml"
