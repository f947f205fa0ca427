"""Which other runs are laid over the charts: the run before, the lesson's pair, and kept runs that were pinned.

Every run has a place, and the place its color and its line, so that a run looks the same as long as it is shown. This
is plain data: the dashboard keeps it, tells it what it sees, and hands what is shown to the charts.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from dltui.core.config import Config
from dltui.core.config.config import diff
from dltui.core.snapshot import BranchState, RunCurves, Snapshot
from dltui.core.text import safe_text

from ..draw.branches import branch_role
from ..draw.format import ellipsis, width

BEFORE, BESIDE = 0, 1
"""Places of the run before and of the lesson's pair."""
MOST_PINNED = 3
"""Kept runs that can be pinned at once."""


@dataclass(frozen=True, eq=False)
class Overlay:
    """A run laid over the charts."""

    run: RunCurves
    place: int
    """Gives its color and its line."""
    branch: BranchState | None = None
    """What is known of it beside its curves, where it is a branch of this run."""

    @property
    def role(self) -> str:
        """Role of its curves."""
        return branch_role(self.place) if self.branch is not None else f"ghost{self.place}"


class Overlays:
    """The other runs of one screen."""

    def __init__(self) -> None:
        self.before: RunCurves | None = None
        """The run before this one."""
        self.pinned: list[RunCurves | None] = [None] * MOST_PINNED
        """Kept runs, each at its place."""
        self.hidden = False
        """Whether none of them is drawn."""
        self._latest: Snapshot | None = None

    def see(self, snapshot: Snapshot) -> None:
        """Take note of the newest snapshot; what was shown before another run began becomes the run before."""
        old, self._latest = self._latest, snapshot
        if old is not None and old.step > 0 and old.curves and _is_another(old, snapshot):
            self.before = run_before(old, snapshot)

    def pin(self, run: RunCurves) -> bool:
        """Lay a kept run over the charts; whether there was a place for it."""
        if None not in self.pinned:
            return False
        self.pinned[self.pinned.index(None)] = run
        return True

    def unpin(self, name: str) -> None:
        """Take a kept run away."""
        self.pinned = [None if run is not None and run.name == name else run for run in self.pinned]

    @property
    def all(self) -> tuple[Overlay, ...]:
        """Every other run, shown or not."""
        beside = self._latest.beside if self._latest is not None else None
        runs = (self.before, beside, *self.pinned)
        branches = self._latest.branches if self._latest is not None else ()
        others = [Overlay(run, place) for place, run in enumerate(runs) if run is not None]
        return (*others, *(Overlay(one.curves, one.number, one) for one in branches if one.curves is not None))

    @property
    def shown(self) -> tuple[Overlay, ...]:
        """The runs that are drawn."""
        return () if self.hidden else self.all


def run_before(old: Snapshot, new: Snapshot) -> RunCurves:
    """A run that was shown until another began, named by what tells the two apart."""
    name = telling_setting(old.config, new.config)
    if old.preset != new.preset:
        name = safe_text(old.preset or old.config.preset.title, 40)
    return RunCurves(name or "before", old.config, old.step, old.curves)


def telling_setting(config: Config, other: Config) -> str:
    """The setting that tells a run best from another, a method before a number; "" where all are the same."""
    changed = {path: new for path, (_, new) in diff(other, config).items() if not path.startswith("preset.")}
    for path, value in changed.items():
        if path.endswith(".name"):
            return safe_text(value, 20)
    for path, value in changed.items():
        return f"{path.rpartition('.')[2].replace('_', ' ')} {safe_text(value, 20)}"
    return ""


def same_unit(run: RunCurves, snapshot: Snapshot) -> bool:
    """Whether the losses of two runs can be compared: the same loss, for answers of the same kind."""
    here = {**snapshot.curves, **snapshot.metrics}
    kinds = [any(name.endswith("_r2") for name in names) for names in (run.curves, here)]
    return kinds[0] == kinds[1] and run.config.loss.name == snapshot.config.loss.name


def differing_settings(runs: Iterable[RunCurves], here: Snapshot) -> dict[str, list[object]]:
    """The settings in which the runs differ: path -> its value here and in each of them."""
    runs = list(runs)
    paths: dict[str, None] = {}
    for run in runs:
        paths |= dict.fromkeys(diff(here.config, run.config))
        paths |= dict.fromkeys(diff(run.config, here.config))
    tables = [
        {info.path: info.value for info in config.fields()} for config in (here.config, *(r.config for r in runs))
    ]
    shown = [path for path in paths if not path.startswith("preset.")]
    return {path: [table.get(path, "–") for table in tables] for path in sorted(shown)}


def short_name(run: RunCurves, cells: int = 18) -> str:
    """The name of a run for a legend; of "optimizer_sgd" rather its end where room lacks."""
    name = safe_text(run.name, 60)
    start, line, end = name.partition("_")
    return ellipsis(end if line and width(name) > cells and start.isalpha() else name, cells)


def _is_another(old: Snapshot, new: Snapshot) -> bool:
    if any(one.run == new.run for one in old.branches) or new.branches or new.now >= 0 or old.now >= 0:
        return old.preset != new.preset  # a branch was put in front, or an earlier moment is looked at
    return (old.run, old.preset) != (new.run, new.preset) or new.step < old.step
