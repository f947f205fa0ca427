"""`dltui lesson-report`: one file with what was tried, and a sentence where there is nothing to tell."""

from __future__ import annotations

from pathlib import Path

import pytest

from dltui.core.config.presets import load_preset
from dltui.core.errors import ConfigError
from dltui.core.run.run import JournaledRun
from dltui.core.run.start import keep_run
from dltui.core.session.tries import TryLog
from dltui.core.store.status import RunStatus
from dltui.core.training.trainer import Trainer
from dltui.tui.cli.main import run as dltui


def tried(name: str, *numbers: int) -> str:
    """A kept run of a lesson in which some things were tried; its id."""
    trainer = Trainer(load_preset(name))
    run, log = JournaledRun(trainer, keep_run(trainer, name, trainer.config.preset.title)), TryLog()
    run.advance(trainer.config.preset.steps)
    for number in numbers:
        log.make(run, number)
        run.advance(log.steps_left(trainer.step))
    run.show(RunStatus("paused", trainer.step))
    assert run.keeper is not None and run.keeper.run is not None
    found = run.keeper.run.id
    assert run.close(RunStatus("closed", trainer.step), 20.0)
    return found


@pytest.mark.parametrize("suffix", [".html", ".md"])
def test_the_report_has_questions_answers_outcomes_and_pictures(tmp_path: Path, suffix: str) -> None:
    run, file = tried("xor", 0, 1), tmp_path / f"report{suffix}"
    assert dltui(["lesson-report", "-o", str(file)]) == 0
    text = file.read_text()
    for one in load_preset("xor").preset.tries:
        for said in (one.say, one.question, one.answer):
            assert said.split(",")[0] in text
    assert run in text and "2 tried, 2 as foretold" in text
    assert "validation accuracy" in text.lower() and "As foretold." in text
    assert text.count("<svg" if suffix == ".html" else "data:image/svg+xml;base64,") == 2
    assert "<script" not in text
    with pytest.raises(ConfigError, match="is there already"):
        dltui(["lesson-report", run, "-o", str(file)])


def test_what_cannot_be_written_is_said(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="in no kept run"):
        dltui(["lesson-report"])
    run = tried("xor")
    assert dltui(["lesson-report", run, "-o", str(tmp_path / "nothing.md")]) == 1
    with pytest.raises(ConfigError, match=r"\.html or \.md"):
        dltui(["lesson-report", run, "-o", "report.pdf"])
