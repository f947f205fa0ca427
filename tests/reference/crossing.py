"""What is crossed with what: the factors, the combinations that cannot be, and the covering array over the rest.

A covering array of strength two is a list of cases in which every pair of values of any two factors occurs in at least
one. `covertable` makes it, always the same one.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import cache
from itertools import combinations

from covertable import make

from dltui.core import families

Case = Mapping[str, str]
"""Factor -> value."""

FACTORS: dict[str, list[str]] = {
    "activation": [*families["activations"], "gelu tanh"],
    "layer": list(families["layers"]),
    "normalization": ["none", "batch_norm", "layer_norm"],
    "optimizer": list(families["optimizers"]),
    "averaging": ["none", "swa", "swa every 3", "ema"],
    "schedule": list(families["schedules"]),
    "warmup": ["none", "7 steps"],
    "regularizer": ["none", *(name for name, member in families["regularizers"].items() if not member.of_pictures)],
    "loss": [*families["losses"], "balanced cross_entropy"],
    "scaler": list(families["scalers"]),
    "batch": ["full", "one", "even", "rest", "rest of one"],
    "order": ["shuffled", "as they stand"],
    "stopping": ["off", "patience", "end first"],
    "start": ["fresh", "jump", "shrink and perturb", "frozen"],
    "change": [
        "none", "rate", "hyper-parameter", "optimizer", "optimizer cold", "schedule", "activation",
        "blended activation", "loss", "batch size", "regularizer on", "regularizer off", "averaging on",
        "averaging off", "batch norm in", "layer norm in", "normalization out", "wider", "deeper", "scaler",
        "there and back",
    ],
}  # fmt: skip
"""Factor -> its values. Batch mode and the size of the last batch are one factor: only some batches can have a rest.
The inputs are columns, so no regularizer moves pixels; `test_reference_pages` has those."""

IMAGES = ("conv2d", "conv_transpose2d", "max_pool", "avg_pool", "upsample", "reshape")
"""Kinds of layer that stand among images."""
OF_CLASSES = ("cross_entropy", "balanced cross_entropy", "binary_cross_entropy", "hinge")
"""Losses that are given classes here; the others are given two values a row."""

STRAIGHT = ("identity", "relu", "leaky_relu", "prelu", "elu", "celu", "selu")
"""Activations that are a straight line above zero."""

Rule = tuple[tuple[str, ...], Callable[[Case], bool]]
RULES: Mapping[str, Rule] = {
    "labels are smoothed where there are labels": (
        ("regularizer", "loss"),
        lambda c: c["regularizer"] != "label_smoothing" or c["loss"] in OF_CLASSES,
    ),
    "another loss has as many outputs, and binary cross-entropy is alone in having one": (
        ("change", "loss"),
        lambda c: c["change"] != "loss" or c["loss"] != "binary_cross_entropy",
    ),
    "plain descent has no hyper-parameter to change": (
        ("change", "optimizer"),
        lambda c: c["change"] != "hyper-parameter" or c["optimizer"] != "sgd",
    ),
    "averaging is switched on where it is off, and off where it is on": (
        ("change", "averaging"),
        lambda c: (
            (c["change"] != "averaging on" or c["averaging"] == "none")
            and (c["change"] != "averaging off" or c["averaging"] != "none")
        ),
    ),
    "a regularizer is switched off where there is one": (
        ("change", "regularizer"),
        lambda c: c["change"] != "regularizer off" or c["regularizer"] != "none",
    ),
    "normalization goes in where there is none, and out where there is": (
        ("change", "normalization"),
        lambda c: (
            (c["change"] not in ("batch norm in", "layer norm in") or c["normalization"] == "none")
            and (c["change"] != "normalization out" or c["normalization"] != "none")
        ),
    ),
    "layer normalization of an image has no layer before it to be folded into": (
        ("change", "normalization", "layer"),
        lambda c: c["change"] != "normalization out" or c["normalization"] != "layer_norm" or c["layer"] not in IMAGES,
    ),
    # A new layer lifts its input to where its activation is straight. Far up the gradients behind it are differences of
    # large numbers, and what RMSProp divides them by is still of before.
    "a layer put in under RMSProp has an activation that is straight from zero on": (
        ("change", "optimizer", "activation"),
        lambda c: c["change"] != "deeper" or c["optimizer"] != "rmsprop" or c["activation"] in STRAIGHT,
    ),
}
"""Sentence -> (factors it is about, whether a case is possible)."""


def possible(case: Case) -> bool:
    """Whether a case, or the part of it that is known, breaks no rule."""
    return all(rule(case) for needs, rule in RULES.values() if set(needs) <= case.keys())


@cache
def cases() -> tuple[Case, ...]:
    """The covering array."""
    constraints = [{"operator": "fn", "requires": list(needs), "evaluate": rule} for needs, rule in RULES.values()]
    return tuple(make(FACTORS, strength=2, constraints=constraints, salt="dltui"))


def pairs_of(case: Case) -> set[tuple[str, str, str, str]]:
    """The pairs of values that occur in a case."""
    return {(a, case[a], b, case[b]) for a, b in combinations(FACTORS, 2)}


@cache
def possible_pairs() -> frozenset[tuple[str, str, str, str]]:
    """All pairs of values that some possible case holds."""
    return frozenset(
        (a, one, b, other)
        for a, b in combinations(FACTORS, 2)
        for one in FACTORS[a]
        for other in FACTORS[b]
        if _can_be_completed({a: one, b: other})
    )


def _can_be_completed(part: dict[str, str]) -> bool:
    """Whether a possible case holds this part: the factors that rules are about are tried out, one after the other."""
    if not possible(part):
        return False
    about = {factor for needs, _ in RULES.values() for factor in needs}
    left = [factor for factor in FACTORS if factor in about and factor not in part]
    if not left:
        return True
    return any(_can_be_completed({**part, left[0]: value}) for value in FACTORS[left[0]])
