"""Writes members.json: PyTorch's activations, losses and optimizer trajectories on the inputs of `member_cases`.

Run with torch installed: PYTHONPATH=tests/support python -m references.make_members
"""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import torch
from references import member_cases as cases
from references import torch_members as theirs

LOSS_TASKS = {
    "mse": ("values", 3),
    "mae": ("values", 3),
    "huber": ("values", 3),
    "cross_entropy": ("classes", 4),
    "binary_cross_entropy": ("classes", 1),
    "hinge": ("classes", 4),
}


def short(array: np.ndarray) -> Any:
    """Nine digits: float32 has seven."""
    return [float(f"{value:.9g}") for value in np.ravel(array)]


def activations() -> dict[str, Any]:
    z = cases.activation_inputs()
    found = {}
    for name, (_, variants) in theirs.ACTIVATIONS.items():
        for settings in variants:
            y, dz = theirs.activation(name, settings, z)
            found[cases.key(name, settings)] = {"y": short(y), "dz": short(dz)}
    return found


def losses() -> dict[str, Any]:
    found = {}
    for name, (task, n_out) in LOSS_TASKS.items():
        for n_rows in (1, 13, 37):
            x, t = cases.loss_inputs(task, n_rows, n_out)
            value, dx = theirs.loss(name, {}, x, t)
            found[cases.key(name, {}, n_rows)] = {"loss": value, "dx": short(dx)}
    x, t = cases.loss_inputs("classes", 37, 4)
    value, dx = theirs.loss("cross_entropy", {}, x, t, cases.CLASS_WEIGHTS)
    found[cases.key("cross_entropy", {}, 37, "weighted")] = {"loss": value, "dx": short(dx)}
    return found


def optimizers() -> dict[str, Any]:
    start, sequence = cases.gradients()
    kept = [step - 1 for step in cases.KEPT_STEPS]
    found = {}
    for name, (_, variants) in theirs.OPTIMIZERS.items():
        for settings in variants:
            for l2 in cases.L2:
                path = theirs.trajectory(name, settings, cases.RATES.get(name, 0.01), l2, start, sequence)
                found[cases.key(name, settings, l2)] = short(path[kept][:, :8])
    return found


if __name__ == "__main__":
    answers = {
        "torch": torch.__version__,
        "activations": activations(),
        "losses": losses(),
        "optimizers": optimizers(),
    }
    cases.FILE.write_text(json.dumps(answers, separators=(",", ":")).replace('},"', '},\n"') + "\n")
