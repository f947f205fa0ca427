"""A file of another run, or one that lacks what was written, is noticed and said; the files that are left suffice."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from kept_runs import kept_run, lines_of, resumed, states_of, verified

from dltui.core import ConfigError, Trainer
from dltui.core.disk.home import find_home
from dltui.core.run.replay import resume_trainer
from dltui.core.store import checkpoint
from dltui.core.store.folder import RunDir
from dltui.core.store.runs import list_runs
from dltui.core.store.status import RunStatus


def test_a_run_is_what_its_files_say(tmp_path: Path) -> None:
    folder, digest = kept_run()
    assert verified(folder).problems == ()
    assert resumed(folder) == (digest, [])


def test_a_state_of_another_run_is_passed_over(tmp_path: Path) -> None:
    (folder, digest), (other, _) = kept_run(), kept_run(seed=4, optimizer__learning_rate=0.3)
    stolen = states_of(other)[-1]
    shutil.copy(os.path.join(other, stolen), os.path.join(folder, "ckpt-00000077-000000000999.safetensors"))
    (problem,) = verified(folder).problems
    assert "is the state of another run" in problem and os.path.basename(other) in problem
    found, (message,) = resumed(folder)
    assert found == digest and "is the state of another run" in message and "set aside as" in message
    assert resumed(folder) == (digest, []) and verified(folder).problems == ()


def test_a_state_under_the_name_of_another_is_passed_over(tmp_path: Path) -> None:
    folder, digest = kept_run()
    first = states_of(folder)[0]
    shutil.copy(os.path.join(folder, first), os.path.join(folder, "ckpt-99999999-000000000001.safetensors"))
    assert any("is another state than its name says" in problem for problem in verified(folder).problems)
    found, (message,) = resumed(folder)
    assert found == digest and "is another state than its name says" in message


def test_states_of_another_version_are_compared_with_the_settings_of_their_run(tmp_path: Path) -> None:
    golden = Path(__file__).parents[1] / "store" / "golden_runs" / "20260102-000000-live"
    folder = shutil.copytree(golden, tmp_path / golden.name)
    assert resumed(str(folder))[1] == []
    newest = folder / states_of(str(folder))[-1]
    arrays, content = checkpoint.load(newest)
    state: Any = content["state"]
    state["config"]["training"]["seed"] = 99
    checkpoint.save(newest, arrays, content)
    run = RunDir(str(folder), write=True)
    trainer, (message,) = resume_trainer(run, Trainer)
    run.close()
    assert "it is the state of another run" in message
    assert (trainer.step, trainer.config.training.seed) == (90, 5)


def test_the_journal_of_another_run_is_noticed(tmp_path: Path) -> None:
    (folder, digest), (other, _) = kept_run(), kept_run(seed=4)
    own = lines_of(folder)
    shutil.copy(os.path.join(other, "journal.jsonl"), folder)
    assert any("is the journal of another run" in problem for problem in verified(folder).problems)
    assert "is the journal of another run" in next(info.damage for info in list_runs(find_home().runs) if info.damage)
    found, messages = resumed(folder)
    assert found == digest  # the newest state suffices
    assert "is the journal of another run" in messages[0] and "decisions 1 to 2 are lost" in messages[1]
    assert own[0] in lines_of(folder)


def test_a_meta_of_another_run_costs_nothing_but_itself(tmp_path: Path) -> None:
    (folder, digest), (other, _) = kept_run(), kept_run(seed=4)
    own = Path(folder, "meta.json").read_bytes()
    shutil.copy(os.path.join(other, "meta.json"), folder)
    for act in (verified, resumed):
        with pytest.raises(ConfigError, match="one of them does not belong here"):
            act(folder)
    Path(folder, "meta.json").write_bytes(own)
    assert resumed(folder) == (digest, [])


def test_a_copy_under_another_name_is_the_same_run(tmp_path: Path) -> None:
    folder, digest = kept_run()
    copy = shutil.copytree(folder, f"{folder}-copy")
    assert verified(copy).problems == () and resumed(copy) == (digest, [])


def test_copies_that_went_different_ways_do_not_mix(tmp_path: Path) -> None:
    folder, _ = kept_run()
    copy = shutil.copytree(folder, f"{folder}-copy")
    run = RunDir(copy, write=True)
    run.journal.append(70, "apply", {"changes": {"optimizer.learning_rate": 0.5}, "cold": False})
    run.close()
    run = RunDir(folder, write=True)
    run.journal.append(70, "apply", {"changes": {"optimizer.learning_rate": 0.6}, "cold": False})
    trainer, _ = resume_trainer(run, Trainer)
    arrays, values = trainer.bookmark().to_arrays()
    name = run.write_checkpoint(70, run.last_n, arrays, {**values, "digest": trainer.digest()})
    run.close()
    shutil.copy(os.path.join(folder, name), copy)
    assert any("after other decisions" in problem for problem in verified(copy).problems)
    _, (message,) = resumed(copy)
    assert "after other decisions" in message


@pytest.mark.parametrize("n_left", [0, 1])
def test_a_journal_without_its_end_is_noticed(tmp_path: Path, n_left: int) -> None:
    folder, digest = kept_run()
    Path(folder, "journal.jsonl").write_bytes(b"".join(lines_of(folder)[: 1 + n_left]))
    gone = "decision 2 is" if n_left else "decisions 1 to 2 are"
    assert any(f"{gone} lost from the journal" in problem for problem in verified(folder).problems)
    found, messages = resumed(folder)
    assert found == digest and any(f"{gone} lost from the journal" in message for message in messages)


def test_what_was_shown_proves_decisions_that_no_state_holds(tmp_path: Path) -> None:
    folder, _ = kept_run()
    for name in states_of(folder):
        os.unlink(os.path.join(folder, name))
    Path(folder, "journal.jsonl").write_bytes(b"".join(lines_of(folder)[:2]))
    assert any("decision 2 is lost" in problem for problem in verified(folder).problems)
    _, messages = resumed(folder)
    assert any("decision 2 is lost" in message for message in messages)


def test_a_line_of_another_journal_is_noticed(tmp_path: Path) -> None:
    (folder, _), (other, _) = kept_run(), kept_run(seed=4)
    mixed = lines_of(folder)
    mixed[1] = lines_of(other)[1]
    Path(folder, "journal.jsonl").write_bytes(b"".join(mixed))
    assert RunDir(folder, write=False).records == ()
    assert "bad record" in verified(folder).problems[0]


@pytest.mark.parametrize("name", ["shown", "status.json", "best.json", "metrics-0001.bin"])
def test_small_files_of_another_run_say_nothing(tmp_path: Path, name: str) -> None:
    (folder, digest), (other, _) = kept_run(), kept_run(seed=4)
    run = RunDir(other, write=True)
    run.note_shown(2, 60)
    run.write_status(RunStatus("training", 60, n=2))
    run.write_checkpoint(70, 2, *trained_state(other), best=True)
    run.close()
    shutil.copy(os.path.join(other, name), folder)
    assert resumed(folder) == (digest, [])
    assert verified(folder).problems == ()


def trained_state(folder: str) -> tuple[dict, dict]:
    run = RunDir(folder, write=False)
    state = run.read_state(states_of(folder)[-1])
    return dict(state.arrays), dict(state.values)


def test_states_go_on_behind_any_number(tmp_path: Path) -> None:
    folder, digest = kept_run()
    Path(folder, "ckpt-99999999-000000000001.safetensors").write_bytes(b"x")
    for i in range(6):
        found, messages = resumed(folder)
        assert found == digest and len(messages) == (i == 0)
        run = RunDir(folder, write=True)
        run.write_checkpoint(70, 2, *trained_state(folder))
        run.close()
    assert len(states_of(folder)) < 8 and verified(folder).problems == ()


FORGED: dict[str, Callable[[dict], object]] = {
    "no content": lambda intent: intent.clear(),
    "changes are a list": lambda intent: intent.update(changes=[1]),
    "changes are text": lambda intent: intent.update(changes="x"),
    "cold is text": lambda intent: intent.update(cold="x"),
}


@pytest.mark.parametrize("forge", FORGED.values(), ids=FORGED)
def test_a_forged_decision_is_one_error(tmp_path: Path, forge: Callable[[dict], object]) -> None:
    folder, _ = kept_run()
    intent = {"changes": {"optimizer.learning_rate": 0.5}, "cold": False}
    forge(intent)
    run = RunDir(folder, write=True)
    run.journal.append(75, "apply", intent)
    run.close()
    with pytest.raises(ConfigError, match="decision 3, apply"):
        resumed(folder)
    assert any("decision 3, apply" in problem for problem in verified(folder).problems)


@pytest.mark.parametrize(
    ("kind", "intent"),
    [
        ("rewind", {"n": "x", "step": 3}),
        ("rewind", {"n": 1}),
        ("rewind", {"n": 10**18, "step": 3}),
        ("restart", {"seed": "x"}),
        ("restart", {"seed": -1}),
        ("end", {"from": 10**17, "n": 1, "stopped": "finished"}),
        ("end", {"from": 70, "n": 10**15, "stopped": "finished"}),
        ("overwrite", {"what": 3}),
        ("overwrite", {"what": "paint", "layer": "dense1"}),
        ("plan", {"plan": [{"step": 1, "changes": {}}]}),
        ("plan", {"plan": 7}),
        ("apply", {"changes": {"optimizer.name": 3}, "cold": False}),
        ("nothing", {}),
    ],
)
def test_forged_decisions_of_every_kind(tmp_path: Path, kind: str, intent: dict) -> None:
    folder, _ = kept_run()
    run = RunDir(folder, write=True)
    run.journal.append(70, kind, intent)
    run.close()
    with pytest.raises(ConfigError):
        resumed(folder)
    assert verified(folder).problems


@pytest.mark.parametrize("step", [10**12, 10**18])
def test_a_forged_step_does_not_train_without_end(tmp_path: Path, step: int) -> None:
    folder, _ = kept_run()
    run = RunDir(folder, write=True)
    run.journal.append(step, "apply", {"changes": {"optimizer.learning_rate": 0.5}, "cold": False})
    run.close()
    assert verified(folder).problems
    if step < 2**53:
        with pytest.raises(ConfigError, match="further than this run can have come"):
            resumed(folder)
    else:
        assert "bad record" in resumed(folder)[1][0]


@pytest.mark.parametrize("step", [10**12, 10**18])
@pytest.mark.parametrize("name", ["shown", "status.json"])
def test_a_forged_last_step_is_not_believed(tmp_path: Path, step: int, name: str) -> None:
    folder, digest = kept_run()
    run = RunDir(folder, write=True)
    if name == "shown":
        run.note_shown(2, step)
    else:
        os.unlink(os.path.join(folder, "shown"))
        run.write_status(RunStatus("training", step, n=2))
    run.close()
    assert resumed(folder)[0] == digest
    assert verified(folder).digest == digest
