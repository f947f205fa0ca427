"""What a network in training says of one row that a person types, or of one picture that a person draws."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

import numpy as np

from ..commands import Ask
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
    from ..data import Data
    from ..training.trainer import Trainer

MOST_FIELDS = 200
"""Fields that can be typed; what else a row has is taken for missing, or for the median."""
_MOST_WORDS = 40
_SAMPLE = 5_000


def answer_to(trainer: Trainer, asked: Ask) -> Answer:
    """What the network says now.

    Args:
        trainer: Not changed.
        asked: The row or the picture.
    """
    data = trainer.data
    picture = _example_picture(data) if data.image_shape else ()
    fields = () if data.image_shape else fields_of(data)
    names = tuple(distinct_texts(answer_names(data), 40))
    nothing = np.zeros(0)
    if data.target_is_input:
        return Answer(fields, (), nothing, "this network answers with its own inputs", {}, data.image_shape, picture)
    try:
        x, unread = _inputs(data, asked, fields, picture)
        outputs = trainer.machine.evaluator.predict(data.scale(x))
    except ConfigError as error:
        return Answer(fields, names, nothing, safe_text(error, 300), {}, data.image_shape, picture)
    if data.task == "classes" and outputs.shape[1] == 1:
        outputs = np.concatenate((1.0 - outputs, outputs), axis=1)
    answers = data.in_unit(outputs)[0].astype(np.float64)
    if not np.isfinite(answers).all():
        return Answer(fields, names, nothing, "the answer is not finite", unread, data.image_shape, picture)
    return Answer(fields, names, answers, "", unread, data.image_shape, picture)


def fields_of(data: Data) -> tuple[AskField, ...]:
    """What can be typed about a row, with the cells of one as an example."""
    inputs = data.unscale(data.x_val[:1] if data.n_val else data.x_train[:1])[0]
    if data.encoder is not None:
        cells = list(cells_of_inputs(data.encoder, inputs).values())
        hints = {} if data.findings is None else {one.number: one.values for one in data.findings.columns}
        names = distinct_texts([plan.name for plan in data.encoder.plans], 60)
        return tuple(
            AskField(name, plan.kind, hints.get(plan.place, ""), _words(plan), cell)
            for name, plan, cell in zip(names, data.encoder.plans, cells, strict=True)
        )[:MOST_FIELDS]
    x = _points(data)
    low, high = x.min(axis=0), x.max(axis=0)
    return tuple(
        AskField(name, NUMBER, f"{low[i]:.4g} … {high[i]:.4g}", (), f"{x[0, i]:.4g}")
        for i, name in enumerate(_names(data)[:MOST_FIELDS])
    )


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


def _inputs(
    data: Data, asked: Ask, fields: tuple[AskField, ...], picture: tuple[float, ...]
) -> tuple[np.ndarray, dict[str, str]]:
    """The inputs of the row, (1, *input_shape) in the units of the data, and what of it was not understood."""
    if data.image_shape:
        return _pixels(data, asked.pixels or picture), {}
    if data.encoder is not None:
        return _cells(data.encoder, fields, asked.cells)
    points = _points(data)
    row, unread = np.median(points, axis=0), dict[str, str]()
    for place, one in enumerate(fields):
        text = asked.cells.get(one.name, one.example).strip()
        try:
            row[place] = float(text) if text else row[place]
            if not np.isfinite(row[place]):
                raise ValueError
        except ValueError:
            row[place] = np.median(points[:, place])
            unread[one.name] = f"is no number: {row[place]:.4g} is taken, the median"
    if data.hand_made:
        from ..datasets.base import features_of_plane

        return features_of_plane(row[None], data.hand_made), unread
    return row.reshape(1, *data.input_shape), unread


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


def _pixels(data: Data, pixels: tuple[float, ...]) -> np.ndarray:
    channels, height, width = data.image_shape
    if len(pixels) != height * width:
        raise ConfigError("has another size", field="the picture", value=len(pixels), allowed=f"{height} x {width}")
    low, high = _range(data)
    one = low + np.array(pixels, np.float64).reshape(1, 1, height, width) * (high - low)
    return np.repeat(one, channels, axis=1).reshape(1, *data.input_shape)


def _range(data: Data) -> tuple[float, float]:
    """What black and white are in the units of the data."""
    x = data.unscale(data.x_train[:_SAMPLE])
    return float(x.min(initial=0.0)), float(x.max(initial=1.0))


def _example_picture(data: Data) -> tuple[float, ...]:
    low, high = _range(data)
    x = data.unscale(data.x_val[:1] if data.n_val else data.x_train[:1]).reshape(data.image_shape)[0]
    shares = np.clip((x - low) / (high - low or 1.0), 0.0, 1.0)
    return tuple(round(float(share), 4) for share in shares.ravel())
