"""A run's folder: found again after anything, bounded, and no broken one hides another."""

from __future__ import annotations

import os
import shutil

import numpy as np
import pytest

from dltui.core.disk.canonical import to_json
from dltui.core.errors import ConfigError
from dltui.core.store.folder import serials_to_keep
from dltui.core.store.runs import create_run, delete_run, list_runs, open_run
from dltui.core.store.status import RunStatus, read_status

CONFIG = {"optimizer": {"name": "adam", "learning_rate": 0.01}, "network": {"hidden": [8, 8]}}


def new(runs, **kwargs):
    return create_run(
        str(runs), config=CONFIG, seed=3, data_digest="d", title="Two \x1b[2J spirals", preset="spiral", **kwargs
    )


def state(value, size=50):
    return {"w": np.full(size, value, np.float32), "m": np.full(size, -value, np.float32)}


def test_create_and_open(tmp_path):
    run = new(tmp_path / "runs")
    run.journal.append(10, "apply", {"optimizer.name": "sgd"})
    run.write_checkpoint(20, 1, state(20), {"epoch": 2})
    run.journal.append(30, "apply", {"optimizer.learning_rate": 0.5}, {"optimizer.learning_rate": 0.5})
    with pytest.raises(ConfigError, match="in use by process"):
        open_run(str(tmp_path / "runs"), run.id)
    reader = open_run(str(tmp_path / "runs"), run.id, write=False)
    assert len(reader.records) == 2
    with pytest.raises(ConfigError, match="reading only"):
        reader.write_checkpoint(1, 0, state(1), {})
    run.close()
    again = open_run(str(tmp_path / "runs"), run.id)
    assert again.messages == []
    assert again.meta.config == CONFIG and again.meta.seed == 3 and again.meta.fingerprint["numpy"] == np.__version__
    found = again.resume()
    assert (found.step, found.n, found.values, found.messages) == (20, 1, {"epoch": 2}, ())
    np.testing.assert_array_equal(found.arrays["w"], state(20)["w"])
    assert [(r.n, r.step, r.intent) for r in found.replay] == [(2, 30, {"optimizer.learning_rate": 0.5})]
    again.close()


def test_nothing_saved_yet(tmp_path):
    run = new(tmp_path)
    run.journal.append(5, "apply", {"a": 1})
    found = run.resume()
    assert (found.step, found.n, len(found.arrays), len(found.replay)) == (0, 0, 0, 1)
    run.close()


def test_older_states_stand_in_for_bad_ones(tmp_path):
    run = new(tmp_path)
    names = [run.write_checkpoint(step, 0, state(step), {}) for step in (10, 20, 30)]
    (tmp_path / run.id / names[2]).write_bytes(b"")
    found = run.resume()
    assert found.step == 20
    assert names[2] in found.messages[0] and "an older state is used" in found.messages[0]
    assert "set aside as" in found.messages[0] and names[2] not in os.listdir(run.path)
    found = run.resume(lambda state: "is not finite" if state.arrays["w"][0] == 20 else "")
    assert found.step == 10 and "not finite" in found.messages[0] and len(found.messages) == 1
    # After a rewind an earlier step is the newer state.
    run.write_checkpoint(15, 0, state(15), {})
    assert run.resume().step == 15
    run.close()


def test_the_only_good_state_is_never_removed(tmp_path):
    run = new(tmp_path)
    run.write_checkpoint(1, 0, state(1), {})
    for step in range(2, 30):
        name = run.write_checkpoint(step, 0, state(step), {}, best=step == 6)
        if step == 9:
            best = run.best()
    assert "000000000006" in best and best in [name for _, _, name in run.checkpoints()]
    for _, step, name in run.checkpoints():
        if step != 16:
            (tmp_path / run.id / name).write_bytes(b"rotten")
    assert run.resume().step == 16
    run._prune()
    assert run.resume().step == 16
    assert name
    run.close()


def test_the_number_of_checkpoints_is_bounded():
    kept: set[int] = set()
    most = 0
    for serial in range(1, 200_001):
        if serial < 3_000 or serial % 997 == 0 or serial % 4096 == 0:
            kept = serials_to_keep(sorted({*kept, serial}))
            most = max(most, len(kept))
            assert serial in kept
    assert most <= 39
    assert min(kept) <= 131_072


def damage(path, kind):
    meta, journal = path / "meta.json", path / "journal.jsonl"
    if kind == "no meta":
        meta.unlink()
    elif kind == "empty meta":
        meta.write_bytes(b"")
    elif kind == "flipped meta":
        data = bytearray(meta.read_bytes())
        data[len(data) // 2] ^= 1
        meta.write_bytes(data)
    elif kind == "other meta":
        meta.write_text('{"a": "\x1b"}')
    elif kind == "later meta":
        meta.write_text('{"format": 9, "digest": ""}')
    elif kind == "meta is a folder":
        meta.unlink()
        meta.mkdir()
    elif kind == "meta is a pipe":
        meta.unlink()
        os.mkfifo(meta)
    elif kind == "no journal":
        journal.unlink()
    elif kind == "torn journal":
        journal.write_bytes(journal.read_bytes() + b'{"applied')
    elif kind == "link":
        shutil.move(path, path.parent / "Elsewhere")
        path.symlink_to(path.parent / "Elsewhere")


KINDS = [
    "no meta",
    "empty meta",
    "flipped meta",
    "other meta",
    "later meta",
    "meta is a folder",
    "meta is a pipe",
    "no journal",
    "torn journal",
    "link",
]


def test_broken_runs_hide_no_others(tmp_path):
    ids = []
    for i in range(50):
        run = new(tmp_path)
        run.write_status(RunStatus(step=i))
        run.close()
        ids.append(run.id)
    for run, kind in zip(ids, KINDS, strict=False):
        damage(tmp_path / run, kind)
    (tmp_path / "a-file").touch()
    infos = {info.id: info for info in list_runs(str(tmp_path))}
    assert set(infos) == {*ids, "a-file"}
    for run, kind in zip(ids, KINDS, strict=False):
        assert infos[run].problem or infos[run].damage, kind
        assert (infos[run].problem + infos[run].damage).isprintable()
    assert infos["a-file"].problem
    good = [infos[run] for run in ids[10:]]
    assert not any(info.problem or info.damage for info in good)
    assert [info.status.step for info in good] == list(range(10, 50))
    assert good[0].title == "Two ␛[2J spirals" and good[0].n_bytes > 500
    for run, kind in zip(ids, KINDS, strict=False):
        if kind not in ("meta is a folder", "link"):
            delete_run(str(tmp_path), run)
            assert not (tmp_path / run).exists()
        else:
            with pytest.raises(ConfigError):
                delete_run(str(tmp_path), run)
    assert list_runs(str(tmp_path / "none")) == []


def test_a_run_with_a_lost_journal_goes_on(tmp_path):
    run = new(tmp_path)
    for i in range(5):
        run.journal.append(i, "apply", {"a": i})
    run.write_checkpoint(10, 5, state(1), {})
    run.close()
    path = tmp_path / run.id / "journal.jsonl"
    data = bytearray(path.read_bytes())
    data[3] ^= 1
    path.write_bytes(data)
    again = open_run(str(tmp_path), run.id)
    assert "set aside as journal-damaged-1.jsonl" in again.messages[0]
    found = again.resume()
    assert (found.step, found.n, found.replay) == (10, 5, ())
    assert "decisions 1 to 5 are lost" in found.messages[0]
    assert again.journal.append(11, "apply", {}).n == 6
    again.close()
    third = open_run(str(tmp_path), run.id)
    assert third.messages == []
    assert [r.kind for r in third.records] == ["gap", "apply"]
    assert [r.n for r in third.resume().replay] == [6]
    third.close()


@pytest.mark.parametrize(
    "run", ["..", "../x", "/etc", "a/b", "", ".", "a\0b", "~", "x" * 300, "CON", "\x1b[2J", "no-such-run"]
)
def test_no_id_leads_elsewhere(tmp_path, run):
    for act in (open_run, delete_run):
        with pytest.raises(ConfigError, match="is not a run"):
            act(str(tmp_path), run)


def test_live_runs_are_shown_and_not_deleted(tmp_path):
    run = new(tmp_path)
    info = list_runs(str(tmp_path))[0]
    assert info.live and f"process {os.getpid()} on" in info.holder
    with pytest.raises(ConfigError, match="in use"):
        delete_run(str(tmp_path), run.id)
    run.close()
    assert not list_runs(str(tmp_path))[0].live
    delete_run(str(tmp_path), run.id)
    assert os.listdir(tmp_path) == []


def test_moved_deleted_and_copied_while_in_use(tmp_path):
    run = new(tmp_path)
    run.write_checkpoint(1, 0, state(1), {})
    shutil.copytree(tmp_path / run.id, tmp_path / f"{run.id}-copy")
    copy = open_run(str(tmp_path), f"{run.id}-copy")
    assert copy.resume().step == 1
    copy.close()
    shutil.move(tmp_path / run.id, tmp_path / "elsewhere")
    with pytest.raises(OSError, match="moved or deleted"):
        run.write_checkpoint(2, 0, state(2), {})
    shutil.rmtree(tmp_path / "elsewhere")
    with pytest.raises(OSError, match="moved or deleted"):
        run.write_checkpoint(3, 0, state(3), {})
    run.journal.append(1, "apply", {})
    run.close()


def test_what_a_status_says_comes_back_and_is_safe_to_show(tmp_path):
    run = new(tmp_path)
    assert read_status(run.path, run.id) == RunStatus()
    told = RunStatus("training", 3, 1, 2, {"train_loss": 0.5, "val_loss": float("inf")})
    run.write_status(told)
    assert read_status(run.path, run.id) == told
    assert read_status(run.path, "another-run") == RunStatus()
    for content in (b"[", b"[]", b"{}", b'{"run":"' + run.id.encode() + b'","step":"\\u001b[2J","status":7,"n":-1}'):
        (tmp_path / run.id / "status.json").write_bytes(content)
        assert read_status(run.path, run.id) == RunStatus()
    content = {"run": run.id, "status": "\x1b]52;c;x", "\x1b[2J": 1.0, "step": 5}
    (tmp_path / run.id / "status.json").write_text(to_json(content))
    assert read_status(run.path, run.id) == RunStatus("␛]52;c;x", 5, figures={"␛[2J": 1.0})
    run.close()
