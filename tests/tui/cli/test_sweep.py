"""A sweep on the command line: what is trained, its table in every form, and what is refused before the first trial."""

from __future__ import annotations

import csv
import json
from pathlib import Path
from xml.etree import ElementTree

import pytest
from typed import answer, command

from dltui.core import Trainer, load_preset

SWEEP = ("sweep", "xor", "--steps", "200", "--workers", "0", "--over")


def test_every_row_is_the_run_it_names(tmp_path: Path) -> None:
    told = answer(*SWEEP, "optimizer.learning_rate=0.01,0.3", "--seeds", "2", "-o", str(tmp_path / "t.csv"))
    assert (told["preset"], told["metric"], told["trials"], told["sampler"]) == ("xor", "val_loss", 4, "grid")
    for row in told["rows"]:
        rate = float(row["settings"]["optimizer.learning_rate"])
        run = Trainer(load_preset("xor").with_changes({"optimizer.learning_rate": rate, "training.seed": row["seed"]}))
        run.aim(200)
        run.advance(200)
        assert (row["digest"], row["step"], row["stopped"]) == (run.digest(), 200, "finished")
    table = list(csv.DictReader((tmp_path / "t.csv").read_text().splitlines()))
    assert [line["digest"] for line in table] == [row["digest"] for row in told["rows"]]
    assert [point["trials"] for point in told["points"]] in ([[0, 1], [2, 3]], [[2, 3], [0, 1]])


def test_a_person_reads_a_table_with_the_reason_of_each_that_fell_out() -> None:
    done = command(
        "sweep", "diabetes", "--steps", "200", "--over", "optimizer.learning_rate=0.01,1e6", "--workers", "0",
        "--set", "network.activation=relu", "--set", "optimizer.name=sgd", "--seeds", "2",
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    head, first, last = done.stdout.splitlines()
    assert head.split()[:4] == ["trial", "learning_rate", "val_loss", "±"]
    assert first.startswith("1  #0–1") and last.startswith("2  #2–3") and "2 of 2 diverged at step" in last
    assert "2 settings × 2 seeds (grid), ranked by val_loss" in done.stderr


def test_the_same_words_go_on_where_it_was_and_a_sweep_is_gone_on_with_by_name() -> None:
    words = (*SWEEP, "optimizer.learning_rate=0.01,0.3")
    first = answer(*words)
    assert answer(*words)["sweep"] != first["sweep"]
    assert answer("sweep", first["sweep"], "--resume") == answer("sweep", first["sweep"]) == first
    third = answer(*words, "--resume")
    assert third["rows"] and third["sweep"] != first["sweep"]


def test_a_preset_says_what_is_tried(tmp_path: Path) -> None:
    path = tmp_path / "a.toml"
    path.write_text('[data]\nname = "xor"\n[sweep]\nover = ["optimizer.learning_rate=0.01,0.3"]\nsteps = 50\n')
    told = answer("sweep", str(path), "--workers", "0")
    assert [row["step"] for row in told["rows"]] == [50, 50]


@pytest.mark.parametrize(
    ("words", "problem"),
    [
        ([], "nothing to try"),
        (["--over", "optimizer.nme"], "name"),
        (["--over", "optimizer.learning_rate=-1"], "-1"),
        (["--over", "optimizer.name", "--metric", "val_r2"], "--metric = 'val_r2' is not a metric of this run"),
        (["--over", "optimizer.name", "--until", "val_r2 > 1"], "is not a metric of this run"),
        (["--over", "optimizer.learning_rate=0.1:1", "--sampler", "grid"], "no end of values"),
        (["--over", "optimizer.name", "-o", "table.xls"], ".csv, .json, .svg"),
        (["--over", "optimizer.name", "--prune", "x"], "--prune"),
    ],
)
def test_what_is_wrong_is_told_before_the_first_trial(words: list[str], problem: str) -> None:
    done = command("sweep", "xor", "--workers", "0", *words)
    assert done.returncode == 2 and problem in done.stderr and not done.stdout


def test_a_sweep_that_is_not_there_is_told() -> None:
    done = command("sweep", "sweep-of-another", "--resume")
    assert done.returncode == 2 and "is not a sweep" in done.stderr


def test_json_in_a_file_is_the_same_object(tmp_path: Path) -> None:
    told = answer(*SWEEP, "optimizer.learning_rate=0.01,0.3", "-o", str(tmp_path / "t.json"))
    assert json.loads((tmp_path / "t.json").read_text()) == told


def test_a_sweep_is_shown_as_charts_and_as_a_picture(tmp_path: Path) -> None:
    answer(*SWEEP, "optimizer.learning_rate=0.001:0.3:log:6", "--over", "network.activation=tanh,relu")
    done = command("sweep", "last", "--charts", "-o", str(tmp_path / "t.svg"))
    assert done.returncode == 0, done.stderr
    for words in ("How much each setting matters", "side by side", "val_loss over network.activation"):
        assert words in done.stdout
    texts = [element.text or "" for element in ElementTree.parse(tmp_path / "t.svg").iter()]
    assert "val_loss over optimizer.learning_rate" in texts and "relu" in texts
