"""A newcomer's path: from a table to the answers for a second file, in the four commands of the readme."""

import csv
import os
import re
from pathlib import Path

import pytest
from pty_terminal import Terminal, end_all
from tables import write_houses
from typed import command

README = (Path(__file__).parents[2] / "README.md").read_text(encoding="utf-8")


@pytest.fixture
def home(tmp_path, monkeypatch):
    monkeypatch.setenv("DLTUI_HOME", str(tmp_path / "home"))
    monkeypatch.chdir(tmp_path)
    yield tmp_path / "home"
    end_all(tmp_path / "home")


def four_commands():
    """The lines of the readme, each as its words."""
    (block,) = re.findall(r"in four commands:\n\n```sh\n(.*?)```", README, flags=re.DOTALL)
    return [line.partition("#")[0].split()[1:] for line in block.splitlines()]


def test_four_commands_lead_from_a_table_to_the_answers_for_another(tmp_path, home):
    write_houses(tmp_path, name="my.csv")
    second = write_houses(tmp_path, 30, "second.csv")
    lines = [line.rpartition(",")[0] for line in second.read_text().splitlines()]  # nobody knows the price yet
    second.write_text("\n".join(lines) + "\n")
    opens, lists, evaluates, predicts = four_commands()

    screen = Terminal(*opens, env={"DLTUI_HOME": str(home), "DLTUI_TOUR": "0"})
    try:
        screen.shows("200 rows, 8 columns")
        os.write(screen.master, b"\r")
        screen.shows("finished")
        os.write(screen.master, b"q")
        screen.until(screen.ended)
        assert screen.code == 0 and screen.restored()
    finally:
        screen.close()

    listed = command(*lists)
    assert listed.returncode == 0
    run = next(word for word in listed.stdout.split() if re.fullmatch(r"20\d{6}-.*", word))
    evaluated = command(*[run if word == "RUN" else word for word in evaluates])
    assert evaluated.returncode == 0 and "mean absolute error" in evaluated.stdout, evaluated.stderr
    answered = command(*[run if word == "RUN" else word for word in predicts])
    assert answered.returncode == 0, answered.stderr
    with (tmp_path / "answers.csv").open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    assert len(rows) == 30
    assert all(abs(float(row["prediction"]) - 190 * float(row["sqft"])) < 120_000 for row in rows)
