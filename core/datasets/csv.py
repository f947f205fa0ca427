"""The user's table: a CSV file with one row per sample and the target in one column.

Where semicolons separate the cells, a comma in a number is its decimal point ("1,5" is 1.5), as spreadsheets write it
in much of the world. In any other table such a number is refused: the comma could as well group thousands.
"""

from __future__ import annotations

import numpy as np

from ..errors import ConfigError
from ..registry import Param, Settings
from ..text import safe_text
from .base import Dataset, Samples
from .formats.csv_table import DELIMITERS, Column, Table, one_hot, read_table
from .formats.targets import MAX_ROWS, MAX_VALUES, PATH, TASK, as_targets, path_of, rows_kept


def load(settings: Settings, rng: np.random.Generator) -> Samples:
    """Read the table; columns of words become one input for each word."""
    table = read_table(path_of(settings), settings["delimiter"], settings["header"])
    place = table.index(settings["target"], "data.target")
    target = table.columns[place]
    rows = rows_kept(len(table.lines), settings["max_rows"], table.file, rng)
    targets = _targets(target, rows, settings["task"], table)
    y, task, class_names = as_targets(targets, settings["task"], table.file, target.name)
    blocks: list[np.ndarray] = []
    names: list[str] = []
    places: list[int] = []
    for i, column in enumerate(table.columns):
        if i == place:
            continue
        if column.values is not None:
            blocks.append(column.values[rows, None])
            names.append(column.name)
        else:
            block, words = one_hot(column, table.file)
            blocks.append(block[rows])
            names.extend(words)
        places += [column.number] * (len(names) - len(places))
        if len(names) * len(rows) > MAX_VALUES:
            raise ConfigError("has too many inputs", file=table.file, allowed=f"at most {MAX_VALUES} numbers")
    return Samples(
        x=np.concatenate(blocks, axis=1),
        y=y,
        task=task,
        input_names=tuple(names),
        class_names=class_names,
        output_names=(target.name,) if task == "values" else (),
        lines=np.array(table.lines)[rows],
        columns=(*places, target.number),
    )


def _targets(target: Column, rows: np.ndarray, task: str, table: Table) -> np.ndarray:
    """The target's numbers, or its texts, of the rows in use."""
    if target.values is not None:
        values: np.ndarray = target.values[rows]
        return values
    if task == "values":
        raise ConfigError(
            "is not a number",
            field=target.name,
            value=safe_text(target.cells[0], 40),
            file=table.file,
            line=table.lines[0],
            column=target.number,
        )
    return np.array([target.cells[row] for row in rows])


CSV = Dataset(
    name="csv",
    title="CSV file",
    summary="Your own table: one row per sample, the target in one column.",
    params=(
        PATH,
        Param(name="target", default="", summary="Name of the column to predict; empty: the last."),
        TASK,
        Param(
            name="delimiter",
            default="auto",
            choices=("auto", *DELIMITERS),
            summary="Mark between cells; auto: detected.",
        ),
        Param(name="header", default="auto", choices=("auto", "yes", "no"), summary="Whether line 1 holds names."),
        MAX_ROWS,
    ),
    load=load,
    kind="file",
)
