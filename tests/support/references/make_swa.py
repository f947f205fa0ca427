"""Records averaged weights by torch.optim.swa_utils over 30 steps of a small network, with statistics of all rows.

Run: python tests/support/references/make_swa.py
"""

from __future__ import annotations

from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

FILE = Path(__file__).with_name("swa.npz")
N_STEPS, BATCH, RATE = 30, 20, 0.05
NAMES = {"0": "dense1", "2": "batchnorm1", "3": "dense2", "5": "batchnorm2", "6": "dense3"}
"""PyTorch's module -> our layer."""


class Case(NamedTuple):
    """One way of averaging, over batch norm with one momentum."""

    name: str
    momentum: float
    every: int = 1
    decay: float = 0.9


CASES = [
    Case("swa", 0.1),
    Case("swa", 0.37),
    Case("swa", 0.0, 3),
    Case("swa", 1.0),
    Case("ema", 0.1),
    Case("ema", 0.6, 2),
]


def label(case: Case) -> str:
    return f"{case.name}_{case.momentum:g}_{case.every}"


def given() -> dict[str, np.ndarray]:
    """Inputs, classes and first weights, drawn once; the recording keeps them."""
    rng = np.random.default_rng(11)
    x = rng.normal(1.0, 2.0, (300, 3)).astype(np.float32)
    y = (x[:, 0] * x[:, 1] > x[:, 2]).astype(np.int64)
    arrays: dict[str, np.ndarray] = {"x": x, "y": y}
    for layer, shape in (("dense1", (6, 3)), ("dense2", (5, 6)), ("dense3", (2, 5))):
        arrays[f"first.{layer}.weight"] = rng.normal(0.0, 0.6, shape).astype(np.float32)
        arrays[f"first.{layer}.bias"] = rng.normal(0.0, 0.3, shape[0]).astype(np.float32)
    return arrays


def average(case: Case, arrays: dict[str, np.ndarray]) -> dict[str, np.ndarray]:
    """What PyTorch averages: weights, statistics, and probabilities for all inputs."""
    import torch
    from torch.optim import swa_utils

    nn: Any = torch.nn
    norms = [nn.BatchNorm1d(units, momentum=case.momentum) for units in (6, 5)]
    model = nn.Sequential(nn.Linear(3, 6), nn.Tanh(), norms[0], nn.Linear(6, 5), nn.Tanh(), norms[1], nn.Linear(5, 2))
    x, y = torch.tensor(arrays["x"]), torch.tensor(arrays["y"])
    with torch.no_grad():
        for name, parameter in model.named_parameters():
            module, _, kind = name.partition(".")
            if f"first.{NAMES[module]}.{kind}" in arrays:
                parameter.copy_(torch.tensor(arrays[f"first.{NAMES[module]}.{kind}"]))
    function = swa_utils.get_ema_multi_avg_fn(case.decay) if case.name == "ema" else None
    averaged = swa_utils.AveragedModel(model, multi_avg_fn=function)
    optimizer = torch.optim.SGD(model.parameters(), lr=RATE)
    for step in range(N_STEPS):
        rows = slice(step * BATCH % len(x), step * BATCH % len(x) + BATCH)
        optimizer.zero_grad()
        nn.functional.cross_entropy(model(x[rows]), y[rows]).backward()
        optimizer.step()
        if (step + 1) % case.every == 0:
            averaged.update_parameters(model)
    swa_utils.update_bn([x], averaged)
    averaged.eval()
    found = {"probabilities": torch.softmax(averaged(x), 1).detach().numpy()}
    for name, value in averaged.module.state_dict().items():
        module, _, kind = name.partition(".")
        if kind != "num_batches_tracked":
            found[f"{NAMES[module]}.{kind}"] = value.detach().numpy().copy()
    return found


if __name__ == "__main__":
    recorded = given()
    for one in CASES:
        recorded |= {f"{label(one)}.{name}": array for name, array in average(one, given()).items()}
    np.savez_compressed(FILE, **dict[str, Any](recorded))
    print(FILE, FILE.stat().st_size)
