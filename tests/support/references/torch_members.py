"""What PyTorch computes for the members it has: the other side of the parity tests, in float64.

Imported only where torch is installed; `record_members.py` writes its results to small files for everywhere else.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
import torch
from torch.nn import functional as F

Settings = Mapping[str, Any]
Tensor = Any  # torch need not be there where types are checked

ACTIVATIONS: dict[str, tuple[Callable[[Tensor, Settings], Tensor], tuple[Settings, ...]]] = {
    "identity": (lambda z, s: z * 1.0, ({},)),
    "sigmoid": (lambda z, s: torch.sigmoid(z), ({},)),
    "tanh": (lambda z, s: torch.tanh(z), ({},)),
    "relu": (lambda z, s: F.relu(z), ({},)),
    "leaky_relu": (lambda z, s: F.leaky_relu(z, **s), ({}, {"negative_slope": 0.3})),
    "gelu": (lambda z, s: F.gelu(z, **s), ({}, {"approximate": "tanh"})),
    "swish": (lambda z, s: z * torch.sigmoid(s.get("beta", 1.0) * z), ({}, {"beta": 1.75})),
    "softmax": (lambda z, s: torch.softmax(z, 1), ({},)),
    "elu": (lambda z, s: F.elu(z, **s), ({}, {"alpha": 1.75})),
    "celu": (lambda z, s: F.celu(z, **s), ({}, {"alpha": 1.75})),
    "selu": (lambda z, s: F.selu(z), ({},)),
    "softplus": (lambda z, s: F.softplus(z, s.get("beta", 1.0), threshold=100.0), ({}, {"beta": 1.75})),
    "mish": (lambda z, s: z * torch.tanh(F.softplus(z, threshold=100.0)), ({},)),
    "hardswish": (lambda z, s: F.hardswish(z), ({},)),
    "prelu": (lambda z, s: F.prelu(z, torch.full((1,), 0.25, dtype=z.dtype)), ({},)),
}


def activation(name: str, settings: Settings, z: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Outputs, and the gradient of their sum weighted by 1, 2, 3 ... along the units."""
    x = torch.tensor(z, dtype=torch.float64, requires_grad=True)
    y = ACTIVATIONS[name][0](x, settings)
    weights = torch.arange(1.0, z.shape[1] + 1.0, dtype=torch.float64)
    (y * weights).sum().backward()
    assert x.grad is not None
    return y.detach().numpy(), x.grad.numpy()


def _classes(t: Tensor) -> Tensor:
    return t.argmax(1)


LOSSES: dict[str, Callable[[Tensor, Tensor, Settings], Tensor]] = {
    "mse": lambda x, t, s: F.mse_loss(x, t),
    "mae": lambda x, t, s: F.l1_loss(x, t),
    "huber": lambda x, t, s: F.huber_loss(x, t, **s),
    "cross_entropy": lambda x, t, s: F.cross_entropy(x, _classes(t), weight=s.get("weight")),
    "binary_cross_entropy": lambda x, t, s: F.binary_cross_entropy_with_logits(x, t),
    "hinge": lambda x, t, s: F.multi_margin_loss(x, _classes(t), **s),
}


def loss(name: str, settings: Settings, x: np.ndarray, t: np.ndarray, weight: Any = None) -> tuple[float, np.ndarray]:
    """Mean loss and its gradient."""
    outputs = torch.tensor(x, dtype=torch.float64, requires_grad=True)
    extra = {} if weight is None else {"weight": torch.tensor(weight, dtype=torch.float64)}
    value = LOSSES[name](outputs, torch.tensor(t, dtype=torch.float64), {**settings, **extra})
    value.backward()
    assert outputs.grad is not None
    return value.item(), outputs.grad.numpy()


def _betas(s: Settings, beta1: float = 0.9, beta2: float = 0.999) -> dict[str, Any]:
    rest = {key: value for key, value in s.items() if key not in ("beta1", "beta2")}
    return {"betas": (s.get("beta1", beta1), s.get("beta2", beta2)), **rest}


_ADAM: tuple[Settings, ...] = ({}, {"beta1": 0.8, "beta2": 0.95, "eps": 1e-4})
OPTIMIZERS: dict[str, tuple[Callable[..., torch.optim.Optimizer], tuple[Settings, ...]]] = {
    "sgd": (lambda w, s, **k: torch.optim.SGD(w, **k), ({},)),
    "momentum": (
        lambda w, s, **k: torch.optim.SGD(w, momentum=s.get("momentum", 0.9), **k),
        ({}, {"momentum": 0.5}, {"momentum": 0.99}),
    ),
    "nag": (
        lambda w, s, **k: torch.optim.SGD(w, momentum=s.get("momentum", 0.9), nesterov=True, **k),
        ({}, {"momentum": 0.5}, {"momentum": 0.99}),
    ),
    "rmsprop": (
        lambda w, s, **k: torch.optim.RMSprop(w, **s, **k),
        ({}, {"alpha": 0.9, "eps": 1e-4}, {"momentum": 0.9}),
    ),
    "adam": (lambda w, s, **k: torch.optim.Adam(w, **_betas(s), **k), _ADAM),
    "amsgrad": (lambda w, s, **k: torch.optim.Adam(w, amsgrad=True, **_betas(s), **k), _ADAM),
    "adamw": (
        lambda w, s, **k: torch.optim.AdamW(w, **_betas(s), **{key: k[key] for key in k if key != "weight_decay"}),
        ({}, {"beta1": 0.8, "weight_decay": 0.3}),
    ),
    "nadam": (lambda w, s, **k: torch.optim.NAdam(w, **_betas(s), **k), (*_ADAM, {"momentum_decay": 0.05})),
    "radam": (lambda w, s, **k: torch.optim.RAdam(w, **_betas(s), **k), (*_ADAM, {"beta2": 0.5})),
    "adagrad": (
        lambda w, s, **k: torch.optim.Adagrad(w, **s, **k),
        ({}, {"lr_decay": 0.01, "initial_accumulator_value": 0.5, "eps": 1e-4}),
    ),
    "adadelta": (lambda w, s, **k: torch.optim.Adadelta(w, **s, **k), ({}, {"rho": 0.5, "eps": 1e-3})),
}


def trajectory(
    name: str, settings: Settings, rate: float, l2: float, start: np.ndarray, gradients: np.ndarray
) -> np.ndarray:
    """Weights after every step, (steps, n), for a given sequence of gradients; `l2` is PyTorch's weight_decay."""
    w = torch.nn.Parameter(torch.tensor(start, dtype=torch.float64))
    optimizer = OPTIMIZERS[name][0]([w], settings, lr=rate, weight_decay=l2)
    path = np.empty(gradients.shape)
    for t, gradient in enumerate(gradients):
        w.grad = torch.tensor(gradient, dtype=torch.float64)
        optimizer.step()
        path[t] = w.detach().numpy()
    return path


def muon_step(shape: tuple[int, int], gradient: np.ndarray, rate: float) -> np.ndarray:
    """What `torch.optim.Muon` takes off a matrix of zeros in one step."""
    w = torch.nn.Parameter(torch.zeros(shape))
    optimizer = torch.optim.Muon([w], lr=rate)
    w.grad = torch.tensor(gradient, dtype=torch.float32)
    optimizer.step()
    return -w.detach().numpy().astype(np.float64)


def clipped(gradient: np.ndarray, limit: float, by: str) -> np.ndarray:
    """A gradient after PyTorch's clipping, by "norm" or by "value"."""
    w = torch.nn.Parameter(torch.zeros(gradient.shape, dtype=torch.float64))
    w.grad = torch.tensor(gradient, dtype=torch.float64)
    clip = torch.nn.utils.clip_grad_norm_ if by == "norm" else torch.nn.utils.clip_grad_value_
    clip([w], limit)
    return w.grad.numpy()


def smoothed(x: np.ndarray, t: np.ndarray, share: float) -> float:
    """Cross-entropy with PyTorch's label smoothing."""
    outputs, targets = torch.tensor(x, dtype=torch.float64), torch.tensor(t.argmax(1))
    value = F.cross_entropy(outputs, targets, label_smoothing=share).item()
    assert math.isfinite(value)
    return value
