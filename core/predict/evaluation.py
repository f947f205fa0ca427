"""How good a trained network is on rows with known answers, and where it fails."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from ..errors import ConfigError
from ..snapshot import Bin, ClassResult, EvaluationReport, WorstRow
from ..tables.decode import cells_of_inputs
from ..tables.later import target_of
from ..tables.reading.read import RawTable
from ..text import distinct_texts, safe_text
from ..training.scores import class_scores, confusion, per_class, value_scores
from .predictor import Predictions, Predictor

N_WORST = 10
N_BINS = 10
_CELL = 24


def evaluate_table(predictor: Predictor, table: RawTable) -> EvaluationReport:
    """An evaluation on the rows of a table that have a target.

    Raises:
        ConfigError: A column is not there, or no row has a target.
    """
    encoder = predictor.data.encoder
    if encoder is None:
        raise ConfigError("was not trained on a table", file=table.file)
    target = target_of(table, encoder)
    rows = np.flatnonzero(target.known)
    if not len(rows):
        raise ConfigError("has no row with a target to compare with", file=table.file)
    found = predictor.predict_table(table)
    kept = Predictions(found.task, found.names, found.outputs[rows])
    wanted = {plan.name for plan in encoder.plans} | ({encoder.target.name} if encoder.target is not None else set())
    columns = [cells for cells in table.columns if cells.name in wanted]

    def cells_of(place: int) -> dict[str, str]:
        return {safe_text(cells.name, 40): safe_text(cells.text_at(int(rows[place])), _CELL) for cells in columns}

    y = target.y[rows] if target.task == "classes" else target.y[rows][:, None]
    return _evaluation(predictor, table.file, y, kept, table.lines[rows], cells_of)


def evaluate_part(predictor: Predictor, x: np.ndarray, y: np.ndarray, source: str) -> EvaluationReport:
    """An evaluation on a part of a run's data.

    Args:
        predictor: The network.
        x: Scaled inputs.
        y: Classes, or values in their unit.
        source: What to call the part.

    Raises:
        ConfigError: The answers are not finite.
    """
    found, data = predictor.predict_scaled(x), predictor.data
    if not np.isfinite(found.outputs).all():
        raise ConfigError("gives answers that are not finite; there is nothing to evaluate", field="this network")

    def cells_of(place: int) -> dict[str, str]:
        row = data.unscale(x[place : place + 1])[0]
        if data.encoder is not None:
            return cells_of_inputs(data.encoder, row)
        return (
            {}
            if data.image_shape
            else {name: f"{value:.4g}" for name, value in zip(data.input_names, row, strict=False)}
        )

    return _evaluation(predictor, source, y, found, np.arange(1, len(x) + 1), cells_of)


def _evaluation(
    predictor: Predictor, source: str, y: np.ndarray, found: Predictions, lines: np.ndarray, cells_of: Any
) -> EvaluationReport:
    data = predictor.data
    if found.task == "values":
        mean = data.target_mean if data.target_mean is not None else y.mean(axis=0)
        scores = value_scores(y, found.outputs, mean, intervals=True)
        errors = np.abs(found.outputs - y).mean(axis=1)
        texts = [(f"{y[i, 0]:.6g}", f"{found.outputs[i, 0]:.6g}") for i in range(len(y))] if len(y) <= 10**6 else []
        worst = _worst(errors, -errors, texts, lines, cells_of)
        return EvaluationReport(source, found.task, len(y), scores, (), (), (), worst)
    counts = data.class_counts if data.class_counts is not None else np.bincount(y, minlength=len(found.names))
    names = distinct_texts(found.names, 40)
    of_truth = found.outputs[np.arange(len(y)), y]
    table = confusion(y, found.classes, len(names))
    results = tuple(
        ClassResult(name, int(n), *map(float, figures))
        for name, n, *figures in zip(names, table.sum(axis=1), *per_class(table), strict=True)
    )
    texts = [(names[truth], names[guess]) for truth, guess in zip(y, found.classes, strict=True)]
    return EvaluationReport(
        source,
        found.task,
        len(y),
        class_scores(y, found.outputs, counts / counts.sum(), intervals=True),
        tuple(tuple(row) for row in table.tolist()),
        results,
        _calibration(found, y),
        _worst(of_truth, of_truth, texts, lines, cells_of),
    )


def _calibration(found: Predictions, y: np.ndarray) -> tuple[Bin, ...]:
    """Of the answers of about one certainty, which part is right."""
    sure, right = found.outputs.max(axis=1).astype(np.float64), found.classes == y
    places = np.minimum((sure * N_BINS).astype(np.int64), N_BINS - 1)
    bins = []
    for place in np.unique(places):
        at = places == place
        bins.append(
            Bin(place / N_BINS, (place + 1) / N_BINS, int(at.sum()), float(sure[at].mean()), float(right[at].mean()))
        )
    return tuple(bins)


def _worst(
    badness: np.ndarray, order: np.ndarray, texts: Sequence[tuple[str, str]], lines: np.ndarray, cells_of: Any
) -> tuple[WorstRow, ...]:
    """The rows with the smallest `order`."""
    places = np.argsort(order, kind="stable")[:N_WORST]
    return tuple(
        WorstRow(int(lines[i]), texts[i][0], texts[i][1], float(badness[i]), cells_of(int(i)))
        for i in places
        if i < len(texts)
    )
