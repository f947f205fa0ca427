"""What the presets of one group say of each other: every schedule and every optimizer does what its lesson claims."""

from __future__ import annotations

from functools import cache

import numpy as np
import pytest

from dltui.core.config.presets import load_preset
from dltui.core.registry import families
from dltui.core.schedules.base import Clock, learning_rates
from dltui.core.training.trainer import Trainer


@cache
def rates(name: str, n_steps: int = 5000) -> np.ndarray:
    """The learning rates of a schedule's preset, from its first step on."""
    config, t = load_preset(f"schedule_{name}"), np.arange(n_steps)
    clock, at = Clock(t=t, epoch=t // 18), config.schedule
    return learning_rates(
        families["schedules"][name], config.optimizer.learning_rate, clock, at.settings, {}, at.warmup_steps
    )


@cache
def losses(name: str, n_steps: int = 5000, every: int = 20) -> np.ndarray:
    """Training loss of a schedule's preset, every so many steps."""
    trainer, found = Trainer(load_preset(f"schedule_{name}")), []
    for _ in range(n_steps // every):
        trainer.advance(every)
        found.append(trainer.evaluate("train")["loss"])
    return np.array(found)


def trembling(values: np.ndarray) -> float:
    """Mean size of the change from one value to the next."""
    return float(np.abs(np.diff(values)).mean())


def constant() -> None:
    assert np.ptp(rates("constant")) == 0.0
    assert trembling(losses("constant")[-50:]) > 10 * trembling(losses("cosine")[-50:])


def cosine() -> None:
    falls = -np.diff(rates("cosine")[:4000])
    assert falls[2000] > 5 * max(falls[100], falls[-100])
    assert trembling(losses("cosine")[-50:]) < 0.02 * trembling(losses("cosine")[50:100])


def cyclic() -> None:
    r = rates("cyclic")
    turns = np.flatnonzero(np.diff(np.sign(np.diff(r)))) + 1
    assert len(turns) >= 8
    assert np.allclose(r[turns[1::2]], r[0])
    assert r[turns[0]] == pytest.approx(0.5)


def exponential() -> None:
    assert np.allclose(np.diff(np.log(rates("exponential"))), np.log(0.999))
    frozen = Trainer(load_preset("schedule_exponential").with_changes({"schedule.gamma": 0.98}))
    frozen.advance(5000)
    assert frozen.evaluate("train")["loss"] > 2 * losses("exponential")[-1]


def inverse_sqrt() -> None:
    r, other = rates("inverse_sqrt", 40_000), rates("time_decay", 40_000)
    assert (r[3000:] > other[3000:]).all()
    assert r[39_999] / r[9_999] == pytest.approx(0.5, rel=0.01)


def lambda_() -> None:
    t = np.arange(5000)
    base = load_preset("schedule_lambda").optimizer.learning_rate
    assert np.allclose(rates("lambda"), base * np.exp(-t / 2000) * (1 + 0.5 * np.sin(t / 150)))
    assert (np.diff(rates("lambda")) > 0).any()


def linear() -> None:
    r = rates("linear")
    assert np.ptp(np.diff(r[:4000])) < 1e-9
    assert np.allclose(r[4001:], r[0] / 100)


def multistep() -> None:
    r = rates("multistep")
    cuts = np.flatnonzero(np.diff(r)) + 1
    assert tuple(cuts) == load_preset("schedule_multistep").schedule.settings["milestones"][: len(cuts)]
    assert np.allclose(r[cuts] / r[cuts - 1], 0.3)


def noam() -> None:
    r = rates("noam", 8000)
    assert abs(int(r.argmax()) - 400) <= 1
    assert np.allclose(np.diff(r[:399]), r[1] - r[0])
    assert r[6399] / r[1599] == pytest.approx(0.5, rel=0.01)


def one_cycle() -> None:
    r = rates("one_cycle")
    assert r.argmax() < 4000 / 3 + 1
    assert r.max() == pytest.approx(load_preset("schedule_one_cycle").optimizer.learning_rate)
    assert r[0] < r.max() / 10
    assert r[-1] < r[0] / 1000


def plateau() -> None:
    trainer = Trainer(load_preset("schedule_plateau"))
    best, waited, cuts = np.inf, 0, 0
    rate, n_seen = trainer.learning_rate, 0
    while trainer.step < 5000:
        trainer.advance(1)
        seen = trainer.history["val_loss"][1]
        for loss in seen[n_seen:]:
            waited = 0 if loss < best * (1 - 1e-3) else waited + 1
            best = min(best, float(loss))
        n_seen = len(seen)
        if trainer.learning_rate != rate:
            assert trainer.learning_rate == pytest.approx(rate / 2)
            assert waited >= 40
            rate, waited, cuts = trainer.learning_rate, 0, cuts + 1
    assert cuts >= 2


def polynomial() -> None:
    r = rates("polynomial")
    assert (r[4000:] == 0.0).all()
    assert np.allclose(r[:4000], r[0] * (1 - np.arange(4000) / 4000) ** 2)
    assert np.ptp(losses("polynomial")[202:]) == 0.0


def step() -> None:
    r, found = rates("step"), losses("step")
    assert (np.flatnonzero(np.diff(r)) + 1).tolist() == [800, 1600, 2400, 3200, 4000, 4800]
    stairs = [trembling(found[first : first + 35]) for first in (82, 122, 162, 202)]
    assert stairs[0] > 1.5 * stairs[1] > 1.5 * stairs[2]


def time_decay() -> None:
    assert np.allclose(rates("time_decay"), 0.3 / (1 + 0.002 * np.arange(5000)))


def warm_restarts() -> None:
    r, found = rates("warm_restarts"), losses("warm_restarts")
    assert (np.flatnonzero(np.diff(r) > 0) + 1).tolist() == [500, 1500, 3500]
    assert np.allclose(r[[500, 1500, 3500]], r[0])
    for jump in (1500, 3500):
        at = jump // 20
        before, after = found[at - 10 : at], found[at : at + 10]
        assert trembling(after) > 5 * trembling(before)


SCHEDULES = {
    check.__name__.rstrip("_"): check
    for check in (
        *(constant, cosine, cyclic, exponential, inverse_sqrt, lambda_, linear, multistep),
        *(noam, one_cycle, plateau, polynomial, step, time_decay, warm_restarts),
    )
}


@pytest.mark.parametrize("name", families["schedules"])
def test_a_schedule_does_what_its_lesson_says(name: str) -> None:
    SCHEDULES[name]()


@cache
def run(name: str, n_steps: int, rate: float = 0.0) -> Trainer:
    """An optimizer's preset after so many steps, at its own rate or another."""
    config = load_preset(f"optimizer_{name}")
    trainer = Trainer(config.with_changes({"optimizer.learning_rate": rate}) if rate else config)
    trainer.advance(n_steps)
    return trainer


def loss(name: str, n_steps: int, rate: float = 0.0) -> float:
    return run(name, n_steps, rate).evaluate("train")["loss"]


def next_step(name: str, after: int) -> np.ndarray:
    """Change of the second layer's weights in the step after so many."""
    trainer = run(name, after).copy()
    before = trainer.parameters["dense2.weight"]
    trainer.advance(1)
    return trainer.parameters["dense2.weight"] - before


def size(change: np.ndarray) -> float:
    return float(np.sqrt((change**2).mean()))


def evenness(change: np.ndarray) -> float:
    """Spread of the sizes beside their mean: 0 where every weight moves by the same amount."""
    return float(np.abs(change).std() / np.abs(change).mean())


def sgd() -> None:
    assert loss("sgd", 3000) > 3 * max(loss(name, 3000) for name in ("momentum", "nag", "adam", "rmsprop"))
    assert loss("sgd", 6000) < 0.1


def momentum() -> None:
    assert loss("sgd", 3000, 0.03) > 5 * loss("momentum", 3000)
    assert loss("sgd", 3000, 0.3) < 0.5 * loss("sgd", 3000, 0.03)


def nag() -> None:
    assert loss("nag", 6000) == pytest.approx(loss("momentum", 6000), abs=0.01)
    assert loss("nag", 300) < loss("momentum", 300)


def rmsprop() -> None:
    assert evenness(next_step("rmsprop", 0)) < 0.01
    assert evenness(next_step("sgd", 0)) > 0.5


def adam() -> None:
    assert size(next_step("adam", 0)) == pytest.approx(0.01, rel=0.01)
    assert all(run("adam", 6000, rate).evaluate("val")["accuracy"] > 0.9 for rate in (0.003, 0.01, 0.03))


def adamw() -> None:
    norms = [np.linalg.norm(run(name, 6000).parameters["dense2.weight"]) for name in ("adamw", "adam")]
    assert norms[0] < 0.85 * norms[1]


def amsgrad() -> None:
    assert size(next_step("amsgrad", 6000)) < size(next_step("adam", 6000))
    assert loss("amsgrad", 3000) < 0.2


def nadam() -> None:
    assert loss("nadam", 300) < loss("adam", 300)
    scores = [run(name, 6000).evaluate("val")["accuracy"] for name in ("nadam", "adam")]
    assert scores[0] == pytest.approx(scores[1], abs=0.02)


def radam() -> None:
    assert size(next_step("radam", 0)) < 0.3 * size(next_step("adam", 0))
    assert loss("radam", 6000) < 0.05


def adagrad() -> None:
    sizes = [size(next_step("adagrad", after)) for after in (0, 30, 1000, 6000)]
    assert sizes[0] > 5 * sizes[1] and sizes[1] > 1.5 * sizes[2] > 2 * sizes[3]


def adadelta() -> None:
    assert size(next_step("adadelta", 0)) < 0.1 * size(next_step("rmsprop", 0))
    assert loss("adadelta", 1000) > max(loss(name, 1000) for name in ("adagrad", "rmsprop", "adam"))


def lion() -> None:
    rate = load_preset("optimizer_lion").optimizer.learning_rate
    assert rate <= load_preset("optimizer_adam").optimizer.learning_rate / 3
    for after in (0, 1000):
        assert np.allclose(np.abs(next_step("lion", after)), rate, rtol=0.05)


def muon() -> None:
    change, trainer = next_step("muon", 0), run("muon", 0).copy()
    trainer.advance(1)
    values = [np.linalg.svd(m, compute_uv=False) for m in (change, trainer.gradients["dense2.weight"])]
    shares = [v[3] / v[0] for v in values]
    assert shares[1] < 0.01
    assert shares[0] > 0.5


OPTIMIZERS = {
    check.__name__: check
    for check in (
        *(sgd, momentum, nag, rmsprop, adam, adamw, amsgrad),
        *(nadam, radam, adagrad, adadelta, lion, muon),
    )
}


@pytest.mark.parametrize("name", families["optimizers"])
def test_an_optimizer_does_what_its_lesson_says(name: str) -> None:
    OPTIMIZERS[name]()
