"""Drives a run without a screen, as a plan says: a bar on stderr, one line of JSON on stdout.

Where the run is cut into stretches never changes it, so the bar may be drawn and conditions looked at whenever it
suits; only conditions on `step` and `epoch` themselves are met to the step. What a person should know goes to stderr as
it happens, and stdout holds the answer alone.
"""

from __future__ import annotations

import math
import os
import signal
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType
from typing import TYPE_CHECKING

from dltui.core.disk.home import find_home
from dltui.core.store.interrupted import note_interrupted
from dltui.core.training.condition import measure

from .plan import RunPlan
from .progress import ProgressBar
from .report import beside_constant, progress_text, report
from .streams import out, say

if TYPE_CHECKING:
    from dltui.core import Trainer
    from dltui.core.run.run import JournaledRun

STRETCH = 100
"""Most steps between two looks at a stop condition."""
PIECE_S = 0.05
"""Time between two looks whether to end."""
SAY_AGAIN_S = 10.0
"""Shortest time between two words about what is not saved."""
ENDS = {"until": "finished", "early stopping": "finished", "interrupted": "closed"}
"""What a list of runs says of a run that ended so."""
SAVE_S = 5.0
"""How long writing the last state may take."""


def drive(run: JournaledRun, plan: RunPlan, *, preset: str, as_json: bool, n_said: int = 0) -> int:
    """Train as planned, save and report; the exit code.

    Args:
        run: With its trainer and where it is saved.
        plan: Changes and ends.
        preset: Name for the report.
        as_json: Whether to print the JSON object.
        n_said: Events of the run that are no news.

    Raises:
        ConfigError: The schedule does not fit into the steps.
    """
    started = time.perf_counter()
    keeper, trainer = run.keeper, run.trainer
    run.set_plan(plan.switches)
    run.aim(plan.last_step or 0)
    goes = trainer.stopped is None or trainer.step in plan.switches
    for notice in plan.notices if goes else (_why_not_further(trainer.stopped),):
        say(notice)
    with interrupts() as interrupted:
        with ProgressBar(sys.stderr) as bar:
            problem = (lambda: keeper.problem) if keeper is not None else str
            watch = SaveWatch(problem, lambda text: bar.say(f"dltui: {text}"))
            watch.look()
            news = News(trainer, n_said, bar.say)
            stopped = train_as_planned(run, plan, bar, watch, news, interrupted)
        last = run.about(ENDS.get(stopped, stopped), exact=True)
        kept = keeper.run.id if keeper is not None and keeper.run is not None and keeper.in_place else ""
        saved = run.close(last, SAVE_S)
    result = report(trainer, kept, preset, stopped, time.perf_counter() - started, last.figures)
    if keeper is not None and not saved and not watch.said:
        say(keeper.problem or "the last state is not saved")
    if kept and interrupted() not in (0, signal.SIGINT):
        note_interrupted(find_home(), kept, signal.Signals(interrupted()).name)
    out(result.to_json() if as_json else result.sentence(keeper is not None), flush=True)
    if not as_json and trainer.data.findings is not None and (beside := beside_constant(result)):
        say(beside)
    if stopped == "interrupted":
        if kept:
            say(f"stopped at step {result.step}; resume it: dltui resume {kept}")
        return 128 + interrupted()
    for missed in plan.missed(trainer.step):
        say(missed)
    if stopped == "diverged":
        _say_way_back(trainer, kept)
    return 1 if stopped == "diverged" or (plan.until is not None and stopped != "until") else 0


def train_as_planned(
    run: JournaledRun, plan: RunPlan, bar: ProgressBar, watch: SaveWatch, news: News, interrupted: Callable[[], int]
) -> str:
    """Train until an end is reached; why it ended: "until", "interrupted", or as `Advance.stopped`.

    Args:
        run: What is trained.
        plan: Changes and ends.
        bar: Shows how far it is.
        watch: Says what is not saved.
        news: Says what happens.
        interrupted: Whether to end.
    """
    trainer, started = run.trainer, time.perf_counter()

    def is_met() -> bool:
        elapsed_s = time.perf_counter() - started
        return plan.until is not None and plan.until(measure(trainer, plan.needs, elapsed_s))

    piece = STRETCH
    if trainer.step and is_met():
        return "until"
    while not interrupted():
        run.make_planned()
        news.tell()
        step = trainer.step
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
            if bar.show(_share(trainer, plan), lambda: progress_text(trainer)):
                run.show(run.about("training"))
            watch.look()
            news.tell()
        if stopped != "diverged" and not interrupted() and is_met():
            return "until"
        if stopped is not None:
            return str(stopped)
    return "interrupted"


def _next_look(trainer: Trainer, plan: RunPlan) -> int:
    """The next step at which there is something to do, or to be asked."""
    step = trainer.step
    ends = [*plan.switches, *plan.stops, *(stop + 1 for stop in plan.stops), plan.last_step]
    if plan.until is not None:
        ends.append(step + STRETCH)
    if "epoch" in plan.needs:
        ends.append(step + trainer.steps_of_epochs(1))
    return min((end for end in ends if end is not None and end > step), default=step + 10**6)


def _share(trainer: Trainer, plan: RunPlan) -> float:
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


def _why_not_further(stopped: str | None) -> str:
    if stopped == "diverged":
        return "the run has diverged before and makes no further step as it is"
    return f"the run has ended ({stopped}); continue past its end with --steps or --epochs"


def _say_way_back(trainer: Trainer, kept: str) -> None:
    """Say why the run diverged, and how it continues from there."""
    if trainer.trouble is not None:
        say(trainer.why_stopped)
    if kept:
        rate = f"{trainer.config.optimizer.learning_rate / 10:.3g}"
        change = f"--at {trainer.step}:optimizer.learning_rate={rate}"
        say(f"continue from there with a smaller learning rate: dltui resume {kept} --steps 1000 {change}")


class News:
    """Says once what happens to a run by itself, and what a change of it brings about.

    Args:
        trainer: Whose events are looked at.
        n_said: How many of them are no news.
        say: Takes a sentence.
    """

    def __init__(self, trainer: Trainer, n_said: int, say: Callable[[str], None]) -> None:
        self._trainer, self._n_said, self._say = trainer, n_said, say

    def tell(self) -> None:
        """Say what is new."""
        events = self._trainer.events
        for event in events[self._n_said :]:
            if event.kind == "note":
                self._say(f"dltui: step {event.step}: {event.text}" if event.step else f"dltui: {event.text}")
        self._n_said = len(events)


class SaveWatch:
    """Says when a run stops being saved, and when it is saved again.

    Args:
        problem: Why the run is not saved; "" while it is.
        say: Takes a sentence.
        clock: Seconds, monotonic.
    """

    def __init__(
        self, problem: Callable[[], str], say: Callable[[str], None], clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._problem, self._say, self._clock = problem, say, clock
        self._due = -math.inf
        self.said = ""
        """The problem that was said last and has not passed."""

    def look(self) -> None:
        """Say what is new."""
        problem, now = self._problem(), self._clock()
        if bool(problem) == bool(self.said) or now < self._due:
            return
        self._say(problem or "the run is saved again")
        self.said, self._due = problem, now + SAY_AGAIN_S


@contextmanager
def interrupts() -> Iterator[Callable[[], int]]:
    """While inside, Ctrl-C, SIGTERM and SIGHUP ask for an end between two steps; gives the number of the one that did.

    The second one ends at once. A signal that is ignored from the start (nohup) stays so.
    """
    asked = 0

    def ask(number: int, _frame: FrameType | None) -> None:
        nonlocal asked
        if asked:
            os._exit(128 + number)
        asked = number

    numbers = [signal.SIGINT, signal.SIGTERM, signal.SIGHUP]
    before = {n: signal.signal(n, ask) for n in numbers if signal.getsignal(n) != signal.SIG_IGN}
    try:
        yield lambda: asked
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
