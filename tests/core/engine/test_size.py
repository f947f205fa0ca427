"""A network too large for the memory is refused by its plan, before anything is allocated, and a run goes on."""

from itertools import pairwise
from typing import Any

import numpy as np
import pytest
from nets import CLASSES, IMAGES, VALUES, config, trainer

from dltui.core import ConfigError, Trainer
from dltui.core.engine.design import MAX_PARAMETERS, design
from dltui.core.engine.measure import BLOCK
from dltui.core.engine.program import Program
from dltui.core.engine.size import MAX_VALUES, n_values
from dltui.core.training import switch


@pytest.fixture
def no_memory(monkeypatch):
    """Anything allocated for a network fails."""

    def fail(*sizes, **_):
        raise AssertionError(f"allocates {sizes}")

    for name in ("Memory", "preserve"):
        monkeypatch.setattr(switch, name, fail)


WIDE = [[20000, 20000], [60000, 60000], [65536] * 64]


@pytest.mark.parametrize("hidden", WIDE, ids=["wide", "wider", "widest"])
def test_too_many_parameters_are_refused_at_the_start(hidden, no_memory):
    with pytest.raises(ConfigError) as error:
        Trainer(config(network__hidden=hidden))
    sizes = [2, *hidden, 2]
    count = sum((before + 1) * after for before, after in pairwise(sizes))
    assert f"network is too large: it has {count:,} parameters" in str(error.value)
    assert f"at most {MAX_PARAMETERS:,}" in str(error.value)


def test_a_running_run_is_left_as_it_was(monkeypatch, no_memory):
    monkeypatch.undo()
    made, same = trainer(steps=20), trainer(steps=40)
    monkeypatch.setattr(switch, "preserve", None)
    with pytest.raises(ConfigError, match="is too large"):
        made.apply({"network.hidden": WIDE[0], "optimizer.learning_rate": 1.0})
    made.advance(20)
    assert made.digest() == same.digest()


def test_a_network_of_the_largest_size_may_be_planned():
    made = config(network__hidden=[3000, 3000])
    network = design(made, (2,), "classes", 2)
    assert 9e6 < network.n_parameters < MAX_PARAMETERS


def test_the_values_of_a_large_batch_are_counted(no_memory):
    n = 60_000
    rows = np.zeros((n, 2), np.float32), np.arange(n) % 2, None, None
    with pytest.raises(ConfigError, match=r"training.batch_size is too large: training on 60000 samples .* values"):
        Trainer(config(network__hidden=[3000], training__batch_size="full"), data=rows)
    made = config(network__hidden=[3000], training__batch_size=64)
    with pytest.raises(AssertionError, match="allocates"):
        Trainer(made, data=rows)


def test_wide_images_are_too_large_for_any_batch(no_memory):
    layers = [{"kind": "conv2d", "filters": 1024, "kernel": 1}]
    rows = np.zeros((4, 1, 28, 28), np.float32), np.arange(4) % 2, None, None
    made = config({**CLASSES, "network": {"layers": [*layers, {"kind": "conv2d", "filters": 1}]}})
    with pytest.raises(ConfigError, match=r"network is too large: evaluating 256 samples .* values"):
        Trainer(made, data=rows)


@pytest.mark.parametrize("base", [CLASSES, VALUES, IMAGES], ids=["classes", "values", "images"])
@pytest.mark.parametrize("batch", [7, 32, "full"])
def test_the_count_is_what_a_program_allocates(base, batch, monkeypatch):
    found: list[Any] = []

    def keep(made):
        found.append(made)
        return made

    values = Program.__init__.__globals__["TableBuilder"].values
    monkeypatch.setattr(
        Program.__init__.__globals__["TableBuilder"],
        "values",
        lambda table, shape: keep(values(table, shape)),
    )
    made = trainer(base, regularization__dropout=0.2, training__batch_size=batch, network__normalization="batch_norm")
    state = made.state
    for train, rows in ((True, state.batch), (False, BLOCK)):
        found.clear()
        Program(state.network, state.config, state.memory, rows, train=train)
        count = n_values(state.network, rows, train=train)
        assert count == sum(array.size for array in found) < MAX_VALUES
