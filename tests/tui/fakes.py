"""Canned runs for tests of the screen: one snapshot of each kind of task, and a session that only listens.

Nothing here trains. The curves, maps and tables are made by formulas that look like a run half way through, the same
every time, so that pictures and goldens do not move.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from types import SimpleNamespace
from typing import Any

import numpy as np

from dltui.core.snapshot import (
    Confusion,
    Curve,
    DecisionMap,
    Event,
    FitCurve,
    LayerImages,
    LayerStats,
    LayerWeights,
    SamplePredictions,
    Scatter,
    Snapshot,
    UnitMaps,
)

KINDS = ("spiral", "sine", "digits", "diabetes", "autoencoder")
"""Kinds of task `make_snapshot` knows."""


def make_snapshot(kind: str = "spiral", **overrides: Any) -> Snapshot:
    """A snapshot of a run half way through.

    Args:
        kind: "spiral" (two inputs, two classes), "sine" (one input, one value), "digits" (images, ten classes),
            "diabetes" (table, one value), "autoencoder" (images to images), or "empty" (nothing loaded yet).
        **overrides: Fields of `Snapshot` to put in place of the made ones.
    """
    fields = {"empty": _empty, "spiral": _spiral, "sine": _sine, "digits": _digits}.get(kind)
    made = fields() if fields else {"diabetes": _diabetes, "autoencoder": _autoencoder}[kind]()
    return Snapshot(**{**made, **overrides})


def make_config(tree: Mapping[str, Mapping[str, Any]]) -> Any:
    """What widgets read of a Config: the sections with their fixed fields, and the settings of the member in force."""
    known: dict[str, dict[str, Any]] = {
        "preset": {"title": "", "lesson": "", "group": ""},
        "data": {"name": "", "val_fraction": 0.5, "scaler": "none", "settings": {}},
        "network": {
            "activation": "tanh",
            "initializer": "auto",
            "normalization": "none",
            "output_activation": "identity",
        },
        "loss": {"name": "auto", "settings": {}},
        "optimizer": {"name": "sgd", "learning_rate": 0.03, "settings": {}},
        "schedule": {"name": "constant", "warmup_steps": 0, "settings": {}},
        "regularization": {"values": {"dropout": 0.0, "l1": 0.0, "l2": 0.0}},
        "averaging": {"name": "none", "decay": 0.999, "every": 1},
        "training": {"batch_size": 10, "shuffle": True, "seed": 0, "max_epochs": 0, "max_steps": 0},
    }
    sections = {name: SimpleNamespace(**{**fields, **tree.get(name, {})}) for name, fields in known.items()}
    sections["network"].layers = tuple(
        SimpleNamespace(kind="dense", settings={"units": units}, activation="")
        for units in tree.get("network", {}).get("hidden", (8,))
    )
    return SimpleNamespace(**sections, fields=lambda: (), to_dict=lambda dormant=False: dict(tree))


def make_curve(steps: np.ndarray, values: np.ndarray, spread: float = 0.0) -> Curve:
    """A curve whose band is `spread` (a share of the value) wide on either side."""
    return Curve(steps.astype(np.int64), values, values * (1 - spread), values * (1 + spread))


class FakeSession:
    """Takes commands, gives back whatever snapshot it was given: `session.snapshot = make_snapshot(...)`."""

    def __init__(self, source: Any = "spiral", **options: Any) -> None:
        kind = source if isinstance(source, str) and source in (*KINDS, "empty") else "spiral"
        self.snapshot: Snapshot | None = make_snapshot(kind)
        self.source = source
        self.options = options
        self.commands: list[Any] = []
        self.failure = ""
        self.started = False
        self.closed = False

    def start(self) -> None:
        """Note that the session was started."""
        self.started = True

    def send(self, command: Any) -> None:
        """Record one command."""
        self.commands.append(command)

    def latest(self) -> Snapshot | None:
        """The snapshot put in place by the test."""
        return self.snapshot if self.started else None

    def wait(self, predicate: Callable[[Snapshot], bool], timeout: float = 10.0) -> Snapshot:
        """The snapshot, once `predicate` holds for it."""
        deadline = time.monotonic() + timeout
        while time.monotonic() < deadline:
            if self.snapshot is not None and predicate(self.snapshot):
                return self.snapshot
        raise TimeoutError

    def close(self, timeout: float = 5.0) -> None:
        """Note that the session was closed."""
        self.closed = True


def _noise(n: int, seed: int = 0) -> np.ndarray:
    return np.random.default_rng(seed).standard_normal(n)


def _falling(steps: np.ndarray, first: float, last: float, noise: float, seed: int) -> np.ndarray:
    far = max(float(steps[-1]), 1.0) if len(steps) else 1.0
    return (last + (first - last) * np.exp(-5 * steps / far)) * np.exp(noise * _noise(len(steps), seed))


def _curves(last_step: int, metric: str, n: int = 1000) -> tuple[dict[str, Curve], dict[str, Curve]]:
    whole, recent = {}, {}
    for name, first_step in (("whole", 0), ("recent", int(last_step * 0.95))):
        steps = np.linspace(first_step, last_step, n).astype(np.int64)
        coarse = steps[:: max(n // 150, 1)]
        drop = np.where(steps > 0.45 * last_step, 0.45, 1.0)
        train = _falling(steps, 0.9, 0.012, 0.35, 1) * drop
        val = _falling(coarse, 0.95, 0.03, 0.06, 2) * np.where(coarse > 0.45 * last_step, 0.6, 1.0)
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


def _empty() -> dict[str, Any]:
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


def _running(metric: str) -> dict[str, Any]:
    last = 20_600
    curves, recent = _curves(last, metric)
    future = np.linspace(last, last * 1.6, 200)
    return {
        **_empty(),
        "status": "training",
        "step": last,
        "epoch": 412,
        "rate": 0.0062,
        "metrics": {name: float(curve.values[-1]) for name, curve in curves.items()},
        "curves": curves,
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


def _stats(*layers: tuple[str, str, str, tuple[int, ...]]) -> tuple[LayerStats, ...]:
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
        )
        for i, (name, kind, activation, shape) in enumerate(layers)
    )


def _weights(*shapes: tuple[str, int, int]) -> tuple[LayerWeights, ...]:
    made = []
    for i, (name, out, inputs) in enumerate(shapes):
        matrix = np.random.default_rng(i).normal(0, 0.8, (min(out, 32), min(inputs, 64))).astype(np.float32)
        counts, edges = np.histogram(matrix, bins=24)
        made.append(LayerWeights(name, matrix, np.zeros(out, np.float32), counts, edges))
    return tuple(made)


def _spiral_points(n: int, seed: int) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(seed)
    r = np.sqrt(rng.uniform(0, 1, n)) * 5
    label = np.arange(n) % 2
    angle = 1.75 * r / 5 * 2 * np.pi + np.pi * label
    points = np.stack([r * np.sin(angle), r * np.cos(angle)], axis=1)
    return points + rng.normal(0, 0.12, points.shape), label


def _plane(k: int, low: float, high: float) -> tuple[np.ndarray, np.ndarray]:
    line = np.linspace(low, high, k)
    return np.meshgrid(line, line[::-1])


def _spiral() -> dict[str, Any]:
    x1, x2 = _plane(64, -6, 6)
    phase = np.arctan2(x1, x2) - 1.75 * np.hypot(x1, x2) / 5 * 2 * np.pi
    values = np.tanh(-2.5 * np.cos(phase)).astype(np.float32)
    x_train, y_train = _spiral_points(120, 1)
    x_val, y_val = _spiral_points(120, 2)
    u1, u2 = _plane(10, -6, 6)
    maps = []
    for name, units, bend in (("dense1", 8, 0.4), ("dense2", 8, 0.9), ("dense3", 1, 1.4)):
        angles = np.linspace(0, np.pi, units, endpoint=False)
        made = [np.tanh(bend * (u1 * np.cos(a) + u2 * np.sin(a)) + bend * np.sin(u1 * bend)) for a in angles]
        maps.append(UnitMaps(name, np.stack(made).astype(np.float32)))
    return {
        **_running("accuracy"),
        "config": make_config(
            {
                "preset": {"title": "Two spirals", "lesson": LESSON, "group": "classification"},
                "data": {"name": "spiral"},
                "network": {"hidden": [8, 8], "activation": "tanh"},
                "optimizer": {"name": "adam", "learning_rate": 0.01},
                "schedule": {"name": "cosine"},
            }
        ),
        "layers": _stats(
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
        "weights": _weights(("dense1", 8, 2), ("dense2", 8, 8), ("dense3", 1, 8)),
    }


LESSON = (
    "Two classes wound around each other cannot be parted by a line. Watch the units of the first layer: each draws one"
    " soft edge. The second layer bends them.\n\nTry: sgd instead of adam (o), relu instead of tanh (a), fewer layers."
)


def _sine() -> dict[str, Any]:
    x = np.linspace(-3.5, 3.5, 200)
    rng = np.random.default_rng(3)
    x_train, x_val = rng.uniform(-3, 3, 60), rng.uniform(-3, 3, 30)
    return {
        **_running("r2"),
        "preset": "sine",
        "config": make_config(
            {"preset": {"title": "Sine"}, "data": {"name": "sine"}, "network": {"hidden": [16], "activation": "tanh"}}
        ),
        "layers": _stats(("dense1", "dense", "tanh", (16, 1)), ("dense2", "dense", "", (1, 16))),
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
        "weights": _weights(("dense1", 16, 1), ("dense2", 1, 16)),
    }


def _glyphs(n: int, size: int = 8) -> np.ndarray:
    """Ring, bar and cross shapes that stand in for digits."""
    line = np.linspace(-1, 1, size)
    x, y = np.meshgrid(line, line)
    images = []
    for i in range(n):
        ring = np.exp(-(((np.hypot(x, y * 0.8) - 0.6) / 0.25) ** 2))
        bar = np.exp(-(((x - 0.1 * (i % 3)) / 0.25) ** 2))
        images.append((ring, bar, np.maximum(bar, bar.T), ring * (x > -0.2))[i % 4])
    return np.stack(images).astype(np.float32)


def _digits() -> dict[str, Any]:
    rng = np.random.default_rng(4)
    counts = rng.integers(0, 2, (10, 10)) * rng.integers(0, 2, (10, 10)) + np.diag(rng.integers(30, 38, 10))
    names = tuple(str(i) for i in range(10))
    true = tuple(names[i % 10] for i in range(24))
    wrong = np.arange(24) % 9 == 4
    predicted = tuple(names[(int(t) + 5) % 10] if w else t for t, w in zip(true, wrong, strict=True))
    return {
        **_running("accuracy"),
        "preset": "digits",
        "config": make_config(
            {
                "preset": {"title": "Digits"},
                "data": {"name": "digits"},
                "network": {"hidden": [32], "activation": "relu"},
            }
        ),
        "layers": _stats(("dense1", "dense", "relu", (32, 64)), ("dense2", "dense", "", (10, 32))),
        "n_parameters": 2410,
        "input_shape": (1, 8, 8),
        "n_outputs": 10,
        "n_train": 1438,
        "n_val": 359,
        "task": "classes",
        "class_names": names,
        "confusion": Confusion(counts, names),
        "samples": SamplePredictions(_glyphs(24), true, predicted, np.linspace(0.55, 0.99, 24), wrong),
        "images": (
            LayerImages("dense1", "filters", rng.normal(0, 0.3, (32, 8, 8)).astype(np.float32)),
            LayerImages("conv1", "maps", _glyphs(8)),
        ),
        "weights": _weights(("dense1", 32, 64), ("dense2", 10, 32)),
    }


def _diabetes() -> dict[str, Any]:
    rng = np.random.default_rng(5)
    true = rng.uniform(25, 346, 90)
    return {
        **_running("r2"),
        "preset": "diabetes",
        "config": make_config(
            {"preset": {"title": "Diabetes"}, "data": {"name": "diabetes"}, "network": {"hidden": [16]}}
        ),
        "layers": _stats(("dense1", "dense", "relu", (16, 10)), ("dense2", "dense", "", (1, 16))),
        "n_parameters": 193,
        "input_shape": (10,),
        "n_outputs": 1,
        "task": "values",
        "input_names": ("age", "sex", "bmi", "bp", "s1", "s2", "s3", "s4", "s5", "s6"),
        "scatter": Scatter(true, 0.6 * true + 60 + rng.normal(0, 35, 90), "progression"),
        "weights": _weights(("dense1", 16, 10), ("dense2", 1, 16)),
    }


def _autoencoder() -> dict[str, Any]:
    images = _glyphs(12)
    blurred = np.clip(0.15 + 0.7 * images, 0, 1)
    return {
        **_running("r2"),
        "preset": "autoencoder",
        "config": make_config(
            {"preset": {"title": "Autoencoder"}, "data": {"name": "digits"}, "network": {"hidden": [32, 8, 32]}}
        ),
        "layers": _stats(
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
        "weights": _weights(("dense1", 32, 64), ("dense2", 8, 32), ("dense3", 64, 8)),
    }
