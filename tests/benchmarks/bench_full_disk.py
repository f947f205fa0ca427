"""What a disk that takes nothing costs: training beside it, the time until it is said, and what is there afterwards.

A run is kept, then its disk fills up (a small tmpfs, which takes root) or fails (every write an I/O error). It trains
on in turn with a run that is not kept; then there is room again. The promises: at least 0.95 of the speed, the message
within two seconds, nothing old lost, and saving that begins again by itself.
"""

from __future__ import annotations

import errno
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest
from bench_keeping import PIECE_S, Timed, config, speed

from dltui.core import Trainer
from dltui.core.disk.disk import Disk
from dltui.core.disk.home import find_home
from dltui.core.run.run import JournaledRun
from dltui.core.run.verify import verify
from dltui.core.store import checkpoint
from dltui.core.store.folder import RunDir
from dltui.core.store.keeper import Keeper
from dltui.core.store.status import RunStatus

ROUNDS = 5
AT_LEAST, SAID_S, AGAIN_S = 0.95, 2.0, 60.0
SIZE = 8_000_000
"""Bytes of the small file system."""


class FailingDisk(Disk):
    """Refuses to write while `broken`."""

    broken = False

    def write(self, descriptor: int, data: memoryview) -> int:
        """Write, or fail."""
        if self.broken:
            raise OSError(errno.EIO, os.strerror(errno.EIO))
        return super().write(descriptor, data)


@dataclass(frozen=True)
class Outcome:
    """What was found."""

    ratios: list[float]
    """Speed beside the broken disk over that of a run that is not kept, one a round, by the thread's processor time."""
    clock: list[float]
    """The same by the clock."""
    said: str
    """The message."""
    said_s: float
    """Seconds until it was there."""
    again_s: float
    """Seconds after the disk was well until all was saved."""
    n_old: int
    """States from before."""
    problems: tuple[str, ...]
    """What the replay of the whole run found wrong, and old states that are gone."""

    @property
    def good(self) -> bool:
        """Whether the promises hold."""
        kept = statistics.median(self.ratios) >= AT_LEAST and self.n_old > 0 and not self.problems
        return kept and self.said_s <= SAID_S and self.again_s <= AGAIN_S


def measure(home: Path, disk: Disk, break_it: Callable[[], None], mend_it: Callable[[], None]) -> Outcome:
    """Train beside a disk that breaks and is mended."""
    os.environ["DLTUI_HOME"] = str(home)
    chosen = config()
    bare, trainer = JournaledRun(Trainer(chosen)), Trainer(chosen)
    settings, data = chosen.to_dict(dormant=True), trainer.data.digest
    keeper = Keeper.begin(find_home(), disk, config=settings, seed=0, data_digest=data)
    kept = Timed(trainer, keeper)
    for run in (bare, kept):
        run.advance(20_000)
    start = time.perf_counter()
    bare.advance(20_000)
    piece = max(1, int(20_000 * PIECE_S / (time.perf_counter() - start)))
    kept.write_state()
    assert keeper.drain(10.0) and keeper.run is not None, keeper.problem
    folder = Path(keeper.run.path)
    old = sorted(path.name for path in folder.glob("ckpt-*"))

    break_it()
    start = time.perf_counter()
    kept.apply({"optimizer.learning_rate": 0.02})
    kept.write_state()
    while not keeper.problem and time.perf_counter() - start < 10 * SAID_S:
        kept.advance(piece)
        kept.show(RunStatus(status="training", step=trainer.step))
    said, said_s = keeper.problem, time.perf_counter() - start
    bare.apply({"optimizer.learning_rate": 0.02})
    ratios, clock = [], []
    for i in range(ROUNDS):
        found = {run: speed(run, piece) for run in ((bare, kept) if i % 2 else (kept, bare))}
        clock.append(found[kept][0] / found[bare][0])
        ratios.append(found[kept][1] / found[bare][1])

    mend_it()
    start = time.perf_counter()
    while keeper.problem and time.perf_counter() - start < 2 * AGAIN_S:
        kept.advance(piece)
        kept.show(RunStatus(status="training", step=trainer.step))
    again_s = time.perf_counter() - start
    kept.advance(1_000)
    saved = kept.close(RunStatus(status="finished", step=trainer.step), 20.0)
    problems = [] if saved else [keeper.problem]
    for name in old:
        if (folder / name).exists():
            checkpoint.load(folder / name)
    problems += verify(RunDir(str(folder), write=False), Trainer).problems
    return Outcome(ratios, clock, said, said_s, again_s, len(old), tuple(problems))


@contextmanager
def small_disk(folder: Path) -> Iterator[Path]:
    """A file system of a few megabytes."""
    subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={SIZE}", "dltui-bench", str(folder)], check=True)
    try:
        yield folder
    finally:
        subprocess.run(["umount", "-l", str(folder)], check=True)


def full(folder: Path) -> Outcome:
    """On a disk that fills up."""
    with small_disk(folder) as home:
        filler = home / "filler"

        def fill() -> None:
            with filler.open("wb", buffering=0) as file:
                try:
                    while True:
                        file.write(bytes(4096))
                except OSError as error:
                    assert error.errno == errno.ENOSPC

        return measure(home, Disk(), fill, filler.unlink)


def failing(folder: Path) -> Outcome:
    """On a disk that fails."""
    disk = FailingDisk()

    def turn(broken: bool) -> Callable[[], None]:
        return lambda: setattr(disk, "broken", broken)

    return measure(folder, disk, turn(True), turn(False))


def report(name: str, outcome: Outcome) -> str:
    """The outcome in a few lines."""
    low, high = min(outcome.ratios), max(outcome.ratios)
    return (
        f"{name}: {statistics.median(outcome.ratios):.3f} of the speed by the processor time of the training thread "
        f"({low:.3f} to {high:.3f}), {statistics.median(outcome.clock):.3f} by the clock\n"
        f"  said after {outcome.said_s:.2f} s: {outcome.said}\n"
        f"  saved again {outcome.again_s:.2f} s after the disk was well; {outcome.n_old} states from before; "
        f"wrong: {', '.join(outcome.problems) or 'nothing'}"
    )


CASES = {"a full disk": full, "a failing disk": failing}


@pytest.mark.benchmark
@pytest.mark.parametrize("name", CASES)
def test_training_goes_on_beside_a_broken_disk(name: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    if name == "a full disk" and os.geteuid() != 0:
        pytest.skip("not run: mounting a small file system takes root")
    outcome = CASES[name](tmp_path)
    with capsys.disabled():
        print("\n" + report(name, outcome))
    assert outcome.good


def main() -> int:
    """Print both; 1 if a promise is broken."""
    good = True
    for name, case in CASES.items():
        if name == "a full disk" and os.geteuid() != 0:
            print(f"{name}: not run, mounting a small file system takes root")
            continue
        with tempfile.TemporaryDirectory() as folder:
            outcome = case(Path(folder))
        print(report(name, outcome))
        good = good and outcome.good
    return 0 if good else 1


if __name__ == "__main__":
    sys.exit(main())
