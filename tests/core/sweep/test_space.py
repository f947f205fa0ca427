"""What a sweep varies: values, ranges, and what is refused."""

import pytest
from nets import config

from dltui.core.errors import ConfigError
from dltui.core.sweep.space import read_axes


def test_values_and_ranges_are_told_apart() -> None:
    values, plain, factors, whole = read_axes(
        config(),
        ("network.activation=tanh,relu", "optimizer.beta1=0.5:0.9", "optimizer.learning_rate=1e-4:1:log",
         "training.batch_size=4:32"),
    )  # fmt: skip
    assert values.values == ("tanh", "relu") and values.ends() == ("tanh", "relu") and not values.is_range
    assert plain.is_range and plain.at(0.0) == "0.5" and plain.at(0.5) == "0.7" and plain.ends() == ("0.5", "0.9")
    assert factors.log and factors.at(0.5) == "0.01"
    assert whole.whole and {whole.at(k / 1000) for k in range(1000)} == {str(n) for n in range(4, 33)}
    assert values.at(0.999999) == "relu"


@pytest.mark.parametrize(
    ("overs", "problem"),
    [
        ((), "nothing to try"),
        (("optimizer.lr=1,2",), "lr"),
        (("optimizer.learning_rate=1:0.1",), "no range"),
        (("optimizer.learning_rate=0:1:log",), "equal factors"),
        (("optimizer.learning_rate=a:b",), "not allowed"),
        (("training.seed=1,2",), "--seeds"),
        (("optimizer.learning_rate=1,2", "optimizer.learning_rate=3"), "twice"),
    ],
)
def test_what_is_wrong_is_told(overs: tuple[str, ...], problem: str) -> None:
    with pytest.raises(ConfigError, match=problem):
        read_axes(config(), overs)
