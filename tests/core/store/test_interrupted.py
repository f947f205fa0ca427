"""What the next start says of a run that its user did not end; said once."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from dltui.core.disk.home import Home
from dltui.core.disk.lock import Lock
from dltui.core.store.interrupted import interrupted_notice, note_interrupted
from dltui.core.store.runs import create_run
from dltui.core.store.status import RunStatus, write_status


def say(run, status):
    """The last word of a run."""
    write_status(str(run), RunStatus(status, 12), run.name)


def test_the_next_start_tells_of_a_run_that_was_not_ended(tmp_path):
    home = Home(str(tmp_path), "")
    assert interrupted_notice(home) == ""
    (tmp_path / "runs").mkdir()
    made = create_run(home.runs, config={}, seed=0, data_digest="")
    made.close()
    run = Path(made.path)
    assert interrupted_notice(home) == ""
    broken = tmp_path / "runs" / "99991231-000000-abcd"
    broken.mkdir()
    (broken / "status.json").write_text('{"status": "training", "step": 13}')
    say(run, "training")
    assert (
        interrupted_notice(home) == f"Your last run was ended at step 12 by a crash. Resume it: dltui resume {run.name}"
    )
    say(run, "closed")
    assert interrupted_notice(home) == ""
    (tmp_path / "interrupted.json").write_text(json.dumps({"run": run.name, "by": "SIGTERM"}))
    assert "by SIGTERM" in interrupted_notice(home)
    assert interrupted_notice(home) == ""
    (tmp_path / "interrupted.json").write_text("[")
    assert interrupted_notice(home) == ""


@pytest.fixture
def run(tmp_path):
    """A run whose last word is that it trains."""
    home = Home(str(tmp_path), "")
    (tmp_path / "runs").mkdir()
    made = create_run(home.runs, config={}, seed=0, data_digest="")
    made.close()
    say(Path(made.path), "training")
    return home, Path(made.path)


def test_a_run_that_is_held_speaks_for_itself(run):
    home, path = run
    lock = Lock(path / "LOCK")
    assert interrupted_notice(home) == ""
    lock.release()
    assert interrupted_notice(home) != ""


def test_whoever_is_told_to_stop_leaves_a_word_for_the_next_start(run):
    home, path = run
    note_interrupted(home, path.name, "SIGTERM")
    assert "by SIGTERM" in interrupted_notice(home) and not (Path(home.path) / "interrupted.json").exists()
    note_interrupted(home, "another run", "SIGTERM")
    assert "by a crash" in interrupted_notice(home), "a word about another run"
    note_interrupted(home, path.name, "\x1b[2J" * 50)
    assert interrupted_notice(home).isprintable()
    note_interrupted(Home(str(path / "nowhere"), ""), path.name, "SIGTERM")
