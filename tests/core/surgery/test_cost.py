"""What a change of the network takes: four times the memory of the larger one at most, a second a million weights."""

from __future__ import annotations

import gc
import time
import tracemalloc
from typing import Any

import numpy as np
import pytest

from dltui.core import Config, Trainer
from dltui.core.surgery.new_layer import factorize

Table = dict[str, Any]
MOST = 4.0
"""Times the memory of the larger network, in training, that is in use while it is made of the smaller one."""
N = 200


def dense(units: int) -> Table:
    return {"kind": "dense", "units": units}


def conv(filters: int) -> Table:
    return {"kind": "conv2d", "filters": filters, "kernel": 3, "padding": 1}


NORM = {"kind": "layer_norm"}
CHANGES: dict[str, tuple[tuple[int, ...], int, list[Table], list[Table]]] = {
    "a narrow layer behind many filters": ((1, 28, 28), 10, [conv(24)], [conv(24), dense(16)]),
    "too narrow a layer behind many filters": ((1, 28, 28), 10, [conv(24)], [conv(24), dense(4)]),
    "a convolution": ((1, 28, 28), 10, [conv(16)], [conv(16), conv(16)]),
    "a wide layer": ((400,), 10, [dense(600)], [dense(600), dense(600)]),
    "a narrow layer before many outputs": ((20,), 700, [dense(60)], [dense(60), dense(50)]),
    "a narrow layer behind many inputs": ((20000,), 3, [dense(40)], [dense(16), dense(40)]),
    "many units": ((300,), 10, [dense(500), dense(400)], [dense(900), dense(700)]),
    "many units before layer norm": ((300,), 10, [dense(500), NORM], [dense(900), NORM]),
    "filters": ((1, 28, 28), 10, [conv(16), dense(20)], [conv(24), dense(20)]),
    "few units of many": ((300,), 10, [dense(900), dense(300)], [dense(300), dense(300)]),
    "a layer less": ((300,), 10, [dense(500), dense(500)], [dense(500)]),
}


def made(shape: tuple[int, ...], n_outputs: int, layers: list[Table]) -> Trainer:
    rng = np.random.default_rng(0)
    x, y = rng.normal(size=(N, *shape)).astype(np.float32), np.arange(N) % n_outputs
    y[0] = n_outputs - 1
    network = {"layers": layers, "activation": "relu"}
    config = {"network": network, "optimizer": {"name": "adam"}, "training": {"batch_size": 32}}
    trainer = Trainer(Config.from_dict(config), (x, y, x[:40], y[:40]))
    trainer.advance(1)
    return trainer


def memory_of(*network: Any) -> int:
    """Bytes a network in training takes, its data among them."""
    gc.collect()
    tracemalloc.start()
    kept = made(*network)
    taken = tracemalloc.get_traced_memory()[0]
    tracemalloc.stop()
    assert kept.step == 1
    return taken


@pytest.mark.parametrize("name", CHANGES)
def test_a_change_takes_little_memory_and_little_time(name: str) -> None:
    shape, n_outputs, before, after = CHANGES[name]
    trainer = made(shape, n_outputs, before)
    trainer.copy().apply({"network.layers": after})  # what it needs is compiled, and not while memory is traced
    larger = max(memory_of(shape, n_outputs, layers) for layers in (before, after))
    tracemalloc.start()
    trainer = made(shape, n_outputs, before)
    tracemalloc.reset_peak()
    trainer.apply({"network.layers": after})
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak <= MOST * larger
    trainer = made(shape, n_outputs, before)
    start = time.thread_time()
    trainer.apply({"network.layers": after})
    taken = time.thread_time() - start
    assert taken <= max(0.5, trainer.network.n_parameters / 1e6)


def test_directions_are_found_among_few_samples_of_many_outputs() -> None:
    rng = np.random.default_rng(0)
    weight, bias, x = rng.normal(size=(300, 5)), rng.normal(size=300), rng.normal(size=(40, 5))
    factors = factorize(weight, bias, x, 5)
    assert len(factors.first) == 5
    assert x @ factors.first.T @ factors.second.T + factors.bias == pytest.approx(x @ weight.T + bias, abs=1e-7)
    still = factorize(weight, bias, np.zeros((9, 5)), 4)
    assert np.isfinite(still.first).all()
    assert still.second @ (still.first @ np.zeros(5)) + still.bias == pytest.approx(bias)
