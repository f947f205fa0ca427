"""The worker thread: commands come in through one queue, the newest Snapshot lies in one slot.

Nothing else crosses between the screen and training, and training never waits for the screen. Everything that takes
time (imports, compiling, reading data) happens in this thread; what a switch needs compiled is compiled in a thread of
its own while training goes on, and the switch is made when it is ready.
"""

from __future__ import annotations

import queue
import threading
import time
from collections import deque
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from . import commands as ask
from .errors import ConfigError

if TYPE_CHECKING:
    from .config import Config
    from .observe import Observer
    from .snapshot import RatePreview, Snapshot
    from .trainer import Bookmark, Trainer

CHUNK_S = 0.016
"""Length of a chunk: short enough that a key is answered at once, long enough that handing over the interpreter's lock
costs nothing."""
PUBLISH_S = 0.05
"""Shortest time between two snapshots while training."""
REWINDS = 8
"""Changes that can be rewound."""


class Session:
    """A run with a thread of its own.

    Args:
        source: A preset's name, a file, or a Config.
        seed: Seed in place of the Config's.
        clock: Seconds, monotonic; tests own time through it.
    """

    def __init__(
        self, source: str | Config, *, seed: int | None = None, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._source, self._seed, self._clock = source, seed, clock
        self._queue: queue.SimpleQueue[ask.Command] = queue.SimpleQueue()
        self._slot: Snapshot | None = None
        self._published = threading.Condition()
        self._thread = threading.Thread(target=self._work, name="dltui-session", daemon=True)
        self._closed = False
        self.failure = ""
        """Why there is no run: one sentence, "" while all is well."""

    # --- called from other threads ------------------------------------------------------------------------------------

    def start(self) -> None:
        """Start the thread; returns at once."""
        self._thread.start()

    def send(self, command: ask.Command) -> None:
        """Ask for something; returns at once."""
        self._queue.put(command)

    def latest(self) -> Snapshot | None:
        """The newest snapshot: the same object until there is a newer one, None before the first."""
        return self._slot

    def wait(self, condition: Callable[[Snapshot], bool], timeout: float) -> Snapshot:
        """The first snapshot that meets a condition.

        Raises:
            TimeoutError: None did in `timeout` seconds.
            ConfigError: There is no run.
        """
        end = time.monotonic() + timeout
        with self._published:
            while True:
                if self._slot is not None and condition(self._slot):
                    return self._slot
                if self.failure and self._slot is None:
                    raise ConfigError(self.failure)
                left = end - time.monotonic()
                if left <= 0.0:
                    raise TimeoutError("no snapshot met the condition")
                self._published.wait(left)

    def close(self, timeout: float = 5.0) -> bool:
        """End the run and its thread; whether it ended in time."""
        self.send(ask.Close())
        if self._thread.ident is not None:
            self._thread.join(timeout)
        return not self._thread.is_alive()

    @property
    def alive(self) -> bool:
        """Whether the thread runs."""
        return self._thread.is_alive()

    # --- the thread ---------------------------------------------------------------------------------------------------

    def _work(self) -> None:
        try:
            self._open(self._source, self._seed)
            while not self._closed:
                self._take_commands()
                if self._running and not self._closed:
                    self._train()
                self._publish()
        except ConfigError as error:
            self._fail(str(error))
        except MemoryError:
            self._fail("there is not enough memory for this run")

    def _fail(self, sentence: str) -> None:
        with self._published:
            self.failure = sentence
            self._published.notify_all()

    def _open(self, source: str | Config, seed: int | None) -> None:
        """Import, read, compile, and stand at step 0."""
        from .config import Config
        from .observe import Observer
        from .presets import load_preset
        from .trainer import Trainer

        config = source if isinstance(source, Config) else load_preset(source)
        if seed is not None:
            config = config.with_changes({"training.seed": seed})
        self._trainer: Trainer
        self._observer: Observer = Observer(self._clock)
        self._preset = config.preset.title or (source if isinstance(source, str) else "run")
        self._running, self._steps_left, self._speed = False, -1, 0.0
        self._status, self._status_text, self._progress = "compiling", "", 0.0
        self._waiting: deque[ask.Command] = deque()
        self._compiling: threading.Thread | None = None
        self._preview: RatePreview | None = None
        self._bookmarks: list[tuple[dict[str, Any], Bookmark]] = []
        self._chunk, self._next_publish, self._dirty = 16, 0.0, True
        self._elapsed, self._rate, self._rate_since = 0.0, 0.0, (0.0, 0)
        self._weights_before: Any = None
        self._trainer = Trainer(config, progress=self._compiles)
        self._status, self._status_text, self._progress = "paused", "", float("nan")
        self._note("start", f"seed {config.training.seed}")
        self._observer.forget()

    def _compiles(self, name: str, share: float) -> None:
        self._status_text, self._progress = f"compiling {name}", share

    def _note(self, kind: str, text: str) -> None:
        self._trainer.note(kind, text)
        self._dirty = True

    def _take_commands(self) -> None:
        """Carry out what was asked; wait for it while nothing trains."""
        while True:
            idle = not self._running and not self._waiting
            pause = 0.02 if self._waiting and not self._running else None
            try:
                if idle and not self._dirty:
                    command = self._queue.get()
                elif pause is not None and not self._dirty:
                    command = self._queue.get(timeout=pause)
                else:
                    command = self._queue.get_nowait()
            except queue.Empty:
                break
            self._take(command)
            if self._closed:
                return
        while self._waiting and self._is_ready(self._waiting[0]):
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
            case ask.SetSpeed(steps_per_s):
                self._speed = steps_per_s
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
        if self._compiling is not None and self._compiling.is_alive():
            return False
        try:
            missing = self._trainer.needed(command.changes)
        except ConfigError:
            return True
        if not missing:
            return True
        from .needed import make_ready

        def work() -> None:
            for function in missing:
                make_ready(function)

        self._compiling = threading.Thread(target=work, name="dltui-compiler", daemon=True)
        self._compiling.start()
        return False

    def _do(self, command: ask.Command) -> None:
        self._dirty = True
        try:
            match command:
                case ask.Run():
                    self._run(-1)
                case ask.Step(n, unit):
                    self._run(n if unit == "step" else self._trainer.steps_of_epochs(n))
                case ask.Apply(changes, cold):
                    self._apply(dict(changes), cold)
                case ask.Preview(changes):
                    self._preview = self._trainer.preview(changes) if changes else None
                case ask.Restart(seed):
                    self._restart(seed)
                case ask.Load(source):
                    panels, running = self._observer.panels, self._running
                    self._open(source, None)
                    self._observer.panels, self._running = panels, running
                case ask.Undo(rewind):
                    self._undo(rewind)
        except ConfigError as error:
            self._status_text = str(error)
            self._note("refused", str(error))

    def _run(self, n_steps: int) -> None:
        if self._trainer.stopped is not None:
            self._say(self._stopped_status(), self._stopped_text())
            return
        self._running, self._steps_left = True, n_steps
        self._rate_since = (self._clock(), self._trainer.step)
        self._say("training")

    def _pause(self) -> None:
        if self._running:
            self._running = False
            self._say("paused")
            self._observer.forget()

    def _apply(self, changes: dict[str, Any], cold: bool) -> None:
        before = self._trainer.config
        bookmark = self._trainer.bookmark()
        event = self._trainer.apply(changes, cold=cold)
        self._preview = None
        if event is None:
            return
        from .config import diff

        inverse = {path: old for path, (old, _) in diff(before, self._trainer.config).items() if old is not None}
        self._bookmarks = [*self._bookmarks[1 - REWINDS :], (inverse, bookmark)]
        self._observer.forget()
        if self._status in ("diverged", "finished"):
            self._say("paused")
        else:
            self._status_text = ""

    def _undo(self, rewind: bool) -> None:
        if not self._bookmarks:
            self._note("refused", "there is no change to take back")
            return
        inverse, bookmark = self._bookmarks.pop()
        if rewind:
            self._trainer.return_to(bookmark)
            self._note("note", f"rewound to step {self._trainer.step}")
        else:
            self._trainer.apply(inverse)
        self._observer.forget()
        if not self._running:
            self._say("paused")

    def _restart(self, seed: int | None) -> None:
        self._trainer.restart(seed)
        self._bookmarks, self._elapsed = [], 0.0
        self._note("start", f"seed {self._trainer.config.training.seed}")
        self._observer.forget()
        self._say("training" if self._running else "paused")

    def _train(self) -> None:
        """One chunk of about `CHUNK_S`, its length adapted to the speed of the last."""
        start = self._clock()
        n = self._chunk if self._speed <= 0.0 else 1
        if self._steps_left >= 0:
            n = min(n, self._steps_left)
        watched = self._clock() >= self._next_publish and self._observer.probe_is_due() and n > 0
        if watched:
            n_before = max(n - 1, 0)
            result = self._trainer.advance(n_before) if n_before else None
            self._weights_before = self._trainer.memory.weights.copy()
            done = result.n_steps if result is not None else 0
            if result is None or result.stopped is None:
                done += self._trainer.advance(n - n_before).n_steps
        else:
            done = self._trainer.advance(n).n_steps
        spent = self._clock() - start
        self._elapsed += spent
        if spent > 0.0 and self._speed <= 0.0 and done == n:
            self._chunk = int(min(max(n * CHUNK_S / spent, self._chunk / 2, 1), self._chunk * 2, 65536))
        if self._steps_left >= 0:
            self._steps_left -= done
        if self._trainer.stopped is not None:
            self._stop()
        elif self._steps_left == 0:
            self._pause()
        if self._speed > 0.0 and self._running:
            self._idle(start + 1.0 / self._speed)

    def _idle(self, until: float) -> None:
        """Slow motion: wait for the next step, but not for a command."""
        self._publish()
        left = until - self._clock()
        if left > 0.0:
            try:
                self._take(self._queue.get(timeout=left))
            except queue.Empty:
                return

    def _stop(self) -> None:
        self._running = False
        status = self._stopped_status()
        self._say(status, self._stopped_text())
        self._note("diverged" if status == "diverged" else "stopped", self._stopped_text())
        self._observer.forget()

    def _stopped_status(self) -> str:
        return "diverged" if self._trainer.stopped == "diverged" else "finished"

    def _stopped_text(self) -> str:
        if self._trainer.trouble is not None:
            return self._trainer.trouble.sentence() + "; the weights are the last sound ones"
        return str(self._trainer.stopped)

    def _say(self, status: str, text: str = "") -> None:
        self._status, self._status_text, self._dirty = status, text, True

    def _publish(self) -> None:
        """Put a snapshot into the slot, if one is due."""
        now = self._clock()
        if not self._dirty and (not self._running or now < self._next_publish):
            return
        if self._observer.probe_is_due() or not self._running:
            self._observer.probe(self._trainer, self._weights_before)
        since, step = self._rate_since
        if self._running and now - since >= 0.5:
            self._rate = (self._trainer.step - step) / (now - since)
            self._rate_since = (now, self._trainer.step)
        snapshot = self._observer.snapshot(
            self._trainer,
            preview=self._preview,
            run="",
            preset=self._preset,
            status=self._status,
            status_text=self._status_text,
            progress=self._progress,
            steps_per_s=self._rate if self._running else 0.0,
            elapsed_s=self._elapsed,
            saved="",
        )
        with self._published:
            self._slot = snapshot
            self._published.notify_all()
        self._dirty = False
        self._next_publish = self._clock() + PUBLISH_S
