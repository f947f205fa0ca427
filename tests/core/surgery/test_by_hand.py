"""Beginning a layer anew, and making the average the weights, in the middle of a run."""

from __future__ import annotations

import numpy as np
import pytest
from nets import IMAGES, trainer

from dltui.core import ConfigError
from dltui.core.surgery.by_hand import keep_average, reinitialize
from dltui.core.training.evaluation import Evaluator


def test_reinitializing_a_layer_leaves_the_others() -> None:
    made = trainer(steps=60)
    fresh = trainer()
    now = reinitialize(made.state, "dense2")
    slots = now.network.weights
    for name, slot in slots.items():
        source = fresh if name.startswith("dense2") else made
        assert np.array_equal(slot.read(now.memory.weights), source.parameters[name])
        state = slot.read(now.memory.slots["second_moment"])
        assert bool(state.any()) != name.startswith("dense2")
    assert np.array_equal(
        made.parameters["dense2.weight"], made.network.weights["dense2.weight"].read(made.memory.weights)
    )
    with pytest.raises(ConfigError, match="not a layer"):
        reinitialize(made.state, "dense9")


@pytest.mark.parametrize("name", ["swa", "ema"])
@pytest.mark.parametrize("normalization", ["none", "batch_norm"])
def test_keeping_the_average_leaves_the_answers_as_they_are(name: str, normalization: str) -> None:
    made = trainer(IMAGES, 60, averaging__name=name, averaging__decay=0.9, network__normalization=normalization)
    now = keep_average(made.state)
    machine = made.machine
    kept = Evaluator(now, machine.train, machine.val, None)
    assert kept.predict(made.data.x_val) == pytest.approx(made.predict(made.data.x_val), abs=1e-6)
    assert now.config.averaging.name == "none"
    assert np.array_equal(now.memory.weights, made.memory.average)
    assert made.config.averaging.name == name


def test_there_must_be_an_average_to_keep() -> None:
    with pytest.raises(ConfigError, match="has averaged no weights yet"):
        keep_average(trainer(steps=10).state)
