"""The rates offered at a switch of optimizer: what their first step would be, and how a rate is remapped."""

from __future__ import annotations

import numpy as np
import pytest
from nets import trainer

from dltui.core import ConfigError, families
from dltui.core.training.rate_offers import preview, rate_offers, refused_preview, rehearse
from dltui.core.training.rates import future_rates


@pytest.mark.parametrize("new", sorted(families["optimizers"]))
@pytest.mark.parametrize("old", sorted(families["optimizers"]))
def test_the_predicted_first_step_is_the_first_step(old: str, new: str) -> None:
    made = trainer(steps=40, optimizer__name=old, optimizer__learning_rate=1e-3)
    if old == new:
        return
    for offer in rate_offers(made, made.plan({"optimizer.name": new})):
        twin = made.copy()
        twin.apply({"optimizer.name": new, "optimizer.learning_rate": offer.rate})
        before = twin.memory.weights.astype(np.float64)
        twin.advance(1)
        step = np.linalg.norm(twin.memory.weights.astype(np.float64) - before) / np.linalg.norm(before)
        assert offer.first_step == pytest.approx(step, rel=1e-5)
        assert np.isfinite(offer.rate)
        assert offer.rate > 0.0


def test_sgd_to_momentum_is_remapped_by_one_minus_beta() -> None:
    made = trainer(steps=40, optimizer__name="sgd", optimizer__learning_rate=0.5)
    remap = next(
        offer for offer in rate_offers(made, made.plan({"optimizer.name": "momentum"})) if offer.name == "remap"
    )
    assert remap.rate == pytest.approx(0.05)


@pytest.mark.parametrize("name", sorted(families["schedules"]))
def test_the_dotted_future_is_what_then_happens(name: str) -> None:
    made = trainer(steps=30)
    shown = preview(made, made.plan({"schedule.name": name}), 300)
    made.apply({"schedule.name": name})
    future = future_rates(made.state, 300)
    rates = []
    listens = families["schedules"][name].observe is not None
    for _ in range(10 if listens else 300):
        rates.append(made.learning_rate)
        made.advance(1)
    assert np.array_equal(rates, future[: len(rates)])
    assert np.array_equal(shown.rates[: len(rates)], rates)


def test_asking_changes_nothing() -> None:
    made = trainer(steps=40)
    before = made.digest()
    preview(made, made.plan({"optimizer.name": "sgd", "optimizer.learning_rate": 0.3}))
    assert made.digest() == before and made.config.optimizer.name == "adam"


def test_three_offers_are_made_where_the_optimizer_changes_and_none_where_it_does_not() -> None:
    made = trainer(steps=40)
    offers = preview(made, made.plan({"optimizer.name": "sgd"})).offers
    assert [offer.name for offer in offers] == ["remap", "keep", "usual"]
    assert offers[1].rate == made.config.optimizer.learning_rate
    assert offers[2].rate == families["optimizers"]["sgd"].usual_rate
    assert preview(made, made.plan({"optimizer.learning_rate": 0.5})).offers == ()


@pytest.mark.parametrize("new", ["adam", "rmsprop", "adagrad"])
def test_an_adaptive_optimizer_goes_on_with_steps_of_the_length_that_would_have_been_made(new: str) -> None:
    made = trainer(steps=40, optimizer__name="sgd", optimizer__learning_rate=0.1)
    change = made.plan({"optimizer.name": new})
    remap = next(offer for offer in rate_offers(made, change) if offer.name == "remap")
    delta, weights = rehearse(made, made.plan({}))
    expected = np.linalg.norm(delta) / np.linalg.norm(weights)
    tried, _ = rehearse(made, change.at_rate(remap.rate))
    assert np.linalg.norm(tried) / np.linalg.norm(weights) == pytest.approx(expected, rel=1e-3)
    assert np.isfinite(remap.rate) and remap.rate > 0


def test_a_rate_of_nothing_has_offers_that_are_numbers() -> None:
    made = trainer(steps=5, optimizer__name="adam", optimizer__learning_rate=0.0)
    for offer in rate_offers(made, made.plan({"optimizer.name": "sgd"})):
        assert np.isfinite(offer.rate) and offer.rate >= 0


def test_a_refused_change_is_shown_with_its_reason() -> None:
    made = trainer()
    with pytest.raises(ConfigError) as refused:
        made.plan({"optimizer.name": "adm"})
    shown = refused_preview({"optimizer.name": "adm"}, refused.value)
    assert "'adam'" in shown.error and shown.rates.size == 0 and shown.offers == ()


@pytest.mark.parametrize("name", sorted(families["activations"]))
def test_a_chosen_activation_comes_with_its_curve_and_its_slope(name: str) -> None:
    made = trainer(steps=5)
    (shape,) = preview(made, made.plan({"network.activation": name})).functions
    assert shape.name == name and np.isfinite(shape.values).all() and np.isfinite(shape.slopes).all()
    if made.config.network.activation != name and name != "softmax":
        measured = np.gradient(shape.values, shape.z)[2:-2]
        assert np.median(np.abs(measured - shape.slopes[2:-2])) < 1e-2
    assert not preview(made, made.plan({"optimizer.learning_rate": 0.1})).functions
