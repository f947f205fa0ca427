"""Averaged weights and their batch-norm statistics against torch.optim.swa_utils: recorded, and live where torch is."""

from __future__ import annotations

from collections.abc import Callable
from importlib.util import find_spec

import numpy as np
import pytest
from references import make_swa

from dltui.core import Config, Trainer
from dltui.core.surgery.by_hand import keep_average

RECORDED = dict(np.load(make_swa.FILE))


def ours(case: make_swa.Case, given: dict[str, np.ndarray]) -> Trainer:
    norm = {"kind": "batch_norm", "momentum": case.momentum}
    layers = [{"kind": "dense", "units": 6}, norm, {"kind": "dense", "units": 5}, norm]
    config = {
        "network": {"layers": layers, "activation": "tanh"},
        "optimizer": {"name": "sgd", "learning_rate": make_swa.RATE},
        "averaging": {"name": case.name, "every": case.every, "decay": case.decay},
        "training": {"batch_size": make_swa.BATCH, "shuffle": False},
    }
    made = Trainer(Config.from_dict(config), (given["x"], given["y"], None, None))
    first = "first."
    made.set_parameters({name.removeprefix(first): array for name, array in given.items() if name.startswith(first)})
    made.advance(make_swa.N_STEPS)
    return made


def compare(case: make_swa.Case, given: dict[str, np.ndarray], theirs: dict[str, np.ndarray], note: Callable) -> None:
    made = ours(case, given)
    found = {name: slot.read(made.memory.average) for name, slot in made.network.weights.items()}
    kept = keep_average(made.state)
    found |= {name: slot.read(kept.memory.buffers) for name, slot in kept.network.buffers.items()}
    found["probabilities"] = made.predict(given["x"])
    assert found.keys() == theirs.keys()
    for name, array in theirs.items():
        error = np.abs(found[name] - array).max()
        note("averaging", make_swa.label(case), torch=error)
        assert error <= 2e-6 + 1e-5 * np.abs(array).max(), name


@pytest.mark.parametrize("case", make_swa.CASES, ids=make_swa.label)
def test_the_average_and_its_statistics_are_pytorchs(case: make_swa.Case, note: Callable) -> None:
    prefix = f"{make_swa.label(case)}."
    theirs = {name.removeprefix(prefix): array for name, array in RECORDED.items() if name.startswith(prefix)}
    compare(case, RECORDED, theirs, note)
    if find_spec("torch") is not None:
        given = make_swa.given()
        compare(case, given, make_swa.average(case, given), note)


@pytest.mark.parametrize("n", [258, 300, 768])
@pytest.mark.parametrize("order", ["as drawn", "sorted by class"])
def test_statistics_do_not_hang_on_the_order_of_the_rows_or_on_blocks(n: int, order: str) -> None:
    """They are those of all training rows at once: here worked out by hand, with two normalizations and a dropout."""
    rng = np.random.default_rng(1)
    y = np.arange(n) % 3
    x = rng.normal(size=(n, 4)) * 0.6
    x[np.arange(n), y] += 4.0
    if order != "as drawn":
        x, y = x[np.argsort(y, kind="stable")], np.sort(y)
    config = {
        "network": {"hidden": [16, 8], "activation": "relu", "normalization": "batch_norm"},
        "optimizer": {"name": "adam", "learning_rate": 0.01},
        "regularization": {"dropout": 0.3},
        "training": {"batch_size": 32},
        "averaging": {"name": "swa"},
    }
    made = Trainer(Config.from_dict(config), (x, y, None, None))
    made.advance(200)
    w = {name: span.read(made.memory.average).astype(np.float64) for name, span in made.network.weights.items()}
    h = shown = x.astype(np.float32).astype(np.float64)
    for k in (1, 2):
        z, seen = (a @ w[f"dense{k}.weight"].T + w[f"dense{k}.bias"] for a in (h, shown))
        scale, shift = w[f"batchnorm{k}.weight"], w[f"batchnorm{k}.bias"]
        h = np.maximum((z - z.mean(axis=0)) / np.sqrt(z.var(axis=0) + 1e-5) * scale + shift, 0.0)
        shown = np.maximum((seen - z.mean(axis=0)) / np.sqrt(z.var(axis=0, ddof=1) + 1e-5) * scale + shift, 0.0)
    out = shown @ w["dense3.weight"].T + w["dense3.bias"]
    powers = np.exp(out - out.max(axis=1, keepdims=True))
    assert np.abs(made.predict(x) - powers / powers.sum(axis=1, keepdims=True)).max() < 1e-5
