"""`dltui --plain`: the whole program as lines of text, for screen readers, Braille displays and pipes.

Lines are typed and answered in order; what happens meanwhile is said when it happens. A line is read by a thread of its
own, so that the end of a training is told while nobody types.
"""

from __future__ import annotations

import queue
import sys
import threading
import time
from collections.abc import Callable
from typing import TextIO

from dltui.core.commands import Command, Hold, SessionFace, Step, Watch
from dltui.core.config.presets import list_presets
from dltui.core.errors import ConfigError
from dltui.core.snapshot import HeldUnit, Snapshot

from ..draw.unit_card import weight_line
from ..widgets.verbs import InHand
from . import plain_talk as talk
from .streams import out

LOOK_S = 0.05
"""Time between two looks at the run."""
ANSWER_S = 120.0
"""How long an answer of the session is waited for: it may have to compile first."""
PANELS = frozenset({"findings", "held"})
"""What is measured for it."""


def _is_open(snapshot: Snapshot) -> bool:
    """Whether there is a run to talk about."""
    return snapshot.status not in ("compiling", "starting")


class PlainMode:
    """A conversation about one run.

    Args:
        session: Started.
        source: Where typed lines come from.
        say: Writes a line.
    """

    def __init__(self, session: SessionFace, source: TextIO, say: Callable[[str], None]) -> None:
        self._session, self._say = session, say
        self._lines: queue.SimpleQueue[str | None] = queue.SimpleQueue()
        self._told = 0
        self._status = ""
        self._sample = 0
        self._at = InHand("", 0)
        self._reader = threading.Thread(target=self._read, args=(source,), name="dltui-lines", daemon=True)

    def _read(self, source: TextIO) -> None:
        for line in source:
            self._lines.put(line.strip())
        self._lines.put(None)

    def talk(self) -> int:
        """Answer lines until "quit" or their end; the exit code."""
        self._session.send(Watch(PANELS))
        snapshot = self._snapshot()
        if snapshot is None:
            self._say(self._session.failure)
            return 2
        self._say(talk.status_line(snapshot))
        self._say("type help for what can be typed")
        self._reader.start()
        while not self._session.failure:
            try:
                line = self._lines.get(timeout=LOOK_S)
            except queue.Empty:
                self._tell()
                continue
            if line is None or line in ("quit", "exit", "q"):
                return 0
            try:
                self._answer(line)
            except ConfigError as error:
                self._say(talk.spoken(f"not done: {error}"))
        self._say(talk.spoken(self._session.failure))
        return 1

    def _snapshot(self, ready: Callable[[Snapshot], bool] = _is_open) -> Snapshot | None:
        """The first snapshot of this kind; None where none comes."""
        end = time.monotonic() + ANSWER_S
        while time.monotonic() < end and not self._session.failure:
            snapshot = self._session.latest()
            if snapshot is not None and ready(snapshot):
                return snapshot
            time.sleep(0.01)
        return None

    def _tell(self) -> None:
        """Say what happened since the last look."""
        snapshot = self._session.latest()
        if snapshot is None:
            return
        if snapshot.events and snapshot.events[-1].number < self._told:
            self._told = snapshot.events[-1].number - 1  # another run, or an earlier state of it
        for event in snapshot.events:
            if event.number > self._told:
                self._told = event.number
                self._say(talk.spoken(f"at step {event.step}, {event.kind}: {event.text}"))
        if snapshot.status != self._status:
            self._status = snapshot.status
            self._say(talk.status_line(snapshot))

    def _answer(self, line: str) -> None:
        name, _, rest = line.partition(" ")
        for two in ("renew unit", "renew layer"):
            if line.startswith(two):
                name, rest = two, ""
        snapshot = self._snapshot()
        if snapshot is None:
            return
        command = talk.command_of(snapshot, name or "status", rest.strip(), self._at)
        if isinstance(command, Hold):
            self._hold(command, name)
        elif command is not None:
            self._do(command, snapshot)
        else:
            for text in self._told_lines(snapshot, name or "status", rest.strip()):
                self._say(text)

    def _do(self, command: Command, before: Snapshot) -> None:
        """Ask for something, and wait until the session has taken it."""
        self._session.send(command)
        self._snapshot(lambda now: now is not before and now.status != "compiling")
        if isinstance(command, Step):
            self._status = "training"  # that it pauses again is said in any case
        self._tell()

    def _hold(self, asked: Hold, name: str) -> None:
        if name == "sample":
            self._sample = asked.sample
        wanted = Hold(asked.layer, asked.unit, self._sample, asked.signals)
        last = self._session.latest()
        self._session.send(wanted)

        def is_it(now: Snapshot) -> bool:
            held = now.held
            return now is not last and held is not None and (held.layer, held.unit) == (wanted.layer, wanted.unit) and (
                (held.signals is not None) == wanted.signals
            )  # fmt: skip

        deadline = time.monotonic() + 20.0
        found = self._snapshot(lambda now: is_it(now) or time.monotonic() > deadline)
        if found is None or found.held is None or not is_it(found):
            raise ConfigError("there is no such unit", value=f"{wanted.layer}.{wanted.unit + 1}")
        held: HeldUnit = found.held
        self._at = InHand(held.layer, held.unit, 0, len(held.weights))
        for text in talk.backprop_lines(held) if wanted.signals else talk.unit_lines(held, 0):
            self._say(text)

    def _told_lines(self, snapshot: Snapshot, name: str, rest: str) -> list[str]:
        """What is said to a word that asks for nothing to be done."""
        if name == "wait":
            self._snapshot(lambda now: now.status not in ("training", "compiling"))
            self._tell()
            return []
        if name == "weight":
            self._at = InHand(self._at.layer, self._at.unit, int(rest or "1") - 1, self._at.n_sources)
            if self._at.source < 0:
                self._at = InHand(self._at.layer, self._at.unit, self._at.n_sources, self._at.n_sources)
            return [weight_line(snapshot.held, self._at.source)] if snapshot.held is not None else []
        return {
            "help": lambda: [f"{word.name} {word.takes}".strip() + f": {word.says}" for word in talk.WORDS],
            "status": lambda: [talk.status_line(snapshot)],
            "settings": lambda: talk.setting_lines(snapshot, rest),
            "presets": lambda: [talk.spoken(f"{one.name}: {one.title}") for one in list_presets()],
            "lesson": lambda: talk.lesson_lines(snapshot),
            "curve": lambda: talk.curve_lines(snapshot, rest),
            "layers": lambda: talk.layer_lines(snapshot),
            "log": lambda: [talk.spoken(f"step {one.step}, {one.kind}: {one.text}") for one in snapshot.events[-20:]],
            "doctor": lambda: talk.doctor_lines(snapshot),
        }[name]()


def talk_plainly(session: SessionFace, source: TextIO = sys.stdin) -> int:
    """Talk about a run until the user leaves; the exit code."""
    session.start()
    try:
        return PlainMode(session, source, lambda line: out(line, flush=True)).talk()
    finally:
        session.close(30.0)
