"""What a network in training says of one row that a person types, or of one picture that a person draws."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING
from weakref import WeakKeyDictionary

import numpy as np

from ..commands import MOST_PIXELS, Ask
from ..data import Data
from ..datasets.base import features_of_plane
from ..errors import ConfigError
from ..snapshot import Answer, AskField
from ..tables.cells.missing import signs_of
from ..tables.columns import CATEGORY, NUMBER, YES_NO
from ..tables.decode import cells_of_inputs
from ..tables.encode import ColumnPlan, Encoder
from ..tables.later import column_like, find_columns
from ..tables.reading.read import table_of_rows
from ..text import distinct_texts, safe_text
from .predictor import answer_names

if TYPE_CHECKING:
    from ..training.trainer import Trainer

MOST_FIELDS = 200
"""Fields that can be typed; what else a row has is taken for missing, or for the median."""
_MOST_WORDS = 40
_SAMPLE = 5_000


@dataclass(frozen=True)
class Askable:
    """What can be asked of a network, from its data; measured once."""

    fields: tuple[AskField, ...]
    names: tuple[str, ...]
    """Of the answers."""
    picture: tuple[float, ...]
    """A picture of the data; () for rows."""
    low: float
    """Black and white of a picture in the units of the data."""
    high: float
    middle: np.ndarray
    """The median of each field that is no column of a table."""


_ASKABLE: WeakKeyDictionary[Data, Askable] = WeakKeyDictionary()


def askable(data: Data) -> Askable:
    """What can be asked about this data."""
    found = _ASKABLE.get(data)
    if found is None:
        found = _ASKABLE[data] = _measured(data)
    return found


def _measured(data: Data) -> Askable:
    names = tuple(distinct_texts(answer_names(data), 40))
    if data.image_shape and data.image_shape[1] * data.image_shape[2] > MOST_PIXELS:
        return Askable((), names, (), 0.0, 1.0, np.zeros(0))
    if data.image_shape:
        x = data.unscale(data.x_train[:_SAMPLE])
        low, high = float(x.min(initial=0.0)), float(x.max(initial=1.0))
        return Askable((), names, _example_picture(data, low, high), low, high, np.zeros(0))
    middle = np.zeros(0) if data.encoder is not None else np.median(_points(data), axis=0)
    return Askable(fields_of(data), names, (), 0.0, 1.0, middle)


def answer_to(trainer: Trainer, asked: Ask) -> Answer:
    """What the network says now.

    Args:
        trainer: Not changed.
        asked: The row or the picture.
    """
    data = trainer.data
    known = askable(data)
    none = Answer(known.fields, known.names, np.zeros(0), "", {}, data.task, data.image_shape, known.picture)
    if data.image_shape and not known.picture:
        return replace(none, problem=f"pictures of more than {MOST_PIXELS} pixels cannot be drawn here")
    if data.target_is_input:
        return replace(none, problem="this network answers with its own inputs")
    try:
        x, unread = _inputs(data, asked, known)
        outputs = trainer.machine.evaluator.predict(data.scale(x))
    except ConfigError as error:
        return replace(none, problem=safe_text(error, 300))
    if data.task == "classes" and outputs.shape[1] == 1:
        outputs = np.concatenate((1.0 - outputs, outputs), axis=1)
    answers = data.in_unit(outputs)[0].astype(np.float64)
    if not np.isfinite(answers).all():
        return replace(none, problem="the answer is not finite", unread=unread)
    return replace(none, outputs=answers, unread=unread)


def fields_of(data: Data) -> tuple[AskField, ...]:
    """What can be typed about a row, with the cells of one as an example."""
    inputs = data.unscale(data.x_val[:1] if data.n_val else data.x_train[:1])[0]
    if data.encoder is not None:
        cells = list(cells_of_inputs(data.encoder, inputs).values())
        hints = {} if data.findings is None else {one.number: one.values for one in data.findings.columns}
        names = distinct_texts([plan.name for plan in data.encoder.plans], 60)
        steps = _steps_of_numbers(data, data.encoder)
        return tuple(
            AskField(name, plan.kind, hints.get(plan.place, ""), _words(plan), cell, step)
            for name, plan, cell, step in zip(names, data.encoder.plans, cells, steps, strict=True)
        )[:MOST_FIELDS]
    x = _points(data)
    low, high = x.min(axis=0), x.max(axis=0)
    return tuple(
        AskField(name, NUMBER, f"{low[i]:.4g} … {high[i]:.4g}", (), f"{x[0, i]:.4g}", _step(low[i], high[i]))
        for i, name in enumerate(_names(data)[:MOST_FIELDS])
    )


def _steps_of_numbers(data: Data, encoder: Encoder) -> list[float]:
    """A small part of the range of each column of numbers; 0 for the others."""
    x = data.unscale(data.x_train[:_SAMPLE])
    steps, first = [], 0
    for plan in encoder.plans:
        is_number = plan.kind == NUMBER
        steps.append(_step(x[:, first].min(), x[:, first].max()) if is_number else 0.0)
        first += len(plan.inputs())
    return steps


def _step(low: float, high: float) -> float:
    """About a fiftieth of a range, as a round number."""
    size = float(high - low) / 50.0
    return float(f"{size:.0e}") if np.isfinite(size) else 0.0


def _names(data: Data) -> tuple[str, ...]:
    if data.hand_made:
        return ("x1", "x2")
    return data.input_names or tuple(f"input{i + 1}" for i in range(int(np.prod(data.input_shape))))


def _points(data: Data) -> np.ndarray:
    """Some training rows in the units of the data, as a person types them: (n, fields)."""
    if data.hand_made and data.points_train is not None:
        return data.points_train[:_SAMPLE]
    return data.unscale(data.x_train[:_SAMPLE]).reshape(min(len(data.x_train), _SAMPLE), -1)


def _words(plan: ColumnPlan) -> tuple[str, ...]:
    words = plan.words if plan.kind == CATEGORY else plan.yes if plan.kind == YES_NO else ()
    return tuple(safe_text(word, 40) for word in words[:_MOST_WORDS])


def _inputs(data: Data, asked: Ask, known: Askable) -> tuple[np.ndarray, dict[str, str]]:
    """The inputs of the row, (1, *input_shape) in the units of the data, and what of it was not understood."""
    if data.image_shape:
        return _pixels(data, asked.pixels or known.picture, known), {}
    if data.encoder is not None:
        return _cells(data.encoder, known.fields, asked.cells)
    row, unread = known.middle.copy(), dict[str, str]()
    for place, one in enumerate(known.fields):
        text = asked.cells.get(one.name, one.example).strip()
        number = _number(text)
        if number is not None:
            row[place] = number
        elif text:
            unread[one.name] = f"is no number: {row[place]:.4g} is taken, the median"
    if data.hand_made:
        return features_of_plane(row[None], data.hand_made), unread
    return row.reshape(1, *data.input_shape), unread


def _number(text: str) -> float | None:
    try:
        number = float(text)
    except ValueError:
        return None
    return number if np.isfinite(number) else None


def _cells(
    encoder: Encoder, fields: tuple[AskField, ...], typed: Mapping[str, str]
) -> tuple[np.ndarray, dict[str, str]]:
    plans = encoder.plans
    row = {plan.name: "" for plan in plans}
    for one, plan in zip(fields, plans, strict=False):
        row[plan.name] = typed.get(one.name, one.example)
    raw = table_of_rows([row])
    signs = signs_of(encoder.missing)
    cells = find_columns(raw, [(plan.name, plan.place) for plan in plans], encoder.wide)
    columns = [column_like(one, plan.kind, plan.form, plan.yes, signs) for one, plan in zip(cells, plans, strict=True)]
    unread = {}
    for one, plan, column in zip(fields, plans, columns, strict=False):
        how = _not_understood(plan, row[plan.name].strip(), signs, bool(column.missing[0]))
        if how:
            unread[one.name] = how
    return encoder.encode(columns), unread


def _not_understood(plan: ColumnPlan, text: str, signs: frozenset[str], missing: bool) -> str:
    if not text or text.lower() in signs:
        return "missing: " + ("an input of its own" if plan.kind == CATEGORY else f"{plan.filled} is taken")
    if plan.kind != CATEGORY:
        return f"is no {plan.kind}, and counts as missing" if missing else ""
    if text in plan.words or (len(plan.words) == 1 and not plan.other):
        return ""
    return "is a word it has not learned" + (", and counts as other" if plan.other else "")


def _pixels(data: Data, pixels: tuple[float, ...], known: Askable) -> np.ndarray:
    channels, height, width = data.image_shape
    if len(pixels) != height * width:
        raise ConfigError("has another size", field="the picture", value=len(pixels), allowed=f"{height} x {width}")
    one = known.low + np.array(pixels, np.float64).reshape(1, 1, height, width) * (known.high - known.low)
    return np.repeat(one, channels, axis=1).reshape(1, *data.input_shape)


def _example_picture(data: Data, low: float, high: float) -> tuple[float, ...]:
    x = data.unscale(data.x_val[:1] if data.n_val else data.x_train[:1]).reshape(data.image_shape)[0]
    shares = np.clip((x - low) / (high - low or 1.0), 0.0, 1.0)
    return tuple(round(float(share), 4) for share in shares.ravel())
