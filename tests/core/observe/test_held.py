"""The unit in hand: its numbers are those of NumPy on the same weights and the same sample."""

import numpy as np
import pytest
from nets import VALUES, trainer

from dltui.core.commands import Hold
from dltui.core.observe.held import held_unit


def by_hand(made, row):
    """(input, sums of the first layer, answers, ...) of a network of two tanh layers and an output."""
    weights = {name: value.astype(np.float64) for name, value in made.parameters.items()}
    a = made.data.x_train[row].astype(np.float64)
    found = [a]
    for layer in ("dense1", "dense2"):
        z = weights[f"{layer}.weight"] @ a + weights[f"{layer}.bias"]
        a = np.tanh(z)
        found += [z, a]
    return [*found, weights["dense3.weight"] @ a + weights["dense3.bias"]]


@pytest.mark.parametrize("base", [None, VALUES])
def test_the_sum_of_a_unit_is_that_of_numpy(base):
    made = trainer(steps=30) if base is None else trainer(base, steps=30)
    for row in (0, 7, -1):
        x, z1, a1, z2, a2, z3 = by_hand(made, row % made.data.n_train)
        for layer, unit, given, z, a in (
            ("dense1", 4, x, z1, a1),
            ("dense2", 0, a1, z2, a2),
            ("dense3", 0, a2, z3, z3),
        ):
            held = held_unit(made, Hold(layer, unit, row))
            assert held is not None
            assert held.sample == row % made.data.n_train
            np.testing.assert_allclose(held.inputs, given, rtol=1e-5, atol=1e-6)
            np.testing.assert_array_equal(held.weights, made.parameters[f"{layer}.weight"][unit])
            np.testing.assert_array_equal(held.gradients, made.gradients[f"{layer}.weight"][unit])
            assert held.bias == made.parameters[f"{layer}.bias"][unit]
            assert held.bias_gradient == made.gradients[f"{layer}.bias"][unit]
            assert held.total == pytest.approx(z[unit], rel=1e-5, abs=1e-6)
            assert held.total == pytest.approx(held.inputs @ held.weights + held.bias + held.rest, rel=1e-5, abs=1e-6)
            assert held.answer == pytest.approx(a[unit], rel=1e-5, abs=1e-6)
            assert held.via == (("tanh",) if layer != "dense3" else ())
            assert held.counts.sum() == made.data.n_train


def test_the_score_without_a_unit_is_that_of_the_network_in_which_it_is_muted():
    made = trainer(steps=60)
    held = held_unit(made, Hold("dense2", 1))
    assert held is not None
    assert held.score == made.evaluate("val")
    made.apply({"network.muted": ["dense2.2"]})
    assert made.evaluate("val") == pytest.approx(held.score_without)
    again = held_unit(made, Hold("dense2", 1))
    assert again is not None and again.muted and again.answer == 0.0


def test_a_muted_unit_does_not_learn_and_can_speak_again():
    made = trainer(steps=20, optimizer__name="sgd")
    before = made.parameters
    made.apply({"network.muted": ["dense1.1", "dense1.3"]})
    made.advance(20)
    after = made.parameters
    for unit, stays in enumerate((True, False, True, False, False)):
        assert np.array_equal(before["dense1.weight"][unit], after["dense1.weight"][unit]) == stays
        assert np.array_equal(before["dense2.weight"][:, unit], after["dense2.weight"][:, unit]) == stays
    x = made.data.x_train[:5]
    made.apply({"network.muted": []})
    a = np.tanh(x @ after["dense1.weight"].T + after["dense1.bias"])
    assert made.machine.evaluator.stage_values(x)[1] == pytest.approx(a.T, abs=1e-5)


def test_what_is_not_there_is_not_held():
    made = trainer()
    assert held_unit(made, Hold("dense9", 0)) is None
    assert held_unit(made, Hold("dense1", 5)) is None
    assert held_unit(made, Hold("input", 2)) is None


def test_an_input_is_told_as_it_is_given():
    made = trainer(data__features="x1,x2,x1^2")
    held = held_unit(made, Hold("input", 2, 4))
    assert held is not None
    assert held.answer == made.data.x_train[4, 2]
    assert held.n_units == 3
    assert held.map.shape == (16, 16)
