"""Samples made ready to train on: loaded, split, scaled, packed.

Everything that is measured on data (the scaler, the balance of the classes) is measured on the training rows alone, and
the whole is a function of the settings and the seed: two runs with one digest saw the same numbers.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from types import MappingProxyType
from typing import Any

import numpy as np

from ..config.arguments import LARGEST, check_inputs, check_numbers, check_targets, is_nothing
from ..config.sections import DataConfig
from ..datasets.base import Samples, features_of_plane
from ..errors import ConfigError
from ..registry import families
from ..scalers import DEFAULT as DEFAULT_SCALER
from ..scalers.base import Fitted
from ..tables.encode import Encoder
from ..tables.findings import Findings
from ..text import safe_text
from .by_hand import edited
from .scaling import (
    as_columns,
    as_float32,
    by_columns,
    check_scaled,
    check_values,
    fit_columns,
    read_only,
    transform_columns,
)
from .split import split

_LOAD, _SPLIT = 0, 1


@dataclass(frozen=True, eq=False)
class Data:
    """The two parts of a data set, and what was learned about it from the training part."""

    name: str
    """The data set; "arrays" where the caller gave arrays."""
    task: str
    """"classes" or "values"."""
    input_shape: tuple[int, ...]
    """(n_inputs,) or (channels, height, width)."""
    n_outputs: int
    """Classes, or columns of the target."""
    x_train: np.ndarray
    """float32 (n_train, *input_shape), contiguous, scaled; read-only like all arrays here."""
    y_train: np.ndarray
    """Classes: int64 (n_train,). Values: float32 (n_train, n_outputs), scaled by `target_scaler`."""
    x_val: np.ndarray
    """Like `x_train`; no rows if `val_fraction` is 0, and then there are no validation metrics."""
    y_val: np.ndarray
    class_names: tuple[str, ...] = ()
    """One a class; () for values."""
    input_names: tuple[str, ...] = ()
    """One a column; () for pictures."""
    output_names: tuple[str, ...] = ()
    target_is_input: bool = False
    """Whether the targets are the inputs (autoencoder), flat and unscaled."""
    image_shape: tuple[int, ...] = ()
    """(channels, height, width) where the inputs are pictures, flat or not; else ()."""
    points_train: np.ndarray | None = None
    """float64 (n_train, 1 or 2): the inputs in the units of the data where they lie on a line or in a plane."""
    points_val: np.ndarray | None = None
    low: tuple[float, ...] = ()
    """Where a map of the line or plane begins, a little outside the points."""
    high: tuple[float, ...] = ()
    hand_made: tuple[str, ...] = ()
    """Inputs computed from a point of the plane: ("x1", "x1*x2"); () where the inputs are the point itself."""
    class_counts: np.ndarray | None = None
    """int64 (n_outputs,): training rows of each class; None for values."""
    class_weights: np.ndarray | None = None
    """float32 (n_outputs,): n_train / (n_classes · count), mean 1 over the training rows; None for values."""
    target_mean: np.ndarray | None = None
    """float64 (n_outputs,): mean of the values of the training rows, in their unit; None for classes."""
    scaler: str = DEFAULT_SCALER
    scaler_settings: Mapping[str, Any] = field(default_factory=dict)
    fitted: Mapping[str, np.ndarray] = field(default_factory=dict)
    """What the scaler found in the training rows; stored with the run."""
    numbers: np.ndarray | None = None
    """bool (n_inputs,): the inputs that are scaled; None where all are."""
    target_scaler: str = DEFAULT_SCALER
    target_scaler_settings: Mapping[str, Any] = field(default_factory=dict)
    target_fitted: Mapping[str, np.ndarray] = field(default_factory=dict)
    """What the scaler of the target found in the training rows; stored with the run."""
    encoder: Encoder | None = None
    """How the columns of a table became inputs; None where there are none."""
    findings: Findings | None = None
    """What was found in a table; None where there is none."""
    notes: tuple[str, ...] = ()
    """What was guessed about the data, a sentence each."""
    digest: str = ""
    """SHA-256 of both parts and all names, in hexadecimal."""

    @property
    def n_train(self) -> int:
        """Training rows."""
        return len(self.x_train)

    @property
    def n_val(self) -> int:
        """Validation rows; may be 0."""
        return len(self.x_val)

    def scale(self, x: object) -> np.ndarray:
        """Inputs in the units of the data, (n, *input_shape), as the network takes them: float32, contiguous.

        Raises:
            ConfigError: They are no numbers, or have another shape.
        """
        raw = check_numbers(x, "x").astype(np.float64, copy=False)
        if raw.shape[1:] != self.input_shape:
            raise ConfigError(
                "has the wrong shape", field="x", value=raw.shape, allowed=f"(n, {_join(self.input_shape)})"
            )
        transform = families["scalers"][self.scaler].transform
        if self.numbers is not None:
            scaled = transform_columns(transform, raw, self.numbers, self.fitted, self.scaler_settings)
        else:
            scaled = by_columns(transform, raw, self.fitted, self.scaler_settings)
        return as_float32(np.clip(scaled, -LARGEST, LARGEST))

    def unscale(self, x: np.ndarray) -> np.ndarray:
        """Scaled inputs back in the units of the data; as they are where the scaler cannot be undone."""
        inverse = families["scalers"][self.scaler].inverse
        if inverse is None:
            return x
        if self.numbers is not None:
            return transform_columns(inverse, x, self.numbers, self.fitted, self.scaler_settings)
        return by_columns(inverse, np.asarray(x, dtype=np.float64), self.fitted, self.scaler_settings)

    def in_unit(self, y: np.ndarray) -> np.ndarray:
        """Values as the network gives them, (n, n_outputs), in the unit of the target; classes as they are."""
        inverse = families["scalers"][self.target_scaler].inverse
        if self.task != "values" or inverse is None or not self.target_fitted:
            return y
        with np.errstate(over="ignore"):
            return inverse(y.astype(np.float64), self.target_fitted, self.target_scaler_settings).astype(np.float32)

    def at_points(self, points: np.ndarray) -> np.ndarray:
        """The scaled inputs at points of the line or plane, (n, 1 or 2) in the units of the data, for maps."""
        raw = np.asarray(points, dtype=np.float64)
        return self.scale(features_of_plane(raw, self.hand_made) if self.hand_made else raw)


def prepare(section: DataConfig, seed: int) -> Data:
    """The data that a Config's `[data]` section describes.

    Args:
        section: Data set, split and scaler with their settings.
        seed: Of the run: generated samples and the split follow from it.

    Raises:
        ConfigError: A file is bad, there are too few rows to split, or the numbers are too large.
    """
    member, settings = section.member, section.settings
    samples: Samples = member.load(settings, _rng(seed, _LOAD))
    file = safe_text(settings["path"]) if member.kind == "file" else None
    try:
        train, val = _parts(samples, section.val_fraction, seed)
    except ConfigError as error:
        raise error.at(file=file) if file is not None else error from None
    if samples.learned is not None:
        samples = samples.learned(train, val)
    low, high = _bounds(_points(samples))
    if section.points:
        samples, train, val = edited(samples, train, val, section.points)
    fitted, parts = _scaled(samples, section, (train, val))
    for rows, part in zip((train, val), parts, strict=True):
        check_scaled(part, samples, rows, section.scaler, file)
    y, target_fitted = _scaled_targets(samples, section, train)
    check_values(y, samples, file)
    n_outputs = len(samples.class_names) if samples.task == "classes" else samples.y.shape[1]
    points = _points(samples)
    return _finish(
        Data(
            name=section.name,
            task=samples.task,
            input_shape=samples.x.shape[1:],
            n_outputs=n_outputs,
            x_train=as_float32(parts[0]),
            y_train=_targets(y[train]),
            x_val=as_float32(parts[1]),
            y_val=_targets(y[val]),
            class_names=samples.class_names,
            input_names=samples.input_names,
            output_names=samples.output_names,
            target_is_input=samples.target_is_input,
            image_shape=samples.image_shape,
            points_train=None if points is None else read_only(points[train]),
            points_val=None if points is None else read_only(points[val]),
            low=low,
            high=high,
            hand_made=() if samples.plane is None else samples.input_names,
            scaler=section.scaler,
            scaler_settings=section.scaler_settings,
            fitted=_frozen_fit(fitted),
            numbers=samples.numbers,
            target_scaler=section.target_scaler,
            target_scaler_settings=section.target_scaler_settings,
            target_fitted=_frozen_fit(target_fitted),
            encoder=samples.encoder,
            findings=samples.findings,
            notes=samples.notes if samples.findings is None else samples.findings.notes,
        )
    )


def from_arrays(arrays: Sequence[Any]) -> Data:
    """The caller's own arrays, taken as they are: no split, no scaling.

    Args:
        arrays: x_train, y_train, x_val, y_val. Inputs are (n, n_inputs) or (n, channels, height, width). Whole-number
            targets are classes 0 … max, others values (n, n_outputs) or (n,). x_val and y_val may be None or empty.

    Raises:
        ConfigError: Shapes, counts or kinds do not fit, or a number is not finite.
    """
    if not isinstance(arrays, (tuple, list)) or len(arrays) != 4:
        raise ConfigError("must be x_train, y_train, x_val, y_val", field="data")
    x_train = check_inputs(arrays[0], "x_train")
    y_train = check_targets(arrays[1], "y_train")
    if len(x_train) == 0:
        raise ConfigError("has no rows", field="x_train")
    x_val = x_train[:0] if is_nothing(arrays[2]) else check_inputs(arrays[2], "x_val")
    y_val = y_train[:0] if is_nothing(arrays[3]) else check_targets(arrays[3], "y_val")
    for x, y, part in ((x_train, y_train, "train"), (x_val, y_val, "val")):
        if len(x) != len(y):
            raise ConfigError(f"has {len(y)} rows, but x_{part} has {len(x)}", field=f"y_{part}")
    if x_val.shape[1:] != x_train.shape[1:]:
        wanted = f"(n, {_join(x_train.shape[1:])})"
        raise ConfigError("has the wrong shape", field="x_val", value=x_val.shape, allowed=wanted)
    if y_val.dtype != y_train.dtype or y_val.shape[1:] != y_train.shape[1:]:
        raise ConfigError(
            "has another kind of targets than y_train", field="y_val", value=f"{y_val.dtype} {y_val.shape}"
        )
    classes = y_train.dtype == np.int64
    n_outputs = int(max(y_train.max(), y_val.max(initial=0))) + 1 if classes else y_train.shape[1]
    if classes and n_outputs < 2:
        raise ConfigError("has one class only", field="y_train", value=0, allowed="2 or more")
    table = x_train.ndim == 2
    points = np.concatenate((x_train, x_val)).astype(np.float64) if table and x_train.shape[1] <= 2 else None
    low, high = _bounds(points)
    return _finish(
        Data(
            name="arrays",
            task="classes" if classes else "values",
            input_shape=x_train.shape[1:],
            n_outputs=n_outputs,
            x_train=read_only(x_train),
            y_train=read_only(y_train),
            x_val=read_only(x_val),
            y_val=read_only(y_val),
            class_names=tuple(str(i) for i in range(n_outputs)) if classes else (),
            input_names=tuple(f"input{i + 1}" for i in range(x_train.shape[1])) if table else (),
            output_names=() if classes else tuple(f"y{i + 1}" for i in range(n_outputs)),
            image_shape=() if table else x_train.shape[1:],
            points_train=None if points is None else read_only(points[: len(x_train)]),
            points_val=None if points is None else read_only(points[len(x_train) :]),
            low=low,
            high=high,
        )
    )


def _parts(samples: Samples, val_fraction: float, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Numbers of the training and of the validation rows: as the data says, else drawn."""
    if samples.val is None:
        return split(samples.y, val_fraction, _rng(seed, _SPLIT))
    return np.setdiff1d(np.arange(len(samples.y)), samples.val, assume_unique=True), samples.val


def _scaled(samples: Samples, section: DataConfig, parts: tuple[np.ndarray, ...]) -> tuple[Fitted, list[np.ndarray]]:
    """What the scaler found in the first part, and the inputs of each part scaled by it."""
    scaler, settings = section.scaler_member, section.scaler_settings
    if samples.numbers is not None:
        fitted = fit_columns(scaler, samples.x, parts[0], samples.numbers, settings)
        numbers, transform = samples.numbers, scaler.transform
        return fitted, [transform_columns(transform, samples.x, numbers, fitted, settings, rows) for rows in parts]
    fitted = scaler.fit(as_columns(samples.x[parts[0]]), settings)
    return fitted, [by_columns(scaler.transform, samples.x[rows], fitted, settings) for rows in parts]


def _scaled_targets(samples: Samples, section: DataConfig, train: np.ndarray) -> tuple[np.ndarray, Fitted]:
    """The targets as they are learned, and what their scaler found in the training rows; classes as they are."""
    if samples.task != "values":
        return samples.y, {}
    scaler, settings = section.target_scaler_member, section.target_scaler_settings
    fitted = scaler.fit(samples.y[train], settings)
    return (scaler.transform(samples.y, fitted, settings) if fitted else samples.y), fitted


def _frozen_fit(fitted: Fitted) -> Fitted:
    return MappingProxyType({key: read_only(value) for key, value in fitted.items()})


def _rng(seed: int, purpose: int) -> np.random.Generator:
    return np.random.default_rng([seed & 0xFFFFFFFFFFFFFFFF, purpose])


def _finish(data: Data) -> Data:
    """`data` with the balance of its classes and its digest."""
    if data.task == "values":
        mean = data.in_unit(data.y_train).astype(np.float64).mean(axis=0)
        return replace(data, target_mean=read_only(mean), digest=_digest(data))
    counts = np.bincount(data.y_train, minlength=data.n_outputs)
    weights = np.where(counts > 0, data.n_train / (data.n_outputs * np.maximum(counts, 1)), 0.0)
    counts, weights = read_only(counts.astype(np.int64)), read_only(weights.astype(np.float32))
    return replace(data, class_counts=counts, class_weights=weights, digest=_digest(data))


def _digest(data: Data) -> str:
    names = (data.task, data.n_outputs, data.class_names, data.input_names, data.output_names)
    sha = hashlib.sha256(json.dumps(names).encode())
    for array in (data.x_train, data.y_train, data.x_val, data.y_val):
        sha.update(f"{array.dtype.str}{array.shape}".encode())
        sha.update(np.ascontiguousarray(array).data)
    return sha.hexdigest()


def _points(samples: Samples) -> np.ndarray | None:
    """The samples as points of a line or plane, (n, 1 or 2); None where there are more inputs."""
    if samples.plane is not None:
        return samples.plane
    return samples.x if samples.x.ndim == 2 and samples.x.shape[1] <= 2 else None


def _bounds(points: np.ndarray | None) -> tuple[tuple[float, ...], tuple[float, ...]]:
    """A frame around the points, a tenth wider on each side than they reach."""
    if points is None:
        return (), ()
    low, high = points.min(axis=0), points.max(axis=0)
    margin = np.where(high > low, 0.1 * (high - low), 1.0)
    return tuple((low - margin).tolist()), tuple((high + margin).tolist())


def _targets(y: np.ndarray) -> np.ndarray:
    return read_only(y.astype(np.int64)) if y.dtype.kind == "i" else as_float32(y)


def _join(shape: tuple[int, ...]) -> str:
    return ", ".join(str(n) for n in shape)
