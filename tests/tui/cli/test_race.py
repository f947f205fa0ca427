"""A race on the command line: what is raced, its ranking, its JSON, and what is refused before the first step."""

import json

import pytest
from typed import command

from dltui.core import Trainer, load_preset

RACE = ("race", "xor", "--steps", "300", "--over")


def test_a_race_is_ranked_and_each_row_is_the_run_it_names() -> None:
    done = command(*RACE, "optimizer.learning_rate=0.01,0.3", "--set", "optimizer.name=sgd", "--json")
    assert done.returncode == 0, done.stderr
    told = json.loads(done.stdout)
    assert (told["preset"], told["steps"], told["metric"]) == ("xor", 300, "val_loss")
    assert [row["rank"] for row in told["rows"]] == [1, 2]
    losses = [row["metrics"]["val_loss"] for row in told["rows"]]
    assert losses == sorted(losses)
    for row in told["rows"]:
        run = Trainer(load_preset("xor").with_changes({"optimizer.name": "sgd"}).with_changes(row["settings"]))
        run.aim(300)
        run.advance(300)
        assert (row["digest"], row["step"], row["stopped"]) == (run.digest(), 300, None)
        assert row["elapsed_s"] > 0.0


def test_one_worker_and_two_tell_the_same() -> None:
    told = [json.loads(command(*RACE, "optimizer.name", "--workers", n, "--json").stdout)["rows"] for n in ("1", "2")]
    rows = [[{key: row[key] for key in row if key != "elapsed_s"} for row in one] for one in told]
    assert rows[0] == rows[1]
    assert len(rows[0]) > 10


def test_a_person_reads_a_table_with_the_reason_of_each_that_fell_out() -> None:
    done = command(
        "race", "diabetes", "--steps", "200", "--over", "optimizer.learning_rate=0.01,1e6",
        "--set", "network.activation=relu", "--set", "optimizer.name=sgd", "--until", "step >= 50",
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    head, first, last = done.stdout.splitlines()
    assert head.split()[:3] == ["learning_rate", "val_loss", "train_loss"]
    assert first.startswith("1") and "step 100" in first
    assert last.startswith("2") and "diverged at step" in last
    assert "2 contenders, 200 steps each, ranked by val_loss" in done.stderr


@pytest.mark.parametrize(
    ("words", "problem"),
    [
        (["optimizer.nme"], "name"),
        (["optimizer.learning_rate=-1"], "-1"),
        (["optimizer.name", "--metric", "val_r2"], "--metric = 'val_r2' is not a metric of this run"),
        (["optimizer.name", "--until", "val_r2 > 1"], "is not a metric of this run"),
        (["network.frozen"], "needs its values"),
    ],
)
def test_what_is_wrong_is_told_before_the_first_step(words: list[str], problem: str) -> None:
    done = command(*RACE, *words)
    assert done.returncode == 2 and problem in done.stderr and not done.stdout
