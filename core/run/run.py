"""A run as a journal of decisions: everything that changes it passes here, is written down, and only then takes effect.

The screen, the headless command and a replay all drive a `JournaledRun`. Since steps are a function of the decisions
alone, the decisions are all that must never be lost; states are saved from time to time, to save computing.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from typing import TypeAlias

from ..config import Config, diff
from ..config.stated import with_stated_defaults
from ..disk.canonical import Json
from ..errors import ConfigError, failures_refused
from ..snapshot import Event
from ..store.decisions import (
    MAX_WHAT,
    AimDecision,
    ApplyDecision,
    Decision,
    EndDecision,
    OverwriteDecision,
    PlanDecision,
    RestartDecision,
    RewindDecision,
)
from ..store.journal import Record
from ..store.keeper import Keeper
from ..store.status import RunStatus
from ..surgery.by_hand import overwrite
from ..surgery.match import same_layers
from ..training.cadence import NEVER
from ..training.stepper import Advance
from ..training.switch import PlannedChange, aimed
from ..training.trainer import Trainer
from .course import Course
from .past import Past, Place
from .way import Way, way_of

REWINDS = 8
"""Changes of which the state before them is remembered, and as many undone ones of which the state after is."""
MOST_CHANGES = 100
"""Changes that are remembered at all."""
STATE_S = 2.0
"""Shortest time between two saved states: what a crash costs to compute again."""
STATE_SHARE = 50.0
"""States are written so rarely that training takes this many times longer than writing."""


Plan: TypeAlias = Mapping[int, Mapping[str, object]]
"""Step -> Config paths and values."""


@dataclass(frozen=True, eq=False)
class UndoableChange:
    """A change that can be taken back, and after that be made again."""

    configs: tuple[Config, Config] | None
    """The Configs before and after it; None where no setting was changed: weights by hand, a new start."""
    before: Place | None
    """The state before it; None where that is no longer remembered, or was before the run was resumed."""
    n: int
    """Number of the last decision before it."""
    text: str = ""
    """What was changed, on one line."""
    replaces: bool = False
    """Whether it put another network or other weights in place: only the state before it brings those back."""
    restarts: bool = False
    """Whether the run began again with it."""
    cold: bool = False
    """Whether the optimizer's state began from zero."""
    after: Place | None = None
    """The state it was taken back from, where that was by returning to the state before it."""
    plans: tuple[Plan, Plan] | None = None
    """What was planned before it and after it, where that is what was changed."""

    @cached_property
    def inverse(self) -> dict[str, object]:
        """What to apply to take it back; {} where only rewinding can."""
        if self.configs is None:
            return {}
        before, after = self.configs
        return as_table(with_stated_defaults(changes_between(after, before), after))

    @property
    def returns(self) -> bool:
        """Whether undoing it returns to the state before it."""
        return self.replaces and self.before is not None

    def undoing(self) -> str:
        """What undoing it does, for people."""
        if self.plans is not None:
            return f"{self.text}: only what is to come changes"
        if self.before is not None and self.replaces:
            return f"{self.text}: back to step {self.before.bookmark.state.step}, with the weights of then"
        if self.replaces and self.configs is not None:
            return f"{self.text}: from here on; the weights of before are no longer remembered"
        if self.configs is None:
            return f"{self.text}: cannot be undone, the state before it is no longer remembered"
        return f"{self.text}: from here on, the weights stay"

    def redoing(self) -> str:
        """What making it again does, for people."""
        if self.after is not None:
            return f"{self.text}: on from step {self.after.bookmark.state.step}, with the weights of then"
        return f"{self.text}: from here on"


class JournaledRun:
    """A trainer whose decisions are kept.

    Args:
        trainer: Driven through this object only from now on.
        keeper: Where decisions and states go; None: nowhere.
        clock: Seconds, monotonic.
    """

    def __init__(
        self, trainer: Trainer, keeper: Keeper | None = None, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self.trainer, self.keeper, self._clock = trainer, keeper, clock
        self.changes: list[UndoableChange] = []
        """Changes that can be taken back, the last one last."""
        self.undone: list[UndoableChange] = []
        """Changes that were taken back and can be made again, the one taken back last at the end."""
        self.course: Course | None = Course(trainer.config)
        """How the run came to where it is; None where that is not known."""
        self.past: Past | None = None
        """The states that are kept to look back to; None where nobody looks back."""
        self.start = trainer.config
        """The settings at step 0, before all decisions."""
        self._records: list[Record] = []
        """What was decided, where nothing keeps it."""
        self._first: UndoableChange | None = None
        """The first change since the last step: changes without a step between are made from the state before it."""
        self._plan: Mapping[int, Mapping[str, object]] = {}
        self._planned_made: frozenset[int] = frozenset()
        self._aim = trainer.state.aim
        self._state_due = clock() + STATE_S
        self._best = float("inf")
        self._closed = False

    def advance(self, n_steps: int) -> Advance:
        """Make steps, and have the state written when it is time."""
        trainer, had_stopped = self.trainer, self.trainer.stopped
        start = trainer.step
        result = trainer.advance(n_steps)
        if result.n_steps:
            self._first = None
        if result.stopped is not None and had_stopped is None:
            # Where a run ends may depend on the step from which it was advanced, so that is written down as well.
            self._decide(EndDecision(start, n_steps, result.stopped))
        if self.keeper is not None and (result.stopped is not None or self._clock() >= self._state_due):
            self.write_state()
        if self.past is not None and result.n_steps and self.past.is_due(trainer.step) and trainer.memory.sound:
            self.past.keep(self._place)
        return result

    @property
    def plan(self) -> dict[int, Mapping[str, object]]:
        """Step -> changes to come: the plan from the present step on, without what was made of it."""
        step, made = self.trainer.step, self._planned_made
        return {at: self._plan[at] for at in sorted(self._plan) if at >= step and at not in made}

    @property
    def steps_to_plan(self) -> int:
        """Steps to the next planned change after the present step; `NEVER` where there is none."""
        step = self.trainer.step
        return min((at - step for at in self.plan if at > step), default=NEVER)

    def plan_change(self, step: int, changes: Mapping[str, object], instead_of: int = -1) -> None:
        """Plan changes for a step to come, as one more change that can be taken back.

        Args:
            step: Where they are made.
            changes: Config paths and values, in place of what was planned for the step; {} takes that back.
            instead_of: A step whose planned changes are taken back; -1: none.

        Raises:
            ConfigError: The step lies behind the run, or a change is not allowed; nothing changed.
        """
        before = self.plan
        after = {at: one for at, one in before.items() if at not in (step, instead_of)}
        if changes:
            after[step] = changes
        elif step not in before:
            raise ConfigError(f"nothing is planned for step {step}", field="plan")
        self.set_plan(after)
        if self.plan != before:
            text = plan_text(before, self.plan)
            self._remember(UndoableChange(None, None, self._last_n() - 1, text, plans=(before, self.plan)))
            self._drop_undone()

    def _set_rest_of(self, plan: Plan) -> None:
        """Plan what of a plan lies ahead."""
        self.set_plan(self._rest_of(plan))

    def _rest_of(self, plan: Plan) -> dict[int, Mapping[str, object]]:
        return {at: changes for at, changes in plan.items() if at >= self.trainer.step}

    def _forget_past_plans(self) -> None:
        """Changes of the plan that would be taken back in vain, since what they planned lies behind the run."""
        while self.changes and self.changes[-1].plans is not None:
            if self._rest_of(self.changes[-1].plans[0]) != self.plan:
                return
            self.changes = self.changes[:-1]

    def set_plan(self, plan: Mapping[int, Mapping[str, object]]) -> None:
        """Plan changes to come, in place of those planned before; whoever trains makes them at their steps.

        Args:
            plan: Step -> Config paths and values.

        Raises:
            ConfigError: A step lies behind the run, or a change is not allowed.
        """
        config = self.trainer.config
        for step in sorted(plan):
            if step < self.trainer.step:
                raise ConfigError("lies behind the run", field="plan", value=step)
            config = config.with_changes(plan[step])
        if plan != self.plan:
            self._decide(PlanDecision({step: as_table(plan[step]) for step in sorted(plan)}))
            self.take_plan(plan)

    def take_plan(self, plan: Mapping[int, Mapping[str, object]], made: frozenset[int] = frozenset()) -> None:
        """Go by a plan that is written down already.

        Args:
            plan: Step -> Config paths and values.
            made: Steps whose changes were made.
        """
        self._plan, self._planned_made = dict(plan), made

    def aim(self, step: int) -> None:
        """Say at which step the run is meant to end, as `Trainer.aim`; written down when a schedule goes by it."""
        self._aim = step
        schedule = self.trainer.config.schedule
        if schedule.member.takes_rest(schedule.settings):
            self._take_aim()

    def _take_aim(self) -> None:
        trainer = self.trainer
        if self._aim != trainer.state.aim:
            with failures_refused():
                aimed(trainer.state, self._aim)  # it is written down only where it can be done
            self._decide(AimDecision(self._aim))
            trainer.aim(self._aim)

    def make_planned(self) -> Event | None:
        """Make the change that is planned for the present step; the mark on the curves, None where there is none.

        Raises:
            ConfigError: It cannot be made; it is planned no more.
        """
        step = self.trainer.step
        changes = self.plan.get(step)
        if changes is None:
            return None
        try:
            event = self.make(self.trainer.plan(changes), planned=True)
        except ConfigError as error:
            self.set_plan({at: changes for at, changes in self.plan.items() if at != step})
            raise ConfigError(f"the change planned for step {step} cannot be made: {error}") from None
        self._planned_made |= {step}
        return event

    def write_state(self) -> None:
        """Have the present state written, unless it must not be resumed from: then that is said."""
        if self.keeper is None:
            return
        sound = self.trainer.memory.sound
        self.keeper.unsound = (
            "" if sound else f"the state at step {self.trainer.step} holds numbers that are not finite"
        )
        if not sound:
            return
        start = self._clock()
        first = self._first
        if first is not None and first.before is not None:
            bookmark, n = first.before.bookmark, first.n
        else:
            bookmark, n = self.trainer.bookmark(), self._last_n()
        loss = self.trainer.history.latest().get("val_loss", float("inf"))
        arrays, values = bookmark.to_arrays()
        self.keeper.checkpoint(
            bookmark.state.step,
            arrays,
            values,
            best=loss < self._best,
            n=n,
            late=lambda: {"digest": bookmark.digest()},
        )
        self._best = min(self._best, loss)
        now = self._clock()
        self._state_due = now + max(STATE_S, STATE_SHARE * (now - start))

    def about(self, status: str, exact: bool = False) -> RunStatus:
        """What a list of runs says of this one.

        Args:
            status: What it is doing, or how it ended.
            exact: Evaluate it now; otherwise the figures are those of the last step and of the last evaluation.
        """
        trainer = self.trainer
        figures = trainer.history.latest()
        if exact:
            figures = {name: value for name, value in figures.items() if not name.startswith(("train_", "val_"))}
            for part in ("train", "val"):
                figures |= {f"{part}_{name}": float(value) for name, value in trainer.evaluate(part).items()}
        return RunStatus(status, trainer.step, trainer.epoch, figures=figures)

    def show(self, about: RunStatus) -> None:
        """Note that the present step is about to be shown, so that a run that is killed resumes there.

        Args:
            about: What a list of runs says of this one.
        """
        if self.keeper is not None:
            self.keeper.note_shown(self.trainer.step)
            self.keeper.add_point(self.trainer.step, about.figures)
            self.keeper.tick(about)

    def apply(self, changes: Mapping[str, object], *, cold: bool = False) -> Event | None:
        """Change settings between two steps; as `Trainer.apply`."""
        return self.make(self.trainer.plan(changes, cold=cold))

    def make(self, change: PlannedChange, *, planned: bool = False) -> Event | None:
        """Make a change; the mark on the curves, or None where it changes nothing.

        Args:
            change: What is changed, laid out.
            planned: Whether the run's plan asked for it.

        Raises:
            ConfigError: It cannot be made; nothing changed.
        """
        event, undoable = self._make(change, planned=planned)
        if undoable is not None:
            self._remember(undoable)
            self._drop_undone()
        return event

    def _make(self, change: PlannedChange, *, planned: bool = False) -> tuple[Event | None, UndoableChange | None]:
        """Make a change, whoever is to remember it; the mark on the curves, and how it is taken back."""
        trainer = self.trainer
        schedule = change.new.schedule
        if schedule.member.takes_rest(schedule.settings):
            self._take_aim()
        with failures_refused():
            prepared = trainer.prepare(change)
            if prepared is None:
                return None, None
            replaces = change.starts_anew or not same_layers(trainer.network, change.network)
            place = self._place()
            undoable = UndoableChange(
                (change.old, change.new), place, place.n, change.text, replaces=replaces, cold=change.cold
            )
        self._decide(ApplyDecision(as_table(with_stated_defaults(change.changes, change.old)), change.cold, planned))
        # New first weights are a new run: nothing after them is made from the state before.
        self._first = None if change.starts_anew else self._first or undoable
        step = trainer.step
        event = trainer.commit(prepared)
        if change.starts_anew:
            self.course = Course(trainer.config)
        elif self.course is not None:
            self.course = self.course.changed(step, as_table(change.changes), not change.cold)
        return event, undoable

    def _place(self) -> Place:
        """Where the run is, to return to."""
        return Place(self.trainer.bookmark(), self._last_n(), self._planned_made, self.course)

    @property
    def records(self) -> tuple[Record, ...]:
        """All decisions, in order."""
        return self.keeper.records if self.keeper is not None else tuple(self._records)

    @property
    def way(self) -> Way:
        """The decisions that led to where the run is.

        Raises:
            ConfigError: Some of them are lost.
        """
        return way_of(self.start, self.records)

    def go_back(self, place: Place) -> None:
        """Return to an earlier moment, and go on from there.

        Args:
            place: From `moment_of`.

        Raises:
            ConfigError: The memory does not suffice.
        """
        self._return_to(place, "")
        self.changes, self.undone = _bounded(list(place.changes)), []

    def twin(self, keeper: Keeper | None) -> JournaledRun:
        """A run of its own at the same state, with the same decisions behind it.

        Args:
            keeper: Keeps the twin, and has the decisions of this run; None: nothing is kept.
        """
        other = JournaledRun(self.trainer.copy(), keeper, self._clock)
        other.start, other._records = self.start, list(self.records) if keeper is None else []
        other.changes, other.undone, other.course = list(self.changes), list(self.undone), self.course
        other._first, other._aim = self._first, self._aim
        other.take_plan(self._plan, self._planned_made)
        other.past = self.past.copy() if self.past is not None else None
        return other

    def _remember(self, change: UndoableChange) -> None:
        self.changes = _bounded([*self.changes, change])

    def _drop_undone(self) -> None:
        """A new change goes before those that were taken back: say which of them are lost."""
        lost, self.undone = [change.text for change in self.undone], []
        if lost:
            self.trainer.note("note", f"can no longer be redone: {'; '.join(lost)}")

    def undo(self) -> Event | None:
        """Take back the last change: a setting from here on, another network by returning to the state before it.

        Raises:
            ConfigError: There is none, or its state is no longer remembered.
        """
        self._forget_past_plans()
        last, others = self._last_change(), self.changes[:-1]
        if last.plans is not None:
            self._set_rest_of(last.plans[0])
            self.changes, self.undone = others, _bounded([*self.undone, last])
            return None
        if last.returns:
            self.rewind()
            return None
        if not last.inverse:
            raise ConfigError(f"{last.text} cannot be undone: the state before it is no longer remembered")
        left = self._place() if last.replaces else None  # its inverse brings other weights: these must not be lost
        event, _ = self._make(self.trainer.plan(last.inverse))
        self.changes, self.undone = others, _bounded([*self.undone, replace(last, before=None, after=left)])
        return event

    def rewind(self) -> None:
        """Return to the state before the last change.

        Raises:
            ConfigError: There is none.
        """
        last = self._last_change(of_state=True)
        if last.before is None:
            raise ConfigError("the state before the last change is not remembered: it can be undone, but not rewound")
        left = self._place()
        self._return_to(last.before, last.text)
        at = self.changes.index(last)  # what was planned since stays planned
        self.changes, self.undone = self.changes[:at], _bounded([*self.undone, replace(last, before=None, after=left)])

    def redo(self) -> Event | None:
        """Make the change again that was taken back last; where that was by returning, on from where it was left.

        Raises:
            ConfigError: There is none, or it can no longer be made.
        """
        if not self.undone:
            raise ConfigError("there is nothing to redo")
        last, others, event = self.undone[-1], self.undone[:-1], None
        if last.plans is not None:
            self._set_rest_of(last.plans[1])
            again = last
        elif last.after is not None:
            before = self._place()
            self._return_to(last.after, last.text, redo=True)
            again = replace(last, before=before, n=before.n, after=None)
        else:
            assert last.configs is not None
            event, made = self._make(self.trainer.plan(changes_between(*last.configs), cold=last.cold))
            again = made or replace(last, before=self._place())
        self._remember(again)
        self.undone = others
        return event

    def undo_line(self, most: int = MOST_CHANGES) -> tuple[tuple[str, ...], tuple[str, ...]]:
        """What undoing would do, change by change, the next first; and what redoing would.

        Args:
            most: Changes told of.
        """
        return (
            tuple(change.undoing() for change in self.changes[: -most - 1 : -1]),
            tuple(change.redoing() for change in self.undone[: -most - 1 : -1]),
        )

    def rewind_rate(self) -> float:
        """Base learning rate that rewinding the last change brings back; NaN where there is nothing to rewind.

        If a smaller one has since proved too large for the same optimizer, it is that one.
        """
        last = next((change for change in reversed(self.changes) if change.plans is None), None)
        if last is None or last.before is None or last.restarts:
            return float("nan")
        old, new = last.before.bookmark.state.config.optimizer, self.trainer.config.optimizer
        diverged = self.trainer.stopped == "diverged" and old.name == new.name
        return min(old.learning_rate, new.learning_rate) if diverged else old.learning_rate

    def _return_to(self, place: Place, what: str, redo: bool = False) -> None:
        prepared = self.trainer.prepare_return(place.bookmark)
        decision = RewindDecision(place.n, place.bookmark.state.step, what=what[:MAX_WHAT], redo=redo)
        self._decide(decision)
        self._first = None
        self.trainer.commit(prepared)
        self.trainer.note("note", decision.note)
        self._planned_made, self.course = place.planned_made, place.course
        self.write_state()

    def overwrite(self, what: str, layer: str = "", unit: int = -1, source: int = -1, value: float = 0.0) -> None:
        """Change weights by hand.

        Args:
            what: "reinitialize" a layer or a unit of it, "keep average", or "edit weight".
            layer: Name of the layer.
            unit: Counted from 0; -1: all of them.
            source: Which input of the unit, for its weight; -1: its bias.
            value: What the weight becomes.

        Raises:
            ConfigError: It cannot be done now.
        """
        with failures_refused():
            decision = OverwriteDecision(what, layer, unit, source, value)
            prepared = self.trainer.prepare_state(overwrite(self.trainer.state, decision))
            place = self._place()
        self._decide(decision)
        self._remember(UndoableChange(None, place, place.n, decision.text, replaces=True))
        self._first = None
        self.trainer.commit(prepared)
        self.course = replace(self.course, is_told=False) if self.course is not None else None
        self._drop_undone()

    def restart(self, seed: int | None = None) -> None:
        """Begin again: the same start, or another seed's. The run so far can be returned to.

        Raises:
            ConfigError: There is no such seed, or the data can no longer be read; nothing changed.
        """
        prepared = self.trainer.prepare_restart(seed)
        place = self._place()
        self._decide(RestartDecision(seed))
        self.trainer.commit(prepared)
        self._first, self._planned_made, self.course = None, frozenset(), Course(self.trainer.config)
        again = f"new seed {seed}" if seed is not None else "restart"
        self._remember(UndoableChange(None, place, place.n, again, replaces=True, restarts=True))
        self.trainer.note("start", f"seed {self.trainer.config.training.seed}")
        self._drop_undone()
        self.write_state()

    def _last_change(self, of_state: bool = False) -> UndoableChange:
        """The change to take back; with `of_state` the last one that was not of the plan alone."""
        found = [change for change in self.changes if change.plans is None or not of_state]
        if not found:
            raise ConfigError("there is no change to undo")
        return found[-1]

    def _last_n(self) -> int:
        return self.keeper.last_n if self.keeper is not None else len(self._records)

    def _decide(self, decision: Decision) -> None:
        kind, intent = decision.intent()
        if self.keeper is not None:
            self.keeper.decide(self.trainer.step, kind, intent)
        else:
            self._records.append(Record(len(self._records) + 1, self.trainer.step, kind, intent))

    def close(self, status: RunStatus, timeout: float = 2.0) -> bool:
        """Save the last state and release the folder; whether all is written."""
        if self.keeper is None or self._closed:
            return True
        self.write_state()
        self._closed = True
        return self.keeper.close(status, timeout)

    def leave(self, status: str) -> None:
        """Release the folder without saving another state, unless it was closed: the present one may be damaged."""
        if self.keeper is not None and not self._closed:
            self._closed = True
            self.keeper.close(RunStatus(status, self.trainer.step))


def _bounded(changes: list[UndoableChange]) -> list[UndoableChange]:
    """The newest changes, the last one last; of the newest few with their states, which take memory."""
    kept = changes[-MOST_CHANGES:]
    return [*(replace(change, before=None, after=None) for change in kept[:-REWINDS]), *kept[-REWINDS:]]


def plan_text(before: Plan, after: Plan) -> str:
    """In what a plan differs from another, on one line."""
    parts = []
    for step in sorted({*before, *after}):
        if before.get(step) != after.get(step):
            asked = ", ".join(f"{path} {value}" for path, value in after.get(step, {}).items())
            parts.append(f"at step {step} {asked}" if asked else f"nothing at step {step}")
    return f"planned: {'; '.join(parts)}"


def changes_between(old: Config, new: Config) -> dict[str, object]:
    """The changes that make `new` of `old`, as plain data."""
    changes: dict[str, object] = {}
    for path, (_, value) in diff(old, new).items():
        if path == "network.layers":
            network = new.to_dict()["network"]
            path = path if "layers" in network else "network.hidden"
            value = network[path.removeprefix("network.")]
        changes[path] = as_json(value)
    return changes


def as_table(changes: Mapping[str, object]) -> dict[str, object]:
    """Changes of a Config as plain data."""
    return {path: as_json(value) for path, value in changes.items()}


def as_json(value: object) -> Json:
    """A value of a Config as plain data."""
    if isinstance(value, Mapping):
        return {str(key): as_json(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [as_json(item) for item in value]
    if value is None or isinstance(value, (bool, int, float, str)):
        return value
    raise ConfigError(f"cannot be saved as plain data: {type(value).__name__}")
