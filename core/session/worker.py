"""What the session's thread does: carry out commands between chunks, train, publish.

Everything that takes time happens here. What a change needs compiled is compiled in a thread of its own while training
goes on, and the change is made when it is ready; commands that need no compiling never wait. `HANDLERS`, at the end,
says for every command how it is carried out.
"""

from __future__ import annotations

import queue
from collections import deque
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

import numpy as np

from ..commands import (
    LINE_PREFIX,
    Apply,
    Ask,
    Close,
    Command,
    EditWeight,
    EndBranch,
    Evaluate,
    Foresee,
    Fork,
    Hold,
    KeepAverage,
    KeepBranch,
    Load,
    LookAround,
    LookAt,
    MakeTry,
    MeasureEffect,
    Pause,
    PlanChange,
    Preview,
    Promote,
    Redo,
    Reinitialize,
    RenameBranch,
    Restart,
    Run,
    SetSpeed,
    Step,
    TellLine,
    Undo,
    Watch,
    check_command,
)
from ..config import Config
from ..config.describe import change_text
from ..config.presets import load_plan, load_preset
from ..disk.home import find_home
from ..engine.state import TrainState
from ..errors import ConfigError, failures_refused
from ..observe.observer import Observer
from ..predict.asked import answer_to
from ..run.line import line_of, read_line
from ..run.moment import look_back_from, moment_of
from ..run.past import Place
from ..run.run import JournaledRun
from ..run.start import resume_run, start_run
from ..run.tree import tree_of
from ..snapshot import Curve, Planned, RatePreview, RunCurves, Snapshot
from ..store.decisions import EDIT, KEEP_AVERAGE, REINITIALIZE
from ..store.status import RunStatus
from ..tables.reading.progress import watched
from ..training.rate_offers import preview, refused_preview
from ..training.switch import PlannedChange
from ..training.trainer import Trainer
from ..warmup.compiler import Compiler
from ..warmup.functions import uncompiled_functions
from .branches import Branches
from .companion import NEWS_S, Companion
from .judge import Judge
from .lookout import Lookout
from .measuring import Measuring
from .pace import Pace
from .surveyor import Surveyor
from .tries import TryLog, outcome_text, scores_of, try_of

PUBLISH_S, BUSY_S = 0.08, 0.25
"""Shortest time between two snapshots while training, and while a switch compiles: both want the interpreter's lock."""
SENTENCES = 20
"""Changes that can be undone or redone of which a snapshot tells."""
MOST_NOTES = 12
"""Sentences about the data that are said at once."""
WAIT_S = 0.02
"""Time between two looks whether a switch is ready."""
LOOK_S = 0.3
"""Time for computing an earlier moment that is looked at; with more to train, a moment a little before is shown."""
BEYOND_POINTS = 1024
"""Most points of a curve behind the moment that is looked at."""
STORY_TOLD = "the story of this lesson is told"
"""Said where a run pauses because all that its lesson claims can be seen."""


class Worker:
    """Runs one session.

    Args:
        commands: Where commands arrive.
        publish: Takes each new snapshot.
        keep: Whether runs are kept in the user's home.
        clock: Seconds, monotonic.
    """

    def __init__(
        self,
        commands: queue.SimpleQueue[Command],
        publish: Callable[[Snapshot], None],
        *,
        keep: bool,
        clock: Callable[[], float],
    ) -> None:
        self._commands, self._put, self._keep, self._clock = commands, publish, keep, clock
        self._observer = Observer(clock)
        self._pace = Pace(clock)
        self._compiler = Compiler()
        self._waiting: deque[Command] = deque()
        self._planned: PlannedChange | None = None
        """What the first of the waiting commands would change, once that has been looked at."""
        self._closed, self._dirty, self._next_publish = False, True, 0.0
        self._published_step = -1
        self._running, self._steps_left = False, -1
        self._resumed_at_its_end = False
        """Whether the run was resumed after the end of its story, and its speed has not been set since."""
        self._status, self._status_text, self._progress = "compiling", "", 0.0
        self._preview: RatePreview | None = None
        self._weights_before: np.ndarray | None = None
        self._tries = TryLog()
        self._lookout, self._judge, self._measuring = Lookout(), Judge(), Measuring()
        self._surveyor = Surveyor()
        self._asides = (self._lookout, self._judge, self._measuring, self._surveyor)
        self._asked: Ask | None = None
        """The row or picture that is asked about."""
        self._companion: Companion | None = None
        self._news: RunCurves | None = None
        """Of the companion, as shown last."""
        self._run: JournaledRun
        self._branches: Branches
        """Of the run, with the run itself."""
        self._looking: Place | None = None
        """The earlier moment that is looked at."""
        self._looked: Trainer | None = None
        """A copy of the run as it was then."""
        self._preset = self._base = ""
        self._plan_told: tuple[Planned, ...] = ()
        self._plan_of: tuple[object, ...] = ()
        """What was decided when it was told."""
        self._line = ""
        self._line_of: tuple[object, ...] = ()
        """What was decided when it was told."""

    def open(
        self,
        source: str | Config,
        seed: int | None,
        name: str = "",
        choices: Mapping[str, object] = MappingProxyType({}),
    ) -> None:
        """Read, compile, and wait at step 0.

        Args:
            source: A preset's name, a file, a session line or a Config.
            seed: In place of the Config's.
            name: What the user named, where `source` is the Config made of it.
            choices: Settings in place of those of `source`.

        Raises:
            ConfigError: There is no such preset, or it cannot be used.
        """
        plan: dict[int, dict[str, object]] = {}
        if isinstance(source, Config):
            config, plan = source, load_plan(name) if name else {}
        elif source.startswith(LINE_PREFIX):
            name, config, plan = read_line(source)
        else:
            config, name, plan = load_preset(source), source, load_plan(source)
        seeded = {} if seed is None else {"training.seed": seed}
        if choices or seeded:
            config = config.with_changes({**choices, **seeded})
        self._take_over(start_run(config, name, self._make_trainer, self._keep, self._clock))
        self._base = name
        self._note_findings()
        if plan:
            self._run.set_plan(plan)

    def _note_findings(self) -> None:
        """Say what was guessed about the data, and was not said before."""
        said = {event.text for event in self._trainer.events}
        notes = [note for note in self._trainer.data.notes if note not in said]
        for note in notes[:MOST_NOTES]:
            self._trainer.note("note", note)
        if len(notes) > MOST_NOTES:
            self._trainer.note("note", f"{len(notes) - MOST_NOTES} more was found in the data")

    def resume(self, run_id: str) -> None:
        """Resume a kept run at the step it last showed.

        Raises:
            ConfigError: There is no such run, it is in use, or it cannot be brought back.
        """
        self._take_over(resume_run(run_id, self._make_trainer, self._clock))
        self._resumed_at_its_end = 0 < self._story <= self._trainer.step
        self._resume_branches(run_id)

    def _resume_branches(self, run_id: str) -> None:
        """Bring back the other runs of the tree that were trained with this one."""
        runs = find_home().runs
        tree = tree_of(runs, run_id)
        if run_id in tree:
            self._branches.stands(tree[run_id])
        for name, place in tree.items():
            if name == run_id or place.ended:
                continue
            try:
                self._branches.check_room()
                run = resume_run(name, self._make_trainer, self._clock)
            except ConfigError as error:
                self._trainer.note("note", f"the branch {place.name} is not here: {error}")
                continue
            look_back_from(run, run.keeper.run if run.keeper is not None else None)
            self._branches.join(run, place.name, place.step)
        self._branches.know_parents(tree)

    def _make_trainer(self, config: Config, title: str) -> Trainer:
        self._preset = title

        def say(text: str, share: float) -> None:
            self._put(Snapshot.starting(config, title, text, share))

        def compile_all(state: TrainState) -> None:
            self._compiler.prepare(state, lambda name, share: say(f"compiling {name}", share))

        with watched(lambda share: say("reading the table", share)):
            return Trainer(config, prepare=compile_all)

    def _take_over(self, run: JournaledRun) -> None:
        self._run, self._preview, self._weights_before, self._tries = run, None, None, TryLog()
        self._branches, self._looking, self._looked = Branches(run), None, None
        self._stop_asides()
        look_back_from(run, run.keeper.run if run.keeper is not None else None)
        self._asked = self._observer.held = None
        self._resumed_at_its_end = False
        self._pace.reset(run.trainer.step, self._story)
        self._show_why_idle()
        self._progress = float("nan")
        self._observer.forget(weights_replaced=True)

    @property
    def _trainer(self) -> Trainer:
        """What is on the screen: the run, or a copy of it as it was at the moment that is looked at."""
        return self._looked if self._looked is not None else self._run.trainer

    @property
    def _story(self) -> int:
        """Steps of the story of the run's lesson; 0 where it has none."""
        return self._trainer.config.preset.steps

    def work(self) -> None:
        """Carry out commands and train until closed."""
        try:
            while not self._closed:
                self._take_commands()
                if self._running and not self._closed:
                    self._train()
                elif self._branches.behind and not self._closed:
                    self._branches.catch_up()
                    self._dirty = self._dirty or self._clock() >= self._next_publish or not self._branches.behind
                self._publish()
            self._look_at_present()
            if self._trainer.stopped is not None:
                self._show_why_idle()
            self._run.close(self._run.about(self._status, exact=True))
            self._branches.close()
        finally:
            self._stop_asides()
            self._compiler.close()
            if self._companion is not None:
                self._companion.close()
            self._run.leave("failed")
            self._branches.leave("failed")

    def _take_commands(self) -> None:
        """Carry out the commands that have arrived; wait for one while nothing trains."""
        busy = any(one.busy for one in self._asides)
        wait_s: float | None = WAIT_S if self._waiting or busy else None
        if wait_s is None and self._companion is not None and self._companion.is_awaited(self._news):
            wait_s = NEWS_S
        if self._running or self._dirty or self._branches.behind:
            wait_s = 0.0
        while not self._closed:
            try:
                self._take(self._commands.get(timeout=wait_s))
            except queue.Empty:
                break
            wait_s = 0.0
        while self._waiting and not self._closed and self._is_ready(self._waiting[0]):
            self._carry_out(self._waiting.popleft())

    def _take(self, command: Command) -> None:
        """Carry out at once what may go ahead; the rest waits its turn."""
        try:
            check_command(command)
        except ConfigError as error:
            self._refuse(error)
            return
        if HANDLERS[type(command)].at_once:
            self._carry_out(command)
        else:
            self._waiting.append(command)

    def _is_ready(self, command: Command) -> bool:
        """Whether a command can be carried out without a pause; starts compiling where it cannot."""
        if not HANDLERS[type(command)].compiles:
            return True
        try:
            change = self._plan(command)
        except ConfigError:
            return True  # It is refused where it is carried out.
        return self._compiler.ready(lambda: uncompiled_functions(change.network, change.new))

    def _plan(self, command: Command) -> PlannedChange:
        """What the first of the waiting commands changes: planned once, when it is first looked at."""
        if self._planned is None:
            match command:
                case Apply(changes, cold):
                    self._planned = self._trainer.plan(changes, cold=cold)
                case Preview(changes):
                    self._planned = self._trainer.plan(changes)
                case MakeTry(number):
                    self._planned = self._trainer.plan(self._tries.changes_for(self._run, number))
                case _:
                    raise AssertionError(command)
        self._planned = self._trainer.up_to_date(self._planned)
        return self._planned

    def _carry_out(self, command: Command) -> None:
        handler = HANDLERS[type(command)]
        self._dirty = True
        try:
            if handler.looking == GO_ON:
                self._go_on_from_there()
            elif handler.looking == LEAVE:
                self._look_at_present()
            handler.carry_out(self, command)
            if handler.changes:
                self._note_change(handler.changes)
        except ConfigError as error:
            self._refuse(error)
        if not handler.at_once:
            self._planned = None

    def _refuse(self, error: ConfigError) -> None:
        self._status_text, self._dirty = str(error), True
        self._trainer.note("refused", str(error))

    def _note_change(self, what: str) -> None:
        """A change was made: it may have freed a run that had stopped, or put other weights in place."""
        self._preview, self._weights_before = None, None
        self._lookout.stop()
        self._pace.reset(self._trainer.step, self._story, max(self._steps_left, 0))
        self._observer.forget(weights_replaced=what == "weights")
        if self._running:
            self._status_text = ""
        else:
            self._show_why_idle()
            self._observer.score(self._trainer)

    def _apply(self, command: Apply) -> None:
        # Scores are measured for a change that a lesson speaks of, and for no other.
        is_try = try_of(self._trainer.config.preset.tries, command.changes) is not None
        before = scores_of(self._trainer) if is_try else {}
        data = self._trainer.data
        self._run.make(self._plan(command))
        if self._trainer.data is not data:
            self._note_findings()
        self._tries.note_change(self._run, command.changes, before)

    def _make_try(self, command: MakeTry) -> None:
        self._tries.make(self._run, command.number)
        self._start(self._tries.steps_left(self._trainer.step))

    def _restart(self, command: Restart) -> None:
        self._run.restart(command.seed)
        self._tries.note_restart(self._run)

    def _plan_change(self, command: PlanChange) -> None:
        self._run.plan_change(command.step, command.changes, command.instead_of)

    def _told_plan(self) -> tuple[Planned, ...]:
        """The changes to come, each told as the mark it will leave on the settings that lead to it."""
        plan, config = self._run.plan, self._trainer.config
        decided = (config, tuple(plan.items()))
        if decided != self._plan_of:
            told = []
            for step, changes in plan.items():
                old = config
                with suppress(ConfigError):  # said where it is to be made
                    config = config.with_changes(changes)
                told.append(Planned(step, changes, change_text(old, config)))
            self._plan_told, self._plan_of = tuple(told), decided
        return self._plan_told

    def _overwrite(self, what: str, *at: Any) -> None:
        self._run.overwrite(what, *at)
        self._tries.left()

    def _preview_change(self, command: Preview) -> None:
        if not command.changes:
            self._preview = None
            return
        try:
            self._preview = preview(self._trainer, self._plan(command))
        except ConfigError as error:
            self._preview = refused_preview(command.changes, error)

    def _decisions(self) -> tuple[object, ...]:
        return (self._run.course, tuple(self._run.plan.items()))

    def _tell_line(self) -> None:
        # Only where it is asked for: all changes are gone through again.
        self._line, self._line_of = line_of(self._run, self._base), self._decisions()

    @property
    def _has_news(self) -> bool:
        """Whether one of those who compute beside the run has found something."""
        return any(one.is_new for one in self._asides)

    def _stop_asides(self) -> None:
        for one in self._asides:
            one.stop()

    def _look_around(self, command: LookAround) -> None:
        past = self._run.past
        states = past.weights_along(self._run.way) if past is not None and self._looking is None else ()
        self._surveyor.ask(self._trainer, command.kind, states)

    def _foresee(self, command: Foresee) -> None:
        if command.candidates:
            self._lookout.ask(self._trainer, command.candidates, command.n_steps)
        else:
            self._lookout.stop()

    def _ask(self, command: Ask) -> None:
        self._asked = command if command.on else None

    def _hold(self, command: Hold) -> None:
        self._observer.held = command if command.layer else None
        self._observer.forget()

    def _undo(self, command: Undo) -> None:
        if command.rewind:
            self._run.rewind()
        else:
            self._run.undo()
        self._tries.left()

    def _redo(self, command: Redo) -> None:
        self._run.redo()
        self._tries.left()

    # Branches, and earlier moments.

    def _fork(self, command: Fork) -> None:
        branch = self._branches.fork(command.name, self._looking)
        self._run.trainer.note("note", f"{branch.name} begins here as a branch")

    def _end_branch(self, command: EndBranch) -> None:
        branch = self._branches.end(command.number)
        self._trainer.note("note", f"{branch.name} has ended at step {branch.step}" + (branch.id and f": {branch.id}"))

    def _keep_branch(self, command: KeepBranch) -> None:
        self._promote(Promote(command.number))
        for branch in self._branches.others:
            self._end_branch(EndBranch(branch.number))

    def _promote(self, command: Promote) -> None:
        if self._branches.find(command.number) is self._branches.front:
            return
        self._run.write_state()
        self._run = self._branches.promote(command.number).run
        self._measuring.stop()
        self._tries = TryLog()
        self._note_change("weights")
        if self._running and self._trainer.stopped is not None:
            self._running = False
            self._show_why_idle()

    def _measure_effect(self, command: MeasureEffect) -> None:
        if command.step < 0:
            self._measuring.stop()
        else:
            self._measuring.ask(self._run, command.step, command.n_steps)

    def _look_at(self, command: LookAt) -> None:
        """Look at an earlier moment; the run waits meanwhile."""
        step = self._moment_by(command.by) if command.by else command.step
        if step < 0 or step >= self._run.trainer.step:
            self._look_at_present()
            return
        self._pause()
        place = moment_of(self._run, step, LOOK_S)
        self._looking, (self._looked, weights_before) = place, self._as_trained(place)
        self._see_another()
        self._weights_before = weights_before
        now = f"of {self._run.trainer.step:,}".replace(",", " ")
        self._set_status("paused", f"looking back at step {place.step} {now}; training goes on from here, Esc returns")

    def _as_trained(self, place: Place) -> tuple[Trainer, np.ndarray | None]:
        """A copy of the run at a moment, and the weights before its last step where that could be made again."""
        if place.step > 0:
            before = moment_of(self._run, place.step - 1, LOOK_S)
            twin = self._run.trainer.at(before.bookmark)
            if twin.step == place.step - 1 and twin.stopped is None:
                weights = twin.memory.weights.copy()
                twin.advance(1)
                if twin.digest() == place.bookmark.digest():
                    return twin, weights
        return self._run.trainer.at(place.bookmark), None

    def _moment_by(self, by: int) -> int:
        """The step so many kept states after the one that is looked at; the present's past the last."""
        past, here = self._run.past, self._trainer.step
        kept = past.steps(self._run.way) if past is not None else ()
        there = [one for one in kept if (one > here if by > 0 else one < here)]
        if by > 0:
            return there[by - 1] if by <= len(there) else -1
        return there[max(len(there) + by, 0)] if there else min(here, kept[0] if kept else 0)

    def _look_at_present(self) -> None:
        if self._looking is not None:
            self._looking = self._looked = None
            self._see_another()
            self._show_why_idle()

    def _go_on_from_there(self) -> None:
        """Make the moment that is looked at the present; what came after it stays as a branch."""
        place, run = self._looking, self._run
        if place is None:
            return
        self._branches.fork(f"left at {run.trainer.step}")
        run.go_back(place)
        self._looking = self._looked = self._planned = None
        self._tries.left()
        self._note_change("weights")

    def _see_another(self) -> None:
        """All that is shown is of another state from now on."""
        self._preview, self._weights_before = None, None
        self._lookout.stop()
        self._observer.forget(weights_replaced=True)

    def _beyond(self) -> dict[str, Curve]:
        """The curves of the run as they went on behind the moment that is looked at."""
        if self._looking is None:
            return {}
        return {name: series.curve(BEYOND_POINTS) for name, series in self._run.trainer.history.series.items()}

    def _moments(self) -> tuple[int, ...]:
        past = self._run.past
        return past.steps(self._run.way) if past is not None and self._looking is not None else ()

    def _step(self, command: Step) -> None:
        self._start(command.n if command.unit == "step" else self._trainer.steps_of_epochs(command.n))

    def _set_speed(self, command: SetSpeed) -> None:
        over = self._resumed_at_its_end and command.pace > 0.0
        self._pace.set_speed(SetSpeed() if over else command, self._trainer.step)
        self._resumed_at_its_end = False

    def _watch(self, command: Watch) -> None:
        self._observer.panels = command.panels
        self._observer.forget()

    def _load(self, command: Load) -> None:
        old, about, title, branches = self._run, self._about(), self._preset, self._branches
        try:
            with failures_refused():
                self.open(command.source, None, choices=command.changes)
        except ConfigError:
            self._preset = title
            raise
        old.close(about)
        branches.close()
        if self._running:
            self._start(-1)

    def _close(self) -> None:
        self._closed = True
        self._set_status("closed")
        self._publish()

    def _start(self, n_steps: int) -> None:
        """Train so many steps; -1: until paused."""
        if self._trainer.stopped is not None:
            self._make_planned()  # it may free a run that has ended
        if self._trainer.stopped is not None:
            self._show_why_idle()
            return
        self._running, self._steps_left = True, n_steps
        self._pace.reset(self._trainer.step, self._story, max(self._steps_left, 0))
        self._set_status("training")

    def _make_planned(self) -> None:
        """Make the change that is planned for this step, if there is one."""
        try:
            if self._run.make_planned() is not None:
                self._note_change("settings")
        except ConfigError as error:
            self._refuse(error)

    def _pause(self) -> None:
        if self._running:
            self._running, self._steps_left = False, -1
            self._pace.reset(self._trainer.step, self._story)
            self._set_status("paused")
            self._observer.forget()
            self._run.write_state()
            self._branches.pause()

    def _show_why_idle(self) -> None:
        """Set the status to why nothing is trained."""
        stopped = self._trainer.stopped
        if stopped is None:
            self._set_status("paused")
        else:
            self._set_status("diverged" if stopped == "diverged" else "finished", self._trainer.why_stopped)

    def _train(self) -> None:
        """Train one chunk; its last step by itself where its update is measured, as panels are due or a pause comes."""
        if (left := self._pace.wait_s(self._trainer.step)) > 0.0:
            # Slow motion: wait for the next step; a command that comes sooner is not kept waiting.
            with suppress(queue.Empty):
                self._take(self._commands.get(timeout=min(left, PUBLISH_S)))
            return
        self._make_planned()
        n = self._pace.chunk(self._trainer.step)
        if self._steps_left >= 0:
            n = min(n, self._steps_left)
        end = self._trainer.steps_to_end
        story = self._pace.steps_of_story(self._trainer.step) if self._steps_left < 0 else 0
        at_most = (max(end, 1), story or n, self._run.steps_to_plan, max(self._tries.steps_left(self._trainer.step), 1))
        n = min(n, *at_most)
        with self._pace.measured(n) as count:
            measure = self._observer.probe_is_due() or n in (1, self._steps_left, end, story)
            done = self._run.advance(n - 1).n_steps if measure and n > 1 else 0
            before = self._trainer.memory.weights.copy() if measure else None
            last = self._run.advance(n - done) if self._trainer.stopped is None else None
            complete = last is not None and last.n_steps > 0 and last.stopped in (None, "finished")
            self._weights_before = before if complete else None
            done += last.n_steps if last is not None else 0
            self._branches.catch_up(done)
            count(done, self._trainer.step)
        self._steps_left -= done if self._steps_left >= 0 else 0
        looked_at = self._tries.look(self._trainer)
        if looked_at is not None:
            self._trainer.note("note", outcome_text(self._trainer.config.preset.tries, looked_at))
            self._dirty = True
        if self._trainer.stopped is not None:
            self._stop()
        elif self._steps_left == 0:
            self._pause()
        elif story and done >= story:
            self._end_story()

    def _end_story(self) -> None:
        """Pause where all can be seen that the lesson claims, so that it stays in sight."""
        self._trainer.note("note", STORY_TOLD)
        self._observer.score(self._trainer)
        self._pause()
        self._set_status("paused", STORY_TOLD)

    def _stop(self) -> None:
        self._running = False
        self._show_why_idle()
        self._trainer.note("diverged" if self._status == "diverged" else "stopped", self._status_text)
        if self._status != "diverged":
            self._observer.score(
                self._trainer
            )  # early stopping brings back weights that were not the last to be judged
        self._observer.forget()

    def _set_status(self, status: str, text: str = "") -> None:
        self._status, self._status_text, self._dirty = status, text, True

    def _about(self) -> RunStatus:
        """What a list of runs shows."""
        return self._run.about(self._status)

    def _look_after_companion(self) -> None:
        """Have the lesson's pair follow the run, and see what is new of it."""
        config, companion = self._trainer.config, self._companion
        wanted = config.preset.beside, config.training.seed
        if companion is not None and (companion.preset, companion.seed) != wanted:
            companion.close()
            self._companion = self._news = companion = None
        if companion is None and wanted[0]:
            companion = self._companion = Companion(*wanted)
        if companion is None:
            return
        companion.follow(self._trainer.step)
        news, failure = companion.latest(), companion.failure
        if failure:
            companion.failure = ""
            self._trainer.note("note", failure)
        if failure or (news is not self._news and not self._running):
            self._dirty = True
        self._news = news

    def _publish(self) -> None:
        """Publish a new snapshot, if one is due."""
        now = self._clock()
        for one in self._asides:
            if failure := one.take_failure():
                self._refuse(ConfigError(failure))
        if now >= self._next_publish and self._has_news:
            self._dirty = True
        self._look_after_companion()
        if not self._dirty and (self._trainer.step == self._published_step or now < self._next_publish):
            return
        due = self._observer.probe_is_due() or not self._running
        if due and (self._dirty or self._weights_before is not None):
            self._observer.probe(self._trainer, self._weights_before)
            self._weights_before = None
            self._observer.note_spike(self._trainer)
        self._run.show(self._about())
        self._branches.show()
        keeper = self._run.keeper
        undo, redo = self._run.undo_line(SENTENCES)
        evaluation, evaluated_at = self._judge.fetch()
        if self._line_of != self._decisions():
            self._line = ""
        snapshot = self._observer.snapshot(
            self._trainer,
            preview=self._preview,
            foresight=self._lookout.fetch(),
            evaluation=evaluation,
            landscape=self._surveyor.fetch(),
            evaluated_at=evaluated_at,
            answer=None if self._asked is None else answer_to(self._trainer, self._asked),
            beside=self._news,
            rewind_rate=self._run.rewind_rate(),
            line=self._line,
            undo=undo,
            redo=redo,
            run=keeper.run.id if keeper is not None and keeper.run is not None else "",
            preset=self._preset,
            status=self._status,
            status_text=self._status_text,
            progress=self._progress,
            steps_per_s=self._pace.steps_per_s if self._running else 0.0,
            speed_limit=self._pace.limit(self._trainer.step),
            pace=self._pace.factor,
            elapsed_s=self._pace.elapsed_s,
            saved=keeper.saved if keeper is not None else "",
            tries=self._tries.states,
            effect=self._measuring.fetch(),
            plan=self._told_plan(),
            branches=self._branches.told(),
            now=self._run.trainer.step if self._looking is not None else -1,
            moments=self._moments(),
            beyond=self._beyond(),
        )
        self._put(snapshot)
        self._published_step = self._trainer.step
        self._dirty, self._next_publish = False, self._clock() + (BUSY_S if self._waiting else PUBLISH_S)


@dataclass(frozen=True)
class Handler:
    """How one kind of command is carried out."""

    carry_out: Callable[[Worker, Any], None]
    at_once: bool = False
    """Whether it goes ahead of what waits for a compilation."""
    compiles: bool = False
    """Whether it may need functions that are not compiled yet."""
    changes: str = ""
    """What of the run it changes: its "settings", its "weights" in place of a step, or nothing."""
    looking: str = ""
    """What it means where an earlier moment is looked at: `GO_ON` from there, `LEAVE` it before; "": go on looking."""


GO_ON, LEAVE = "go on", "leave"


HANDLERS: Mapping[type[Command], Handler] = {
    Run: Handler(lambda worker, _: worker._start(-1), looking=GO_ON),
    Step: Handler(Worker._step, looking=GO_ON),
    Pause: Handler(lambda worker, _: worker._pause(), at_once=True),
    SetSpeed: Handler(Worker._set_speed, at_once=True),
    Watch: Handler(Worker._watch, at_once=True),
    Preview: Handler(Worker._preview_change, compiles=True),
    Foresee: Handler(Worker._foresee),
    LookAround: Handler(Worker._look_around),
    Evaluate: Handler(lambda worker, _: worker._judge.ask(worker._trainer)),
    Ask: Handler(Worker._ask, at_once=True),
    Hold: Handler(Worker._hold, at_once=True),
    TellLine: Handler(lambda worker, _: worker._tell_line()),
    Apply: Handler(Worker._apply, compiles=True, changes="settings", looking=GO_ON),
    Undo: Handler(Worker._undo, changes="weights", looking=LEAVE),
    Redo: Handler(Worker._redo, changes="weights", looking=LEAVE),
    PlanChange: Handler(Worker._plan_change, looking=GO_ON),
    Fork: Handler(Worker._fork),
    RenameBranch: Handler(lambda worker, command: worker._branches.rename(command.number, command.name)),
    EndBranch: Handler(Worker._end_branch),
    KeepBranch: Handler(Worker._keep_branch, looking=LEAVE),
    Promote: Handler(Worker._promote, looking=LEAVE),
    LookAt: Handler(Worker._look_at),
    MeasureEffect: Handler(Worker._measure_effect),
    Restart: Handler(Worker._restart, changes="weights", looking=LEAVE),
    MakeTry: Handler(Worker._make_try, compiles=True, changes="weights", looking=LEAVE),
    Reinitialize: Handler(
        lambda worker, asked: worker._overwrite(REINITIALIZE, asked.layer, asked.unit), changes="weights", looking=GO_ON
    ),
    EditWeight: Handler(
        lambda worker, asked: worker._overwrite(EDIT, *vars(asked).values()), changes="weights", looking=GO_ON
    ),
    KeepAverage: Handler(lambda worker, _: worker._overwrite(KEEP_AVERAGE), changes="weights", looking=GO_ON),
    Load: Handler(Worker._load, looking=LEAVE),
    Close: Handler(lambda worker, _: worker._close(), at_once=True),
}
"""Command -> how it is carried out."""
