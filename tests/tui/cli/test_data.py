"""A file of data on the command line: looked at, trained, its preset printed."""

import json
import tomllib
from pathlib import Path

import pytest
from typed import Done, command

from dltui.core import Config


@pytest.fixture(autouse=True)
def _home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DLTUI_HOME", str(tmp_path / "home"))
    monkeypatch.chdir(tmp_path)


def sentence(done: Done) -> str:
    assert (done.returncode, done.stdout) == (2, "")
    (line,) = done.stderr.splitlines()
    return line


@pytest.fixture
def table(tmp_path: Path) -> Path:
    path = tmp_path / "houses.csv"
    rows = [f"{i + 1},{500 + i * 37 % 4000},{i % 5 + 1},{'garden' if i % 3 else 'none'}" for i in range(120)]
    rows = [f"{row},{190 * int(row.split(',')[1])}" for row in rows]
    path.write_text("id,sqft,rooms,outside,price\n" + "\n".join(rows) + "\n", encoding="utf-8")
    return path


def test_a_table_is_trained_by_its_name_and_ends_by_itself(table: Path, tmp_path: Path) -> None:
    done = command("train", table.name, "--json")
    assert done.returncode == 0, done.stderr
    result = json.loads(done.stdout)
    assert result["val_r2"] > 0.9
    assert result["stopped"] in ("finished", "early stopping")
    for words in ("the target is 'price'", "learned as values", "'id' is left out: counts the rows from 1"):
        assert words in done.stderr
    preset = command("preset-of", result["run"])
    assert preset.returncode == 0, preset.stderr
    config = Config.from_dict(tomllib.loads(preset.stdout))
    assert config.data.settings["path"] == table.name
    assert config.data.target_scaler == "standardize"


def test_what_is_predicted_can_be_said(table: Path, tmp_path: Path) -> None:
    choices = ["--target", "outside", "--drop", "price", "--no-save", "--epochs", "2"]
    done = command("train", str(table), *choices, "--json")
    assert done.returncode == 0, done.stderr
    assert "val_accuracy" in json.loads(done.stdout)
    done = command("train", str(table), "--target", "rooms", "--task", "values", "--no-save", "--json")
    assert "val_r2" in json.loads(done.stdout)
    assert "did you mean 'outside'" in sentence(command("train", str(table), "--target", "outsid"))


def test_what_is_found_is_reported(table: Path, tmp_path: Path) -> None:
    done = command("data", str(table))
    assert done.returncode == 0, done.stderr
    assert "row number" in done.stdout
    assert "predicted as a value" in done.stdout
    found = json.loads(command("data", str(table), "--target", "outside", "--json").stdout)
    assert found["task"] == "classes"
    assert found["classes"] == {"garden": 80, "none": 40}
    lesson = command("data", "iris")
    assert lesson.returncode == 0, lesson.stderr
    assert "setosa" in lesson.stdout


def test_what_was_found_is_kept_with_the_run(table: Path) -> None:
    before = json.loads(command("data", str(table), "--drop", "rooms", "--json").stdout)
    run = json.loads(command("train", str(table), "--drop", "rooms", "--steps", "20", "--json").stdout)["run"]
    table.unlink()
    done = command("data", run, "--json")
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout) == before
    assert "left out as asked" in command("data", run).stdout
    assert "has no effect on a run" in sentence(command("data", run, "--target", "rooms"))
    other = json.loads(command("train", "xor", "--steps", "5", "--json").stdout)["run"]
    assert "nothing kept about a table" in sentence(command("data", other))


def test_the_preset_of_a_file_can_be_edited_and_trained(table: Path, tmp_path: Path) -> None:
    preset = command("preset-of", table.name, "--target", "rooms")
    assert command("preset-of", table.name, "--target", "rooms", "-o", "mine.toml").stdout == ""
    assert Path("mine.toml").read_text(encoding="utf-8") == preset.stdout
    assert preset.returncode == 0, preset.stderr
    (tmp_path / "my.toml").write_text(preset.stdout, encoding="utf-8")
    done = command("train", "my.toml", "--steps", "20", "--no-save", "--json")
    assert done.returncode == 0, done.stderr
    assert "the target is 'rooms': you chose it" in done.stderr


def test_a_file_that_is_no_data_is_told_in_a_sentence(tmp_path: Path) -> None:
    (tmp_path / "book.csv").write_bytes(b"PK\x03\x04" + bytes(200))
    assert "workbook" in sentence(command("train", str(tmp_path / "book.csv")))
    assert "not there" in sentence(command("data", str(tmp_path / "none.csv")))
