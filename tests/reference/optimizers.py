"""Optimizers in the form PyTorch documents (Lion's and Muon's: their papers), a tensor at a time.

State is named by meaning. `t` counts the steps the state has seen, from 1 at the first. Averages that start at zero are
corrected by 1 - β^t.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

Array = np.ndarray
State = dict[str, Array]
Chosen = tuple[str, Mapping[str, Any]]
"""(optimizer, settings)."""

SLOTS: Mapping[str, tuple[str, ...]] = {
    "sgd": (),
    "momentum": ("velocity",),
    "nag": ("velocity",),
    "rmsprop": ("second_moment", "scaled_velocity"),
    "adam": ("first_moment", "second_moment"),
    "adamw": ("first_moment", "second_moment"),
    "nadam": ("first_moment", "second_moment"),
    "radam": ("first_moment", "second_moment"),
    "amsgrad": ("first_moment", "second_moment", "largest_second_moment"),
    "adagrad": ("squared_sum",),
    "adadelta": ("second_moment", "squared_update"),
    "lion": ("signed_average",),
    "muon": ("first_moment", "second_moment"),
}
"""Optimizer -> its state by meaning."""

_OF_ADAM = {"first_moment": "beta1", "second_moment": "beta2"}
CORRECTED: Mapping[str, Mapping[str, str]] = {
    "adam": _OF_ADAM,
    "adamw": _OF_ADAM,
    "nadam": _OF_ADAM,
    "radam": _OF_ADAM,
    "amsgrad": {**_OF_ADAM, "largest_second_moment": "beta2"},
    "muon": {"first_moment": "momentum", "second_moment": "beta2"},
}
"""Optimizer -> state that holds 1 - β^t of an average, and the name of that β."""


def step(name: str, w: Array, g: Array, state: State, rate: float, t: int, s: Mapping[str, Any], matrix: int) -> Array:
    """The weights after a step; the state is changed in place.

    Args:
        name: Optimizer.
        w: One tensor.
        g: Its gradient.
        state: Its state by meaning.
        rate: η.
        t: Number of this step, from 1.
        s: Settings.
        matrix: Axis of the outputs where the tensor is a matrix of a layer, else -1.
    """
    match name:
        case "sgd":
            return w - rate * g
        case "momentum":
            state["velocity"] = s["momentum"] * state["velocity"] + g
            return w - rate * state["velocity"]
        case "nag":
            state["velocity"] = s["momentum"] * state["velocity"] + g
            return w - rate * (g + s["momentum"] * state["velocity"])
        case "rmsprop":
            state["second_moment"] = s["alpha"] * state["second_moment"] + (1 - s["alpha"]) * g**2
            scaled = g / (np.sqrt(state["second_moment"]) + s["eps"])
            state["scaled_velocity"] = s["momentum"] * state["scaled_velocity"] + scaled
            return w - rate * state["scaled_velocity"]
        case "adagrad":
            state["squared_sum"] = state["squared_sum"] + g**2
            root = np.sqrt(state["squared_sum"] + s["initial_accumulator_value"])
            return w - rate / (1 + (t - 1) * s["lr_decay"]) * g / (root + s["eps"])
        case "adadelta":
            return _adadelta(w, g, state, rate, s)
        case "lion":
            direction = np.sign(signed(g, state, s))
            state["signed_average"] = s["beta2"] * state["signed_average"] + (1 - s["beta2"]) * g
            return w - rate * (direction + s["weight_decay"] * w)
        case "muon":
            return _muon(w, g, state, rate, t, s, matrix)
        case "adam" | "adamw" | "nadam" | "radam" | "amsgrad":
            return _adam(name, w, g, state, rate, t, s)
    raise NotImplementedError(f"the reference has no optimizer {name}")


SIGNED = ("lion",)
"""Optimizers whose steps are signs."""


def signed(g: Array, state: State, s: Mapping[str, Any]) -> Array:
    """The numbers of which the next step of such an optimizer takes the sign."""
    return np.asarray(s["beta1"] * state["signed_average"] + (1 - s["beta1"]) * g)


def _adadelta(w: Array, g: Array, state: State, rate: float, s: Mapping[str, Any]) -> Array:
    state["second_moment"] = s["rho"] * state["second_moment"] + (1 - s["rho"]) * g**2
    d = np.sqrt(state["squared_update"] + s["eps"]) / np.sqrt(state["second_moment"] + s["eps"]) * g
    state["squared_update"] = s["rho"] * state["squared_update"] + (1 - s["rho"]) * d**2
    return w - rate * d


def _moments(g: Array, state: State, beta1: float, beta2: float) -> None:
    state["first_moment"] = beta1 * state["first_moment"] + (1 - beta1) * g
    state["second_moment"] = beta2 * state["second_moment"] + (1 - beta2) * g**2


def _adam(name: str, w: Array, g: Array, state: State, rate: float, t: int, s: Mapping[str, Any]) -> Array:
    beta1, beta2 = s["beta1"], s["beta2"]
    _moments(g, state, beta1, beta2)
    m, v = state["first_moment"], state["second_moment"]
    first, second = 1 - beta1**t, 1 - beta2**t
    if name == "adamw":
        w = w - rate * s["weight_decay"] * w
    if name == "amsgrad":
        v = state["largest_second_moment"] = np.maximum(state["largest_second_moment"], v)
    if name == "radam":
        longest = 2 / (1 - beta2) - 1
        length = longest - 2 * t * beta2**t / second
        if length <= 5:
            return w - rate * m / first
        r = ((length - 4) * (length - 2) * longest / ((longest - 4) * (longest - 2) * length)) ** 0.5
        return w - rate * m / first * r * second**0.5 / (np.sqrt(v) + s["eps"])
    floor = np.sqrt(v / second) + s["eps"]
    if name == "nadam":
        mu = [beta1 * (1 - 0.5 * 0.96 ** (k * s["momentum_decay"])) for k in range(1, t + 2)]
        product = float(np.prod(mu[:t]))
        ahead = (1 - mu[t - 1]) * g / (1 - product) + mu[t] * m / (1 - product * mu[t])
        return w - rate * ahead / floor
    return w - rate * m / first / floor


def _muon(w: Array, g: Array, state: State, rate: float, t: int, s: Mapping[str, Any], matrix: int) -> Array:
    """Matrices step along an orthogonal matrix, other tensors as AdamW with β1 = momentum."""
    beta1, beta2 = s["momentum"], s["beta2"]
    _moments(g, state, beta1, beta2)
    w = w - rate * s["weight_decay"] * w
    if matrix < 0:
        floor = np.sqrt(state["second_moment"] / (1 - beta2**t)) + s["eps"]
        return w - rate * state["first_moment"] / (1 - beta1**t) / floor
    ahead = np.moveaxis((1 - beta1) * g + beta1 * state["first_moment"], matrix, 0)
    n_out, n_in = len(ahead), ahead[0].size
    scale = 0.2 * max(n_out, n_in) ** 0.5 if s["adjust_lr_fn"] == "match_rms_adamw" else max(1.0, n_out / n_in) ** 0.5
    along = _orthogonal(ahead.reshape(n_out, n_in)).reshape(ahead.shape)
    return w - rate * scale * np.moveaxis(along, 0, matrix)


def _orthogonal(m: Array) -> Array:
    """Keller Jordan's five Newton-Schulz steps."""
    x = m.T if len(m) > len(m.T) else m
    x = x / max(float(np.sqrt((x**2).sum())), 1e-7)
    for _ in range(5):
        gram = x @ x.T
        x = 3.4445 * x + (-4.7750 * gram + 2.0315 * gram @ gram) @ x
    return x.T if len(m) > len(m.T) else x


# --- switches ---------------------------------------------------------------------------------------------------------


def _share(name: str, s: Mapping[str, Any], meaning: str, t: int, own: bool) -> float:
    """Share of the average that an array of state holds: of the true one, or of what its own optimizer takes for it."""
    if own and name == "nadam" and meaning == "first_moment" and t:
        return 1 - float(np.prod([s["beta1"] * (1 - 0.5 * 0.96 ** (k * s["momentum_decay"])) for k in range(1, t + 1)]))
    beta = CORRECTED.get(name, {}).get(meaning)
    return 1.0 if beta is None or t == 0 else 1 - s[beta] ** t


def carried(
    old: Chosen, new: Chosen, states: Mapping[str, State], shapes: Mapping[str, tuple[int, ...]], t: int, cold: bool
) -> tuple[dict[str, State], int]:
    """(state, t) after a switch of the optimizer or of its settings.

    What has the same meaning is carried, so corrected that the average it stands for stays the same; the rest is zero.
    The count goes on with what was carried, unless squares begin at zero: an average of none would be divided by.
    """
    meanings = SLOTS[new[0]]
    made = {}
    for tensor, state in states.items():
        made[tensor] = {meaning: np.zeros(shapes[tensor]) for meaning in meanings}
        for meaning in meanings:
            if meaning in state and not cold:
                own = old[0] == new[0]
                factor = _share(*new, meaning, t, own) / _share(*old, meaning, t, own)
                made[tensor][meaning] = state[meaning] * factor
    known = [meaning for meaning in meanings if meaning in SLOTS[old[0]]]
    fresh_squares = "second_moment" in meanings and "second_moment" not in known
    if old[0] == new[0] and not cold:
        return made, t
    return made, t if known and not fresh_squares and not cold else 0
