"""A trial of a sweep as a run: trained again to the bit, kept, raced, or written as a preset."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from typed import answer, command

from dltui.core import load_preset
from dltui.tui.cli.open import find_trial, is_trial

OVER = ("--over", "optimizer.learning_rate=0.01,0.3", "--steps", "150", "--workers", "0")


@pytest.mark.parametrize("more", [(), ("--set", "schedule.name=cosine"), ("--until", "step >= 70")], ids=str)
def test_a_trial_comes_back_to_the_bit_as_a_run_that_is_kept(more: tuple[str, ...]) -> None:
    told = answer("sweep", "xor", *OVER, "--seeds", "2", *more)
    row = told["rows"][1]
    run = answer("open", f"{told['sweep']}#{row['trial']}", "--headless")
    assert (run["digest"], run["step"]) == (row["digest"], row["step"])
    (kept,) = json.loads(command("runs", "--json").stdout)
    assert kept["run"] == run["run"] and f"(trial {row['trial']})" in kept["title"]
    verified = command("replay", run["run"], "--verify")
    assert verified.returncode == 0, verified.stderr


def test_a_trial_that_diverged_comes_back_as_it_was() -> None:
    told = answer("sweep", "diabetes", "--over", "optimizer.learning_rate=0.01,1e6", "--set", "optimizer.name=sgd",
                  "--set", "network.activation=relu", "--steps", "200", "--workers", "0")  # fmt: skip
    assert told["rows"][1]["stopped"] == "diverged"
    assert answer("open", "last#1", "--headless")["digest"] == told["rows"][1]["digest"]


def test_a_trial_is_written_as_a_preset_and_raced(tmp_path: Path) -> None:
    told = answer("sweep", "xor", *OVER)
    done = command("open", "last#1", "--save", str(tmp_path / "best.toml"))
    assert done.returncode == 0 and "is written as" in done.stderr
    config = load_preset(tmp_path / "best.toml")
    assert config.optimizer.learning_rate == 0.3 and config == find_trial("last#1").config
    raced = answer("race", f"{told['sweep']}#1", "--over", "optimizer.name=sgd,adam", "--steps", "50")
    assert len(raced["rows"]) == 2


@pytest.mark.parametrize(("word", "problem"), [("last#9", "has no row yet"), ("last", "names no trial"),
                                               ("sweep-x#1", "is not a sweep")])  # fmt: skip
def test_what_is_not_there_is_told(word: str, problem: str) -> None:
    command("sweep", "xor", *OVER)
    done = command("open", word, "--headless")
    assert done.returncode == 2 and problem in done.stderr


def test_a_word_that_names_a_trial_is_known_from_others() -> None:
    assert is_trial("last#3") and is_trial("#3") and is_trial("sweep-20261128-042339-cd32#12")
    assert not is_trial("spiral") and not is_trial("a#b") and not is_trial("file#3")
