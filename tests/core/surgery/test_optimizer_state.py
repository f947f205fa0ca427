"""What an optimizer remembers is worth after a change of one of its settings what it was worth before.

Every step is made once more in double precision, from the papers and in one line each: what the optimizer takes the
mean gradient and the mean square to be is kept over the change, and every other array stays as it is.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pytest
from nets import trainer

from dltui.core import families
from dltui.core.registry import Param

Array = np.ndarray
Slots = dict[str, Array]
Settings = Mapping[str, Any]
RATE, STEPS = 1e-3, 9


def of_means(name: str, s: Settings, t: int) -> dict[str, float]:
    """What an optimizer divides its averages by after t steps, so that they are means."""
    match name:
        case "nadam":
            mu = [s["beta1"] * (1 - 0.5 * 0.96 ** (k * s["momentum_decay"])) for k in range(1, t + 1)]
            return {"first_moment": 1 - float(np.prod(mu)), "second_moment": 1 - s["beta2"] ** t}
        case "adam" | "adamw" | "radam" | "amsgrad":
            second = 1 - s["beta2"] ** t
            return {"first_moment": 1 - s["beta1"] ** t, "second_moment": second, "largest_second_moment": second}
        case "muon":
            return {"first_moment": 1 - s["momentum"] ** t, "second_moment": 1 - s["beta2"] ** t}
    return {}


def moved(name: str, g: Array, w: Array, slots: Slots, t: int, s: Settings) -> Array:
    """w before the step t minus w after it, over the rate; vectors only."""
    old = {key: array.copy() for key, array in slots.items()}
    match name:
        case "sgd":
            return g
        case "momentum":
            return s["momentum"] * old["velocity"] + g
        case "nag":
            return g + s["momentum"] * (s["momentum"] * old["velocity"] + g)
        case "rmsprop":
            v = s["alpha"] * old["second_moment"] + (1 - s["alpha"]) * g**2
            return s["momentum"] * old["scaled_velocity"] + g / (v**0.5 + s["eps"])
        case "adagrad":
            root = (old["squared_sum"] + g**2 + s["initial_accumulator_value"]) ** 0.5
            return g / (1 + (t - 1) * s["lr_decay"]) / (root + s["eps"])
        case "adadelta":
            v = s["rho"] * old["second_moment"] + (1 - s["rho"]) * g**2
            return ((old["squared_update"] + s["eps"]) / (v + s["eps"])) ** 0.5 * g
        case "lion":
            return np.sign(s["beta1"] * old["signed_average"] + (1 - s["beta1"]) * g) + s["weight_decay"] * w
    beta1 = s["momentum"] if name == "muon" else s["beta1"]
    m = beta1 * old["first_moment"] + (1 - beta1) * g
    v = s["beta2"] * old["second_moment"] + (1 - s["beta2"]) * g**2
    if name == "amsgrad":
        v = np.maximum(old["largest_second_moment"], v)
    c = of_means("adam", {"beta1": beta1, "beta2": s["beta2"]}, t)
    floor = (v / c["second_moment"]) ** 0.5 + s["eps"]
    decay = s.get("weight_decay", 0.0) * w
    if name == "nadam":
        mu, ahead = (s["beta1"] * (1 - 0.5 * 0.96 ** (k * s["momentum_decay"])) for k in (t, t + 1))
        now, then = of_means(name, s, t)["first_moment"], of_means(name, s, t + 1)["first_moment"]
        return ((1 - mu) * g / now + ahead * m / then) / floor
    if name == "radam":
        most = 2 / (1 - s["beta2"]) - 1
        length = most - 2 * t * s["beta2"] ** t / c["second_moment"]
        if length <= 5:
            return m / c["first_moment"]
        r = ((length - 4) * (length - 2) * most / ((most - 4) * (most - 2) * length)) ** 0.5
        return m / c["first_moment"] * r * c["second_moment"] ** 0.5 / (v**0.5 + s["eps"])
    return m / c["first_moment"] / floor + decay


def others(param: Param) -> tuple[Any, ...]:
    """Other values of a setting, on both sides where there are two."""
    if param.choices:
        return tuple(choice for choice in param.choices if choice != param.default)
    if isinstance(param.default, bool):
        return (not param.default,)
    small = {"eps": (1e-4, 0.3), "weight_decay": (0.5, 0.0), "lr_decay": (0.1,), "initial_accumulator_value": (0.5,)}
    return small.get(param.name, (0.05, 0.5, 0.99) if param.high == 1.0 else (0.5,))


CHANGES = [
    (name, param.name, value)
    for name, member in families["optimizers"].items()
    for param in member.params
    for value in others(param)
    if value != param.default
]


@pytest.mark.parametrize(("name", "setting", "value"), CHANGES, ids=str)
@pytest.mark.parametrize("steps", [1, STEPS, 60])
def test_the_step_after_a_change_is_the_one_by_hand(name: str, setting: str, value: object, steps: int) -> None:
    made = trainer(steps=steps, optimizer__name=name, optimizer__learning_rate=RATE)
    span = made.network.weights["dense1.bias"]
    old, t = made.config.optimizer.settings, made.memory.t

    def read(array: Array) -> Array:
        return span.read(array).astype(np.float64)

    slots = {key: read(array) for key, array in made.memory.slots.items()}
    made.apply({f"optimizer.{setting}": value})
    new = made.config.optimizer.settings
    before, after = of_means(name, old, t), of_means(name, new, t)
    for key in before.keys() & slots.keys():
        slots[key] = slots[key] / before[key] * after[key]
    for key, array in slots.items():
        np.testing.assert_allclose(read(made.memory.slots[key]), array, rtol=3e-6, err_msg=key)
    w = read(made.memory.weights)
    made.advance(1)
    by_hand = moved(name, read(made.memory.gradients), w, slots, t + 1, new)
    np.testing.assert_allclose((w - read(made.memory.weights)) / RATE, by_hand, rtol=2e-3, atol=2e-4)


def test_what_a_change_of_beta_makes_of_a_step_of_nadam() -> None:
    """The mean gradient that NAdam sees is what it divides by the product of its μ: it is the same after the change."""
    factors = {}
    for beta in (0.9, 0.5):
        made = trainer(steps=10, optimizer__name="nadam", optimizer__learning_rate=RATE)
        seen = {key: array.copy() for key, array in made.memory.slots.items()}
        made.apply({"optimizer.beta1": beta})
        there = seen["first_moment"] != 0
        factors[beta] = made.memory.slots["first_moment"][there] / seen["first_moment"][there]
    assert np.all(factors[0.9] == 1.0)
    assert np.all(np.abs(factors[0.5] - 1.0) < 1e-3), "1.53 is the share of an average that NAdam does not divide by"


@pytest.mark.parametrize(("beta1", "psi"), [(0.9, 0.004), (0.0, 0.004), (0.999, 1.0), (0.99999, 1.0), (0.9, 0.0)])
@pytest.mark.parametrize("t", [1, 2, 10, 1000, 10**7])
def test_what_nadam_divides_by_is_known_for_any_number_of_steps(beta1: float, psi: float, t: int) -> None:
    member = families["optimizers"]["nadam"]
    (share,) = (share for slot, share in member.divided_by if slot == "first_moment")
    product, power = 1.0, 1.0
    for _ in range(min(t, 10**6)):
        power *= 0.96**psi
        product *= beta1 * (1 - 0.5 * power)
        if product < 1e-18:
            break
    assert share({"beta1": beta1, "momentum_decay": psi}, t) == pytest.approx(1 - product, rel=1e-9)
