"""`dltui runs`: lists, shows and deletes the runs that are kept.

One run that is broken is a line with its reason, never the end of the list.
"""

from __future__ import annotations

import argparse
import json
import math
import sys
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, TypedDict

from dltui.core.disk.home import find_home
from dltui.core.errors import ConfigError
from dltui.core.text import byte_size, safe_text

from .parser import Parser, add_json_argument

if TYPE_CHECKING:
    from dltui.core.store.journal import Record
    from dltui.core.store.runs import RunInfo


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
    path: str


def add_arguments(parser: Parser) -> None:
    """What `dltui runs` takes."""
    parser.add_argument("words", nargs="*", metavar="WORD", help="only runs all these words fit; an id shows that run")
    parser.add_argument("--delete", nargs="+", metavar="RUN", help="delete these runs")
    add_json_argument(parser, "a JSON list")


def run(args: argparse.Namespace) -> int:
    """`dltui runs`: the exit code."""
    from dltui.core.store.runs import list_runs

    home = find_home()
    folder = home.runs
    if home.problem:
        print(f"dltui: runs cannot be kept: {home.reason}", file=sys.stderr)
    if args.delete is not None:
        return _delete(folder, [*args.delete, *args.words])
    found = list_runs(folder)
    chosen = [info for info in found if _fits(info, args.words)]
    if args.json:
        print(json.dumps([_row(info) for info in chosen]))
        return 0
    if len(chosen) == 1 and args.words == [chosen[0].id]:
        _show(chosen[0])
        return 0
    if not chosen:
        print("no run fits these words" if found else f"no runs are kept in {safe_text(folder)}")
        return 0
    rows = [_row(info) for info in chosen]
    wide = max(len(row["preset"]) for row in rows)
    for row in rows:
        print(_line(row, wide))
    total = byte_size(sum(row["n_bytes"] for row in rows))
    print(f"{len(rows)} of {len(found)} runs, {total} in {safe_text(folder)}")
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
        "path": info.path,
    }


def _status(info: RunInfo) -> str:
    """What a run is doing: what its writer said last holds only while there is one, or if it was an end."""
    if info.problem:
        return "broken"
    status = info.status.status
    return status if info.live or status not in ("training", "paused", "") else "stopped"


def _line(row: KeptRun, wide: int) -> str:
    if row["status"] == "broken":
        return f"{row['run']}  broken: {row['problem']}"
    step = f"step {row['step']}" if row["step"] is not None else ""
    scores = {"val_r2": row["val_r2"], "val_accuracy": row["val_accuracy"], "val_loss": row["val_loss"]}
    value = next((f"{name} {score:.4g}" for name, score in scores.items() if score is not None), "")
    size = byte_size(row["n_bytes"])
    line = f"{row['run']}  {row['preset']:<{wide}}  {row['status']:<11}  {step:<14}  {value:<22}  {size:>8}"
    return f"{line}  {row['problem']}".rstrip()


def _show(info: RunInfo) -> None:
    from dltui.core.store.folder import RunDir

    row = _row(info)
    for key, value in row.items():
        if key == "n_bytes":
            print(f"{'disk':<13}{byte_size(info.n_bytes)}")
        elif value not in (None, ""):
            print(f"{key:<13}{value}")
    if info.problem:
        return
    records = RunDir(info.path, write=False).records
    print(f"{'decisions':<13}{len(records)}")
    for record in records[-20:]:
        print(f"  step {record.step:<10} {record.kind:<8} {_asked(record)}")
    words = "attach" if info.live else "resume"
    print(f"go on with it: dltui {words} {info.id}")


def _asked(record: Record) -> str:
    """What a decision asked for, on one line."""
    changes = record.intent.get("changes")
    asked = changes if isinstance(changes, Mapping) else record.intent
    return safe_text(", ".join(f"{key} {value}" for key, value in asked.items()), 100)


def _delete(folder: str, names: Sequence[str]) -> int:
    from dltui.core.store.runs import delete_run

    code = 0
    for name in names:
        try:
            delete_run(folder, name)
            print(f"{name} is deleted")
        except ConfigError as error:
            print(f"dltui: {error}", file=sys.stderr)
            code = 2
    return code
