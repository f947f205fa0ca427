"""Samples from arrays of a file: rows drawn, the rows to judge by behind the others, holes filled, guesses said."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from ...errors import ConfigError
from ...registry import Settings
from ...tables.columns import NUMBER, Column
from ...tables.encode import fit
from ..base import Samples
from .targets import Targets, as_inputs, as_targets, rows_kept


@dataclass(frozen=True, eq=False)
class Arrays:
    """Inputs and targets as a file holds them."""

    x: np.ndarray
    y: np.ndarray | None
    """None for an autoencoder."""
    file: str
    """For messages."""

    def check(self) -> None:
        """Refuse inputs and targets of different length.

        Raises:
            ConfigError: They differ, or there are no rows.
        """
        y = self.x if self.y is None else self.y
        if self.x.ndim == 0 or y.ndim == 0 or len(self.x) != len(y):
            raise ConfigError(f"has inputs of shape {self.x.shape} but targets of shape {y.shape}", file=self.file)


def samples_of(
    arrays: Arrays,
    settings: Settings,
    rng: np.random.Generator,
    *,
    val: Arrays | None = None,
    task: str = "",
    name: str = "target",
    labels: bool = False,
) -> Samples:
    """Samples from the arrays of a file.

    Args:
        arrays: To learn from, and to judge by where there is no `val`.
        settings: `as_image`, `max_rows`, and `task` where `task` is "".
        rng: Draws the rows of a file with too many.
        val: To judge by.
        task: "classes", "values" or "auto".
        name: Of the target, for messages.
        labels: Whether the targets come from a file of labels.

    Raises:
        ConfigError: They do not fit each other, or cannot be learned from.
    """
    arrays.check()
    rows = rows_kept(len(arrays.x), settings["max_rows"], arrays.file, rng)
    x, y, file = arrays.x[rows], None if arrays.y is None else arrays.y[rows], arrays.file
    notes, val_rows = [], None
    if len(rows) < len(arrays.x):
        notes.append(f"{len(rows)} of {len(arrays.x)} rows are used, drawn at random (data.max_rows)")
    if val is not None:
        val.check()
        if val.x.shape[1:] != x.shape[1:]:
            raise ConfigError(f"has inputs of shape {val.x.shape}, those to learn from {x.shape}", file=val.file)
        val_rows = np.arange(len(x), len(x) + len(val.x))
        x = np.concatenate((x, val.x))
        y = None if y is None or val.y is None else _joined(y, val.y, file)
        notes.append(f"{len(val.x)} validation rows are from {val.file}")
    targets = None if y is None else as_targets(y, task or settings["task"], file, name, labels)
    if targets is not None:
        notes.append(f"learned as {targets.task}: {targets.reason}")
    samples = _samples(as_inputs(x, file), targets, bool(settings["as_image"]))
    return _without_holes(replace(samples, val=val_rows, notes=tuple(notes)), file)


def _joined(y: np.ndarray, later: np.ndarray, file: str) -> np.ndarray:
    if y.shape[1:] != later.shape[1:]:
        raise ConfigError(f"has targets of shape {y.shape}, the validation targets {later.shape}", file=file)
    return np.concatenate((y, later))


def _samples(inputs: tuple[np.ndarray, tuple[int, ...]], targets: Targets | None, as_image: bool) -> Samples:
    x, image_shape = inputs
    if as_image and not image_shape:
        raise ConfigError("needs pictures, but the inputs are a table", field="data.as_image", value=True)
    n_columns = 0 if image_shape else x.shape[1]
    y, task = (x.copy(), "values") if targets is None else (targets.y, targets.task)
    names = tuple(f"y{i + 1}" for i in range(y.shape[1])) if task == "values" and targets is not None else ()
    return Samples(
        x=x.reshape(len(x), *image_shape) if as_image else x,
        y=y,
        task=task,
        input_names=tuple(f"x{i + 1}" for i in range(n_columns)) if n_columns <= 1000 else (),
        class_names=() if targets is None else targets.class_names,
        output_names=names,
        target_is_input=targets is None,
        image_shape=image_shape,
    )


def _without_holes(samples: Samples, file: str) -> Samples:
    """The samples, with the inputs that are not finite filled once the training rows are known."""
    finite = np.isfinite(samples.x)
    if finite.all():
        return samples
    if samples.target_is_input:
        row, column = np.argwhere(~finite)[0]
        raise ConfigError(f"is not a number, in row {row + 1}, column {column + 1}", field="input", file=file)
    x = np.where(finite, samples.x, np.nan)
    names = [f"x{i + 1}" for i in range(x.shape[1])]
    columns = [Column(name, i + 1, NUMBER, values=x[:, i]) for i, name in enumerate(names)]
    note = f"{int((~finite).sum())} inputs that are no numbers are filled by the median, and said to be missing"

    def learned(train: np.ndarray, val: np.ndarray) -> Samples:
        encoder = fit(columns, train)
        kept = [columns[plan.place - 1] for plan in encoder.plans]
        if not kept:
            raise ConfigError("has no column that varies within the training rows", file=file)
        return replace(
            samples, x=encoder.encode(kept), input_names=encoder.input_names(), numbers=encoder.numbers(),
            encoder=replace(encoder, wide=x.shape[1]), notes=(*samples.notes, note), learned=None,
        )  # fmt: skip

    return replace(samples, x=x[:, :0], learned=learned)
