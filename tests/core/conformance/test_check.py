"""The one battery every member passes, and a user's own on loading; `-rP` or `-s` prints its table, a row a member."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from dltui.core.conformance.check import CHECKS, check
from dltui.core.errors import ConfigError
from dltui.core.layers.base import Sums
from dltui.core.registry import FAMILIES, families

EVERY = [(family, name) for family in FAMILIES for name in families[family]]


@pytest.mark.parametrize(("family", "name"), EVERY)
def test_every_member_passes(family: str, name: str, note: Any) -> None:
    note(family, name, **check(family, families[family][name]))


def test_every_family_has_a_check() -> None:
    assert set(CHECKS) == set(FAMILIES)


def wrong(family: str, original: str, **changes: Any) -> tuple[str, Any]:
    member: Any = families[family][original]
    return family, replace(member, **changes)


def twins(plan: Any) -> Any:
    return replace(plan, tensors=(plan.tensors[0], replace(plan.tensors[1], name=plan.tensors[0].name)))


def changed_samples(name: str = "xor", **changes: Any) -> Any:
    def load(settings: Any, rng: np.random.Generator) -> Any:
        made = families["datasets"][name].load(settings, rng)
        return replace(made, **{key: value(made) if callable(value) else value for key, value in changes.items()})

    return load


def with_param(**changes: Any) -> Any:
    return replace(families["activations"]["celu"].params[0], **changes)


def corner(shape: Any, settings: Any) -> np.ndarray:
    window = np.zeros((int(settings["kernel"]),) * 2)
    window[0, 0] = 1.0
    return window


def fail() -> None:
    raise RuntimeError("nothing here")


DROPOUT = families["regularizers"]["dropout"]
ACTIVATIONS, LAYERS = families["activations"], families["layers"]
WRONG = {
    "slope": wrong("activations", "tanh", backward=ACTIVATIONS["sigmoid"].backward),
    "name of small letters": wrong("activations", "tanh", name="Tanh; rm"),
    "needs a summary": wrong("activations", "tanh", summary="two\nlines"),
    "two settings": wrong("activations", "celu", params=ACTIVATIONS["celu"].params * 2),
    "link": wrong("losses", "mse", link=lambda outputs: outputs[:, :0]),
    "by its x": wrong("layers", "max_pool", backward=LAYERS["avg_pool"].backward),
    "downhill": wrong("optimizers", "sgd", step=families["regularizers"]["l2"].on_gradient),
    "usual learning rate": wrong("optimizers", "sgd", usual_rate=0.0),
    "rate of -": wrong("schedules", "constant", rates=lambda base, clock, _s, _m: base - 0.001 * clock.t),
    "in parts": wrong("schedules", "constant", rates=lambda base, clock, _s, _m: clock.t * 0.0 + len(clock.t)),
    "one rate a step": wrong("schedules", "constant", rates=lambda base, _clock, _s, _m: base),
    "shape": wrong("initializers", "zeros", draw=lambda draw, _: np.zeros(draw.shape[::-1])),
    "not finite": wrong("initializers", "zeros", draw=lambda draw, _: np.full(draw.shape, np.nan)),
    "fails: nothing here": wrong("initializers", "zeros", draw=lambda _draw, _: fail()),
    "inverse": wrong("scalers", "standardize", inverse=lambda x, _f, _s: x),
    "with gain = 'nosuch' is not allowed; allowed: constant, glorot_normal": wrong(
        "activations", "tanh", gain="nosuch"
    ),
    "did you mean 'he_normal'": wrong("activations", "tanh", gain="he_norml"),
    "with gain = 'auto'": wrong("activations", "tanh", gain="auto"),
    "two numbers (low, high)": wrong("activations", "tanh", saturates=(1.0, -1.0)),
    "has a saturates": wrong("activations", "tanh", saturates=0.5),
    "more than one learned": wrong("activations", "prelu", learned=(with_param(), with_param(name="beta"))),
    "forward that is not a kernel": wrong("activations", "tanh", forward=np.tanh),
    "prefix": wrong("layers", "dense", prefix="Dense 1"),
    "parts": wrong("layers", "dense", parts=(fail,)),
    "neither true nor false": wrong("layers", "dense", takes_activation="yes"),
    "cells": wrong("layers", "dense", plan=lambda s, v: replace(LAYERS["dense"].plan(s, v), cells=(0,) * 20)),
    "names of their own": wrong("layers", "dense", plan=lambda s, v: twins(LAYERS["dense"].plan(s, v))),
    "not one place an output channel": wrong("layers", "dense", sums=Sums(outputs=1, inputs=0)),
    "are not two axes": wrong("layers", "dense", sums=Sums(outputs=0, inputs=0)),
    "so needs a width": wrong("layers", "dense", width=""),
    "with width = 'rate'": wrong("layers", "dropout", width="rate"),
    "does not pass a channel on": wrong("layers", "conv2d", sums=Sums(identity=corner)),
    "more than one of sums": wrong("layers", "dense", passes="units"),
    "hand on means of each channel": wrong("layers", "max_pool", passes="means"),
    "hand on every unit": wrong("layers", "max_pool", passes="units"),
    "so keeps no weights": wrong("layers", "batch_norm", normalizes="", passes="means"),
    "with passes = 'pixels'": wrong("layers", "upsample", passes="pixels"),
    "with normalizes = 'layer'": wrong("layers", "layer_norm", normalizes="layer"),
    "so needs eps and momentum": wrong("layers", "layer_norm", normalizes="batch"),
    "so keeps no statistics": wrong("layers", "batch_norm", normalizes="sample"),
    "has a gain_factor": wrong("activations", "tanh", gain_factor=0.0),
    "by_activation that is neither": wrong("initializers", "zeros", by_activation="no"),
    "with outputs = 'one'": wrong("losses", "mse", outputs="one"),
    "has tasks": wrong("losses", "mse", tasks=("regression",)),
    'are not ("classes",)': wrong("losses", "mse", tasks="values"),
    "single output": wrong("losses", "binary_cross_entropy", tasks=("classes", "values")),
    "with rate_gain = 'mu'": wrong("optimizers", "momentum", rate_gain="mu"),
    "with rate_gain = 'eps'": wrong("optimizers", "adam", rate_gain="eps"),
    "slots": wrong("optimizers", "adam", slots=("first moment", "second_moment")),
    "corrected": wrong("optimizers", "adam", corrected=("first_moment",)),
    "divided_by": wrong("optimizers", "nadam", divided_by=("first_moment",)),
    "length": wrong("schedules", "cosine", length="eta_min"),
    "memory": wrong("schedules", "plateau", memory={"best": "none"}),
    "remembers": wrong("schedules", "plateau", observe=lambda loss, _s, memory, _b: {**memory, "more": [loss]}),
    "observe": wrong("schedules", "plateau", observe="loss"),
    "order": wrong("regularizers", "l2", order="first"),
    "on_hidden": wrong("regularizers", "dropout", on_hidden=(DROPOUT.on_hidden or ())[:1]),
    "with kind = 'made'": wrong("datasets", "xor", kind="made"),
    "needs a text setting 'path'": wrong("datasets", "xor", kind="file"),
    "fewer than two class_names": wrong(
        "datasets", "xor", load=changed_samples(class_names=("a",), y=lambda s: s.y * 0)
    ),
    "not one line of text": wrong("datasets", "xor", load=changed_samples(class_names=("a\x1b[2J", "b"))),
    "gives a plane": wrong("datasets", "xor", load=changed_samples(input_names=("u", "v"))),
    "image_shape": wrong("datasets", "xor", load=changed_samples(image_shape=(1, 8, 8))),
    "targets are the inputs": wrong("datasets", "xor", load=changed_samples(target_is_input=True)),
    "each of its outputs": wrong("datasets", "sine", load=changed_samples("sine", output_names=("y", "z"))),
    "with scale of alpha = 'logarithmic'": wrong("activations", "celu", params=(with_param(scale="logarithmic"),)),
    "a limit that is not a number": wrong("activations", "celu", params=(with_param(low="0"),)),
    "leave no room": wrong("activations", "celu", params=(with_param(low=2.0, high=1.0),)),
    "a default that is not a number": wrong("activations", "celu", params=(with_param(default=None),)),
    "choices that are not words": wrong("activations", "celu", params=(with_param(choices=("a", "b")),)),
    "unit or summary": wrong("activations", "celu", params=(with_param(summary=None),)),
    "strength like itself": wrong("regularizers", "l2", name="l3"),
    "no hook": wrong("regularizers", "l2", on_gradient=None),
    "does not load Samples": wrong("datasets", "xor", load=lambda _settings, _rng: None),
    "same seed": wrong(
        "datasets", "xor", load=lambda settings, _: families["datasets"]["xor"].load(settings, np.random.default_rng())
    ),
}
"""Words of the sentence -> a member with one fault."""


@pytest.mark.parametrize("words", WRONG)
def test_a_fault_is_found_and_said_in_one_sentence(words: str) -> None:
    family, member = WRONG[words]
    with pytest.raises(ConfigError) as caught:
        check(family, member)
    sentence = str(caught.value)
    assert words in sentence
    assert FAMILIES[family].lower() in sentence
    assert "\n" not in sentence
