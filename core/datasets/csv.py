"""The user's table: a file of text with one row per sample and the target in one column.

`core/tables` finds what the columns are and what is to be done with them; whatever is found can be set here instead.
The reading "plain" finds nothing: each cell must be there, each column is used as it stands, and what does not fit is
refused.
"""

from __future__ import annotations

import os
from dataclasses import replace

import numpy as np

from ..errors import ConfigError
from ..registry import Param, Settings
from ..tables.encode import TargetPlan, fit
from ..tables.findings import findings_of
from ..tables.later import append_later_rows
from ..tables.reading.dialect import DELIMITERS
from ..tables.reading.quick import looks_like_table, size_of
from ..tables.reading.read import read_table
from ..tables.reading.size import Size
from ..tables.table import Choices, Table, open_table, read_fills
from ..text import distinct_texts
from .base import Dataset, Samples
from .formats.plain_table import load_plain
from .formats.targets import MAX_INPUTS, MAX_ROWS, MAX_VALUES, PATH, TASK, path_beside, path_of, rows_kept

_PARTS = (("train", "test"), ("train", "val"), ("train", "valid"), ("training", "testing"), (".data", ".test"))
"""What stands for the part to learn from in a file's name, and for the part to judge by."""


def load(settings: Settings, rng: np.random.Generator) -> Samples:
    """Read the table as it is found, or plainly; the inputs follow when the training rows are known."""
    if settings["reading"] == "plain":
        for name in ("drop", "kinds", "missing", "fill", "validation"):
            if settings[name]:
                problem = "has no effect where data.reading is plain"
                raise ConfigError(problem, field=f"data.{name}", value=settings[name])
        return load_plain(settings, rng)
    path = path_of(settings)
    table = open_table(path, _choices(settings))
    if not settings["validation"]:
        return _samples(_fewer_rows(table, settings["max_rows"], rng), None, settings)
    later = read_table(path_beside(path, settings["validation"]), settings["delimiter"], settings["header"])
    return _samples(*append_later_rows(table, later, settings["missing"]), settings)


def _choices(settings: Settings) -> Choices:
    names = ("target", "drop", "task", "missing", "kinds", "delimiter", "header")
    return Choices(**{name: settings[name] for name in names})


def _fewer_rows(table: Table, limit: int, rng: np.random.Generator) -> Table:
    """A table of at most `limit` rows, and no more than fit into the memory, drawn at random."""
    most = limit
    if len(table.rows) * len(table.inputs) > MAX_VALUES // 8:
        n_inputs = len(fit([table.columns[place] for place in table.inputs], table.rows).input_names())
        most = min(limit, max(1, MAX_VALUES // max(1, n_inputs)))
    rows = table.rows[rows_kept(len(table.rows), most, table.file, rng)]
    if len(rows) == len(table.rows):
        return table
    why = "data.max_rows" if most == limit else "more would be too many numbers"
    return replace(
        table,
        rows=rows,
        notes=(*table.notes, f"{len(rows)} of {len(table.rows)} rows are used, drawn at random ({why})"),
    )


def _samples(table: Table, val: np.ndarray | None, settings: Settings) -> Samples:
    fills, missing = read_fills(settings["fill"], table), settings["missing"]
    target = table.columns[table.target.place]
    y = table.target.y[table.rows]
    plan_of_target = TargetPlan(
        target.name, target.number, target.kind, table.target.task, table.target.class_names, target.form, target.yes
    )

    found = Samples(
        x=np.empty((len(table.rows), 0)),
        y=y if table.target.task == "classes" else y[:, None],
        task=table.target.task,
        class_names=distinct_texts(table.target.class_names, 40),
        output_names=distinct_texts([target.name], 60) if table.target.task == "values" else (),
        lines=table.lines[table.rows],
        val=val,
    )

    def learned(train: np.ndarray, val: np.ndarray) -> Samples:
        columns = [table.columns[place] for place in table.inputs]
        encoder = replace(
            fit(columns, table.rows[train], fills), target=plan_of_target, wide=len(table.columns), missing=missing
        )
        names, plans = encoder.input_names(), {plan.name: plan for plan in encoder.plans}
        _check_size(len(names), len(table.rows), table.file)
        x = np.empty((len(table.rows), len(names)))
        places: list[int] = []
        for column in columns:
            plan = plans.get(column.name)
            if plan is not None:
                n = len(plan.inputs())
                x[:, len(places) : len(places) + n] = plan.encode(column.at(table.rows))
                places += [column.number] * n
        how = "the rows of their own file" if found.val is not None else "drawn by the seed"
        return replace(
            found, x=x, input_names=names, columns=(*places, target.number),
            numbers=encoder.numbers(), encoder=encoder, findings=findings_of(table, encoder, len(train), len(val), how),
        )  # fmt: skip

    # `learned` knows nothing of what is returned here: in a circle the whole table would outlive its use.
    return replace(found, learned=learned)


def _check_size(n_inputs: int, n_rows: int, file: str) -> None:
    if not n_inputs:
        raise ConfigError("has no column that varies within the training rows", file=file)
    if n_inputs > MAX_INPUTS or n_inputs * n_rows > MAX_VALUES:
        allowed = f"at most {MAX_INPUTS} inputs, {MAX_VALUES} numbers; data.max_rows and data.drop make it smaller"
        raise ConfigError(f"holds {n_rows} rows of {n_inputs} inputs", file=file, allowed=allowed)


def _recognize(path: str) -> Settings | None:
    if os.path.isdir(path):
        return _pair_in(path)
    return {"path": path} if os.path.isfile(path) and looks_like_table(path) else None


def _pair_in(folder: str) -> Settings | None:
    """A table to learn from and one to judge by in a folder: train.csv and test.csv, adult.data and adult.test."""
    names = sorted(name for name in os.listdir(folder) if os.path.isfile(os.path.join(folder, name)))
    for name in names:
        for train, test in _PARTS:
            other = name.replace(train, test, 1)
            if other != name and other in names and looks_like_table(os.path.join(folder, name)):
                return {"path": os.path.join(folder, name), "validation": other}
    return None


def _size(settings: Settings) -> Size | None:
    delimiter = settings["delimiter"]
    return size_of(path_of(settings), delimiter if delimiter in DELIMITERS else "auto")


CSV = Dataset(
    name="csv",
    title="Table of text (CSV)",
    summary="Your own table: one row per sample, the target in one column.",
    params=(
        PATH,
        Param(name="target", default="", summary="Name of the column to predict; empty: found, else the last."),
        Param(name="drop", default="", before="", summary="Columns that are not inputs, separated by commas."),
        TASK,
        Param(
            name="kinds",
            default="",
            before="",
            summary="Kinds of columns, where the one found is wrong: zip=category, price=number, note=text.",
        ),
        Param(
            name="missing",
            default="",
            before="",
            summary="Signs of a missing cell; empty: none, NA, N/A, NaN, null, ?, -, dot.",
        ),
        Param(
            name="fill",
            default="",
            before="",
            summary="What a missing number is taken for: age=mean, income=zero, size=frequent; else the median.",
        ),
        Param(
            name="validation",
            default="",
            before="",
            summary="File with the validation rows, beside the first; empty: a share.",
        ),
        Param(
            name="delimiter",
            default="auto",
            choices=("auto", *DELIMITERS),
            summary="Separator of the cells; auto: detected.",
        ),
        Param(name="header", default="auto", choices=("auto", "yes", "no"), summary="Whether line 1 holds names."),
        Param(
            name="reading",
            default="found",
            choices=("found", "plain"),
            before="plain",
            summary="Whether kinds, holes and scales are found, or each cell is taken as it stands.",
        ),
        MAX_ROWS,
    ),
    load=load,
    kind="file",
    recognize=_recognize,
    size=_size,
)
