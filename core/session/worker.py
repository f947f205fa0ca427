"""What the session's thread does: carry out commands between chunks, train, publish.

Everything that takes time happens here. What a switch needs compiled is compiled in a thread of its own while training
goes on, and the switch is made when it is ready; commands that need no compiling never wait.
"""

from __future__ import annotations

import queue
from collections import deque
from collections.abc import Callable
from contextlib import suppress
from typing import Any

import numpy as np

from .. import commands as ask
from ..config import Config
from ..config.presets import load_preset
from ..errors import ConfigError
from ..observe.observer import Observer
from ..run.opening import begun, gone_on
from ..run.run import Run
from ..snapshot import RatePreview, Snapshot
from ..training.cadence import steps_of_epochs, steps_to_end
from ..training.rate_offers import preview
from ..training.trainer import Trainer
from ..training.trouble import why_stopped
from ..warmup.compiler import Compiler
from ..warmup.functions import missing
from .pace import Pace

PUBLISH_S, BUSY_S = 0.08, 0.25
"""Shortest time between two snapshots while training, and while a switch compiles: both want the interpreter's lock."""
WAIT_S = 0.02
"""Time between two looks whether a switch is ready."""


class Worker:
    """Runs one session.

    Args:
        commands: What is asked.
        publish: Takes each new snapshot.
        keep: Whether runs are kept in the user's home.
        clock: Seconds, monotonic.
    """

    def __init__(
        self,
        commands: queue.SimpleQueue[ask.Command],
        publish: Callable[[Snapshot], None],
        *,
        keep: bool,
        clock: Callable[[], float],
    ) -> None:
        self._commands, self._put, self._keep, self._clock = commands, publish, keep, clock
        self._observer = Observer(clock)
        self._pace = Pace(clock)
        self._compiler = Compiler()
        self._waiting: deque[ask.Command] = deque()
        self._closed, self._dirty, self._next_publish = False, True, 0.0
        self._running, self._steps_left = False, -1
        self._status, self._status_text, self._progress = "compiling", "", 0.0
        self._preview: RatePreview | None = None
        self._weights_before: np.ndarray | None = None
        self._run: Run
        self._preset = ""

    def open(self, source: str | Config, seed: int | None, name: str = "") -> None:
        """Read, compile, and stand at step 0.

        Raises:
            ConfigError: There is no such preset, or it cannot be used.
        """
        config, name = (source, name) if isinstance(source, Config) else (load_preset(source), source)
        if seed is not None:
            config = config.with_changes({"training.seed": seed})
        self._begin(begun(config, name, self._made, self._keep, self._clock))

    def resume(self, run_id: str) -> None:
        """Go on with a kept run, at the step last shown.

        Raises:
            ConfigError: There is no such run, it is in use, or it cannot be brought back.
        """
        self._begin(gone_on(run_id, self._made, self._clock))

    def _made(self, config: Config, title: str) -> Trainer:
        self._preset = title

        def show(name: str, share: float) -> None:
            self._put(Snapshot.starting(config, title, f"compiling {name}", share))

        return Trainer(config, prepare=lambda at: self._compiler.prepare(at, show))

    def _begin(self, run: Run) -> None:
        self._run, self._preview, self._weights_before = run, None, None
        self._pace.reset(run.trainer.step, steps_to_end(run.trainer.state))
        self._rest()
        self._progress = float("nan")
        self._observer.forget(anew=True)

    @property
    def _trainer(self) -> Trainer:
        return self._run.trainer

    def work(self) -> None:
        """Carry out commands and train until closed."""
        try:
            while not self._closed:
                self._take_commands()
                if self._running and not self._closed:
                    self._train()
                self._publish()
            if self._trainer.stopped is not None:
                self._rest()
            self._run.close(self._run.about(self._status, exact=True))
        finally:
            self._compiler.close()
            self._run.leave("failed")

    def _take_commands(self) -> None:
        """Carry out what was asked; wait for it while nothing trains."""
        while not self._closed:
            wait = self._running or self._dirty
            try:
                if wait:
                    command = self._commands.get_nowait()
                else:
                    command = self._commands.get(timeout=WAIT_S if self._waiting else None)
            except queue.Empty:
                break
            self._take(command)
        while self._waiting and not self._closed and self._is_ready(self._waiting[0]):
            self._do(self._waiting.popleft())

    def _take(self, command: ask.Command) -> None:
        """Do at once what needs no compiling; the rest waits its turn."""
        match command:
            case ask.Close():
                self._closed = True
                self._say("closed")
                self._publish()
            case ask.Pause():
                self._pause()
            case ask.SetSpeed():
                self._pace.hold_back(command, steps_to_end(self._trainer.state))
                self._dirty = True
            case ask.Watch(panels):
                self._observer.panels = panels
                self._observer.forget()
                self._dirty = True
            case _:
                self._waiting.append(command)

    def _is_ready(self, command: ask.Command) -> bool:
        """Whether a command can be done without a pause; starts compiling where it cannot."""
        if not isinstance(command, ask.Apply | ask.Preview):
            return True
        try:
            config = self._trainer.config.with_changes(command.changes)
            data = self._trainer.data_for(config, self._trainer.state)
            return self._compiler.ready(lambda: missing(config, data))
        except ConfigError:
            return True

    def _do(self, command: ask.Command) -> None:
        self._dirty = True
        try:
            match command:
                case ask.Run():
                    self._start(-1)
                case ask.Step(n, unit):
                    self._start(n if unit == "step" else steps_of_epochs(self._trainer.state, n))
                case ask.Preview(changes):
                    self._preview = preview(self._trainer, changes) if changes else None
                case ask.Apply() | ask.Restart() | ask.Undo() | ask.Reinitialize() | ask.KeepAverage():
                    self._run.do(command)
                    self._changed(anew=not isinstance(command, ask.Apply))
                case ask.Load(source):
                    self._load(source)
        except ConfigError as error:
            self._status_text = str(error)
            self._trainer.note("refused", str(error))

    def _load(self, source: str) -> None:
        old, about, title = self._run, self._about(), self._preset
        try:
            self.open(source, None)
        except ConfigError:
            self._preset = title
            raise
        old.close(about)
        if self._running:
            self._start(-1)

    def _changed(self, *, anew: bool) -> None:
        """A change was made: it may have freed a run that had stopped, or put other weights in place."""
        self._preview, self._weights_before = None, None
        self._pace.reset(self._trainer.step, steps_to_end(self._trainer.state))
        self._observer.forget(anew=anew)
        if self._running:
            self._status_text = ""
        else:
            self._rest()
            self._observer.score(self._trainer)

    def _start(self, n_steps: int) -> None:
        if self._trainer.stopped is not None:
            self._rest()
            return
        self._running, self._steps_left = True, n_steps
        self._pace.reset(self._trainer.step)
        self._say("training")

    def _rest(self) -> None:
        """Say why nothing is trained now."""
        if self._trainer.stopped is None:
            self._say("paused")
        else:
            why = why_stopped(self._trainer.state, self._trainer.trouble)
            self._say("diverged" if self._trainer.stopped == "diverged" else "finished", why)

    def _pause(self) -> None:
        if self._running:
            self._running = False
            self._say("paused")
            self._observer.forget()
            self._run.write_state()

    def _train(self) -> None:
        """One chunk; its last step alone where its update is to be measured: when panels are due, and before a rest."""
        n = self._pace.chunk()
        if self._steps_left >= 0:
            n = min(n, self._steps_left)
        end = steps_to_end(self._trainer.state)
        n = min(n, max(end, 1))
        with self._pace.measured(n) as count:
            measure = self._observer.probe_is_due() or n in (1, self._steps_left, end)
            done = self._run.advance(n - 1).n_steps if measure and n > 1 else 0
            before = self._trainer.memory.weights.copy() if measure else None
            last = self._run.advance(n - done) if self._trainer.stopped is None else None
            made = last is not None and last.n_steps > 0 and last.stopped in (None, "finished")
            self._weights_before = before if made else None
            done += last.n_steps if last is not None else 0
            count(done, self._trainer.step)
        self._steps_left -= done if self._steps_left >= 0 else 0
        if self._trainer.stopped is not None:
            self._stop()
        elif self._steps_left == 0:
            self._pause()
        if self._running and (left := self._pace.rest()) > 0.0:
            # Slow motion: wait for the next step, but not for a command.
            self._publish()
            with suppress(queue.Empty):
                self._take(self._commands.get(timeout=left))

    def _stop(self) -> None:
        self._running = False
        self._rest()
        self._trainer.note("diverged" if self._status == "diverged" else "stopped", self._status_text)
        self._observer.forget()

    def _say(self, status: str, text: str = "") -> None:
        self._status, self._status_text, self._dirty = status, text, True

    def _about(self) -> dict[str, Any]:
        """What a list of runs shows."""
        return self._run.about(self._status)

    def _publish(self) -> None:
        """Put a snapshot into the slot, if one is due."""
        now = self._clock()
        if not self._dirty and (not self._running or now < self._next_publish):
            return
        due = self._observer.probe_is_due() or not self._running
        if due and (self._dirty or self._weights_before is not None):
            self._observer.probe(self._trainer, self._weights_before)
            self._weights_before = None
            self._observer.note_spike(self._trainer)
        self._run.show(self._about())
        keeper = self._run.keeper
        snapshot = self._observer.snapshot(
            self._trainer,
            preview=self._preview,
            rewind_rate=self._run.rewind_rate(),
            run=keeper.run.id if keeper is not None and keeper.run is not None else "",
            preset=self._preset,
            status=self._status,
            status_text=self._status_text,
            progress=self._progress,
            steps_per_s=self._pace.steps_per_s if self._running else 0.0,
            speed_limit=self._pace.limit,
            elapsed_s=self._pace.elapsed_s,
            saved=keeper.saved if keeper is not None else "",
        )
        self._put(snapshot)
        self._dirty, self._next_publish = False, self._clock() + (BUSY_S if self._waiting else PUBLISH_S)
