"""Rows made up for a run, and its own answers for them: what an export is compared with where no data is at hand."""

from __future__ import annotations

import numpy as np

from ...data import Data
from ...predict.predictor import Predictor
from ...tables.cells.dates import DAY_S
from ...tables.columns import CATEGORY, DATE, YES_NO, Column
from ...tables.encode import ColumnPlan, Encoder
from .whole import INPUT, column_names

_HOLES = 0.15
_UNKNOWN = "(unknown)"


def sample_inputs(predictor: Predictor, n: int = 16) -> tuple[dict[str, np.ndarray], np.ndarray]:
    """Inputs as the pipeline takes them, and the answers of the run, float32 (n, outputs).

    Args:
        predictor: The network with the preparation of its data.
        n: Rows.
    """
    rng, data = np.random.default_rng(0), predictor.data
    raw = data.unscale(rng.normal(size=(n, *data.input_shape))).astype(np.float32).astype(np.float64)
    if data.encoder is None:
        return {INPUT: raw}, predictor.predict(raw).outputs
    columns = _columns(data, data.encoder, raw, rng)
    answers = predictor.predict_scaled(data.scale(data.encoder.encode(columns))).outputs
    given = zip(column_names(data.encoder), data.encoder.plans, columns, strict=True)
    return {name: _cells(plan, column) for name, plan, column in given}, answers


def _columns(data: Data, encoder: Encoder, raw: np.ndarray, rng: np.random.Generator) -> list[Column]:
    columns, place, n = [], 0, len(raw)
    for plan in encoder.plans:
        hole = rng.random(n) < _HOLES
        if plan.kind == CATEGORY:
            words = (*plan.words, _UNKNOWN)
            codes = np.where(hole, -1, rng.integers(0, len(words), n)).astype(np.int32)
            columns.append(Column(plan.name, plan.place, plan.kind, words=words, codes=codes))
        else:
            values = np.where(hole, np.nan, _values(plan, raw[:, place], rng))
            columns.append(Column(plan.name, plan.place, plan.kind, values=values))
        place += len(plan.inputs())
    return columns


def _values(plan: ColumnPlan, numbers: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    if plan.kind == YES_NO:
        return rng.integers(0, 2, len(numbers)).astype(np.float64)
    if plan.kind == DATE:
        return np.floor(plan.start + rng.random(len(numbers)) * 3000.0 * DAY_S)
    return numbers


def _cells(plan: ColumnPlan, column: Column) -> np.ndarray:
    """A column as the pipeline takes it: texts or numbers, (n, 1)."""
    if column.values is None:
        return np.array([column.words[code] if code >= 0 else "" for code in column.codes], object)[:, None]
    if plan.kind == YES_NO:
        yes, no = plan.yes
        return np.array(["" if np.isnan(value) else yes if value else no for value in column.values], object)[:, None]
    return column.values[:, None]
