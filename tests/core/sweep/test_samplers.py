"""Which settings are tried: the same for the same seed, within their limits, whatever the rule."""

import math
import sys

import pytest
from nets import config

from dltui.core.errors import ConfigError
from dltui.core.sweep.samplers import GENERATION, SAMPLERS, Texts, default_sampler, make_sampler
from dltui.core.sweep.space import read_axes

RANGES = read_axes(config(), ("optimizer.learning_rate=1e-4:1:log", "optimizer.beta1=0.1:0.9"))
MIXED = (*RANGES, *read_axes(config(), ("network.activation=tanh,relu,gelu", "training.batch_size=2:20")))
GRID = read_axes(config(), ("optimizer.learning_rate=0.1,0.2,0.3", "network.activation=tanh,relu"))


def points(name: str, n: int, seed: int, size: int = GENERATION) -> list[Texts]:
    """What is tried where a small rate and a beta1 near 0.5 are best."""
    sampler = make_sampler(name, RANGES if name == "cma" else MIXED, n, seed)
    found: list[Texts] = []
    while len(found) < n:
        asked = sampler.ask(min(size, n - len(found)))
        found += asked
        sampler.tell([_loss(texts) for texts in asked])
    return found


def _loss(texts: Texts) -> float:
    rate, beta1 = float(texts["optimizer.learning_rate"]), float(texts["optimizer.beta1"])
    return math.inf if rate > 0.9 else math.log10(rate / 0.001) ** 2 + (beta1 - 0.5) ** 2


@pytest.mark.parametrize("name", [name for name in SAMPLERS if name != "grid"])
def test_one_seed_is_one_choice_and_all_lie_within_the_limits(name: str) -> None:
    found = points(name, 30, 5)
    assert found == points(name, 30, 5) != points(name, 30, 6)
    for texts in found:
        assert 1e-4 <= float(texts["optimizer.learning_rate"]) <= 1.0
        assert 0.1 <= float(texts["optimizer.beta1"]) <= 0.9
        if name != "cma":
            assert texts["network.activation"] in ("tanh", "relu", "gelu")
            assert 2 <= int(texts["training.batch_size"]) <= 20


@pytest.mark.parametrize("name", ["tpe", "cma"])
def test_those_that_learn_come_nearer(name: str) -> None:
    losses = [_loss(texts) for texts in points(name, 72, 1)]
    first, last = sorted(losses[:24]), sorted(losses[-24:])
    assert last[12] < 0.5 * first[12]


def test_a_grid_is_every_combination_and_a_random_choice_from_it_never_repeats() -> None:
    grid = make_sampler("grid", GRID, 6, 0).ask(99)
    assert len(grid) == 6 and grid[0] == {"optimizer.learning_rate": "0.1", "network.activation": "tanh"}
    drawn = make_sampler("random", GRID, 6, 3).ask(99)
    assert sorted(map(str, drawn)) == sorted(map(str, grid)) and drawn != grid


def test_a_longer_random_choice_begins_with_the_shorter() -> None:
    assert make_sampler("random", MIXED, 30, 2).ask(30)[:7] == make_sampler("random", MIXED, 7, 2).ask(7)


def test_a_grid_is_taken_where_it_has_an_end() -> None:
    assert (default_sampler(GRID), default_sampler(MIXED)) == ("grid", "random")


def test_what_does_not_fit_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, axes, problem in (("grid", MIXED, "no end"), ("cma", GRID, "two ranges"), ("bayes", GRID, "sampler")):
        with pytest.raises(ConfigError, match=problem):
            make_sampler(name, axes, 5, 0)
    monkeypatch.setitem(sys.modules, "optuna", None)
    with pytest.raises(ConfigError, match=r"optuna, which is not installed.*dltui\[sweep\]"):
        make_sampler("tpe", MIXED, 5, 0)
