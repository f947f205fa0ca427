"""The futures of every choice, which then happen exactly so."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pytest
from nets import CLASSES, IMAGES, VALUES, trainer

from dltui.core import ConfigError, Trainer, families
from dltui.core.foresight.prospects import POINTS, Prospects

STEPS = 200
PATHS = {
    "activations": "network.activation",
    "optimizers": "optimizer.name",
    "schedules": "schedule.name",
    "scalers": "data.scaler",
    "losses": "loss.name",
}
"""Families of which one member is in force -> where it is chosen."""


def _choices() -> list[tuple[str, Mapping[str, Any], dict[str, object]]]:
    found: list[tuple[str, Mapping[str, Any], dict[str, object]]] = []
    for family, path in PATHS.items():
        found += [(f"{family}: {name}", CLASSES, {path: name}) for name in families[family]]
    for name, member in families["regularizers"].items():
        base = IMAGES if member.of_pictures else CLASSES
        found.append((f"regularizers: {name}", base, {f"regularization.{name}": 0.3}))
    norms = [name for name, layer in families["layers"].items() if layer.normalizes]
    found += [(f"normalization: {name}", CLASSES, {"network.normalization": name}) for name in norms]
    found += [(f"initializers: {name}", CLASSES, {"network.initializer": name}) for name in families["initializers"]]
    found.append(("wider", CLASSES, {"network.hidden": (9, 4)}))
    found.append(("rate", VALUES, {"optimizer.learning_rate": 0.1}))
    return found


def _computed(run: Trainer, changes: dict[str, object], n_steps: int) -> Any:
    work = Prospects(run.copy(), [{}, changes])
    for _ in work.rounds(n_steps, 1e9, lambda: False):
        pass
    return work.latest()


@pytest.mark.parametrize(("base", "changes"), [row[1:] for row in _choices()], ids=[row[0] for row in _choices()])
def test_a_future_that_is_chosen_happens_to_the_bit(base: Mapping[str, Any], changes: dict[str, object]) -> None:
    run = trainer(base, 60)
    before = run.digest()
    unchanged, changed = _computed(run, changes, STEPS)
    assert run.digest() == before
    assert (unchanged.changes, unchanged.n_steps, unchanged.refused) == ({}, STEPS, "")
    try:
        run.apply(changes)
    except ConfigError as error:
        assert changed.refused == str(error)
        return
    assert not changed.refused and changed.n_steps <= STEPS
    start = run.step
    run.advance(STEPS)
    steps, losses = run.history["train_loss"]
    happened = losses[np.searchsorted(steps, start) :]
    bounds = np.searchsorted(steps, changed.steps) - np.searchsorted(steps, start)
    means = np.add.reduceat(happened.astype(np.float64), bounds) / np.diff(np.append(bounds, len(happened)))
    assert np.array_equal(means, changed.losses)
    if run.stopped != "diverged":
        assert changed.metrics["train_loss"] == run.evaluate("train")["loss"]
        assert changed.metrics["val_loss"] == run.evaluate("val")["loss"]


def test_the_horizon_grows_for_all_alike_within_its_budget() -> None:
    work = Prospects(trainer(steps=5), [{}, {"optimizer.name": "sgd"}, {"optimizer.name": "lion"}])
    horizons = list(work.rounds(400, 1e9, lambda: False))
    assert sorted(set(horizons)) == [40, 80, 160, 320, 400]
    assert {one.n_steps for one in work.latest()} == {400}
    assert all(0 < len(one.losses) <= POINTS and one.step_us > 0.0 for one in work.latest())
    poor = Prospects(trainer(steps=5), [{}])
    assert list(poor.rounds(10**6, 0.0, lambda: False)) == [40]


def test_what_diverges_and_what_is_refused_says_so_and_goes_no_further() -> None:
    refused: dict[str, object] = {"network.frozen": ("dense9",)}
    diverges: dict[str, object] = {"optimizer.name": "sgd", "optimizer.learning_rate": 1e6}
    work = Prospects(trainer(VALUES, network__activation="relu"), [refused, diverges])
    list(work.rounds(400, 1e9, lambda: False))
    first, second = work.latest()
    assert "dense9" in first.refused and not len(first.losses)
    assert second.stopped == "diverged" and second.n_steps < 400 and not second.metrics


def test_it_is_called_off_between_two_pieces() -> None:
    calls: list[None] = []

    def off() -> bool:
        calls.append(None)
        return len(calls) > 4

    work = Prospects(trainer(), [{}] * 10)
    assert len(list(work.rounds(10**9, 1e9, off))) < 10
