"""Nets of image layers as a whole: the gradients of a step against PyTorch's, switches in the middle, and learning."""

from __future__ import annotations

import importlib.util
from typing import Any

import numpy as np
import pytest

from dltui.core.config import Config
from dltui.core.config.presets import load_preset
from dltui.core.training.trainer import Trainer

LAYERS: list[dict[str, Any]] = [
    {"kind": "conv2d", "filters": 5, "kernel": 3, "stride": 2, "padding": 1},
    {"kind": "batch_norm"},
    {"kind": "upsample", "factor": 2},
    {"kind": "layer_norm"},
    {"kind": "conv_transpose2d", "filters": 3, "kernel": 3, "stride": 2, "padding": 1, "output_padding": 1},
    {"kind": "avg_pool", "kernel": 2, "stride": 2},
    {"kind": "max_pool", "kernel": 3, "stride": 1},
    {"kind": "flatten"},
    {"kind": "reshape", "channels": 6, "height": 2, "width": 2},
]
"""On 1 x 6 x 4: every kind of image layer after another."""


def data() -> tuple[np.ndarray, np.ndarray]:
    random = np.random.default_rng(1)
    return random.normal(size=(40, 1, 6, 4)).astype(np.float32), random.integers(0, 3, 40)


def trainer(layers: list[dict[str, Any]], **training: Any) -> Trainer:
    x, y = data()
    config = Config.from_dict(
        {
            "network": {"layers": layers, "activation": "tanh"},
            "optimizer": {"name": "sgd", "learning_rate": 0.05},
            "training": {"batch_size": 13, "shuffle": False} | training,
        }
    )
    return Trainer(config, data=(x, y, x, y))


def by_torch(weights: dict[str, np.ndarray], x: np.ndarray, y: np.ndarray) -> dict[str, np.ndarray]:
    """Gradients of the first step."""
    import torch
    from torch.nn import functional as f

    w = {key: torch.tensor(value, dtype=torch.float64, requires_grad=True) for key, value in weights.items()}
    h = f.conv2d(torch.tensor(x, dtype=torch.float64), w["conv1.weight"], w["conv1.bias"], 2, 1).tanh()
    h = f.batch_norm(h, None, None, w["batchnorm1.weight"], w["batchnorm1.bias"], training=True)
    h = f.interpolate(h, scale_factor=2)
    h = f.layer_norm(h, h.shape[1:], w["layernorm1.weight"], w["layernorm1.bias"])
    h = f.conv_transpose2d(h, w["convtranspose1.weight"], w["convtranspose1.bias"], 2, 1, 1).tanh()
    h = f.max_pool2d(f.avg_pool2d(h, 2), 3, 1).flatten(1)
    f.cross_entropy(f.linear(h, w["dense1.weight"], w["dense1.bias"]), torch.tensor(y)).backward()
    return {key: value.grad.numpy() for key, value in w.items() if value.grad is not None}


def test_the_gradients_of_a_whole_net_are_pytorchs() -> None:
    run, (x, y) = trainer(LAYERS), data()
    weights = run.parameters
    run.advance(1)
    made = run.gradients
    assert made.keys() == weights.keys()
    if importlib.util.find_spec("torch") is not None:
        wanted = by_torch(weights, x[:13], y[:13])
        for key, value in wanted.items():
            np.testing.assert_allclose(
                made[key], value, rtol=0, atol=1e-5 * max(np.abs(value).max(), 1e-2), err_msg=key
            )


def test_a_chunk_is_a_chunk_and_a_seed_a_seed() -> None:
    layers = [*LAYERS[:2], {"kind": "dropout", "rate": 0.3}, *LAYERS[2:]]
    one, other = trainer(layers), trainer(layers)
    one.advance(20)
    for _ in range(20):
        other.advance(1)
    assert one.digest() == other.digest()
    assert np.isfinite(one.evaluate("val")["loss"])


def test_what_is_switched_in_the_middle_goes_on() -> None:
    run = trainer([LAYERS[0], LAYERS[4], LAYERS[7]])
    before = run.parameters
    run.advance(5)
    for changes in (
        {"network.activation": "relu"},
        {"optimizer.name": "adam", "optimizer.learning_rate": 0.003},
        {"training.batch_size": 1},
        {"regularization.dropout": 0.2},
    ):
        run.apply(changes)
        assert run.advance(5).stopped is None
    after = run.parameters
    assert all(np.isfinite(value).all() and (value != before[key]).any() for key, value in after.items())


@pytest.mark.parametrize(("name", "metric", "least"), [("digits_conv", "accuracy", 0.9), ("autoencoder", "r2", 0.4)])
def test_the_shipped_nets_learn(name: str, metric: str, least: float) -> None:
    run = Trainer(load_preset(name))
    run.advance(400)
    assert run.evaluate("val")[metric] >= least


@pytest.mark.parametrize("momentum", [0.1, 0.4])
def test_averaged_weights_get_statistics_of_their_own(momentum: float) -> None:
    """However fast the layer itself forgets: the averages' statistics are those of the data."""
    layers = [{"kind": "batch_norm", "momentum": momentum}, *LAYERS[:1]]
    run = trainer(layers)
    run.apply({"averaging.name": "swa", "optimizer.learning_rate": 0.0})
    run.advance(3)
    x, _ = data()
    z = (x - x.mean()) / np.sqrt(x.var(ddof=1) + 1e-5)
    same = trainer(LAYERS[:1])
    weights = run.parameters
    same.set_parameters({key: weights[key] for key in same.parameters})
    np.testing.assert_allclose(run.predict(x), same.predict(z), atol=1e-5)
