"""Whatever type a number or a text has when it is given to a Config, inside it is one of Python's own."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from fractions import Fraction

import numpy as np
import pytest

from dltui.core import Config, ConfigError


@pytest.fixture(scope="module")
def config() -> Config:
    return Config.from_dict({})


class Word(str):
    """A text of a type of its own."""


@pytest.mark.parametrize(
    ("path", "given", "meant"),
    [
        ("training.batch_size", np.int64(4), 4),
        ("training.batch_size", np.array(4), 4),
        ("training.batch_size", np.str_("full"), "full"),
        ("training.shuffle", np.bool_(False), False),
        ("training.seed", np.uint64(2**63 - 1), 2**63 - 1),
        ("optimizer.learning_rate", np.float32(0.25), 0.25),
        ("optimizer.learning_rate", np.longdouble(0.25), 0.25),
        ("optimizer.learning_rate", Fraction(1, 4), 0.25),
        ("optimizer.name", Word("adam"), "adam"),
        ("network.hidden", np.array([3, 4]), (3, 4)),
        ("network.hidden", [np.int8(3), 4], (3, 4)),
        ("network.layers", [{"kind": Word("dense"), "units": np.int16(3)}], None),
        ("network.frozen", np.array(["dense1"]), ("dense1",)),
        ("regularization.l2", np.float64(0.5), 0.5),
        ("data.noise", np.float16(0.5), 0.5),
    ],
)
def test_values_of_other_types_become_plain_ones(config: Config, path: str, given: object, meant: object) -> None:
    made = config.with_changes({path: given})
    section, _, key = path.partition(".")
    assert Config.from_dict({section: {key: given}}).get(path) == made.get(path)
    if meant is not None:
        assert made.get(path) == meant and type(made.get(path)) is type(meant)
    assert made == config.with_changes({path: meant if meant is not None else [{"kind": "dense", "units": 3}]})
    assert json.loads(json.dumps(made.to_dict())) == made.to_dict()
    assert {type(value) for value in plain_values(made.to_dict())} <= {bool, int, float, str}


def plain_values(data: object) -> Iterator[object]:
    """All that is no list and no dict."""
    if isinstance(data, (dict, list)):
        for item in data.values() if isinstance(data, dict) else data:
            yield from plain_values(item)
    else:
        yield data


@pytest.mark.parametrize(
    ("path", "value", "says"),
    [
        ("training.batch_size", np.int64(-4), "training.batch_size = -4 is not allowed"),
        ("training.batch_size", np.float64(1.5), "training.batch_size = 1.5 is not allowed"),
        ("optimizer.learning_rate", np.float32("nan"), "optimizer.learning_rate = nan is not allowed"),
        ("optimizer.learning_rate", np.complex64(1), "is not allowed; allowed: a number"),
        ("optimizer.learning_rate", Fraction(10**400), "is not allowed; allowed: a number"),
        ("optimizer.learning_rate", np.array([0.1]), "optimizer.learning_rate = [0.1] is not allowed"),
        ("network.hidden", np.array([3.5, 4]), "network.hidden = [3.5, 4.0] is not allowed"),
        ("network.hidden", np.array([[3, 4]]), "network.hidden = [[3, 4]] is not allowed"),
        ("network.hidden", np.array([True]), "network.hidden = [True] is not allowed"),
        ("optimizer.name", np.array(["adam", "sgd"]), "is not an optimizer"),
        ("data.val_fraction", np.datetime64("2020-01-01"), "is not allowed"),
    ],
)
def test_wrong_values_of_other_types_are_shown_plainly(config: Config, path: str, value: object, says: str) -> None:
    with pytest.raises(ConfigError, match=re.escape(says)):
        config.with_changes({path: value})


def test_a_list_that_holds_itself_is_refused(config: Config) -> None:
    endless: list[object] = []
    endless.append(endless)
    with pytest.raises(ConfigError, match=r"network\.hidden .* is not allowed"):
        config.with_changes({"network.hidden": endless})
