"""What is tried, as typed: which values, which combinations, and what is refused."""

from __future__ import annotations

import pytest
from nets import config

from dltui.core import ConfigError, families
from dltui.core.foresight.over import combinations, read_over


def test_a_key_alone_means_every_member_of_its_family() -> None:
    path, names = read_over(config(), "optimizer.name")
    assert path == "optimizer.name" and set(names) == set(families["optimizers"])


def test_values_are_listed_or_spread() -> None:
    rate = "optimizer.learning_rate"
    assert read_over(config(), f"{rate}=0.1, 0.3,0.1") == (rate, ("0.1", "0.3"))
    assert read_over(config(), f"{rate}=0.001:0.1:log:3") == (rate, ("0.001", "0.01", "0.1"))
    assert read_over(config(), f"{rate}=0:1:3") == (rate, ("0", "0.5", "1"))
    assert read_over(config(), "training.batch_size=1:64:log:4") == ("training.batch_size", ("1", "4", "16", "64"))


def test_combinations_are_every_one_with_every_other() -> None:
    found = combinations(config(), ["optimizer.name=sgd,adam", "optimizer.learning_rate=0.1,0.2"])
    assert [(one["optimizer.name"], one["optimizer.learning_rate"]) for one in found] == [
        ("sgd", 0.1), ("sgd", 0.2), ("adam", 0.1), ("adam", 0.2),
    ]  # fmt: skip
    beside = combinations(config(optimizer__name="sgd"), ["optimizer.name=adam", "optimizer.beta1=0.5"])
    assert beside == [{"optimizer.name": "adam", "optimizer.beta1": 0.5}]


@pytest.mark.parametrize(
    ("overs", "problem"),
    [
        (["optimizer.nam"], "optimizer.nam"),
        (["optimizer.name=sgdd"], "sgd"),
        (["optimizer.learning_rate"], "needs its values"),
        (["optimizer.learning_rate="], "KEY=a,b,c"),
        (["optimizer.learning_rate=0:1:log:5"], "above 0"),
        (["optimizer.learning_rate=1:2:lin:5"], "KEY=low:high:log:n"),
        (["optimizer.learning_rate=nan:2:5"], "KEY=low:high:log:n"),
        (["optimizer.learning_rate=-1"], r"learning_rate = -1"),
        (["training.seed=1:2000:2000", "optimizer.name"], "KEY=low:high"),
        (["training.seed=1:1000:1000", "optimizer.name"], "combinations; allowed: at most 1000"),
        (["optimizer.name=sgd", "optimizer.name=adam"], "is named twice"),
        (["optimizer.name=sgd", "optimizer.beta1=0.5"], "beta1"),
    ],
)
def test_what_cannot_be_raced_is_refused_in_one_sentence(overs: list[str], problem: str) -> None:
    with pytest.raises(ConfigError, match=problem):
        combinations(config(optimizer__name="sgd"), overs)
