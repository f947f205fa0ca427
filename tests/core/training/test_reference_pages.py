"""Every page of the slow reference against the trainer, one member at a time.

The reference (`tests/reference`) is the loop in double precision, so what is left is the rounding of single precision.
"""

from __future__ import annotations

from collections.abc import Callable
from importlib.util import find_spec
from typing import Any

import numpy as np
import pytest
from reference.compare import distances, of_reference, of_trainer
from reference.data import Rows
from reference.schedules import LENGTHS
from reference.training import Reference

from dltui.core import Config, Trainer, families

STEPS = 60
TOLERANCE = 1e-5
DENSE = {"kind": "dense", "units": 5}
CONV = {"kind": "conv2d", "filters": 3, "kernel": 2}
PAINT = {"kind": "conv_transpose2d", "filters": 3, "kernel": 3, "padding": 1, "output_padding": 1}
LAYERS: dict[str, list[dict[str, Any]]] = {
    "dense": [DENSE, {"kind": "dense", "units": 4}],
    "conv2d": [{"kind": "conv2d", "filters": 3, "stride": 2, "padding": 1}, CONV],
    "conv_transpose2d": [PAINT],
    "max_pool": [CONV, {"kind": "max_pool", "stride": 1}],
    "avg_pool": [CONV, {"kind": "avg_pool", "stride": 1}],
    "upsample": [{"kind": "upsample"}, CONV],
    "flatten": [{"kind": "flatten"}, DENSE],
    "reshape": [{"kind": "flatten"}, {"kind": "reshape", "channels": 4, "height": 2, "width": 2}, CONV],
    "dropout": [DENSE, {"kind": "dropout", "rate": 0.3}, DENSE],
    "batch_norm": [CONV, {"kind": "batch_norm", "momentum": 0.2}, DENSE],
    "layer_norm": [CONV, {"kind": "layer_norm"}, DENSE],
}
STRENGTHS = {"dropout": 0.3, "alpha_dropout": 0.3, "spatial_dropout": 0.3, "mixup": 0.5, "max_norm": 0.7}
STRENGTHS |= {"random_shift": 1.5, "random_rotation": 30.0, "random_flip": 0.4}
RATES = {"adadelta": 1.0, "muon": 0.001, "noam": 1.0}


def rows(task: str, *, images: bool = False, n: int = 40) -> Rows:
    """n training and half as many validation rows of a task: "classes", "two" or "values"."""
    rng, n_all = np.random.default_rng(7), n + n // 2
    x = rng.normal(size=(n_all, 1, 4, 4) if images else (n_all, 5)).astype(np.float32).astype(np.float64)
    y: np.ndarray = rng.integers(0, 2 if task == "two" else 3, n_all)
    values = rng.normal(size=(n_all, 2)).astype(np.float32).astype(np.float64) * (1.0, 5.0)
    y = values if task == "values" else y
    return Rows(x[:n], y[:n], x[n:], y[n:])


def agree(
    name: str,
    given: dict[str, Any],
    note: Callable[..., None],
    task: str = "classes",
    *,
    images: bool = False,
    n: int = 40,
) -> None:
    """Train both for some steps and compare all there is."""
    training = {"batch_size": 12, "evaluate_every": 15, "seed": 11, **given.pop("training", {})}
    config = Config.from_dict({"network": {"hidden": [6, 5]}, "training": training, **given})
    data = rows(task, images=images, n=n)
    trainer = Trainer(config, (data.x_train, data.y_train, data.x_val, data.y_val))
    reference = Reference(config, data, trainer.parameters)
    trainer.advance(STEPS)
    reference.advance(STEPS)
    found = distances(of_trainer(trainer), of_reference(reference))
    note("reference", name, worst=max(found.values()))
    assert not {key: value for key, value in found.items() if not value <= TOLERANCE}


@pytest.mark.parametrize("name", families["activations"])
def test_activations(name: str, note: Callable[..., None]) -> None:
    agree(name, {"network": {"activation": name, "hidden": [6, 5]}}, note)


@pytest.mark.parametrize("name", LAYERS)
@pytest.mark.parametrize("normalization", ["none", "batch_norm", "layer_norm"])
def test_layers(name: str, normalization: str, note: Callable[..., None]) -> None:
    agree(name, {"network": {"layers": LAYERS[name], "normalization": normalization}}, note, images=True)


def test_every_kind_of_layer_is_crossed() -> None:
    assert set(LAYERS) == set(families["layers"])


@pytest.mark.parametrize("name", families["optimizers"])
def test_optimizers(name: str, note: Callable[..., None]) -> None:
    agree(name, {"optimizer": {"name": name, "learning_rate": RATES.get(name, 0.01)}}, note)


@pytest.mark.parametrize("warmup", [0, 7])
@pytest.mark.parametrize("name", families["schedules"])
def test_schedules(name: str, warmup: int, note: Callable[..., None]) -> None:
    rate = RATES.get(name, 0.01)
    agree(name, {"optimizer": {"learning_rate": rate}, "schedule": {"name": name, "warmup_steps": warmup}}, note)


@pytest.mark.parametrize("end", [{"max_steps": 57}, {"max_epochs": 3}])
@pytest.mark.parametrize("name", sorted(LENGTHS))
def test_schedules_that_take_what_is_left_of_the_run(name: str, end: dict[str, int], note: Callable[..., None]) -> None:
    agree(name, {"schedule": {"name": name, "warmup_steps": 4}, "training": end}, note)


@pytest.mark.parametrize("name", families["regularizers"])
def test_regularizers(name: str, note: Callable[..., None]) -> None:
    given = {"regularization": {name: STRENGTHS.get(name, 0.05)}}
    if families["regularizers"][name].of_pictures:
        agree(name, {**given, "network": {"layers": LAYERS["conv2d"]}}, note, images=True)
        return
    agree(name, given, note)


@pytest.mark.parametrize("name", families["losses"])
def test_losses(name: str, note: Callable[..., None]) -> None:
    task = {"classes": "classes", "values": "values"}[families["losses"][name].tasks[0]]
    agree(name, {"loss": {"name": name}}, note, "two" if name == "binary_cross_entropy" else task)


@pytest.mark.parametrize(
    "given",
    [
        {"regularization": {"max_norm": 0.4}},
        {"optimizer": {"name": "muon", "learning_rate": 0.001}},
        {"optimizer": {"name": "muon", "learning_rate": 0.001, "adjust_lr_fn": "match_rms_adamw"}},
    ],
)
@pytest.mark.parametrize("name", ["dense", "conv2d", "conv_transpose2d"])
def test_the_rows_of_a_matrix_are_the_outputs_of_its_layer(name: str, given: dict, note: Callable[..., None]) -> None:
    """Also where they are the second axis of its weights."""
    agree(f"matrix {name}", {"network": {"layers": LAYERS[name]}, **given}, note, images=True)


@pytest.mark.parametrize("name", ["clip_value", "clip_norm", "gradient_noise", "l1", "l2", "max_norm", "weight_decay"])
def test_frozen_layers_count_in_no_norm(name: str, note: Callable[..., None]) -> None:
    regularization = {name: STRENGTHS.get(name, 0.05), "clip_norm": 0.1}
    agree("frozen", {"network": {"hidden": [6, 5], "frozen": ["dense2"]}, "regularization": regularization}, note)


@pytest.mark.parametrize("loss", [name for name, loss in families["losses"].items() if loss.weighs_classes])
@pytest.mark.parametrize("mixup", [0.0, 0.5])
@pytest.mark.parametrize("smoothing", [0.0, 0.1, 0.7])
def test_class_weights_and_smoothed_labels(
    smoothing: float, mixup: float, loss: str, note: Callable[..., None]
) -> None:
    """PyTorch divides by the weights of the classes themselves, however far their labels are smoothed."""
    section = {"name": loss, "class_weights": "balanced"}
    task = "two" if families["losses"][loss].outputs == "single" else "classes"
    given = {"loss": section, "regularization": {"label_smoothing": smoothing, "mixup": mixup}}
    agree(f"smoothed {loss}", given, note, task)


@pytest.mark.parametrize(("smoothing", "recorded"), [(0.1, 1.431235), (0.7, 1.402192)])
def test_class_weights_and_smoothed_labels_are_pytorchs(smoothing: float, recorded: float) -> None:
    """The loss before the first step, as PyTorch computes it; recorded, and derived anew where it is installed."""
    data = rows("classes")
    given = {
        "loss": {"name": "cross_entropy", "class_weights": "balanced"},
        "regularization": {"label_smoothing": smoothing},
        "training": {"batch_size": "full"},
    }
    trainer = Trainer(Config.from_dict(given), (data.x_train, data.y_train, None, None))
    logits, weight = np.log(trainer.predict(data.x_train).astype(np.float64)), data.balance()
    trainer.advance(1)
    found = trainer.history["train_loss"][1][0]
    assert found == pytest.approx(recorded, rel=1e-6)
    if find_spec("torch"):
        import torch
        from torch.nn.functional import cross_entropy

        z, y, w = (torch.tensor(array) for array in (logits, data.y_train, weight))
        assert found == pytest.approx(float(cross_entropy(z, y, w, label_smoothing=smoothing)), rel=1e-6)


@pytest.mark.parametrize("name", ["swa", "ema"])
@pytest.mark.parametrize("normalization", ["none", "batch_norm"])
def test_averages(name: str, normalization: str, note: Callable[..., None]) -> None:
    averaging = {"name": name, "every": 3, "decay": 0.9}
    agree(name, {"network": {"hidden": [6, 5], "normalization": normalization}, "averaging": averaging}, note)


@pytest.mark.parametrize("size", ["full", 1, 8, 12, 13])
def test_batches(size: int | str, note: Callable[..., None]) -> None:
    """None, many, evenly, a rest, a rest of one."""
    network = {"hidden": [6, 5], "normalization": "batch_norm"}
    agree(f"batch {size}", {"network": network, "training": {"batch_size": size}}, note)


@pytest.mark.parametrize("size", ["full", 130, 150])
@pytest.mark.parametrize("images", [False, True])
def test_large_batches_and_more_rows_than_a_block(size: int | str, images: bool, note: Callable[..., None]) -> None:
    """Many vectors of samples, an even and an odd number of them, and evaluations in several blocks."""
    layers = [*([CONV] if images else []), DENSE, {"kind": "dropout", "rate": 0.2}, DENSE]
    given = {
        "network": {"layers": layers, "normalization": "batch_norm", "activation": "tanh"},
        "regularization": {"dropout": 0.1, "input_noise": 0.1, "mixup": 0.3},
        "averaging": {"name": "ema", "decay": 0.9},
        "training": {"batch_size": size},
    }
    agree(f"large {size}", given, note, images=images, n=300)
