"""When a run without a screen ends: as asked for, never sooner, never later, and what cannot be is refused."""

import json

import pytest
from typed import answer, command, train

from dltui.tui.cli import plan


def refused(*args):
    done = command(*args)
    assert done.returncode == 2 and done.stdout == "", done
    (line,) = done.stderr.splitlines()
    return line


@pytest.fixture
def kept():
    return train("--steps", "300")


def test_epochs_asked_for_are_an_end(kept, monkeypatch):
    monkeypatch.setattr(plan, "DEFAULT_STEPS", 10)
    done = command("resume", "--headless", "--epochs", "2", "--json")
    result = json.loads(done.stdout)
    assert (result["epoch"], result["stopped"]) == (kept["epoch"] + 2, "finished")
    assert "no end was given" not in done.stderr


def test_early_stopping_is_no_end_without_a_validation_part(monkeypatch):
    monkeypatch.setattr(plan, "DEFAULT_STEPS", 10)
    early = ("--set", "training.early_stopping=3", "--set", "data.val_fraction=0", "--set", "training.max_epochs=0")
    done = command("train", "spiral", "--no-save", *early, "--json")
    assert json.loads(done.stdout)["step"] == 10 and "no end was given" in done.stderr


@pytest.mark.parametrize(
    ("args", "words"),
    [
        (("spiral", "--until", "val_r2 > 0.5"), ("val_r2", "val_accuracy")),
        (("spiral", "--until", "val_loss < 0.1", "--set", "data.val_fraction=0"), ("val_loss", "train_loss")),
        (("spiral", "--until", ""), ("--until",)),
        (("spiral", "--until", "step"), ("--until", "neither true nor false")),
        (("spiral", "--until", "val_accuracy > 0.9 or step"), ("--until", "neither true nor false")),
    ],
)
def test_a_condition_that_cannot_hold_is_refused(args, words, tmp_path):
    line = refused("train", *args)
    for word in words:
        assert word in line
    assert not list(tmp_path.glob("dltui-home/runs/2*")), "an empty run was left behind"


def test_a_condition_on_data_to_come_is_allowed():
    done = ("--steps", "20", "--no-save", "--set", "data.val_fraction=0", "--at", "10:data.val_fraction=0.5")
    assert train(*done, "--until", "val_loss < 1e9")["step"] == 20


def test_a_condition_on_the_epoch_is_met_at_its_end():
    result = train("--no-save", "--until", "epoch >= 3")
    assert result["epoch"] == 3
    assert train("--no-save", "--epochs", "3")["step"] == result["step"]
    last = answer("train", "spiral", "--no-save", "--set", "training.max_epochs=3", "--until", "epoch >= 3")
    assert last["stopped"] == "until"


def test_a_condition_that_holds_already_is_met_at_once(kept):
    result = answer("resume", "--until", "step >= 100")
    assert (result["step"], result["stopped"], result["digest"]) == (300, "until", kept["digest"])


def test_a_run_stopped_early_goes_on_when_asked_to():
    early = train("--set", "training.early_stopping=1", "--set", "optimizer.learning_rate=5")
    assert early["stopped"] == "early stopping"
    done = command("resume", "--headless", "--json")
    assert json.loads(done.stdout)["step"] == early["step"] and "early stopping" in done.stderr
    assert answer("resume", "--steps", "10")["step"] == early["step"] + 10


def test_a_run_can_be_tried_further_without_keeping_it(kept):
    tried = answer("resume", "--headless", "--steps", "10", "--no-save")
    assert (tried["run"], tried["step"]) == (None, 310)
    assert answer("resume", "--headless", "--steps", "10")["step"] == 310


COSINE = ("--at", "100:schedule.name=cosine")


@pytest.mark.parametrize(
    "end", [("--steps", "200"), ("--epochs", "10"), ("--steps", "200", "--until", "val_loss < 0")], ids=str
)
def test_a_schedule_chosen_in_mid_run_takes_what_is_left_of_it(end):
    done = command("train", "spiral", "--no-save", "--set", "training.max_epochs=0", *end, *COSINE)
    last = 200 if "--steps" in end else 10 * len(range(0, 180, 10))
    if "--epochs" in end:
        last = answer("train", "spiral", "--no-save", "--epochs", "10")["step"]
    assert f"step 100: cosine annealing takes the rest of the run: {last - 100} steps" in done.stderr
    assert "stays 0" not in done.stderr


def test_a_rate_that_stays_0_is_said_once():
    done = command("train", "spiral", "--no-save", "--steps", "400", *COSINE, "--at", "100:schedule.t_max=50")
    (line,) = (line for line in done.stderr.splitlines() if "stays 0" in line)
    said = "the learning rate stays 0 from here on: cosine annealing is at its end, and nothing more is learned"
    assert line == f"dltui: step 150: {said}"


def test_going_on_past_the_end_that_a_schedule_was_fitted_to_is_told():
    result = train("--steps", "200", "--set", "schedule.name=cosine")
    done = command("resume", "--steps", "50", "--json")
    assert (
        "cosine annealing ended at step 200, where the run was to end, and holds the rate 0 from there" in done.stderr
    )
    assert done.stderr.count("takes the rest") == 0, "what was said before is no news"
    assert "schedule.t_max = 50 begins it again for the steps left" in done.stderr
    again = answer("resume", "--steps", "50", "--at", "250:schedule.t_max=50")
    assert again["train_loss"] < json.loads(done.stdout)["train_loss"]
    assert "all agree" in command("replay", result["run"], "--verify").stdout


@pytest.mark.parametrize(
    ("setting", "words"),
    [
        ("schedule.name=plateau", "the schedule (reduce on plateau) never changes the rate"),
        ("training.early_stopping=3", "early stopping never ends the run"),
    ],
)
def test_what_waits_for_validation_rows_that_are_not_there_is_told(setting, words):
    none = ("train", "spiral", "--no-save", "--steps", "50", "--set", "data.val_fraction=0")
    sentence = f"there are no validation rows, so {words}"
    assert command(*none, "--set", setting).stderr.splitlines() == [f"dltui: {sentence}"]
    assert command(*none, "--at", f"20:{setting}").stderr.splitlines() == [f"dltui: step 20: {sentence}"]


def test_a_change_that_is_never_made_is_told():
    late = command("train", "spiral", "--no-save", "--steps", "10", "--at", "50:optimizer.name=adam")
    assert late.returncode == 0 and "step 50 will not be made" in late.stderr
    late = command("train", "spiral", "--no-save", "--until", "step >= 10", "--at", "50:optimizer.name=adam")
    assert late.returncode == 0 and "step 50 was not made" in late.stderr
    made = command("train", "spiral", "--no-save", "--steps", "10", "--at", "5:optimizer.name=adam")
    assert "made" not in made.stderr


def test_an_end_is_spoken_of_only_when_there_is_a_run(tmp_path):
    bad = tmp_path / "bad.toml"
    bad.write_text('[data]\nname = "sine"\n[loss]\nname = "cross_entropy"\n')
    assert "no end" not in refused("train", str(bad))
