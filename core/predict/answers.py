"""The rows of a file with the answers beside them, as CSV: the prediction, and for classes how probable each is."""

from __future__ import annotations

import csv
import io

from ..tables.reading.read import RawTable
from .predictor import Predictions

PREDICTION, PROBABILITY = "prediction", "probability_"


def answered(table: RawTable, found: Predictions) -> str:
    """The rows as CSV, with `prediction` and `probability_…` columns behind them.

    Args:
        table: The rows.
        found: The answer for each.
    """
    names = [column.name for column in table.columns]
    if found.task == "classes":
        added = [_free(PREDICTION, names), *(_free(f"{PROBABILITY}{name}", names) for name in found.names)]
    else:
        single = len(found.names) == 1
        added = [_free(PREDICTION if single else f"{PREDICTION}_{name}", names) for name in found.names]
    stream = io.StringIO()
    writer = csv.writer(stream, lineterminator="\n")
    if table.has_header:
        writer.writerow([*names, *added])
    labels = found.labels if found.task == "classes" else []
    for row in range(table.n_rows):
        numbers = [f"{value:.7g}" for value in found.outputs[row]]
        cells = [column.text_at(row) for column in table.columns]
        writer.writerow([*cells, *([labels[row]] if labels else []), *numbers])
    return stream.getvalue()


def _free(name: str, taken: list[str]) -> str:
    """A name that no column of the file has."""
    while name in taken:
        name += "_"
    return name
