"""Pieces of canned snapshots: curves, statistics and points that look like a run half way through."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from dltui.core.config import Config
from dltui.core.snapshot import (
    Curve,
    Event,
    LayerStats,
    LayerWeights,
)


def make_config(tree: Mapping[str, Mapping[str, Any]]) -> Config:
    """The Config of a preset."""
    return Config.from_dict({name: dict(values) for name, values in tree.items()})


def make_curve(steps: np.ndarray, values: np.ndarray, spread: float = 0.0) -> Curve:
    """A curve whose band is `spread` (a share of the value) wide on either side."""
    return Curve(steps.astype(np.int64), values, values * (1 - spread), values * (1 + spread))


def rough(n: int, seed: int = 0) -> np.ndarray:
    return np.random.default_rng(seed).standard_normal(n)


def falling(steps: np.ndarray, first: float, last: float, noise: float, seed: int) -> np.ndarray:
    far = max(float(steps[-1]), 1.0) if len(steps) else 1.0
    return (last + (first - last) * np.exp(-5 * steps / far)) * np.exp(noise * rough(len(steps), seed))


def curves(last_step: int, metric: str, n: int = 1000) -> tuple[dict[str, Curve], dict[str, Curve]]:
    whole, recent = {}, {}
    for name, first_step in (("whole", 0), ("recent", int(last_step * 0.95))):
        steps = np.linspace(first_step, last_step, n).astype(np.int64)
        coarse = steps[:: max(n // 150, 1)]
        drop = np.where(steps > 0.45 * last_step, 0.45, 1.0)
        train = falling(steps, 0.9, 0.012, 0.35, 1) * drop
        val = falling(coarse, 0.95, 0.03, 0.06, 2) * np.where(coarse > 0.45 * last_step, 0.6, 1.0)
        rate = 0.01 * (0.5 + 0.5 * np.cos(np.pi * (steps % (last_step * 1.6)) / (last_step * 1.6)))
        made = {
            "train_loss": make_curve(steps, train, 0.3),
            "val_loss": make_curve(coarse, val),
            f"train_{metric}": make_curve(coarse, np.clip(1 - 0.5 * train[:: max(n // 150, 1)], -1, 1)),
            f"val_{metric}": make_curve(coarse, np.clip(1 - 0.6 * val, -1, 1)),
            "learning_rate": make_curve(steps, rate),
        }
        if name == "whole":
            whole = made
        else:
            recent = made
    return whole, recent


def empty() -> dict[str, Any]:
    nothing = np.empty(0)
    return {
        "run": "3f2a",
        "preset": "spiral",
        "status": "starting",
        "status_text": "",
        "progress": float("nan"),
        "config": make_config({"preset": {"title": "Two spirals"}, "data": {"name": "spiral"}}),
        "step": 0,
        "epoch": 0,
        "base_rate": 0.01,
        "rate": 0.01,
        "metrics": {},
        "curves": {},
        "recent": {},
        "future_steps": nothing,
        "future_rates": nothing,
        "events": (),
        "layers": (),
        "steps_per_s": 0.0,
        "samples_per_s": 0.0,
        "memory_mb": 0.0,
        "elapsed_s": 0.0,
        "n_train": 0,
        "n_val": 0,
        "n_parameters": 0,
        "input_shape": (),
        "n_outputs": 0,
        "task": "",
    }


def running(metric: str) -> dict[str, Any]:
    last = 20_600
    whole, recent = curves(last, metric)
    future = np.linspace(last, last * 1.6, 200)
    return {
        **empty(),
        "status": "training",
        "step": last,
        "epoch": 412,
        "rate": 0.0062,
        "metrics": {name: float(curve.values[-1]) for name, curve in whole.items()},
        "curves": whole,
        "recent": recent,
        "future_steps": future.astype(np.int64),
        "future_rates": 0.01 * (0.5 + 0.5 * np.cos(np.pi * future / (last * 1.6))),
        "events": (
            Event(1, 0, "start", "started"),
            Event(2, 9_300, "change", "optimizer: sgd → adam", 0.0312, 0.0312),
            Event(3, 14_200, "change", "activation: tanh → relu", 0.0140, 0.2210),
            Event(4, 18_200, "change", "schedule: constant → cosine", 0.0101, 0.0101),
        ),
        "steps_per_s": 1_204_000.0,
        "samples_per_s": 12_040_000.0,
        "memory_mb": 148.0,
        "elapsed_s": 83.2,
        "n_train": 250,
        "n_val": 250,
    }


def stats(*layers: tuple[str, str, str, tuple[int, ...]]) -> tuple[LayerStats, ...]:
    return tuple(
        LayerStats(
            name=name,
            kind=kind,
            activation=activation,
            shape=shape,
            n_parameters=int(np.prod(shape)) + shape[0] if shape else 0,
            mean=0.02 * (i - 1),
            std=0.6 - 0.1 * i,
            dead=min(0.03 + 0.2 * i, 1.0),
            gradient_norm=3e-3 / (i + 1),
            update_ratio=10.0 ** (-3 - 0.5 * i),
            weight_norm=2.0 + i,
            saturates=activation in ("tanh", "sigmoid"),
        )
        for i, (name, kind, activation, shape) in enumerate(layers)
    )


def weights(*shapes: tuple[str, int, int]) -> tuple[LayerWeights, ...]:
    made = []
    for i, (name, out, inputs) in enumerate(shapes):
        matrix = np.random.default_rng(i).normal(0, 0.8, (min(out, 32), min(inputs, 64))).astype(np.float32)
        counts, edges = np.histogram(matrix, bins=24)
        made.append(LayerWeights(name, matrix, np.zeros(out, np.float32), counts, edges))
    return tuple(made)


def spiral_points(n: int, seed: int) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(seed)
    r = np.sqrt(rng.uniform(0, 1, n)) * 5
    label = np.arange(n) % 2
    angle = 1.75 * r / 5 * 2 * np.pi + np.pi * label
    points = np.stack([r * np.sin(angle), r * np.cos(angle)], axis=1)
    return points + rng.normal(0, 0.12, points.shape), label


def plane(k: int, low: float, high: float) -> tuple[np.ndarray, np.ndarray]:
    line = np.linspace(low, high, k)
    return np.meshgrid(line, line[::-1])
