"""The tree of runs that a session trains in step: the one on the screen, and its branches.

A branch is a kept run of its own. It makes as many steps as the run in front has made and no more, so that all are seen
at one step, trained on the same batches; one that lies ahead waits. Nothing of a run depends on how many there are.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, replace

import numpy as np

from ..commands import MOST_BRANCHES
from ..config import diff
from ..config.describe import change_text
from ..disk.home import find_home
from ..errors import ConfigError
from ..run.past import Place, bytes_of
from ..run.run import JournaledRun
from ..run.tree import MAX_NAME, TreePlace, write_place
from ..snapshot import BranchState, Curve, RunCurves
from ..store.keeper import Keeper
from ..text import safe_text
from ..training.history import COUNT, FIRST, SUM, BoundedSeries

CATCH_UP_S = 0.03
"""Time spent at once on a branch that is far behind."""
POINTS = 256
"""Most points of a curve."""
SHOWN = ("train_loss", "val_loss", "train_accuracy", "val_accuracy", "train_r2", "val_r2", "learning_rate")
"""Curves of a branch that are shown."""
EXACT = 1e-12
"""Differences below this share of a loss are those of adding up in another order."""


@dataclass(eq=False)
class Branch:
    """One run of the tree."""

    number: int
    run: JournaledRun
    name: str
    parent: int = -1
    forked: int = 0
    step_s: float = float("nan")
    """What a step costs, about."""

    @property
    def step(self) -> int:
        """Steps it has made."""
        return self.run.trainer.step

    @property
    def id(self) -> str:
        """Id of the run; "" where it is not kept."""
        keeper = self.run.keeper
        return keeper.run.id if keeper is not None and keeper.run is not None else ""


class Branches:
    """The runs of a session.

    Args:
        run: The first, in front.
        name: For people.
        clock: Seconds, monotonic.
    """

    def __init__(self, run: JournaledRun, name: str = "trunk", clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self.front = Branch(0, run, name)
        self._all = {0: self.front}
        self._next = 1
        self._root = ""
        """Id of the run with which the tree began."""
        self._told: dict[int, tuple[tuple[object, ...], BranchState]] = {}

    @property
    def all(self) -> tuple[Branch, ...]:
        """Every run, in the order in which they were made."""
        return tuple(self._all[number] for number in sorted(self._all))

    @property
    def others(self) -> tuple[Branch, ...]:
        """Every run but the one in front."""
        return tuple(one for one in self.all if one is not self.front)

    def find(self, number: int) -> Branch:
        """A run by its number.

        Raises:
            ConfigError: There is none.
        """
        if number not in self._all:
            known = ", ".join(map(str, sorted(self._all))) if len(self._all) > 1 else "there is no branch yet"
            raise ConfigError("is not a branch", field="branch", value=number, allowed=known)
        return self._all[number]

    def join(self, run: JournaledRun, name: str, forked: int) -> None:
        """Take in a run of the same tree that was kept."""
        self._all[self._next] = Branch(self._next, run, name, -1, forked)
        self._next += 1

    def check_room(self) -> None:
        """Refuse one branch more than can be trained at once.

        Raises:
            ConfigError: There are so many.
        """
        if len(self._all) > MOST_BRANCHES:
            raise ConfigError(f"there are {MOST_BRANCHES} branches already; end one first")

    def fork(self, name: str = "", place: Place | None = None) -> Branch:
        """Make a branch of the run in front.

        Args:
            name: For people; "": one is made up.
            place: An earlier moment at which it begins; None: the present.

        Raises:
            ConfigError: There are too many, or the memory does not suffice.
        """
        self.check_room()
        front, number = self.front, self._next
        run = front.run.twin(_keeper_like(front.run))
        if place is not None:
            run.go_back(place)
        branch = Branch(number, run, _clean(name) or f"branch {number}", front.number, run.trainer.step)
        run.trainer.note("note", f"{branch.name}: a branch of {front.name} from step {branch.forked}")
        self._all[number], self._next = branch, number + 1
        run.write_state()
        self._write_places()
        return branch

    def rename(self, number: int, name: str) -> None:
        """Give a run another name.

        Raises:
            ConfigError: There is no such run.
        """
        self.find(number).name = _clean(name) or self.find(number).name
        self._told.clear()
        self._write_places()

    def end(self, number: int) -> Branch:
        """Train a run no longer.

        Raises:
            ConfigError: There is no such run, or it is the one in front.
        """
        branch = self.find(number)
        if branch is self.front:
            raise ConfigError("is in front; put another one in front first", field="branch", value=branch.name)
        self._write_place(branch, ended=True)
        _close(branch, "closed")
        del self._all[number]
        self._told.pop(number, None)
        return branch

    def promote(self, number: int) -> Branch:
        """Put a run in front.

        Raises:
            ConfigError: There is no such run.
        """
        self.front = self.find(number)
        self._told.clear()
        self._write_places()
        return self.front

    @property
    def behind(self) -> bool:
        """Whether a branch has fewer steps than the run in front, and can make more."""
        step = self.front.step
        return any(one.step < step and one.run.trainer.stopped is None for one in self.others)

    def catch_up(self, n_steps: int = 0) -> None:
        """Bring the branches to the step of the run in front; one that is far behind a stretch nearer.

        Args:
            n_steps: What the run in front has just made: so many are made whatever time they take.
        """
        step = self.front.step
        for branch in self.others:
            lag = step - branch.step
            if lag > 0 and branch.run.trainer.stopped is None:
                if lag > n_steps:
                    piece = max(CATCH_UP_S / branch.step_s, 16.0) if branch.step_s > 0.0 else 64.0
                    lag = min(lag, max(n_steps, int(piece)))
                self._advance(branch, branch.step + lag)

    def _advance(self, branch: Branch, step: int) -> None:
        """Train a branch to a step, with what is planned for it."""
        run, start, began = branch.run, branch.step, time.perf_counter()
        while run.trainer.step < step and run.trainer.stopped is None:
            try:
                run.make_planned()
            except ConfigError as error:
                run.trainer.note("refused", str(error))
            run.advance(min(step - run.trainer.step, run.steps_to_plan))
        if run.trainer.step > start:
            cost = (time.perf_counter() - began) / (run.trainer.step - start)
            branch.step_s = 0.8 * branch.step_s + 0.2 * cost if branch.step_s > 0.0 else cost
        if run.trainer.stopped is not None:
            run.trainer.note("diverged" if run.trainer.stopped == "diverged" else "stopped", run.trainer.why_stopped)

    def show(self) -> None:
        """Note that the branches are about to be shown where they are, so that they come back there after a kill."""
        for branch in self.others:
            branch.run.show(branch.run.about(branch.run.trainer.stopped or "training"))

    def pause(self) -> None:
        """Have the state of every branch written."""
        for branch in self.others:
            branch.run.write_state()

    def close(self) -> None:
        """Save every branch and end it."""
        for branch in self.others:
            _close(branch, branch.run.trainer.stopped or "closed")

    def leave(self, status: str) -> None:
        """Let every branch go without saving it."""
        for branch in self.others:
            branch.run.leave(status)

    # What is seen of them.

    def told(self) -> tuple[BranchState, ...]:
        """All runs, as a snapshot tells of them; () where there is only one."""
        if len(self._all) < 2:
            return ()
        front = self.front
        known = []
        for branch in self.all:
            trainer = branch.run.trainer
            basis: tuple[object, ...] = (branch.step, trainer.stopped, trainer.config, len(trainer.events), branch.name)
            basis += (front.step, front.run.trainer.config, id(trainer.history), id(front.run.trainer.history))
            found = self._told.get(branch.number)
            if found is None or any(a is not b and a != b for a, b in zip(found[0], basis, strict=True)):
                found = self._told[branch.number] = (basis, self._state_of(branch))
            known.append(replace(found[1], step_us=1e6 * branch.step_s))
        return tuple(known)

    def _state_of(self, branch: Branch) -> BranchState:
        trainer, front = branch.run.trainer, self.front.run.trainer
        in_front = branch is self.front
        series = trainer.history.series
        drawn = {name: series[name].curve(POINTS) for name in SHOWN if name in series}
        apart = diff(front.config, trainer.config) if not in_front else {}
        both = [one.history.series.get("train_loss") for one in (trainer, front)]
        apart_by = difference(both[0], both[1]) if both[0] is not None and both[1] is not None else None
        return BranchState(
            number=branch.number,
            name=branch.name,
            run=branch.id,
            parent=branch.parent if branch.parent in self._all else -1,
            forked=branch.forked,
            in_front=in_front,
            step=branch.step,
            status=trainer.stopped or _place_of(branch.step, self.front.step),
            differs=change_text(front.config, trainer.config, apart) if apart else "",
            metrics=trainer.history.latest(),
            curves=None if in_front else RunCurves(branch.name, trainer.config, branch.step, drawn),
            difference=None if in_front else apart_by,
            step_us=1e6 * branch.step_s,
            memory_mb=bytes_of(trainer.state.memory, trainer.history) / 2**20,
        )

    # What is kept of the tree.

    def _write_places(self) -> None:
        for branch in self.all:
            self._write_place(branch)

    def _write_place(self, branch: Branch, ended: bool = False) -> None:
        ids = {one.number: one.id for one in self.all}
        keeper = branch.run.keeper
        if keeper is None or keeper.run is None:
            return
        root = self._root or ids.get(min(ids), "") or branch.id
        self._root = root
        place = TreePlace(root, ids.get(branch.parent, ""), branch.forked, branch.name, branch is self.front, ended)
        with suppress(OSError):  # the run itself is kept; only where it belongs is not said
            write_place(keeper.run.path, place)

    def know_parents(self, tree: Mapping[str, TreePlace]) -> None:
        """Take from the files of a tree which run was made from which."""
        numbers = {one.id: one.number for one in self.all if one.id}
        for one in self.all:
            if one.id in tree:
                one.parent = numbers.get(tree[one.id].parent, -1)

    def stands(self, place: TreePlace) -> None:
        """Take the place of the run in front from its file."""
        self.front.name, self.front.forked, self._root = place.name or self.front.name, place.step, place.root


def difference(one: BoundedSeries, other: BoundedSeries) -> Curve:
    """One curve less another, where both are known: in the stretches of the coarser one."""
    (steps, count, total), (_, count_b, total_b) = _in_stretches(one, other.width), _in_stretches(other, one.width)
    n = min(len(count), len(count_b))
    same = count[:n] == count_b[:n]
    with np.errstate(invalid="ignore"):
        here, there = total[:n] / count[:n], total_b[:n] / count_b[:n]
        apart = here - there
        if one.width != other.width:
            apart[np.abs(apart) <= EXACT * np.abs(here)] = 0.0
    return _bounded(steps[:n][same], apart[same])


def _in_stretches(series: BoundedSeries, width: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """First steps, counts and sums of stretches of at least this many values."""
    used = series.used
    starts = np.arange(0, len(used), max(width // series.width, 1))
    if not len(used):
        return used[:, FIRST], used[:, COUNT], used[:, SUM]
    return used[starts, FIRST], np.add.reduceat(used[:, COUNT], starts), np.add.reduceat(used[:, SUM], starts)


def _bounded(steps: np.ndarray, values: np.ndarray) -> Curve:
    """A curve in at most `POINTS` stretches, with the least and the greatest of each."""
    group = max(-(-len(steps) // POINTS), 1)
    starts = np.arange(0, len(steps), group)
    if not len(steps):
        return Curve(steps.astype(np.int64), values, values, values)
    counts = np.diff(np.append(starts, len(steps)))
    return Curve(
        steps[starts].astype(np.int64),
        np.add.reduceat(values, starts) / counts,
        np.minimum.reduceat(values, starts),
        np.maximum.reduceat(values, starts),
    )


def _place_of(step: int, front: int) -> str:
    return "in step" if step == front else "behind" if step < front else "ahead"


def _clean(name: str) -> str:
    return safe_text(" ".join(name.split()), MAX_NAME)


def _keeper_like(run: JournaledRun) -> Keeper | None:
    """A keeper for a branch of a run, with all that was decided so far; None where the run is not kept either."""
    keeper = run.keeper
    if keeper is None or keeper.run is None:
        return None
    meta = keeper.run.meta
    made = Keeper.begin(
        find_home(),
        config=meta.config,
        seed=meta.seed,
        data_digest=meta.data_digest,
        title=meta.title,
        preset=meta.preset,
    )
    for record in run.records:
        made.decide(record.step, record.kind, record.intent)
    return made


def _close(branch: Branch, status: str) -> None:
    branch.run.close(branch.run.about(status, exact=True))
