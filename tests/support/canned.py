"""Canned snapshots of each kind of task, made by formulas, the same every time."""

from __future__ import annotations

from typing import Any

import numpy as np
from canned_parts import (
    make_config,
    plane,
    running,
    spiral_points,
    stats,
    weights,
)

from dltui.core.snapshot import (
    Confusion,
    DecisionMap,
    FitCurve,
    LayerImages,
    SamplePredictions,
    Scatter,
    UnitMaps,
)


def spiral() -> dict[str, Any]:
    x1, x2 = plane(64, -6, 6)
    phase = np.arctan2(x1, x2) - 1.75 * np.hypot(x1, x2) / 5 * 2 * np.pi
    values = np.tanh(-2.5 * np.cos(phase)).astype(np.float32)
    x_train, y_train = spiral_points(120, 1)
    x_val, y_val = spiral_points(120, 2)
    u1, u2 = plane(10, -6, 6)
    maps = []
    for name, units, bend in (("dense1", 8, 0.4), ("dense2", 8, 0.9), ("dense3", 1, 1.4)):
        angles = np.linspace(0, np.pi, units, endpoint=False)
        made = [np.tanh(bend * (u1 * np.cos(a) + u2 * np.sin(a)) + bend * np.sin(u1 * bend)) for a in angles]
        maps.append(UnitMaps(name, np.stack(made).astype(np.float32)))
    return {
        **running("accuracy"),
        "config": make_config(
            {
                "preset": {"title": "Two spirals", "lesson": LESSON, "group": "classification"},
                "data": {"name": "spiral"},
                "network": {"hidden": [8, 8], "activation": "tanh"},
                "optimizer": {"name": "adam", "learning_rate": 0.01},
                "schedule": {"name": "cosine"},
            }
        ),
        "layers": stats(
            ("dense1", "dense", "tanh", (8, 2)), ("dense2", "dense", "tanh", (8, 8)), ("dense3", "dense", "", (1, 8))
        ),
        "n_parameters": 105,
        "input_shape": (2,),
        "n_outputs": 1,
        "task": "classes",
        "class_names": ("0", "1"),
        "input_names": ("x1", "x2"),
        "decision": DecisionMap((-6.0, -6.0), (6.0, 6.0), values, x_train, y_train, x_val, y_val),
        "unit_maps": tuple(maps),
        "confusion": Confusion(np.array([[121, 4], [2, 123]]), ("0", "1")),
        "weights": weights(("dense1", 8, 2), ("dense2", 8, 8), ("dense3", 1, 8)),
    }


LESSON = (
    "Two classes wound around each other cannot be parted by a line. Watch the units of the first layer: each draws one"
    " soft edge. The second layer bends them.\n\nTry: sgd instead of adam (o), relu instead of tanh (a), fewer layers."
)


def sine() -> dict[str, Any]:
    x = np.linspace(-3.5, 3.5, 200)
    rng = np.random.default_rng(3)
    x_train, x_val = rng.uniform(-3, 3, 60), rng.uniform(-3, 3, 30)
    return {
        **running("r2"),
        "preset": "sine",
        "config": make_config(
            {"preset": {"title": "Sine"}, "data": {"name": "sine"}, "network": {"hidden": [16], "activation": "tanh"}}
        ),
        "layers": stats(("dense1", "dense", "tanh", (16, 1)), ("dense2", "dense", "", (1, 16))),
        "n_parameters": 49,
        "input_shape": (1,),
        "n_outputs": 1,
        "task": "values",
        "input_names": ("x",),
        "fit": FitCurve(
            x,
            np.sin(x) * 0.95 + 0.03 * x,
            x_train,
            np.sin(x_train) + rng.normal(0, 0.1, 60),
            x_val,
            np.sin(x_val) + rng.normal(0, 0.1, 30),
        ),
        "weights": weights(("dense1", 16, 1), ("dense2", 1, 16)),
    }


def glyphs(n: int, size: int = 8) -> np.ndarray:
    """Ring, bar and cross shapes that stand in for digits."""
    line = np.linspace(-1, 1, size)
    x, y = np.meshgrid(line, line)
    images = []
    for i in range(n):
        ring = np.exp(-(((np.hypot(x, y * 0.8) - 0.6) / 0.25) ** 2))
        bar = np.exp(-(((x - 0.1 * (i % 3)) / 0.25) ** 2))
        images.append((ring, bar, np.maximum(bar, bar.T), ring * (x > -0.2))[i % 4])
    return np.stack(images).astype(np.float32)


def digits() -> dict[str, Any]:
    rng = np.random.default_rng(4)
    counts = rng.integers(0, 2, (10, 10)) * rng.integers(0, 2, (10, 10)) + np.diag(rng.integers(30, 38, 10))
    names = tuple(str(i) for i in range(10))
    true = tuple(names[i % 10] for i in range(24))
    wrong = np.arange(24) % 9 == 4
    predicted = tuple(names[(int(t) + 5) % 10] if w else t for t, w in zip(true, wrong, strict=True))
    return {
        **running("accuracy"),
        "preset": "digits",
        "config": make_config(
            {
                "preset": {"title": "Digits"},
                "data": {"name": "digits"},
                "network": {"hidden": [32], "activation": "relu"},
            }
        ),
        "layers": stats(("dense1", "dense", "relu", (32, 64)), ("dense2", "dense", "", (10, 32))),
        "n_parameters": 2410,
        "input_shape": (1, 8, 8),
        "n_outputs": 10,
        "n_train": 1438,
        "n_val": 359,
        "task": "classes",
        "class_names": names,
        "confusion": Confusion(counts, names),
        "samples": SamplePredictions(glyphs(24), true, predicted, np.linspace(0.55, 0.99, 24), wrong),
        "images": (
            LayerImages("dense1", "filters", rng.normal(0, 0.3, (32, 8, 8)).astype(np.float32)),
            LayerImages("conv1", "maps", glyphs(8)),
        ),
        "weights": weights(("dense1", 32, 64), ("dense2", 10, 32)),
    }


def diabetes() -> dict[str, Any]:
    rng = np.random.default_rng(5)
    true = rng.uniform(25, 346, 90)
    return {
        **running("r2"),
        "preset": "diabetes",
        "config": make_config(
            {"preset": {"title": "Diabetes"}, "data": {"name": "diabetes"}, "network": {"hidden": [16]}}
        ),
        "layers": stats(("dense1", "dense", "relu", (16, 10)), ("dense2", "dense", "", (1, 16))),
        "n_parameters": 193,
        "input_shape": (10,),
        "n_outputs": 1,
        "task": "values",
        "input_names": ("age", "sex", "bmi", "bp", "s1", "s2", "s3", "s4", "s5", "s6"),
        "scatter": Scatter(true, 0.6 * true + 60 + rng.normal(0, 35, 90), "progression"),
        "weights": weights(("dense1", 16, 10), ("dense2", 1, 16)),
    }


def autoencoder() -> dict[str, Any]:
    images = glyphs(12)
    blurred = np.clip(0.15 + 0.7 * images, 0, 1)
    return {
        **running("r2"),
        "preset": "autoencoder",
        "config": make_config(
            {"preset": {"title": "Autoencoder"}, "data": {"name": "digits"}, "network": {"hidden": [32, 8, 32]}}
        ),
        "layers": stats(
            ("dense1", "dense", "relu", (32, 64)),
            ("dense2", "dense", "relu", (8, 32)),
            ("dense3", "dense", "", (64, 8)),
        ),
        "n_parameters": 2920,
        "input_shape": (1, 8, 8),
        "n_outputs": 64,
        "task": "values",
        "samples": SamplePredictions(
            images, ("",) * 12, ("",) * 12, np.full(12, np.nan), np.zeros(12, bool), reconstructed=blurred
        ),
        "images": (LayerImages("dense1", "filters", np.stack([np.roll(i, 2) for i in images])),),
        "weights": weights(("dense1", 32, 64), ("dense2", 8, 32), ("dense3", 64, 8)),
    }
