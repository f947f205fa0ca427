"""Snapshots of a trainer: what is cheap every time, what is expensive no more often than its share of the time."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np
import pytest
from nets import VALUES, trainer

from dltui.core import Trainer
from dltui.core.observe import observer as module
from dltui.core.observe.observer import Observer
from dltui.core.observe.probes import PROBES

SESSION: dict[str, Any] = {
    "run": "r",
    "preset": "moons",
    "status": "training",
    "status_text": "",
    "progress": float("nan"),
    "steps_per_s": 100.0,
    "speed_limit": 0.0,
    "elapsed_s": 1.0,
    "saved": "",
    "rewind_rate": 0.0,
    "preview": None,
}


class Clock:
    """Seconds that pass when they are told to."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


def test_a_snapshot_shows_the_run_as_it_is() -> None:
    made = trainer(steps=70)
    before = made.digest()
    shown = Observer(Clock()).snapshot(made, **SESSION)
    assert made.digest() == before
    assert (shown.step, shown.epoch, shown.config) == (made.step, made.epoch, made.config)
    assert shown.rate == made.learning_rate and shown.base_rate == made.config.optimizer.learning_rate
    assert (shown.n_train, shown.n_val, shown.task) == (made.data.n_train, made.data.n_val, "classes")
    assert shown.n_parameters == sum(array.size for array in made.parameters.values())
    assert shown.samples_per_s == 100.0 * made.state.batch and shown.memory_mb > 1
    assert shown.metrics["val_loss"] == made.history["val_loss"][1][-1]
    assert set(shown.curves) == set(shown.recent) == set(made.history.series)
    assert shown.future_steps[0] == made.step and len(shown.future_steps) == len(shown.future_rates)


def test_panels_that_nobody_looks_at_are_not_measured(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[str] = []

    def noted(name: str, probe: Callable[[Trainer], Any], made: Trainer) -> Any:
        asked.append(name)
        return probe(made)

    for name, probe in PROBES.items():
        monkeypatch.setitem(PROBES, name, partial(noted, name, probe))
    made, observer = trainer(steps=20), Observer(Clock())
    observer.probe(made, None)
    assert asked == []
    observer.panels = frozenset({"decision", "confusion", "no such panel"})
    observer.probe(made, None)
    assert asked == sorted({"decision", "confusion"} & set(PROBES))
    shown = observer.snapshot(made, **SESSION)
    assert shown.decision is not None
    observer.panels = frozenset()
    assert observer.snapshot(made, **SESSION).decision is None


@pytest.mark.parametrize("cost", [0.0, 0.01, 3.0])
def test_measuring_takes_no_more_than_its_share_of_the_time(cost: float, monkeypatch: pytest.MonkeyPatch) -> None:
    clock = Clock()

    def measured(*_: object) -> tuple[()]:
        clock.now += cost
        return ()

    monkeypatch.setattr(module, "layer_stats", measured)
    made, observer, spent = trainer(steps=20), Observer(clock), 0.0
    for _ in range(20_000):
        if observer.probe_is_due():
            observer.probe(made, None)
            spent += cost
        clock.now += 0.01
    assert spent / clock.now <= module.PROBE_SHARE * 1.2
    if cost:
        assert spent > 0
    observer.forget()
    assert observer.probe_is_due()


def test_the_size_of_the_last_update_is_kept_while_it_is_not_measured() -> None:
    made, observer = trainer(steps=20), Observer(Clock())
    before = made.memory.weights.copy()
    made.advance(1)
    observer.probe(made, before)
    measured = [layer.update_ratio for layer in observer.snapshot(made, **SESSION).layers]
    assert np.isfinite(measured).all()
    observer.probe(made, None)
    assert [layer.update_ratio for layer in observer.snapshot(made, **SESSION).layers] == measured
    observer.forget(weights_replaced=True)
    assert observer.snapshot(made, **SESSION).layers == ()
    observer.probe(made, None)
    assert not np.isfinite([layer.update_ratio for layer in observer.snapshot(made, **SESSION).layers]).any()


def test_a_network_changed_by_hand_is_scored_for_the_screen_alone() -> None:
    made, observer = trainer(VALUES, steps=33), Observer(Clock())
    old = observer.snapshot(made, **SESSION).metrics
    made.set_parameters({name: array * 0 for name, array in made.parameters.items()})
    digest = made.digest()
    observer.score(made)
    scored = observer.snapshot(made, **SESSION).metrics
    assert scored["val_loss"] != old["val_loss"] and made.history["val_loss"][1][-1] == old["val_loss"]
    assert made.digest() == digest
    made.advance(1)
    assert observer.snapshot(made, **SESSION).metrics["val_loss"] == made.history["val_loss"][1][-1]


def test_only_so_many_events_are_shown() -> None:
    made = trainer(steps=5)
    for k in range(module.EVENTS + 7):
        made.note("note", f"number {k}")
    shown = Observer(Clock()).snapshot(made, **SESSION).events
    assert len(shown) == module.EVENTS and shown[-1].text == f"number {module.EVENTS + 6}"
