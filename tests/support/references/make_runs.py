"""Trains small networks with PyTorch, batch by batch in order, and records losses and final weights.

Run: python tests/support/references/make_runs.py (needs torch); writes runs.npz beside it. The test of the same name
compares the trainer with the file, and with a run made on the spot where torch is installed.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

FILE = Path(__file__).with_name("runs.npz")
STEPS, BATCH, ROWS = 40, 8, 53
RATE = 0.05

OPTIMIZERS: dict[str, tuple[str, dict[str, Any]]] = {
    "sgd": ("SGD", {}),
    "momentum": ("SGD", {"momentum": 0.9}),
    "nag": ("SGD", {"momentum": 0.9, "nesterov": True}),
    "rmsprop": ("RMSprop", {}),
    "adam": ("Adam", {}),
    "adamw": ("AdamW", {}),
    "radam": ("RAdam", {}),
    "nadam": ("NAdam", {}),
    "adagrad": ("Adagrad", {}),
    "adadelta": ("Adadelta", {}),
    "amsgrad": ("Adam", {"amsgrad": True}),
}
ACTIVATIONS = {
    "relu": "ReLU",
    "gelu": "GELU",
    "swish": "SiLU",
    "elu": "ELU",
    "celu": "CELU",
    "selu": "SELU",
    "mish": "Mish",
    "softplus": "Softplus",
    "hardswish": "Hardswish",
    "leaky_relu": "LeakyReLU",
    "sigmoid": "Sigmoid",
    "tanh": "Tanh",
}
LOSSES = {"cross_entropy": "CrossEntropyLoss", "mse": "MSELoss", "mae": "L1Loss", "huber": "HuberLoss"}


def cases() -> dict[str, dict[str, Any]]:
    """Name -> what differs from SGD with tanh on values under mse."""
    found: dict[str, dict[str, Any]] = {f"optimizer {name}": {"optimizer": name} for name in OPTIMIZERS}
    # Its first steps are ten times the rate for every weight; at the common rate they amplify rounding.
    found["optimizer rmsprop"]["rate"] = 0.005
    found |= {f"activation {name}": {"activation": name} for name in ACTIVATIONS}
    found |= {f"loss {name}": {"loss": name} for name in LOSSES}
    found["l2 with sgd"] = {"regularization": {"l2": 0.1}, "torch": {"weight_decay": 0.1}}
    found["l2 with adam"] = {"optimizer": "adam", "regularization": {"l2": 0.1}, "torch": {"weight_decay": 0.1}}
    found["decoupled decay"] = {
        "optimizer": "adam",
        "regularization": {"weight_decay": 0.1},
        "torch_optimizer": "AdamW",
        "torch": {"weight_decay": 0.1},
    }
    found["clipped"] = {"regularization": {"clip_norm": 0.1}, "clip": 0.1}
    found["batch norm"] = {"normalization": "batch_norm", "norm": "BatchNorm1d"}
    found["layer norm"] = {"normalization": "layer_norm", "norm": "LayerNorm"}
    return {name: {"optimizer": "sgd", "activation": "tanh", "loss": "mse", **case} for name, case in found.items()}


def samples(case: dict[str, Any]) -> tuple[np.ndarray, np.ndarray]:
    """Inputs and targets."""
    numbers = np.random.default_rng(0)
    x = numbers.normal(size=(ROWS, 5)).astype(np.float32)
    classes = numbers.integers(0, 3, ROWS)
    values = numbers.normal(size=(ROWS, 2)).astype(np.float32)
    return x, classes if case["loss"] == "cross_entropy" else values


def sizes(case: dict[str, Any]) -> tuple[int, ...]:
    """Units from the inputs to the outputs."""
    return 5, 7, 6, 3 if case["loss"] == "cross_entropy" else 2


def first_weights(case: dict[str, Any]) -> dict[str, np.ndarray]:
    """The weights both sides begin with."""
    numbers, found = np.random.default_rng(1), {}
    for k, (n_in, n_out) in enumerate(zip(sizes(case), sizes(case)[1:], strict=False), start=1):
        found[f"dense{k}.weight"] = numbers.normal(0, 0.5, (n_out, n_in)).astype(np.float32)
        found[f"dense{k}.bias"] = numbers.normal(0, 0.1, n_out).astype(np.float32)
    return found


def with_torch(case: dict[str, Any]) -> dict[str, np.ndarray]:
    """Losses, final weights and predictions of PyTorch."""
    import torch

    torch.set_num_threads(1)
    layers: list[Any] = []
    start = first_weights(case)
    for k, (n_in, n_out) in enumerate(zip(sizes(case), sizes(case)[1:], strict=False), start=1):
        linear = torch.nn.Linear(n_in, n_out)
        linear.weight.data = torch.tensor(start[f"dense{k}.weight"])
        linear.bias.data = torch.tensor(start[f"dense{k}.bias"])
        layers.append(linear)
        if k < 3:
            if "norm" in case:
                layers.append(getattr(torch.nn, case["norm"])(n_out))
            layers.append(getattr(torch.nn, ACTIVATIONS[case["activation"]])())
    net = torch.nn.Sequential(*layers)
    kind, settings = OPTIMIZERS[case["optimizer"]]
    kind = case.get("torch_optimizer", kind)
    optimizer = getattr(torch.optim, kind)(
        net.parameters(), lr=case.get("rate", RATE), **settings, **case.get("torch", {})
    )
    loss_of = getattr(torch.nn, LOSSES[case["loss"]])()
    x, y = (torch.tensor(array) for array in samples(case))
    losses, position = [], 0
    for _ in range(STEPS):
        rows = slice(position, position + BATCH)
        position = 0 if position + BATCH >= ROWS else position + BATCH
        loss = loss_of(net(x[rows]), y[rows])
        optimizer.zero_grad()
        loss.backward()
        if "clip" in case:
            torch.nn.utils.clip_grad_norm_(net.parameters(), case["clip"])
        optimizer.step()
        losses.append(loss.item())
    linears = [layer for layer in net if isinstance(layer, torch.nn.Linear)]
    found = {"losses": np.array(losses, np.float32)}
    for k, linear in enumerate(linears, start=1):
        found[f"dense{k}.weight"] = linear.weight.detach().numpy().copy()
        found[f"dense{k}.bias"] = linear.bias.detach().numpy().copy()
    net.eval()
    answers = net(x)
    answers = answers.softmax(1) if case["loss"] == "cross_entropy" else answers
    found["predictions"] = answers.detach().numpy().copy()
    return found


if __name__ == "__main__":
    arrays = {f"{name}|{key}": array for name, case in cases().items() for key, array in with_torch(case).items()}
    np.savez_compressed(FILE, **dict[str, Any](arrays))
    print(f"{len(cases())} runs, {FILE.stat().st_size} bytes")
