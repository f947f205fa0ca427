"""Keep, list, go on with, replay and delete runs by the command line, as a user does."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from patience import until
from typed import answer, command, train
from warm import run_warm

RUNS = "dltui-home/runs"


@pytest.fixture
def kept():
    return train("--steps", "300", "--at", "100:optimizer.name=rmsprop")


def test_a_run_is_gone_on_with_as_if_it_had_never_ended(tmp_path, kept):
    whole = train(
        *("--steps", "500", "--no-save"),
        *("--at", "100:optimizer.name=rmsprop", "--at", "400:network.activation=gelu"),
    )
    assert whole["run"] is None
    further = answer("resume", "--headless", "--steps", "200", "--at", "400:network.activation=gelu")
    assert further["run"] == kept["run"]
    assert (further["step"], further["digest"]) == (500, whole["digest"])
    verdict = answer("replay", kept["run"], "--verify")
    assert (verdict["digest"], verdict["n_decisions"], verdict["problems"]) == (whole["digest"], 2, [])
    assert verdict["n_states"] >= 2


def test_runs_are_listed_shown_and_deleted(tmp_path, kept):
    broken = tmp_path / RUNS / "20200101-000000-abcd"
    broken.mkdir()
    rows = answer("runs")
    assert [row["status"] for row in rows] == ["finished", "broken"]
    assert rows[0]["run"] == kept["run"] and rows[0]["step"] == 300 and rows[0]["n_bytes"] > 1000
    assert "meta.json" in rows[1]["problem"]
    assert [row["run"] for row in answer("runs", "spiral", "finished")] == [kept["run"]]
    assert answer("runs", "nothing-like-it") == []
    shown = command("runs", kept["run"]).stdout
    assert "rmsprop" in shown and f"dltui resume {kept['run']}" in shown
    done = command("runs", "--delete", "20200101-000000-abcd", "no-such-run")
    assert done.returncode == 2 and "no-such-run" in done.stderr
    assert os.listdir(tmp_path / RUNS) == [kept["run"]]


def test_the_newest_run_is_the_one_begun_last(tmp_path, kept):
    later = train("--steps", "50")
    (tmp_path / RUNS / kept["run"]).rename(tmp_path / RUNS / "zzz")
    assert [row["run"] for row in answer("runs")] == [later["run"], "zzz"]
    assert answer("resume", "--headless", "--steps", "5")["run"] == later["run"]
    (tmp_path / RUNS / later["run"] / "meta.json").write_text("{")
    done = command("resume", "--headless", "--steps", "5", "--json")
    assert json.loads(done.stdout)["run"] == "zzz"
    assert f"{later['run']} is passed over" in done.stderr and "meta.json" in done.stderr
    assert [row["run"] for row in answer("runs")] == [later["run"], "zzz"]


def test_a_run_with_a_method_of_the_users_own_asks_for_its_file(tmp_path):
    own = tmp_path / "own.py"
    own.write_text(
        "from dataclasses import replace\n"
        "from dltui.core.activations.swish import SWISH\n"
        "OWN = replace(SWISH, name='my_relu')\n"
    )
    begun = ("train", "spiral", "--steps", "20", "--json", "--plugin", str(own))
    first = ("--set", "network.activation=my_relu")
    then = ("--at", "10:network.activation=my_relu", "--at", "15:network.activation=tanh")
    runs = []
    for options in (first, then):
        done = run_warm(*begun, *options)
        assert done.returncode == 0, done.stderr
        runs.append(json.loads(done.stdout)["run"])
    for done in (command("resume", runs[0], "--headless"), *(command("replay", run) for run in runs)):
        assert "my_relu" in done.stderr and "--plugin" in done.stderr and "did you mean" not in done.stderr
        assert done.returncode


def flip(path, place):
    data = bytearray(path.read_bytes())
    data[place] ^= 4
    path.write_bytes(data)


def test_a_changed_byte_is_named_with_its_file(tmp_path, kept):
    folder = tmp_path / RUNS / kept["run"]
    (state,) = folder.glob("ckpt-*")
    flip(state, -40)
    done = command("replay", kept["run"], "--verify")
    assert done.returncode == 1
    assert state.name in done.stderr and "step 300" in done.stderr
    flip(state, -40)
    assert command("replay", kept["run"], "--verify").returncode == 0
    flip(folder / "journal.jsonl", -40)
    done = command("replay", kept["run"], "--verify")
    assert done.returncode == 1
    assert "journal.jsonl" in done.stderr and "1 records kept" in done.stderr
    assert command("replay", "no-such-run").returncode == 2


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_a_signal_saves_the_run(tmp_path, number):
    process = subprocess.Popen(
        [sys.executable, "-m", "dltui.tui", "train", "spiral", "--steps", "1000000000", "--json"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        cwd=tmp_path,
    )
    try:
        shown = tmp_path / RUNS
        until(lambda: list(shown.glob("*/shown")) or process.poll() is not None)
        assert process.poll() is None
        process.send_signal(number)
        output, errors = process.communicate(timeout=240)
    finally:
        process.kill()
    assert process.returncode == 128 + number
    result = json.loads(output.splitlines()[-1])
    assert result["stopped"] == "interrupted" and f"dltui resume {result['run']}" in errors
    verdict = answer("replay", result["run"], "--verify")
    assert (verdict["step"], verdict["digest"]) == (result["step"], result["digest"])
    assert verdict["n_states"] >= 1


def test_without_a_run_nothing_is_gone_on_with(tmp_path):
    done = command("resume", "--headless")
    assert done.returncode == 2 and "no run is kept" in done.stderr


def test_a_switch_behind_the_run_is_refused(tmp_path, kept):
    done = command("resume", "--headless", "--steps", "9", "--at", "20:optimizer.name=adam")
    assert done.returncode == 2 and "from step 300 on" in done.stderr
    assert answer("resume", "--steps", "9")["step"] == 309


def test_a_run_of_which_no_state_is_left_is_not_proven():
    run = train("--steps", "20")["run"]
    for state in Path(os.environ["DLTUI_HOME"], "runs", run).glob("ckpt-*"):
        state.unlink()
    done = command("replay", run, "--verify")
    assert done.returncode == 1 and "no saved state was there to be compared, so nothing is proven" in done.stderr
    assert command("replay", run).returncode == 0


def test_statistics_that_overflow_end_a_run_as_diverged_with_a_state_of_before():
    steps = [20, 21, 23, 24]
    rates = [f"{step}:optimizer.learning_rate={rate}" for step, rate in zip(steps, (1e6, 0.05, 1e6, 0.05), strict=True)]
    at = [word for rate in rates for word in ("--at", rate)]
    settings = [
        word
        for setting in (
            "data.name=moons",
            "data.n_samples=200",
            "data.val_fraction=0.3",
            "network.hidden=8 8",
            "network.activation=relu",
            "network.normalization=batch_norm",
            "optimizer.name=sgd",
            "optimizer.learning_rate=0.05",
            "training.batch_size=16",
        )
        for word in ("--set", setting)
    ]
    done = command("train", "spiral", *settings, "--steps", "5000", *at, "--json")
    result = json.loads(done.stdout)
    assert (done.returncode, result["stopped"]) == (1, "diverged")
    assert "the kept statistics stopped being finite at step" in done.stderr
    verdict = answer("replay", result["run"], "--verify")
    assert (verdict["problems"], verdict["digest"]) == ([], result["digest"]) and verdict["n_states"] >= 1


def test_branches_are_listed_below_the_run_they_were_made_from(tmp_path, kept):
    from dltui.core.run.tree import TreePlace, write_place

    branch, alone = train("--steps", "20"), train("--steps", "10")
    folder = tmp_path / RUNS
    write_place(str(folder / kept["run"]), TreePlace(kept["run"], name="trunk", in_front=True))
    write_place(str(folder / branch["run"]), TreePlace(kept["run"], kept["run"], 100, "with adam"))
    lines = command("runs").stdout.splitlines()
    assert lines[0].startswith(alone["run"]) and lines[1].startswith(kept["run"]) and "trunk" in lines[1]
    assert lines[2].startswith(f"└ {branch['run']}") and "with adam from step 100" in lines[2]
    rows = {row["run"]: row for row in answer("runs")}
    assert (rows[branch["run"]]["parent"], rows[branch["run"]]["forked"]) == (kept["run"], 100)
    os.rename(folder / alone["run"], tmp_path / "elsewhere")
    assert answer("resume", "--headless", "--steps", "5")["run"] == kept["run"], "the one that was in front"
