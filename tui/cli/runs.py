"""`dltui runs`: lists, shows and deletes the runs that are kept.

One run that is broken is a line with its reason, never the end of the list.
"""

from __future__ import annotations

import argparse
import json
import math
import os
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, TypedDict

from dltui.core.disk.home import find_home
from dltui.core.errors import ConfigError
from dltui.core.text import byte_size, safe_text

from .parser import Parser, add_json_argument
from .streams import out, say

if TYPE_CHECKING:
    from dltui.core.store.folder import RunDir
    from dltui.core.store.journal import Record
    from dltui.core.store.runs import RunInfo

CHART_COLUMNS, CHART_ROWS = 72, 12
"""Size of the chart of a run, in cells."""


class KeptRun(TypedDict):
    """One run of the list, as `--json` prints it."""

    run: str
    preset: str
    title: str
    created: str
    status: str
    step: int | None
    epoch: int | None
    train_loss: float | None
    val_loss: float | None
    val_accuracy: float | None
    val_r2: float | None
    n_bytes: int
    live: bool
    problem: str
    branch: str
    parent: str
    forked: int | None
    path: str


def add_arguments(parser: Parser) -> None:
    """What `dltui runs` takes."""
    parser.add_argument(
        "words", nargs="*", metavar="WORD", help="only runs that match all these words; an id shows that run"
    )
    parser.add_argument("--delete", nargs="+", metavar="RUN", help="delete these runs")
    add_json_argument(parser, "a JSON list")


def run(args: argparse.Namespace) -> int:
    """`dltui runs`: the exit code."""
    from dltui.core.store.runs import list_runs

    home = find_home()
    folder = home.runs
    if home.problem:
        say(f"runs cannot be kept: {home.reason}")
    if args.delete is not None:
        return _delete(folder, [*args.delete, *args.words])
    found = list_runs(folder)
    chosen = [info for info in found if _fits(info, args.words)]
    if args.json:
        out(json.dumps([_row(info) for info in chosen]))
        return 0
    if len(chosen) == 1 and args.words == [chosen[0].id]:
        _show(chosen[0])
        return 0
    if not chosen:
        out("no run matches these words" if found else f"no runs are kept in {safe_text(folder)}")
        return 0
    rows = _in_trees([_row(info) for info in chosen])
    wide = max(len(row["preset"]) for _, row in rows)
    for lead, row in rows:
        out(_line(row, wide, lead))
    total = byte_size(sum(row["n_bytes"] for _, row in rows))
    out(f"{len(rows)} of {len(found)} runs, {total} in {safe_text(folder)}")
    return 0


def _fits(info: RunInfo, words: Sequence[str]) -> bool:
    status = info.status.status
    live = "live" if info.live else ""
    broken = "broken" if info.problem else ""
    text = " ".join((info.id, info.title, info.preset, info.created, status, live, broken)).lower()
    return all(word.lower() in text for word in words)


def _row(info: RunInfo) -> KeptRun:
    # The figures of a run that was killed may be of a step before the one it reached: then nobody knows those there.
    known = info.live or info.status.step == info.step

    def figure(name: str) -> float | None:
        value = info.status.figures.get(name, math.nan) if known else math.nan
        return value if math.isfinite(value) else None

    from dltui.core.run.tree import read_place

    place = read_place(info.path)
    return {
        "run": info.id,
        "preset": info.preset or info.title,
        "title": info.title,
        "created": info.created,
        "status": _status(info),
        "step": info.step,
        "epoch": info.status.epoch if known else None,
        "train_loss": figure("train_loss"),
        "val_loss": figure("val_loss"),
        "val_accuracy": figure("val_accuracy"),
        "val_r2": figure("val_r2"),
        "n_bytes": info.n_bytes,
        "live": info.live,
        "problem": info.problem or info.damage,
        "branch": place.name if place is not None else "",
        "parent": place.parent if place is not None else "",
        "forked": place.step if place is not None and place.parent else None,
        "path": info.path,
    }


def _status(info: RunInfo) -> str:
    """What a run is doing: what its writer said last holds only while there is one, or if it was an end."""
    if info.problem:
        return "broken"
    status = info.status.status
    return status if info.live or status not in ("training", "paused", "") else "stopped"


def _in_trees(rows: Sequence[KeptRun]) -> list[tuple[str, KeptRun]]:
    """The runs in their order, each followed by its branches with the lines that lead to them."""
    ids = {row["run"] for row in rows}

    def below(parent: str, lead: str) -> Iterator[tuple[str, KeptRun]]:
        children = [row for row in reversed(rows) if row["parent"] == parent and row["run"] != parent]
        for i, row in enumerate(children):
            last = i == len(children) - 1
            yield lead + ("└ " if last else "├ "), row
            yield from below(row["run"], lead + ("  " if last else "│ "))

    tops = [row for row in rows if row["parent"] not in ids]
    return [pair for row in tops for pair in (("", row), *below(row["run"], ""))]


def _line(row: KeptRun, wide: int, lead: str = "") -> str:
    if row["status"] == "broken":
        return f"{row['run']}  broken: {row['problem']}"
    step = f"step {row['step']}" if row["step"] is not None else ""
    scores = {"val_r2": row["val_r2"], "val_accuracy": row["val_accuracy"], "val_loss": row["val_loss"]}
    value = next((f"{name} {score:.4g}" for name, score in scores.items() if score is not None), "")
    size = byte_size(row["n_bytes"])
    line = f"{lead}{row['run']}  {row['preset']:<{wide}}  {row['status']:<11}  {step:<14}  {value:<22}  {size:>8}"
    branch = row["branch"] + (f" from step {row['forked']}" if row["forked"] is not None else "")
    return f"{line}  {branch}  {row['problem']}".rstrip()


def _show(info: RunInfo) -> None:
    from dltui.core.store.folder import RunDir

    row = _row(info)
    for key, value in row.items():
        if key == "n_bytes":
            out(f"{'disk':<13}{byte_size(info.n_bytes)}")
        elif value not in (None, ""):
            out(f"{key:<13}{value}")
    if info.problem:
        return
    folder = RunDir(info.path, write=False)
    _show_curves(folder)
    records = folder.records
    out(f"{'decisions':<13}{len(records)}")
    for record in records[-20:]:
        out(f"  step {record.step:<10} {record.kind:<8} {_words_of_decision(record)}")
    words = "attach" if info.live else "resume"
    out(f"continue it: dltui {words} {info.id}")


def _show_curves(folder: RunDir) -> None:
    """The last values of the curves, and a chart of the losses."""
    from dltui.core.store.curves import read_curves

    from ..draw.cells import plain
    from ..draw.line import PlotSeries, chart
    from ..draw.look import Look

    try:
        curves = read_curves(folder.path, folder.meta.run)
    except ConfigError as error:
        out(f"{'curves':<13}{error}")
        return
    for name in curves.columns:
        if (last := curves.last(name)) is not None:
            out(f"{'curve':<13}{name} {last[1]:.4g} at step {last[0]}")
    losses = []
    for name, role in (("train_loss", "train"), ("val_loss", "val")):
        steps, _, mean, _ = curves.column(name)
        losses.append(PlotSeries(steps, mean, role))
    if any(len(one.x) > 1 for one in losses):
        look = replace(Look.detect(os.environ, sys.stdout.encoding), color=False)
        out(plain(chart(CHART_COLUMNS, CHART_ROWS, losses, look=look).rows), end="")


def _words_of_decision(record: Record) -> str:
    """What a decision asked for, on one line."""
    from dltui.core.store.decisions import ApplyDecision, PlanDecision, decision_of

    try:
        decision = decision_of(record)
    except ConfigError as error:
        return str(error)
    if isinstance(decision, ApplyDecision):
        asked = _pairs(decision.changes)
    elif isinstance(decision, PlanDecision):
        asked = "; ".join(f"at step {step}: {_pairs(changes)}" for step, changes in decision.plan.items())
    else:
        asked = _pairs(record.intent)
    return safe_text(asked, 100)


def _pairs(values: Mapping[str, object]) -> str:
    return ", ".join(f"{name} {value}" for name, value in values.items())


def _delete(folder: str, names: Sequence[str]) -> int:
    from dltui.core.store.runs import delete_run

    code = 0
    for name in names:
        try:
            delete_run(folder, name)
            out(f"{name} is deleted")
        except ConfigError as error:
            say(str(error))
            code = 2
    return code
