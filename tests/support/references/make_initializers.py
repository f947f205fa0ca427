"""Record the spread of PyTorch's initializers: `python make_initializers.py` writes initializers.json beside it."""

from __future__ import annotations

import json
from pathlib import Path

import torch
from torch.nn import init

SHAPES = [(64, 500), (500, 64), (40, 30, 5, 5)]

CASES = [
    ("auto", {}, lambda w: init.xavier_uniform_(w)),
    ("zeros", {}, lambda w: init.zeros_(w)),
    ("constant", {"value": 0.25}, lambda w: init.constant_(w, 0.25)),
    ("normal", {"mean": 0.5, "std": 0.2}, lambda w: init.normal_(w, 0.5, 0.2)),
    ("uniform", {"low": -0.3, "high": 0.1}, lambda w: init.uniform_(w, -0.3, 0.1)),
    ("glorot_normal", {"gain": 1.0}, lambda w: init.xavier_normal_(w)),
    ("glorot_normal", {"gain": 1.5}, lambda w: init.xavier_normal_(w, gain=1.5)),
    ("glorot_uniform", {"gain": 1.0}, lambda w: init.xavier_uniform_(w)),
    ("he_normal", {"mode": "fan_in"}, lambda w: init.kaiming_normal_(w)),
    ("he_normal", {"mode": "fan_out"}, lambda w: init.kaiming_normal_(w, mode="fan_out")),
    ("he_uniform", {"mode": "fan_in"}, lambda w: init.kaiming_uniform_(w)),
    ("lecun", {}, lambda w: init.kaiming_normal_(w, nonlinearity="linear")),
    ("orthogonal", {"gain": 1.0}, lambda w: init.orthogonal_(w)),
    ("orthogonal", {"gain": 2.0}, lambda w: init.orthogonal_(w, gain=2.0)),
    (
        "truncated_normal",
        {"mean": 0.1, "std": 0.5, "cut": 1.5},
        lambda w: init.trunc_normal_(w, 0.1, 0.5, 0.1 - 0.75, 0.1 + 0.75),
    ),
]


def record():
    """One entry a case and shape: mean, standard deviation, and the smallest and largest of 32,000 weights or so."""
    entries = []
    for name, settings, fill in CASES:
        for shape in SHAPES:
            torch.manual_seed(7)
            w = fill(torch.empty(shape, dtype=torch.float64))
            entries.append(
                {
                    "name": name,
                    "settings": settings,
                    "shape": list(shape),
                    "mean": w.mean().item(),
                    "std": w.std(correction=0).item(),
                    "low": w.min().item(),
                    "high": w.max().item(),
                }
            )
    return entries


if __name__ == "__main__":
    path = Path(__file__).with_name("initializers.json")
    path.write_text(json.dumps(record(), indent=1) + "\n", encoding="utf-8")
