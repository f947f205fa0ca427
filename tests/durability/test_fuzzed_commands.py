"""Whatever comes over the wire is a command, or refused in one sentence; the session lives on and obeys the next one.

Every command with every field of another type, huge, no number, missing, one too many or nested without end goes to a
real session through a real socket. After each handful a rate is set from a terminal that is attached anew, and must be
the rate. A sample by default, all of it with `pytest -m slow`; `-rP` prints the figures.
"""

from __future__ import annotations

import itertools
import json
import os
import random
import resource
import socket
import struct
import typing
from collections import Counter
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import is_dataclass
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from nets import config
from patience import LIMIT_S, until

from dltui.core import ConfigError, Session, commands
from dltui.core.disk.home import find_home
from dltui.core.remote import wire
from dltui.core.remote.channel import socket_path
from dltui.core.remote.client import RemoteSession
from dltui.core.remote.server import Server

HANDFUL = 20
"""Messages between two looks whether the session obeys."""
MOST_MEMORY = 2 << 30
"""Bytes by which all of it may make the process larger."""
DEEP: Any = ["t"]
for _ in range(300):
    DEEP = ["t", DEEP]
ODD: tuple[Any, ...] = (
    None, True, False, 0, 1, -1, 2**31, 2**63 - 1, 2**63, -(2**63), 10**300, 0.5, 1e308, 5e-324, -0.0, "", "x",
    "x" * 5000, "\x00", "\x1b]52;c;aGk=\x07", "🦊", "../../../etc/passwd", "/dev/zero", "~", "--", ["t"], ["t", 1, "x"],
    ["t", ["t", ["m", {}]]], ["s"], ["s", "x"], ["s", 5], ["m", {}], ["m", {"": 0}], ["m", {"a": ["m", {"b": 1}]}],
    ["m", {"optimizer.learning_rate": 1e308}], ["m", {"optimizer.learning_rate": ["t", 1]}], ["m", {"x" * 5000: 1}],
    ["m", {"training.seed": 2**63}], ["m", {str(k): 0 for k in range(2000)}], ["m", {"network.hidden": ["t", 10**6]}],
    ["m", {"network.hidden": ["t", *[4] * 300]}], ["m", {"optimizer.name": "adamm"}], ["m", {"data.n_samples": 2**40}],
    ["m", {"jump_start.path": "/dev/zero"}], ["a", 0], ["a", -1], ["a", 10**9], ["d", "Apply", {}],
    ["d", "Nothing", {}], ["d", "Snapshot", {}], ["d", "Config", {}], [], ["?"], [[]], {}, {"a": 1},
    DEEP, float("nan"), float("inf"),
)  # fmt: skip
USUAL: dict[str, Any] = {
    "step": 40,
    "by": 0,
    "instead_of": -1,
    "name": "twin",
    "n": 3, "unit": "step", "changes": ["m", {"optimizer.beta1": 0.8}], "cold": False, "seed": None,
    "source": "nothing", "rewind": False, "layer": "dense1", "steps_per_s": 0.0, "pace": 0.0,
    "panels": ["s", "weights"], "number": 0, "candidates": ["t"], "n_steps": 5,
    "cells": ["m", {"x1": "0.5"}], "pixels": ["t", 0.0, 1.0], "on": True, "value": 0.1, "sample": 0,
    "signals": False, "kind": "slice",
}  # fmt: skip
"""Field of a command -> a value it is made for."""


def kinds() -> dict[str, list[str]]:
    """Command -> its fields; closing is not among them: it does end the session."""
    found = {kind.__name__: list(typing.get_type_hints(kind)) for kind in typing.get_args(commands.Command)}
    assert set(itertools.chain(*found.values())) <= set(USUAL), "say in USUAL what the new field is made for"
    return {name: fields for name, fields in found.items() if name != "Close"}


def messages() -> Iterator[Any]:
    """Every command with every field spoiled, and what is no command."""
    for name, fields in kinds().items():
        usual = {field: USUAL[field] for field in fields}
        yield ["d", name, usual]
        yield ["d", name, {**usual, "more": 1}]
        yield from (["d", name, odd] for odd in ODD)
        for field in fields:
            yield ["d", name, {key: value for key, value in usual.items() if key != field}]
            yield from (["d", name, {**usual, field: odd}] for odd in ODD)
            yield from (["d", name, {**usual, field: ["m", {"optimizer.learning_rate": odd}]}] for odd in ODD)
    yield ["d", "Close", {"more": 1}]
    yield from ODD
    yield from (["d", "Hello", {"version": odd, "dltui": odd, "run": odd, "watch": odd}] for odd in ODD)
    yield from (["d", "Refusal", {"reason": odd}] for odd in ODD)


def framed(value: Any, arrays: Any = ()) -> bytes:
    """The bytes of a message, whatever is in it."""
    text = json.dumps({"value": value, "arrays": list(arrays)}).encode()
    text += b" " * (-(len(text) + 4) % 8)
    return wire._frame(struct.pack("<I", len(text)) + text, True)


class Bench:
    """A session that is served, and a terminal that sends what it likes."""

    def __init__(self, folder: Path) -> None:
        self.environ = {"XDG_RUNTIME_DIR": str(folder)}
        self.session = Session(config(training__max_steps=0), keep=True)
        self.session.start()
        run = self.session.wait(lambda snapshot: snapshot.status == "paused", LIMIT_S).run
        self.run = os.path.join(find_home().runs, run)
        self.server = Server(self.session, self.run, self.environ)
        self.counts: Counter[str] = Counter()
        self._rates = itertools.count(1)

    def send(self, data: list[bytes]) -> None:
        """Send each, on one line as long as it holds and on another then."""
        rest = list(data)
        while rest:
            with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as line:
                line.settimeout(LIMIT_S)
                line.connect(socket_path(self.run, self.environ))
                line.sendall(wire.encode(wire.Hello(wire.VERSION, "fuzzed", os.path.basename(self.run))))
                heard = wire.Frames()
                while rest:
                    self.counts["sent"] += 1
                    with suppress(OSError):
                        line.sendall(rest.pop(0))
                    if self._hung_up(line, heard, 0.01 if rest else 0.2):
                        break

    def _hung_up(self, line: socket.socket, heard: wire.Frames, wait_s: float) -> bool:
        """Whether the server has let this terminal go, and that it said why in a sentence."""
        line.settimeout(wait_s)
        try:
            while data := line.recv(1 << 16):
                for message in heard.feed(data):
                    if isinstance(message, wire.Refusal):
                        assert message.reason and "\n" not in message.reason and "\x1b" not in message.reason
                        self.counts["refused by the server"] += 1
        except TimeoutError:
            line.settimeout(LIMIT_S)
            return False
        except OSError:
            return True
        return True

    def check(self) -> None:
        """The session is alive, and obeys."""
        rate = next(self._rates) * 1e-6
        terminal = RemoteSession(self.run, environ=self.environ)
        terminal.start()
        try:
            terminal.wait(lambda _: True, LIMIT_S)
            terminal.send(commands.Pause())
            terminal.send(commands.Apply({"optimizer.learning_rate": rate}))
            shown = self.session.wait(lambda snapshot: snapshot.base_rate == rate, LIMIT_S)
        finally:
            terminal.close()
        assert self.session.alive and self.session.failure == "", self.session.failure
        for event in shown.events:
            assert "\n" not in event.text and "\x1b" not in event.text
        self.counts["refused by the session"] = sum(event.kind == "refused" for event in shown.events)

    def close(self) -> None:
        """End all of it."""
        self.server.close()
        assert self.session.close(LIMIT_S)


@pytest.fixture
def bench(tmp_path: Path) -> Iterator[Bench]:
    # A socket's path must be short.
    folder = Path("/tmp") / f"dltui-fuzz-{os.getpid()}"
    folder.mkdir(mode=0o700, exist_ok=True)
    made = Bench(folder)
    yield made
    made.close()
    for path in (*folder.rglob("*.sock"), folder / "dltui", folder):
        with suppress(OSError):
            path.rmdir() if path.is_dir() else path.unlink()


def try_all(bench: Bench, chosen: list[Any]) -> None:
    """Send messages by the handful; the session obeys after each."""
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    for at in range(0, len(chosen), HANDFUL):
        some = chosen[at : at + HANDFUL]
        bench.send([framed(value) for value in some])
        try:
            bench.check()
        except Exception as error:
            raise AssertionError(f"after one of {some}") from error
    until(lambda: bench.server.n_viewers == 0)
    grown = 1024 * (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before)
    print(f"\n{dict(bench.counts)}, {grown / 2**20:.0f} MB more")
    assert grown < MOST_MEMORY


def test_some_of_every_command(bench: Bench) -> None:
    try_all(bench, random.Random(5).sample(list(messages()), 60))


@pytest.mark.slow
def test_every_command_with_every_field_spoiled(bench: Bench) -> None:
    chosen = list(messages())
    random.Random(6).shuffle(chosen)
    try_all(bench, chosen)


JSON = st.recursive(
    st.sampled_from(ODD) | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=12,
)
TAGGED = st.recursive(
    JSON,
    lambda inner: (
        st.lists(inner, max_size=3).map(lambda items: ["t", *items])
        | st.dictionaries(st.sampled_from(sorted(USUAL)), inner, max_size=4).map(lambda items: ["m", items])
        | st.tuples(st.sampled_from(sorted(kinds())), st.dictionaries(st.sampled_from(sorted(USUAL)), inner)).map(
            lambda pair: ["d", *pair]
        )
    ),
    max_leaves=12,
)
ARRAYS = st.lists(st.tuples(st.sampled_from(["<f4", "<f8", "|b1", "<O", ""]), st.lists(st.integers(-1, 2**40))))


@settings(max_examples=300, derandomize=True, database=None, deadline=None, suppress_health_check=list(HealthCheck),
          phases=[Phase.generate])  # fmt: skip
@given(TAGGED, ARRAYS | st.just([]), st.binary(max_size=12), st.integers(0, 2**16))
def test_whatever_is_framed_is_a_message_or_the_one_error(value: Any, arrays: Any, cut: bytes, at: int) -> None:
    data = framed(value, arrays)
    for sent in (data, data[: at % len(data)] + cut + data[at % len(data) :], cut + data):
        with suppress(ConfigError):
            for message in wire.Frames(1).feed(sent):
                assert is_dataclass(message)
                with suppress(ConfigError):
                    commands.check_command(message)
