"""What went wrong when numbers stopped being finite, in words that help to repair it."""

from __future__ import annotations

import numpy as np
import pytest
from nets import VALUES, trainer

from dltui.core.training.trouble import Trouble


@pytest.mark.parametrize(("size", "what"), [(1e25, "loss"), (1e18, "gradient")])
def test_the_layer_is_named_in_which_it_was_found(size: float, what: str) -> None:
    made = trainer(VALUES, steps=10)
    last = made.state.network.weights["dense3.weight"]
    last.write(made.memory.weights, np.full(last.shape, size))
    made.advance(5)
    assert made.trouble is not None
    assert (made.trouble.step, made.trouble.what) == (10, what)
    # The gradient is followed from the output backwards: dense2 is the first to get one multiplied by such a weight.
    assert made.trouble.layer == {"gradient": "dense2", "loss": ""}[what]


def test_a_layer_whose_values_are_no_numbers_is_the_first_of_them() -> None:
    made = trainer(VALUES, steps=10, network__activation="identity")
    for name in ("dense1.weight", "dense2.weight", "dense3.weight"):
        span = made.state.network.weights[name]
        span.write(made.memory.weights, np.full(span.shape, 1e20))
    made.advance(5)
    assert made.trouble is not None and (made.trouble.what, made.trouble.layer) == ("loss", "dense2")


def test_the_change_before_it_is_named() -> None:
    made = trainer(VALUES, steps=10, optimizer__name="sgd")
    made.apply({"optimizer.learning_rate": 1e6})
    made.advance(500)
    assert made.stopped == "diverged" and made.trouble is not None
    assert made.trouble.since.startswith("step 10 (") and "learning_rate" in made.trouble.since
    assert made.trouble.since in made.why_stopped


def test_it_is_one_sentence() -> None:
    assert Trouble(7, "loss", "", "").sentence() == "the loss stopped being finite at step 7"
    assert (
        Trouble(7, "gradient", "dense2", "step 5 (optimizer: adam → sgd)").sentence()
        == "the gradient stopped being finite at step 7 in dense2, since step 5 (optimizer: adam → sgd)"
    )
