"""Measurements of a network in training, for the screen: read-only, and computed only where a panel shows them."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import numpy as np

from ..snapshot import (
    Confusion,
    DecisionMap,
    FitCurve,
    LayerImages,
    LayerWeights,
    SamplePredictions,
    Scatter,
    Score,
    UnitMaps,
)

if TYPE_CHECKING:
    from ..data import Data
    from ..tables.findings import Findings
    from ..training.trainer import Trainer
from .truth import true_values

MAP_CELLS = 64
"""Cells of the decision map along each side."""
UNIT_CELLS = 16
"""Cells of a unit's map along each side: one evaluation block in all."""
FIT_POINTS = 256
POINTS = 400
"""Most points of one part drawn on a map."""
RANGE_SAMPLE = 1000
"""Training pictures whose range is that of all."""
SAMPLES = 24
"""Samples shown with their predictions."""


def decision_map(trainer: Trainer) -> DecisionMap | None:
    """The answer over the plane, for data of two inputs."""
    data = trainer.data
    if data.points_train is None or data.points_val is None or data.points_train.shape[1] != 2:
        return None
    answers = trainer.machine.evaluator.predict(data.at_points(grid(data.low, data.high, MAP_CELLS)))
    if data.task == "classes" and answers.shape[1] <= 2:
        shades = 2.0 * answers[:, -1] - 1.0
    elif data.task == "classes":
        shades = answers
    else:
        shades = _signed(answers[:, 0], data.y_train[:, 0])
    shape = (MAP_CELLS, MAP_CELLS) if shades.ndim == 1 else (MAP_CELLS, MAP_CELLS, shades.shape[1])
    train, val = _few(data.points_train, data.y_train), _few(data.points_val, data.y_val)
    return DecisionMap(
        low=(data.low[0], data.low[1]),
        high=(data.high[0], data.high[1]),
        values=_locked(shades.reshape(shape).astype(np.float32)),
        x_train=train[0],
        y_train=_point_values(data, train[1]),
        x_val=val[0],
        y_val=_point_values(data, val[1]),
    )


def _point_values(data: Data, y: np.ndarray) -> np.ndarray:
    return y if data.task == "classes" else _locked(_signed(y[:, 0], data.y_train[:, 0]))


def _signed(values: np.ndarray, reference: np.ndarray) -> np.ndarray:
    """Values brought to [-1, 1] by the range of the training targets."""
    low, high = float(reference.min()), float(reference.max())
    middle, half = (low + high) / 2.0, (high - low) / 2.0 or 1.0
    return np.clip((np.asarray(values, np.float64) - middle) / half, -1.0, 1.0)


def unit_maps(trainer: Trainer) -> tuple[UnitMaps, ...]:
    """What each unit of each hidden dense layer answers over the plane, and the inputs themselves."""
    data = trainer.data
    if data.points_train is None or data.points_train.shape[1] != 2:
        return ()
    scaled = data.at_points(grid(data.low, data.high, UNIT_CELLS))
    maps = [_unit_maps("input", scaled.reshape(len(scaled), -1).T)]
    values = trainer.machine.evaluator.stage_values(scaled)
    for index, stage in enumerate(trainer.network.stages):
        following = trainer.network.stages[index + 1 : index + 2]
        ends_layer = not following or following[0].owner != stage.owner
        if ends_layer and len(stage.output) == 1:
            maps.append(_unit_maps(stage.owner, values[index]))
    return tuple(maps)


def _unit_maps(name: str, values: np.ndarray) -> UnitMaps:
    """Maps scaled to [-1, 1] unit by unit, keeping the sign."""
    size = np.maximum(np.abs(values).max(axis=1, keepdims=True), 1e-12)
    return UnitMaps(name, _locked((values / size).reshape(len(values), UNIT_CELLS, UNIT_CELLS).astype(np.float32)))


def grid(low: tuple[float, ...], high: tuple[float, ...], n: int) -> np.ndarray:
    """Cell centers of a square over the plane, row 0 on top: (n·n, 2)."""
    centers = (np.arange(n) + 0.5) / n
    x = low[0] + (high[0] - low[0]) * centers
    y = high[1] - (high[1] - low[1]) * centers
    return np.stack([np.tile(x, n), np.repeat(y, n)], axis=1)


def fit_curve(trainer: Trainer) -> FitCurve | None:
    """The function learned, for one input and one value."""
    data = trainer.data
    if data.points_train is None or data.points_val is None or data.points_train.shape[1] != 1 or data.task != "values":
        return None
    x = np.linspace(data.low[0], data.high[0], FIT_POINTS)
    y = data.in_unit(trainer.machine.evaluator.predict(data.at_points(x[:, None])))[:, 0]
    train = _few(data.points_train, data.in_unit(data.y_train))
    val = _few(data.points_val, data.in_unit(data.y_val))
    true = true_values(trainer.config.data, x)
    return FitCurve(
        _locked(x),
        _locked(y.astype(np.float64)),
        train[0][:, 0],
        train[1][:, 0],
        val[0][:, 0],
        val[1][:, 0],
        None if true is None else _locked(true),
    )


def confusion(trainer: Trainer) -> Confusion | None:
    """Counts of true against predicted classes on the validation part (training part where there is none)."""
    data = trainer.data
    if data.task != "classes":
        return None
    x, y = (data.x_val, data.y_val) if data.n_val else (data.x_train, data.y_train)
    predicted = _classes(trainer.machine.evaluator.predict(x))
    counts = np.zeros((data.n_outputs, data.n_outputs), np.int64)
    np.add.at(counts, (y, predicted), 1)
    return Confusion(_locked(counts), data.class_names)


def _classes(answers: np.ndarray) -> np.ndarray:
    classes: np.ndarray = answers.argmax(axis=1) if answers.shape[1] > 1 else (answers[:, 0] > 0.5).astype(np.int64)
    return classes


def scatter(trainer: Trainer) -> Scatter | None:
    """Predicted against true values on the validation part."""
    data = trainer.data
    if data.task != "values" or data.target_is_input:
        return None
    x, y = (data.x_val, data.y_val) if data.n_val else (data.x_train, data.y_train)
    x, y = x[:1000], data.in_unit(y[:1000])
    answers = data.in_unit(trainer.machine.evaluator.predict(x))
    name = data.output_names[0] if data.output_names else "y"
    return Scatter(_locked(y[:, 0].astype(np.float64)), _locked(answers[:, 0].astype(np.float64)), name)


def sample_predictions(trainer: Trainer) -> SamplePredictions | None:
    """A few validation samples with the answers, wrong ones first."""
    data = trainer.data
    x, y = (data.x_val, data.y_val) if data.n_val else (data.x_train, data.y_train)
    images = _images(data, x)
    if data.target_is_input:
        answers = data.in_unit(trainer.machine.evaluator.predict(x[:SAMPLES]))
        made = answers.reshape(len(answers), *data.image_shape)[:, 0] if data.image_shape else None
        blank, n = ("",) * len(answers), len(answers)
        shown = images[:SAMPLES] if images is not None else None
        return SamplePredictions(shown, blank, blank, np.ones(n), np.zeros(n, bool), made, _augmented(trainer))
    if data.task != "classes":
        return None
    answers = trainer.machine.evaluator.predict(x)
    predicted = _classes(answers)
    wrong = np.flatnonzero(predicted != y)
    right = np.flatnonzero(predicted == y)
    rows = np.concatenate([wrong, right])[:SAMPLES]
    sure = answers[rows].max(axis=1) if answers.shape[1] > 1 else np.maximum(answers[rows, 0], 1.0 - answers[rows, 0])
    return SamplePredictions(
        images=_locked(images[rows]) if images is not None else None,
        true=tuple(data.class_names[k] for k in y[rows]),
        predicted=tuple(data.class_names[k] for k in predicted[rows]),
        confidence=_locked(sure.astype(np.float64)),
        wrong=_locked(predicted[rows] != y[rows]),
        augmented=_augmented(trainer),
    )


def _first_channel(data: Data, x: np.ndarray) -> np.ndarray:
    """Of pictures, in the units of the data: float32 (n, height, width)."""
    return data.unscale(x).reshape(len(x), *data.image_shape)[:, 0].astype(np.float32)


def _augmented(trainer: Trainer) -> np.ndarray | None:
    """Pictures of the last batch as the network was given them; None where they are given as they are."""
    active = trainer.config.regularization.active
    if not trainer.data.image_shape or all(member.on_batch is None or member.smooths for member, _ in active):
        return None
    data, inputs = trainer.data, trainer.machine.program.batch_inputs
    images = _images(data, np.ascontiguousarray(inputs[:, :SAMPLES].T), data.x_train[:RANGE_SAMPLE])
    return None if images is None or not len(images) else _locked(np.clip(images, 0.0, 1.0))


def _images(data: Data, x: np.ndarray, like: np.ndarray | None = None) -> np.ndarray | None:
    """First channel of pictures in the units of the data where the scaler can be undone, brought to [0, 1]: by the
    range of other pictures where they are given.
    """
    if not data.image_shape:
        return None
    images = _first_channel(data, x)
    known = images if like is None else _first_channel(data, like)
    low, high = float(known.min(initial=0.0)), float(known.max(initial=1.0))
    scaled: np.ndarray = (images - low) / (high - low or 1.0)
    return scaled


def layer_images(trainer: Trainer) -> tuple[LayerImages, ...]:
    """Filters of convolutions, one validation sample, and what every image-shaped stage answers to it."""
    data = trainer.data
    images = []
    parameters = trainer.parameters
    for stage in trainer.network.stages:
        weight = parameters.get(f"{stage.name}.weight")
        if stage.kind == "layer" and weight is not None and weight.ndim == 4:
            filters = weight.reshape(-1, *weight.shape[2:])[:64]
            images.append(LayerImages(stage.name, "filters", _locked(filters.astype(np.float32))))
    if len(data.input_shape) == 3:
        x = data.x_val if data.n_val else data.x_train
        images.append(LayerImages("input", "maps", _locked(np.array(x[:1], np.float32).reshape(data.input_shape))))
        values = trainer.machine.evaluator.stage_values(x[:1])
        for index, stage in enumerate(trainer.network.stages):
            if len(stage.output) == 3 and stage.kind != "hook":
                maps = values[index][:, 0].reshape(stage.output)[:32]
                images.append(LayerImages(stage.name, "maps", _locked(maps.astype(np.float32))))
    return tuple(images)


def layer_weights(trainer: Trainer) -> tuple[LayerWeights, ...]:
    """Matrix (cut to what can be drawn), bias and histogram of every layer with weights."""
    parameters = trainer.parameters
    layers = []
    for stage in trainer.network.stages:
        weight = parameters.get(f"{stage.name}.weight")
        if stage.kind != "layer" or weight is None:
            continue
        drawn = weight[:32, :64] if weight.ndim == 2 else np.zeros((0, 0), np.float32)
        bias = parameters.get(f"{stage.name}.bias", np.zeros(0, np.float32))
        counts, edges = np.histogram(weight[np.isfinite(weight)].astype(np.float64), bins=24)
        layers.append(
            LayerWeights(stage.name, _locked(drawn.copy()), _locked(bias[:32].copy()), _locked(counts), _locked(edges))
        )
    return tuple(layers)


def scores(trainer: Trainer) -> tuple[Score, ...]:
    """The figures a user asks for, on the validation part where there is one."""
    return trainer.scores("val" if trainer.data.n_val else "train")


def table(trainer: Trainer) -> Findings | None:
    """What was found in the table."""
    return trainer.data.findings


PROBES: dict[str, Callable[[Trainer], object]] = {
    "decision": decision_map,
    "unit_maps": unit_maps,
    "fit": fit_curve,
    "confusion": confusion,
    "scatter": scatter,
    "samples": sample_predictions,
    "scores": scores,
    "table": table,
    "images": layer_images,
    "weights": layer_weights,
}
"""Field of Snapshot -> how it is measured."""


def _few(points: np.ndarray, y: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    every = max(1, -(-len(points) // POINTS))
    return _locked(points[::every].copy()), _locked(y[::every].copy())


def _locked(array: np.ndarray) -> np.ndarray:
    array.flags.writeable = False
    return array
