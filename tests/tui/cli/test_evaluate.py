"""A kept run answers for a second file, and says how good it is, on the command line."""

import json
from pathlib import Path

import pytest
from typed import command


def test_predict_and_evaluate(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DLTUI_HOME", str(tmp_path / "home"))
    monkeypatch.chdir(tmp_path)
    table, later = tmp_path / "houses.csv", tmp_path / "later.csv"
    rows = [f"{500 + i * 37 % 4000},{i % 5 + 1},{'garden' if i % 3 else 'none'}" for i in range(120)]
    rows = [f"{row},{190 * int(row.split(',')[0])}" for row in rows]
    table.write_text("sqft,rooms,outside,price\n" + "\n".join(rows) + "\n", encoding="utf-8")
    run = json.loads(command("train", table.name, "--json").stdout)["run"]
    later.write_text("rooms,outside,sqft\n3,garden,2000\n,unknown,1000\n", encoding="utf-8")
    done = command("predict", run, "later.csv")
    assert done.returncode == 0, done.stderr
    head, first, _ = done.stdout.splitlines()
    assert head == "rooms,outside,sqft,prediction"
    assert float(first.split(",")[-1]) == pytest.approx(190 * 2000, rel=0.2)
    assert command("predict", run, "later.csv", "-o", "out.csv").stdout == ""
    assert (tmp_path / "out.csv").read_text() == done.stdout
    found = json.loads(command("evaluate", run, "--json").stdout)
    assert found["scores"][0]["value"] > 0.9
    assert found["scores"][0]["low"] < found["scores"][0]["value"] < found["scores"][0]["high"]
    assert "| score |" in command("evaluate", run, table.name, "--markdown").stdout
    table.unlink()
    refused = command("evaluate", run)
    assert (refused.returncode, refused.stdout) == (2, "")
    assert "cannot be read" in refused.stderr
    assert command("predict", run, "later.csv").stdout == done.stdout
