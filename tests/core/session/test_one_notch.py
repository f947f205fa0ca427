"""A change of a setting is checked once, laid out once and compared once, and goes the way the README tells."""

from __future__ import annotations

import re
import sys
import threading
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from types import FrameType
from typing import Any

import pytest
from nets import config

from dltui.core import Config, Session
from dltui.core import commands as ask
from dltui.core.config.config import diff
from dltui.core.engine.design import design

LIMIT_S = 60.0
ROOT = Path(__file__).parents[3]


@pytest.fixture
def calls(monkeypatch: pytest.MonkeyPatch) -> Counter[str]:
    """How often each is called, from wherever."""
    counted: Counter[str] = Counter()

    def counting(name: str, function: Callable[..., Any]) -> Callable[..., Any]:
        def call(*args: Any, **kwargs: Any) -> Any:
            counted[name] += 1
            return function(*args, **kwargs)

        return call

    for function in (design, diff):
        for module in [module for name, module in sys.modules.items() if name.startswith("dltui.core")]:
            if getattr(module, function.__name__, None) is function:
                monkeypatch.setattr(module, function.__name__, counting(function.__name__, function))
    monkeypatch.setattr(Config, "with_changes", counting("with_changes", Config.with_changes))
    return counted


@pytest.fixture
def session() -> Iterator[Session]:
    made = Session(config(training__max_steps=0), keep=True)
    made.start()
    made.wait(lambda snapshot: snapshot.status == "paused", LIMIT_S)
    yield made
    assert made.close()


@pytest.mark.parametrize("trains", [False, True])
@pytest.mark.parametrize(
    "changes",
    [
        {"optimizer.learning_rate": 0.02},
        {"optimizer.name": "momentum"},
        {"network.activation": "relu", "network.blend_steps": 100},
        {"network.hidden": [8, 9]},
        {"training.seed": 7},
    ],
    ids=lambda changes: next(iter(changes)),
)
def test_a_change_is_checked_laid_out_and_compared_once(
    session: Session, calls: Counter[str], changes: dict[str, Any], trains: bool
) -> None:
    if trains:
        session.send(ask.Run())
        session.wait(lambda snapshot: snapshot.step > 20, LIMIT_S)
    calls.clear()
    session.send(ask.Apply(changes))
    session.wait(lambda snapshot: any(event.kind == "change" for event in snapshot.events), LIMIT_S)
    assert calls == {"with_changes": 1, "design": 1, "diff": 1}


def test_a_change_that_follows_another_without_a_step_is_compared_with_the_last_step_too(
    session: Session, calls: Counter[str]
) -> None:
    for n, rate in enumerate((0.02, 0.03), 1):
        calls.clear()
        session.send(ask.Apply({"optimizer.learning_rate": rate}))
        session.wait(lambda snapshot, rate=rate: snapshot.base_rate == rate, LIMIT_S)  # type: ignore[misc]
        assert calls == {"with_changes": 1, "design": 1, "diff": n}


def test_a_notch_goes_the_way_the_readme_tells() -> None:
    chapter = (ROOT / "README.md").read_text(encoding="utf-8").partition("### One notch of the learning rate")[2]
    way = re.findall(r"^\d+\. `([\w/.]+)`: ", chapter, flags=re.MULTILINE)
    assert 10 < len(way) <= 14
    assert all((ROOT / file).is_file() for file in way)
    # The screen's half needs a terminal, and compiled loops call nobody that could be seen.
    visible = way[way.index("core/session/session.py") : way.index("core/engine/loops.py")]
    assert _files_entered(set(visible)) == set(visible)


def _files_entered(files: set[str]) -> set[str]:
    """Those of the files of which a function is called while a notch is made, and the next step."""
    entered: set[str] = set()
    listens = threading.Event()

    def hear(frame: FrameType, event: str, _: object) -> None:
        if event == "call" and listens.is_set():
            entered.update(name for name in files if frame.f_code.co_filename.endswith(name))

    threading.setprofile(hear)
    session = Session(config(training__max_steps=0), keep=True)
    session.start()
    threading.setprofile(None)
    session.wait(lambda snapshot: snapshot.status == "paused", LIMIT_S)
    listens.set()
    sys.setprofile(hear)
    session.send(ask.Apply({"optimizer.learning_rate": 0.02}))
    sys.setprofile(None)
    session.wait(lambda snapshot: snapshot.base_rate == 0.02, LIMIT_S)
    session.send(ask.Step(1))
    session.wait(lambda snapshot: snapshot.step == 1, LIMIT_S)
    listens.clear()
    assert session.close()
    return entered
