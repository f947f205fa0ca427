"""A run as a journal of decisions: everything that changes it passes here, is written down, and only then takes effect.

The screen, the headless command and a replay all drive a `Run`. Since steps are a function of the decisions alone, the
decisions are all that must never be lost; states are written now and then only to save time.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from .config import Config, diff
from .errors import ConfigError
from .keeper import Keeper
from .restore import Bookmark, bookmark_of, state_of
from .snapshot import Event
from .stepper import Advance
from .trainer import Trainer

REWINDS = 8
"""Changes that can be rewound."""
STATE_S = 2.0
"""Shortest time between two states written: what a crash costs to compute again."""
STATE_SHARE = 50.0
"""A state is written so seldom that training takes this many times longer."""


@dataclass(frozen=True, eq=False)
class Change:
    """A change that can be taken back."""

    inverse: Mapping[str, Any]
    """What to apply to take it back."""
    before: Bookmark
    """The standing before it."""
    n: int
    """Number of the last decision before it."""


class Run:
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
        self.changes: list[Change] = []
        """Changes that can be taken back, the last one last."""
        self._state_due = clock() + STATE_S
        self._best = float("inf")

    def advance(self, n_steps: int) -> Advance:
        """Make steps, and have the state written when it is time."""
        result = self.trainer.advance(n_steps)
        if self.keeper is not None and (result.stopped is not None or self._clock() >= self._state_due):
            self.write_state()
        return result

    def write_state(self) -> None:
        """Have the present state written, unless it is one that must not be gone on from."""
        if self.keeper is None or not self.trainer.memory.sound:
            return
        start = self._clock()
        loss = self.trainer.history.latest().get("val_loss", float("inf"))
        self.keeper.checkpoint(self.trainer.step, *state_of(self.trainer.bookmark()), best=loss < self._best)
        self._best = min(self._best, loss)
        now = self._clock()
        self._state_due = now + max(STATE_S, STATE_SHARE * (now - start))

    def apply(self, changes: Mapping[str, Any], *, cold: bool = False) -> Event | None:
        """Change settings between two steps; as `Trainer.apply`."""
        trainer = self.trainer
        prepared = trainer.prepare(changes, cold=cold)
        if prepared is None:
            return None
        before = Change(changes_between(prepared.config, trainer.config), trainer.bookmark(), self._last_n())
        self._decide("apply", {"changes": plain(changes), "cold": cold})
        self.changes = [*self.changes[1 - REWINDS :], before]
        return trainer.commit(prepared)

    def undo(self) -> Event | None:
        """Take back the last change from now on.

        Raises:
            ConfigError: There is none.
        """
        last = self._last_change()
        event = self.apply(last.inverse)
        self.changes = [change for change in self.changes if change.before is not last.before][:-1]
        return event

    def rewind(self) -> None:
        """Return to the state before the last change.

        Raises:
            ConfigError: There is none.
        """
        last = self._last_change()
        self._return_to(last.before, last.n)
        self.changes.remove(last)

    def _return_to(self, bookmark: Bookmark, n: int) -> None:
        step = bookmark.situation.step
        self._decide("rewind", {"step": step, "n": n})
        self.trainer.return_to(bookmark)
        self.trainer.note("note", f"rewound to step {step}")
        self.write_state()

    def restart(self, seed: int | None = None) -> None:
        """Begin again: the same start, or another seed's."""
        self._decide("restart", {"seed": seed})
        self.trainer.restart(seed)
        self.changes = []
        self.trainer.note("start", f"seed {self.trainer.config.training.seed}")
        self.write_state()

    def _last_change(self) -> Change:
        if not self.changes:
            raise ConfigError("there is no change to take back")
        return self.changes[-1]

    def _last_n(self) -> int:
        return self.keeper.last_n if self.keeper is not None else 0

    def _decide(self, kind: str, intent: Mapping[str, Any]) -> None:
        if self.keeper is not None:
            self.keeper.decide(self.trainer.step, kind, intent)

    def close(self, status: Mapping[str, Any], timeout: float = 2.0) -> bool:
        """Write the last state and let the folder go; whether all is written."""
        if self.keeper is None:
            return True
        self.write_state()
        return self.keeper.close(status, timeout)


def replay(trainer: Trainer, records: Sequence[Any], until: Callable[[int], None] | None = None) -> None:
    """Make the recorded decisions again, each at its step.

    Args:
        trainer: Standing before the first of them.
        records: `Record`s in order.
        until: Called before each record with its number; may check the trainer.

    Raises:
        ConfigError: A record does not fit the run, or asks for a state from before it.
    """
    wanted = {(r.intent["n"], r.intent["step"]) for r in records if r.kind == "rewind"}
    passed: dict[tuple[int, int], Bookmark] = {}
    last_n = records[0].n - 1 if records else 0
    for record in records:
        for n, step in sorted(wanted):
            if n == last_n and trainer.step <= step <= record.step:
                advance_to(trainer, step, record)
                passed[n, step] = trainer.bookmark()
        advance_to(trainer, record.step, record)
        if until is not None:
            until(record.n)
        make(trainer, record, passed)
        last_n = record.n


def advance_to(trainer: Trainer, step: int, record: Any) -> None:
    """Train to a step.

    Raises:
        ConfigError: The run ends before it.
    """
    trainer.advance(step - trainer.step)
    if trainer.step != step:
        raise ConfigError(f"decision {record.n} is at step {step}, but the run stands at step {trainer.step}")


def make(trainer: Trainer, record: Any, passed: Mapping[tuple[int, int], Bookmark]) -> None:
    """Make one recorded decision."""
    intent = record.intent
    match record.kind:
        case "apply":
            trainer.apply(intent["changes"], cold=bool(intent["cold"]))
        case "rewind":
            key = (intent["n"], intent["step"])
            if key not in passed:
                raise ConfigError(f"decision {record.n} returns to step {key[1]}, which lies before this state")
            trainer.return_to(passed[key])
            trainer.note("note", f"rewound to step {key[1]}")
        case "restart":
            trainer.restart(intent["seed"])
            trainer.note("start", f"seed {trainer.config.training.seed}")


def resumed(run: Any, make_trainer: Callable[[Config], Trainer], file: str) -> tuple[Trainer, tuple[str, ...]]:
    """A trainer at the last decision of a kept run, from its newest sound state, and what was found damaged.

    Args:
        run: An open `RunDir`.
        make_trainer: Makes a fresh trainer of a Config.
        file: Named in errors.

    Raises:
        ConfigError: The run cannot be brought back.
    """
    found = run.resume(unsound)
    config = Config.from_dict(found.meta["config"] if found.meta else run.meta.config, file=file)
    trainer = make_trainer(config)
    if found.meta:
        trainer.return_to(bookmark_of(trainer.machine.at, found.arrays, found.meta, file))
    try:
        replay(trainer, found.replay)
    except ConfigError:
        trainer = make_trainer(Config.from_dict(run.meta.config, file=file))
        replay(trainer, run.records)
    return trainer, found.messages


def unsound(arrays: Mapping[str, Any], meta: Mapping[str, Any]) -> str:
    """Why a state must not be gone on from; "" where it may."""
    bad = [name for name in ("weights", "buffers", "average") if not np.isfinite(arrays[name]).all()]
    return f"holds {bad[0]} that are not finite" if bad else ""


def changes_between(old: Config, new: Config) -> dict[str, Any]:
    """Plain changes that make `new` of `old`."""
    found: dict[str, Any] = {}
    for path, (_, value) in diff(old, new).items():
        found[path] = new.to_dict()["network"]["layers"] if path == "network.layers" else plain(value)
    return found


def plain(value: Any) -> Any:
    """A value of a Config as lists, dicts and numbers."""
    if isinstance(value, Mapping):
        return {key: plain(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [plain(item) for item in value]
    return value
