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
