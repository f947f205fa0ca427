"""Trains a run as a plan says, cut into stretches.

Where the run is cut never changes it, so the bar may be drawn and conditions looked at whenever it suits; only
conditions on `step` and `epoch` themselves are met to the step.
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable
from typing import Any

from dltui.core.training.cadence import steps_of_epochs

from .plan import Plan
from .progress import Bar
from .report import bar_text

STRETCH = 100
"""Most steps between two looks at a stop condition."""
PIECE_S = 0.05
"""Time between two looks whether to end."""
SAY_AGAIN_S = 10.0
"""Shortest time between two words about what is not saved."""


class Watch:
    """Says when a run stops being saved, and when it is saved again.

    Args:
        keeper: A `Keeper`; None: there is nothing to say.
        say: Takes a sentence.
        clock: Seconds, monotonic.
    """

    def __init__(self, keeper: Any, say: Callable[[str], None], clock: Callable[[], float] = time.monotonic) -> None:
        self._keeper, self._say, self._clock = keeper, say, clock
        self._due = -math.inf
        self.said = ""
        """The problem that was said last and has not passed."""

    def look(self) -> None:
        """Say what is new."""
        problem = self._keeper.problem if self._keeper is not None else ""
        now = self._clock()
        if bool(problem) == bool(self.said) or now < self._due:
            return
        self._say(problem or "the run is saved again")
        self.said, self._due = problem, now + SAY_AGAIN_S


def train_as_planned(run: Any, plan: Plan, bar: Bar, watch: Watch, interrupted: Callable[[], int]) -> str:
    """Train until an end is reached; why it ended: "until", "interrupted", or as `Advance.stopped`.

    Args:
        run: A `Run`.
        plan: Switches and ends.
        bar: Shows how far it is.
        watch: Says what is not saved.
        interrupted: Whether to end.
    """
    trainer, begun = run.trainer, time.perf_counter()

    def is_met() -> bool:
        elapsed_s = time.perf_counter() - begun
        return plan.until is not None and plan.until(measure(trainer, plan.needs, elapsed_s))

    piece, switched = STRETCH, -1
    if trainer.step and is_met():
        return "until"
    while not interrupted():
        step = trainer.step
        if step in plan.switches and step != switched:
            run.apply(plan.switches[step])
            switched = step
        if plan.last_step is not None and step >= plan.last_step:
            return "finished"
        look = _next_look(trainer, plan)
        stopped = None
        while stopped is None and trainer.step < look and not interrupted():
            asked = time.perf_counter()
            result = run.advance(min(look - trainer.step, piece))
            stopped = result.stopped
            took = time.perf_counter() - asked
            if result.n_steps == piece or took > PIECE_S:
                piece = max(1, min(int(piece * PIECE_S / max(took, 1e-5)), 4 * piece, 10**6))
            if bar.show(_share(trainer, plan), lambda: bar_text(trainer)):
                run.show(run.about("training"))
            watch.look()
        if stopped != "diverged" and not interrupted() and is_met():
            return "until"
        if stopped is not None:
            return str(stopped)
    return "interrupted"


def _next_look(trainer: Any, plan: Plan) -> int:
    """The next step at which there is something to do, or to be asked."""
    step = trainer.step
    ends = [*plan.switches, *plan.stops, *(stop + 1 for stop in plan.stops), plan.last_step]
    if plan.until is not None:
        ends.append(step + STRETCH)
    if "epoch" in plan.needs:
        ends.append(step + steps_of_epochs(trainer.state, 1))
    return min((end for end in ends if end is not None and end > step), default=step + 10**6)


def _share(trainer: Any, plan: Plan) -> float:
    """How far the run is, 0 to 1; NaN when there is no telling."""
    training = trainer.config.training
    shares = [
        done / limit
        for done, limit in (
            (trainer.step, plan.last_step),
            (trainer.step, training.max_steps),
            (trainer.epoch, training.max_epochs),
            (trainer.step, max(plan.stops, default=0)),
        )
        if limit
    ]
    return max(shares, default=math.nan)


def measure(trainer: Any, needs: frozenset[str], elapsed_s: float) -> dict[str, float]:
    """The metrics asked for, as they are now."""
    metrics = {
        "step": float(trainer.step),
        "epoch": float(trainer.epoch),
        "elapsed_s": elapsed_s,
        "learning_rate": float(trainer.learning_rate),
    }
    for part in ("train", "val"):
        if any(name.startswith(f"{part}_") for name in needs):
            metrics |= {f"{part}_{name}": float(value) for name, value in trainer.evaluate(part).items()}
    return metrics
