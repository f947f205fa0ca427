"""A table read strictly: each cell there, each column as it stands, each word a column of its own.

It is the reading `plain` of a table, for files that are prepared, and that of every run begun before there was another.
In any table but one separated by semicolons a number with a comma is refused: the comma could stand for decimals or for
thousands.
"""

from __future__ import annotations

import numpy as np

from ...errors import ConfigError
from ...registry import Settings
from ...text import safe_text
from ..base import Samples
from .csv_table import PlainColumn, PlainTable, one_hot, read_table
from .targets import MAX_VALUES, as_targets, path_of, rows_kept


def load_plain(settings: Settings, rng: np.random.Generator) -> Samples:
    """The samples of a table that is read strictly.

    Raises:
        ConfigError: A cell does not fit; names file, line, column and value.
    """
    table = read_table(path_of(settings), settings["delimiter"], settings["header"])
    place = table.index(settings["target"], "data.target")
    target = table.columns[place]
    rows = rows_kept(len(table.lines), settings["max_rows"], table.file, rng)
    targets = _targets(target, rows, settings["task"], table)
    found = as_targets(targets, settings["task"], table.file, target.name)
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
        y=found.y,
        task=found.task,
        input_names=tuple(names),
        class_names=found.class_names,
        output_names=(target.name,) if found.task == "values" else (),
        lines=np.array(table.lines)[rows],
        columns=(*places, target.number),
    )


def _targets(target: PlainColumn, rows: np.ndarray, task: str, table: PlainTable) -> np.ndarray:
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
