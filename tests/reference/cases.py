"""A case of the crossing as what a run is made of: its data, its Config, and the change in the middle.

Small networks and small rates, so that rounding in single precision is not blown up by the dynamics.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from dltui.core import Config

from .crossing import OF_CLASSES, Case

N_ROWS = 60
"""Of which a third is for validation."""

Layers = list[dict[str, Any]]


def _image(channels: int, side: int) -> dict[str, Any]:
    return {"kind": "reshape", "channels": channels, "height": side, "width": side}


_CONV: dict[str, Any] = {"kind": "conv2d", "filters": 3, "kernel": 2}
_END = {"kind": "dense", "units": 5}
_SIX = {"kind": "dense", "units": 6}
_PAINT = {"kind": "conv_transpose2d", "filters": 3, "kernel": 3, "padding": 1, "output_padding": 1}
NETWORKS: Mapping[str, Layers] = {
    "dense": [_SIX, _END],
    "conv2d": [_image(2, 4), {**_CONV, "kernel": 3, "stride": 2, "padding": 1}, _END],
    "conv_transpose2d": [_image(2, 2), _PAINT, _END],
    "max_pool": [_image(2, 4), _CONV, {"kind": "max_pool", "stride": 1}, _END],
    "avg_pool": [_image(2, 4), _CONV, {"kind": "avg_pool", "stride": 1}, _END],
    "upsample": [_image(2, 2), {"kind": "upsample"}, {**_CONV, "kernel": 3}, _END],
    "flatten": [_image(2, 2), {"kind": "flatten"}, _SIX],
    "reshape": [_image(2, 2), _CONV, _END],
    "dropout": [_SIX, {"kind": "dropout", "rate": 0.2}, _END],
    "batch_norm": [_SIX, {"kind": "batch_norm", "momentum": 0.2, "eps": 0.01}, _END],
    "layer_norm": [_SIX, {"kind": "layer_norm", "eps": 0.01}, _END],
}
"""Kind of layer -> layers with one of that kind."""
N_INPUTS = {"conv2d": 32, "max_pool": 32, "avg_pool": 32}
"""Kind of layer -> inputs of its network, 8 where nothing is said."""
OPTIMIZERS: Mapping[str, tuple[float, dict[str, Any], dict[str, Any], str]] = {
    "sgd": (0.03, {}, {}, "momentum"),
    "momentum": (0.003, {}, {"momentum": 0.7}, "nag"),
    "nag": (0.002, {}, {"momentum": 0.7}, "adam"),
    "rmsprop": (0.0005, {"momentum": 0.3}, {"alpha": 0.9, "momentum": 0.5}, "adam"),
    "adam": (0.003, {}, {"beta1": 0.8, "beta2": 0.9}, "amsgrad"),
    "adamw": (0.003, {}, {"beta1": 0.8, "beta2": 0.9}, "rmsprop"),
    "nadam": (0.003, {"beta2": 0.9}, {"beta1": 0.8, "beta2": 0.999, "momentum_decay": 0.01}, "radam"),
    "radam": (0.003, {}, {"beta1": 0.8, "beta2": 0.9}, "muon"),
    "amsgrad": (0.003, {"beta2": 0.99}, {"beta1": 0.8, "beta2": 0.9}, "adam"),
    "adagrad": (0.01, {"lr_decay": 0.01, "initial_accumulator_value": 0.1}, {"lr_decay": 0.05}, "adadelta"),
    "adadelta": (0.3, {}, {"rho": 0.7}, "rmsprop"),
    "lion": (0.0003, {"weight_decay": 0.1}, {"beta1": 0.7, "beta2": 0.9}, "adam"),
    "muon": (0.0005, {}, {"momentum": 0.8, "beta2": 0.9, "adjust_lr_fn": "match_rms_adamw"}, "nadam"),
}
"""Optimizer -> (rate, settings, settings after a change of them, optimizer after a change of it)."""
STRENGTHS = {
    "dropout": 0.2, "alpha_dropout": 0.1, "spatial_dropout": 0.2, "mixup": 0.4, "label_smoothing": 0.1,
    "input_noise": 0.1, "gradient_noise": 0.02, "clip_norm": 0.3, "clip_value": 0.05, "max_norm": 0.8,
    "l1": 0.0002, "l2": 0.02, "weight_decay": 0.05,
}  # fmt: skip
SCHEDULES: Mapping[str, dict[str, Any]] = {
    "constant": {},
    "time_decay": {"decay": 0.02},
    "step": {"step_size": 30, "gamma": 0.7},
    "multistep": {"milestones": [40, 95, 95], "gamma": 0.6},
    "exponential": {"gamma": 0.99},
    "lambda": {"expression": "base / (1 + 0.01 * step) * (1 if epoch < 3 else 0.5)"},
    "cosine": {"t_max": 120, "eta_min": 0.0001},
    "plateau": {"patience": 0, "factor": 0.6, "cooldown": 1},
    "cyclic": {"step_size_up": 20, "step_size_down": 30, "mode": "exp_range", "gamma": 0.99},
    "one_cycle": {"total_steps": 150, "three_phase": True},
    "linear": {"total_iters": 100, "end_factor": 0.2},
    "polynomial": {"total_iters": 150, "power": 2.0},
    "warm_restarts": {"t_0": 30, "t_mult": 2, "eta_min": 0.0001},
    "inverse_sqrt": {"timescale": 20},
    "noam": {"d_model": 4, "peak_step": 4},
}
BATCHES = {"full": "full", "one": 1, "even": 8, "rest": 12, "rest of one": 13}
"""Of 40 rows: all, one, a fifth, 12 and at last 4, 13 and at last 1."""
CHANGED_LOSS = {
    "cross_entropy": "hinge", "balanced cross_entropy": "hinge", "hinge": "cross_entropy", "mse": "huber", "mae": "mse",
    "huber": "mae",
}  # fmt: skip


def rows_of(case: Case, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Inputs and targets: columns of several sizes, targets with little to learn, so that validation loss turns up."""
    rng = np.random.default_rng([seed, 77])
    n_inputs = N_INPUTS.get(case["layer"], 8)
    x = (rng.normal(size=(N_ROWS, n_inputs)) * np.linspace(0.5, 2.0, n_inputs) + 0.3).astype(np.float32)
    first = x[:, 0]
    if case["loss"] not in OF_CLASSES:
        values = np.column_stack((0.2 * first + 0.4 * rng.normal(size=N_ROWS), 0.8 * rng.normal(size=N_ROWS)))
        return x, values.astype(np.float32)
    n_classes = 2 if case["loss"] == "binary_cross_entropy" else 3
    y = rng.choice(n_classes, size=N_ROWS, p=[0.4, 0.6] if n_classes == 2 else [0.2, 0.3, 0.5])
    y[:n_classes] = np.arange(n_classes)
    return x, y


def activation_of(name: str) -> dict[str, Any]:
    """Settings of the network for an activation."""
    if name == "gelu tanh":
        return {"activation": "gelu", "approximate": "tanh"}
    own = {"leaky_relu": {"negative_slope": 0.2}, "elu": {"alpha": 0.7}, "celu": {"alpha": 0.6}}
    more = {"swish": {"beta": 1.5}, "softplus": {"beta": 2.0}}
    return {"activation": name, **(own | more).get(name, {})}


def takes_bias_out(case: Case) -> bool:
    """Whether batch normalization follows a layer of weighted sums directly, from the start or after the change.

    It takes the layer's bias out again, so that the gradient of the bias is nothing but rounding, and an optimizer that
    divides by the size of a gradient, or takes its sign, makes steps of it that no two computations agree on.
    """
    behind = case["layer"] == "batch_norm" and case["activation"] == "identity"
    return case["normalization"] == "batch_norm" or case["change"] == "batch norm in" or behind


def optimizer_of(case: Case, name: str, ease: float = 1.0) -> dict[str, Any]:
    """The optimizer's section, its learning rate multiplied by `ease`, and its ε as much larger.

    Its ε is not so small that the rounding in a small gradient is divided by next to nothing, and far above rounding
    where a gradient may be nothing but that, or is of a layer that reads large numbers.
    """
    rate, settings, _, _ = OPTIMIZERS[name]
    if name not in ("sgd", "momentum", "nag", "lion"):
        fine = 1e-2 if takes_bias_out(case) or name == "rmsprop" else 1e-4
        eps = 0.1 if case["change"] == "deeper" else fine
        settings = {**settings, "eps": min(eps / ease, 0.5)}
    return {"name": name, "learning_rate": ease * rate, **settings}


def given(case: Case, seed: int, folder: Path, ease: float = 1.0) -> dict[str, Any]:
    """The Config of a case, as a preset would have it, its learning rate multiplied by `ease`."""
    optimizer = optimizer_of(case, case["optimizer"], ease)
    if case["schedule"] == "noam":
        optimizer["learning_rate"] *= 4.0
    loss = {"name": case["loss"]}
    if case["loss"].startswith("balanced"):
        loss = {"name": "cross_entropy", "class_weights": "balanced"}
    averaging = {"name": case["averaging"].split()[0], "decay": 0.9, "every": 3 if "every" in case["averaging"] else 1}
    regularization = {} if case["regularizer"] == "none" else {case["regularizer"]: STRENGTHS[case["regularizer"]]}
    if "lion" in (case["optimizer"],) and takes_bias_out(case):
        regularization = {"gradient_noise": STRENGTHS["gradient_noise"], **regularization}
    stopping = {"off": {}, "patience": {"early_stopping": 2}, "end first": {"early_stopping": 1000, "max_steps": 195}}
    schedule: dict[str, Any] = {"name": case["schedule"], **SCHEDULES[case["schedule"]]}
    if case["schedule"] == "cyclic":
        schedule["max_lr"] = 3.0 * optimizer["learning_rate"]
    return {
        "data": {"name": "npz", "path": str(folder / "rows.npz"), "val_fraction": 1 / 3, "scaler": case["scaler"]},
        "network": {
            "layers": NETWORKS[case["layer"]],
            "normalization": case["normalization"],
            **activation_of(case["activation"]),
        },
        "loss": loss,
        "optimizer": optimizer,
        "schedule": {**schedule, "warmup_steps": 0 if case["warmup"] == "none" else 7},
        "regularization": regularization,
        "averaging": averaging,
        "training": {
            "batch_size": BATCHES[case["batch"]],
            "shuffle": case["order"] == "shuffled",
            "seed": seed,
            "evaluate_every": 20,
            **stopping[case["stopping"]],
        },
    }


def changes_of(case: Case, config: Config, ease: float = 1.0) -> list[tuple[dict[str, Any], bool]]:
    """What is changed in the middle, one after the other without a step between: (changes, cold).

    Args:
        case: Factor -> value.
        config: In force before.
        ease: As for `optimizer_of`.
    """
    name, hidden = case["optimizer"], list(config.network.hidden)
    other = optimizer_of(case, OPTIMIZERS[name][3], ease)
    fading = "exponential" if case["schedule"] != "exponential" else "cosine"
    function = {"network.activation": "tanh" if case["activation"] != "tanh" else "swish"}
    back = {"network.activation": config.network.activation}
    rate = {"optimizer.learning_rate": config.optimizer.learning_rate * 0.4}
    on = "l2" if case["regularizer"] != "l2" else "weight_decay"
    lists: dict[str, list[dict[str, Any]]] = {
        "none": [],
        "rate": [rate],
        "hyper-parameter": [{f"optimizer.{key}": value for key, value in OPTIMIZERS[name][2].items()}],
        "optimizer": [{f"optimizer.{key}": value for key, value in other.items()}],
        "schedule": [{"schedule.name": fading, **{f"schedule.{key}": v for key, v in SCHEDULES[fading].items()}}],
        "activation": [function],
        "blended activation": [{**function, "network.blend_steps": 40}],
        "loss": [{"loss.name": CHANGED_LOSS.get(case["loss"], ""), "loss.class_weights": "none"}],
        "batch size": [{"training.batch_size": 9}],
        "regularizer on": [{f"regularization.{on}": STRENGTHS[on]}],
        "regularizer off": [{f"regularization.{case['regularizer']}": 0.0}],
        "averaging on": [{"averaging.name": "ema"}],
        "averaging off": [{"averaging.name": "none"}],
        "batch norm in": [{"network.normalization": "batch_norm"}],
        "layer norm in": [{"network.normalization": "layer_norm"}],
        "normalization out": [{"network.normalization": "none"}],
        "wider": [{"network.hidden": [units + 2 for units in hidden]}],
        "deeper": [{"network.hidden": [*hidden, hidden[-1]]}],
        "scaler": [{"data.scaler": "standardize" if case["scaler"] != "standardize" else "minmax"}],
        "there and back": [
            {**rate, **function},
            {**back, "optimizer.learning_rate": config.optimizer.learning_rate},
        ],
    }
    lists["optimizer cold"] = lists["optimizer"]
    return [(changes, case["change"] == "optimizer cold") for changes in lists[case["change"]]]
