"""A kept run is exported on the command line, by the name of a format or of a file."""

import json
from pathlib import Path

import pytest
from nets import config
from typed import command

from dltui.core import ConfigError, Trainer
from dltui.core.run.run import JournaledRun
from dltui.core.run.start import keep_run
from dltui.tui.cli.export import HomeExporter


def test_a_run_is_exported_by_its_id(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DLTUI_HOME", str(tmp_path / "home"))
    monkeypatch.chdir(tmp_path)
    trainer = Trainer(config(network__hidden=[4, 3]))
    kept = JournaledRun(trainer, keep_run(trainer, "", ""))
    kept.advance(20)
    assert kept.close(kept.about("finished"), 60.0)
    assert kept.keeper is not None and kept.keeper.run is not None
    run = kept.keeper.run.id
    listed = command("export")
    assert listed.returncode == 0 and "safetensors" in listed.stdout
    done = command("export", run, "--to", "csv")
    assert (done.returncode, done.stdout) == (0, f"{run}.csv\n"), done.stderr
    shown = command("export", run, "--to", "csv", "-o", "-")
    assert shown.stdout == (tmp_path / f"{run}.csv").read_text()
    again = command("export", run, "--to", f"{run}.csv")
    assert again.returncode == 2 and "is there already" in again.stderr
    told = command("export", run, "--to", "weights.safetensors", "--json")
    assert json.loads(told.stdout) == {"run": run, "step": 20, "files": ["weights.safetensors"], "refused": []}
    missing = command("export", "nothing", "--to", "csv")
    assert missing.returncode == 2 and "is not a run" in missing.stderr
    assert command("export", run, "--to", "nonsense").returncode == 2


def test_the_dashboard_writes_into_the_current_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DLTUI_HOME", str(tmp_path / "home"))
    monkeypatch.chdir(tmp_path)
    kept = JournaledRun(made := Trainer(config(network__hidden=[4])), keep_run(made, "", ""))
    kept.advance(20)
    assert kept.close(kept.about("finished"), 60.0)
    assert kept.keeper is not None and kept.keeper.run is not None
    run, exporter = kept.keeper.run.id, HomeExporter()
    assert {"onnx", "torch", "csv"} <= {name for name, _, _ in exporter.formats()}
    assert exporter.export(run, "csv") == f"The run at step 20 is in {tmp_path / f'{run}-step20.csv'}"
    with pytest.raises(ConfigError, match="is there already"):
        exporter.export(run, "csv")
