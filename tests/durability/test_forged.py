"""A run's folder in which anything was changed: it is resumed as it was, or there is one error; what is said is true.

Each byte of each file is flipped, each file is swapped with that of another run, alone and in pairs, and each field of
each format is forged with its sums made anew. Nothing but `ConfigError` is raised, nothing trains without end, and a
run that is resumed stands at a point of its own course, with a word about it where files are missing or damaged.

    pytest -m slow -rP tests/durability/test_forged.py      the whole of it, with its counts
"""

from __future__ import annotations

import hashlib
import itertools
import json
import os
import random
import shutil
import zlib
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from kept_runs import kept_run, verified

from dltui.core import Trainer
from dltui.core.disk.canonical import to_json
from dltui.core.errors import ConfigError
from dltui.core.run.replay import resume_trainer, start_trainer
from dltui.core.store import checkpoint
from dltui.core.store.curves import read_curves
from dltui.core.store.folder import RunDir
from dltui.core.store.runs import list_runs
from dltui.core.store.status import RunStatus

SEED = 7
PROVEN = ("meta.json", "journal.jsonl", "ckpt-")
"""Files whose every byte `verify` answers for."""
VALUES: tuple[object, ...] = (
    None,
    True,
    -1,
    0,
    2,
    10**18,
    2**63,
    1.5,
    "~nan",
    "",
    "x" * 5000,
    "\x1b]52;c;x\x07",
    [],
    [1],
    {},
    {"x": 1},
)
"""What a field is forged to."""


class Bench:
    """Two runs that are kept, the course of the first, and a place for copies of its folder.

    Args:
        folder: Where copies lie.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.run, self.digest = kept_run(plan=True)
        self.other, _ = kept_run(seed=4, plan=True, optimizer__learning_rate=0.3)
        for path in (self.run, self.other):
            opened = RunDir(path, write=True)
            trainer, _ = resume_trainer(opened, Trainer)
            arrays, values = trainer.bookmark().to_arrays()
            opened.write_checkpoint(70, 3, arrays, {**values, "digest": trainer.digest()}, best=True)
            opened.write_status(RunStatus("training", 70, 3, 3, {"train_loss": 0.5}))
            opened.close()
        self.course, self.other_course = self._course(self.run), self._course(self.other)
        self.counts: Counter[str] = Counter()
        self._number = 0

    def _course(self, path: str) -> set[str]:
        """The digests of every point of a run, at each step under each number of decisions."""
        run = RunDir(path, write=False)
        digests = set()
        for n in range(len(run.records) + 1):
            trainer = start_trainer(run, Trainer)
            records = list(run.records[:n])
            for step in range(71):
                if trainer.step < step:
                    trainer.advance(1)
                while records and records[0].step == step:
                    intent: Any = records.pop(0).intent
                    if "changes" in intent:
                        trainer.apply(intent["changes"])
                digests.add(trainer.digest())
        return digests

    def files(self) -> list[str]:
        """Names of the files of the run."""
        return sorted(name for name in os.listdir(self.run) if name != "LOCK")

    def copy(self) -> Path:
        """A fresh copy of the folder, under the name of the run."""
        self._number += 1
        return Path(shutil.copytree(self.run, self.folder / str(self._number) / os.path.basename(self.run)))

    def judge(
        self, folder: Path, what: str, *, forged: bool = False, proven: bool = False, is_other: bool = False
    ) -> None:
        """Ask everything of a folder that was changed, and hold what is said against the course of the run.

        Args:
            folder: The folder.
            what: How it was changed.
            forged: Whether what it says may be another run now.
            proven: Whether `verify` must notice.
            is_other: Whether it is the folder of the other run now.
        """
        listed = list_runs(str(folder.parent))[0]
        try:
            verdict = verified(str(folder))
            noticed = bool(verdict.problems)
        except ConfigError as error:
            noticed = True
            assert str(error).isprintable(), what
        assert noticed or not proven, f"{what}: verify says that all is as it was written"
        try:
            digest, said = self._resumed(folder)
            self.counts["resumed" if said else "resumed without a word"] += 1
            course = self.other_course if is_other else self.course
            assert forged or digest in course, f"{what}: {said}"
            assert forged or said or digest == self.digest or not proven, f"{what}: another state, and not a word"
        except ConfigError as error:
            self.counts["refused"] += 1
            assert str(error).isprintable(), what
        if not listed.problem:
            try:
                read_curves(str(folder), RunDir(str(folder), write=False).meta.run)
            except ConfigError:
                self.counts["curves refused"] += 1
        shutil.rmtree(folder.parent)

    def _resumed(self, folder: Path) -> tuple[str, list[str]]:
        run = RunDir(str(folder), write=True)
        try:
            trainer, messages = resume_trainer(run, Trainer)
            digest = trainer.digest()
            trainer.advance(3)
            return digest, [*run.messages, *messages]
        finally:
            run.close()


def flips(bench: Bench) -> Iterator[tuple[str, int]]:
    """(file, byte) of every byte; of the numbers in a state, one in a hundred."""
    for name in bench.files():
        data = Path(bench.run, name).read_bytes()
        header = 8 + int.from_bytes(data[:8], "little") if name.startswith("ckpt-") else 4096
        yield from ((name, at) for at in range(len(data)) if at < header or at % 101 == 0)


def flip(bench: Bench, name: str, at: int) -> None:
    folder = bench.copy()
    data = bytearray((folder / name).read_bytes())
    data[at] ^= 1 << at % 8
    (folder / name).write_bytes(data)
    bench.judge(folder, f"byte {at} of {name}", proven=name.startswith(PROVEN))


def partner(bench: Bench, name: str) -> str:
    """The file of the other run that stands for `name`."""
    if not name.startswith("ckpt-"):
        return name
    states = [sorted(one for one in os.listdir(run) if one.startswith("ckpt-")) for run in (bench.run, bench.other)]
    return states[1][min(states[0].index(name), len(states[1]) - 1)]


def swap(bench: Bench, *names: str) -> None:
    folder = bench.copy()
    for name in names:
        shutil.copy(os.path.join(bench.other, partner(bench, name)), folder / name)
    proven = any(name.startswith(PROVEN) for name in names)
    # Which run a folder holds is said by its meta and its journal; where they agree, all else is what lies wrong.
    is_other = {"meta.json", "journal.jsonl"} <= set(names)
    bench.judge(folder, f"{names} of another run", proven=proven, is_other=is_other)


def remove(bench: Bench, *names: str) -> None:
    folder = bench.copy()
    for name in names:
        (folder / name).unlink()
    gone = "meta.json" in names or "journal.jsonl" in names
    bench.judge(folder, f"{names} removed", proven=gone)


def places(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """Every place in plain data, and the whole."""
    yield path
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, item in items:
        yield from places(item, (*path, key))


def changed(value: Any, path: tuple[Any, ...], new: object) -> Any:
    """Plain data with one place changed; left out where `new` is `...`."""
    if not path:
        return new
    head, *rest = path
    copy = dict(value) if isinstance(value, dict) else list(value)
    if new is ... and not rest:
        del copy[head]
    else:
        copy[head] = changed(value[head], tuple(rest), new)
    return copy


def forge_meta(folder: Path, change: Callable[[Any], Any]) -> None:
    content = json.loads((folder / "meta.json").read_bytes())
    content.pop("digest")
    content = change(content)
    if isinstance(content, dict):
        content["digest"] = hashlib.sha256(to_json(content).encode()).hexdigest()
    (folder / "meta.json").write_text(to_json(content))


def forge_plain(name: str) -> Callable[[Path, Callable[[Any], Any]], None]:
    def forge(folder: Path, change: Callable[[Any], Any]) -> None:
        (folder / name).write_text(json.dumps(change(json.loads((folder / name).read_bytes()))))

    return forge


def forge_record(number: int) -> Callable[[Path, Callable[[Any], Any]], None]:
    def forge(folder: Path, change: Callable[[Any], Any]) -> None:
        total, lines = 0, []
        for i, line in enumerate((folder / "journal.jsonl").read_bytes().splitlines()):
            record = json.loads(line)
            record.pop("crc")
            record = change(record) if i == number else record
            text = json.dumps(record, sort_keys=True, separators=(",", ":"))
            total = zlib.crc32(text.encode(), total)
            lines.append(f'{text[:-1]},"crc":"{total:08x}"}}\n')
        (folder / "journal.jsonl").write_text("".join(lines))

    return forge


def newest(folder: Path) -> Path:
    return max(folder.glob("ckpt-*"))


def forge_state(folder: Path, change: Callable[[Any], Any]) -> None:
    arrays, content = checkpoint.load(newest(folder))
    checkpoint.save(newest(folder), arrays, change(content))


def forgeries(bench: Bench) -> Iterator[tuple[str, Callable[[Path], None]]]:
    """(what, act) for every place of every format and every value it is forged to, or left out."""
    folder = Path(bench.run)
    _, content = checkpoint.load(newest(folder))
    forges: list[tuple[str, Any, Callable[[Path, Callable[[Any], Any]], None]]] = [
        ("meta.json", json.loads((folder / "meta.json").read_bytes()), forge_meta),
        ("status.json", json.loads((folder / "status.json").read_bytes()), forge_plain("status.json")),
        ("best.json", json.loads((folder / "best.json").read_bytes()), forge_plain("best.json")),
        ("state", content, forge_state),
    ]
    for number, line in enumerate((folder / "journal.jsonl").read_bytes().splitlines()):
        record = json.loads(line)
        record.pop("crc")
        forges.append((f"record {number}", record, forge_record(number)))
    for name, data, forge in forges:
        for path in places(data):
            if path[:1] != ("digest",):
                for new in (*VALUES, ...):
                    if path or new is not ...:
                        what = f"{name} {'.'.join(map(str, path))} = {str(new)[:40]!r}"
                        yield (
                            what,
                            lambda copy, forge=forge, path=path, new=new: forge(  # type: ignore[misc]
                                copy, lambda value: changed(value, path, new)
                            ),
                        )
    yield from array_forgeries(folder)
    for n, step in itertools.product((0, 3, 7, 2**53, 2**64 - 1), (0, 60, 10**9, 2**53, 2**64 - 1)):
        yield f"shown {n} {step}", lambda copy, n=n, step=step: show(copy, n, step)  # type: ignore[misc]


def show(folder: Path, n: int, step: int) -> None:
    run = RunDir(str(folder), write=True)
    run.note_shown(n, step)
    run.note_shown(n, step)
    run.close()


ARRAYS: dict[str, Callable[[np.ndarray], np.ndarray | None]] = {
    "left out": lambda array: None,
    "empty": lambda array: array[:0],
    "longer": lambda array: np.concatenate((array, array)) if array.ndim else np.zeros(3, array.dtype),
    "of another type": lambda array: array.astype(np.int8 if array.dtype != np.int8 else np.float32),
    "of two axes": lambda array: array.reshape(1, *array.shape),
    # By casts, since some types know no negative number and none that is huge.
    "negative": lambda array: np.full(array.shape, -1).astype(array.dtype),
    "huge": lambda array: np.full(array.shape, 3e38 if array.dtype.kind == "f" else 2**62).astype(array.dtype),
    "not finite": lambda array: array.astype(np.float32) * np.float32(np.nan),
}


def array_forgeries(folder: Path) -> Iterator[tuple[str, Callable[[Path], None]]]:
    arrays, content = checkpoint.load(newest(folder))
    for name in arrays:
        for how, change in ARRAYS.items():

            def act(copy: Path, name: str = name, change: Callable[[np.ndarray], np.ndarray | None] = change) -> None:
                with np.errstate(all="ignore"):
                    new = change(arrays[name])
                others = {key: array for key, array in arrays.items() if key != name}
                checkpoint.save(newest(copy), others if new is None else {**others, name: new}, content)

            yield f"array {name} {how}", act


def forge(bench: Bench, what: str, act: Callable[[Path], None]) -> None:
    folder = bench.copy()
    act(folder)
    bench.judge(folder, what, forged=True)


def some(items: list[Any], n: int | None) -> list[Any]:
    return items if n is None or n >= len(items) else random.Random(SEED).sample(items, n)


def check(bench: Bench, n: int | None) -> None:
    """Try `n` of each kind; None: all there are."""
    for name, at in some(list(flips(bench)), n):
        flip(bench, name, at)
    for what, act in some(list(forgeries(bench)), n and 2 * n):
        forge(bench, what, act)
    for names in some(list(itertools.combinations(bench.files(), 2)), n):
        swap(bench, *names)
        remove(bench, *names)


@pytest.fixture(scope="module")
def bench(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Bench]:
    before = os.environ.get("DLTUI_HOME")
    os.environ["DLTUI_HOME"] = str(tmp_path_factory.mktemp("home"))
    yield Bench(tmp_path_factory.mktemp("copies"))
    if before is None:
        del os.environ["DLTUI_HOME"]
    else:
        os.environ["DLTUI_HOME"] = before


def test_nothing_changed_is_nothing_said(bench: Bench) -> None:
    bench.judge(bench.copy(), "a copy")
    assert verified(bench.run).problems == () and bench.digest in bench.course


def test_each_file_of_another_run(bench: Bench) -> None:
    for name in bench.files():
        swap(bench, name)
        remove(bench, name)


def test_some_of_each_kind(bench: Bench) -> None:
    check(bench, 40)
    print(f"\n{dict(bench.counts)}")


@pytest.mark.slow
def test_all_of_each_kind(bench: Bench) -> None:
    check(bench, None)
    print(f"\n{dict(bench.counts)}")
