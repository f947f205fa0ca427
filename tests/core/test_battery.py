"""The one battery every member passes, and a user's own on loading; `-rP` or `-s` prints its table, a row a member."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from dltui.core.battery import CHECKS, check
from dltui.core.errors import ConfigError
from dltui.core.registry import FAMILIES, families

EVERY = [(family, name) for family in FAMILIES for name in families[family]]


@pytest.mark.parametrize(("family", "name"), EVERY)
def test_every_member_passes(family: str, name: str, note: Any) -> None:
    note(family, name, **check(family, families[family][name]))


def test_every_family_has_a_check() -> None:
    assert set(CHECKS) == set(FAMILIES)


def wrong(family: str, original: str, **changes: Any) -> tuple[str, Any]:
    return family, replace(families[family][original], **changes)


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
    "strength like itself": wrong("regularizers", "l2", name="l3"),
    "no hook": wrong("regularizers", "l2", on_gradient=None),
    "does not load Samples": wrong("datasets", "xor", load=lambda _settings, _rng: None),
    "same seed": wrong(
        "datasets", "xor", load=lambda settings, _: families["datasets"]["xor"].load(settings, np.random.default_rng())
    ),
}
"""Words of the sentence -> a member with one fault."""


def fail() -> None:
    raise RuntimeError("nothing here")


@pytest.mark.parametrize("words", WRONG)
def test_a_fault_is_found_and_said_in_one_sentence(words: str) -> None:
    family, member = WRONG[words]
    with pytest.raises(ConfigError) as caught:
        check(family, member)
    sentence = str(caught.value)
    assert words in sentence
    assert FAMILIES[family].lower() in sentence
    assert "\n" not in sentence
