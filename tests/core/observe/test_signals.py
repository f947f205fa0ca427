"""Backpropagation of one sample is that of NumPy in double precision, and of PyTorch where it is installed."""

from importlib.util import find_spec
from typing import Any

import numpy as np
import pytest
from nets import CLASSES, VALUES, trainer

from dltui.core.observe.signals import signals_of

CASES: dict[str, tuple[dict[str, Any], dict[str, Any]]] = {
    "classes": (CLASSES, {}),
    "values": (VALUES, {}),
    "relu": (CLASSES, {"network__activation": "relu", "regularization__dropout": 0.5, "regularization__l2": 0.1}),
    "frozen": (CLASSES, {"network__frozen": ["dense1"], "optimizer__name": "muon"}),
}


def numpy_slopes(made, row):
    """Loss, and gradient of every parameter, written out by hand in double precision."""
    weights = {k: v.astype(np.float64) for k, v in made.parameters.items()}
    is_relu = made.config.network.activation == "relu"
    inputs, a = [], made.data.x_train[row].astype(np.float64)
    for k in (1, 2, 3):
        inputs.append(a)
        z = weights[f"dense{k}.weight"] @ a + weights[f"dense{k}.bias"]
        a = z if k == 3 else np.maximum(z, 0.0) if is_relu else np.tanh(z)
    if made.data.task == "classes":
        shares = np.exp(z - z.max()) / np.exp(z - z.max()).sum()
        loss, dz = -np.log(shares[made.data.y_train[row]]), shares - np.eye(len(z))[made.data.y_train[row]]
    else:
        off = z - made.data.y_train[row].astype(np.float64)
        loss, dz = (off**2).mean(), 2.0 * off / len(off)
    slopes = {}
    for k in (3, 2, 1):
        slopes[f"dense{k}.weight"], slopes[f"dense{k}.bias"] = np.outer(dz, inputs[k - 1]), dz
        behind = inputs[k - 1]
        dz = weights[f"dense{k}.weight"].T @ dz * ((behind > 0.0) if is_relu else 1.0 - behind**2)
    return loss, slopes


def torch_slopes(made, row):
    """The same by PyTorch."""
    import torch

    weights = {k: torch.tensor(v.astype(np.float64), requires_grad=True) for k, v in made.parameters.items()}
    a = torch.tensor(made.data.x_train[row].astype(np.float64))
    act = torch.relu if made.config.network.activation == "relu" else torch.tanh
    for k in (1, 2, 3):
        a = weights[f"dense{k}.weight"] @ a + weights[f"dense{k}.bias"]
        a = a if k == 3 else act(a)
    if made.data.task == "classes":
        target = torch.tensor(made.data.y_train[row : row + 1])
        loss = torch.nn.functional.cross_entropy(a[None], target)
    else:
        loss = ((a - torch.tensor(made.data.y_train[row].astype(np.float64))) ** 2).mean()
    loss.backward()
    return loss.item(), {k: v.grad.numpy() for k, v in weights.items()}


REFERENCES = {"numpy": numpy_slopes} | ({"torch": torch_slopes} if find_spec("torch") is not None else {})


@pytest.mark.parametrize("reference", REFERENCES.values(), ids=REFERENCES)
@pytest.mark.parametrize("case", CASES)
def test_the_passes_of_a_sample_are_those_of_autograd(case, reference):
    base, changes = CASES[case]
    made = trainer(base, steps=25, **changes)
    digest = made.digest()
    for row in (0, 11):
        loss, slopes = reference(made, row)
        found = signals_of(made, row)
        assert found.loss == pytest.approx(loss, abs=1e-6, rel=1e-5)
        assert [layer.name for layer in found.layers] == ["dense1", "dense2", "dense3"]
        for layer in found.layers:
            np.testing.assert_allclose(layer.gradients, slopes[f"{layer.name}.weight"], atol=1e-6, rtol=1e-5)
            np.testing.assert_allclose(layer.bias_gradients, slopes[f"{layer.name}.bias"], atol=1e-6, rtol=1e-5)
            np.testing.assert_allclose(np.outer(layer.sum_slopes, layer.inputs), layer.gradients, atol=1e-6, rtol=1e-4)
    assert made.digest() == digest


def test_the_weight_with_the_largest_slope_is_the_one_whose_nudge_lowers_the_loss_most():
    made = trainer(steps=10)
    found = signals_of(made, 3)
    nudge, drops = 1e-2, {}
    for layer in found.layers:
        name = f"{layer.name}.weight"
        for at in np.ndindex(layer.gradients.shape):
            weights = made.parameters
            old = weights[name].copy()
            weights[name][at] -= nudge * np.sign(layer.gradients[at])
            made.set_parameters({name: weights[name]})
            drops[name, at] = found.loss - signals_of(made, 3).loss
            made.set_parameters({name: old})
    steepest = max(
        ((f"{layer.name}.weight", at) for layer in found.layers for at in np.ndindex(layer.gradients.shape)),
        key=lambda one: abs(next(x for x in found.layers if one[0].startswith(x.name)).gradients[one[1]]),
    )
    assert max(drops, key=lambda one: drops[one]) == steepest


def test_a_network_that_cannot_be_followed_by_hand_says_so():
    made = trainer(network__normalization="batch_norm")
    assert "batchnorm1" in signals_of(made, 0).problem
