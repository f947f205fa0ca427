"""What is said of a run without a screen: the object of `--json`, its sentence, and the line of a list of runs."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from dltui.core.text import safe_text

if TYPE_CHECKING:
    from dltui.core import Trainer

METRICS = ("train_loss", "val_loss", "val_accuracy", "val_r2")
"""Figures of a run worth showing."""


def metric_names(trainer: Trainer) -> frozenset[str]:
    """Names of the metrics this run has: they follow from what it learns and from whether it keeps rows back."""
    parts = ("train", "val") if len(trainer.data.x_val) else ("train",)
    return frozenset(f"{part}_{name}" for part in parts for name in ("loss", _score(trainer.data.task)))


def report(
    trainer: Trainer, run: str, preset: str, stopped: str, elapsed_s: float, metrics: Mapping[str, float]
) -> dict[str, Any]:
    """The object `--json` prints; a metric this run has no rows for is there as None.

    Args:
        trainer: A `Trainer`.
        run: Id of the run; "" if it is not kept.
        preset: Name for the report.
        stopped: Why it ended.
        elapsed_s: How long it took.
        metrics: Of this very step (`Run.about`).
    """
    names = ("train_loss", "val_loss", f"val_{_score(trainer.data.task)}")
    return {
        "run": run or None,
        "preset": safe_text(preset),
        "step": int(trainer.step),
        "epoch": int(trainer.epoch),
        "stopped": stopped,
        **{name: _plain(metrics.get(name, math.nan)) for name in names},
        "elapsed_s": round(elapsed_s, 3),
        "digest": trainer.digest(),
    }


def report_of_start(run: str, preset: str, task: str) -> dict[str, Any]:
    """The same of a run that continues elsewhere: what nobody can say yet is None.

    Args:
        run: Id of the run.
        preset: Name for the report.
        task: "classes" or "values".
    """
    unknown = ("stopped", "train_loss", "val_loss", f"val_{_score(task)}")
    start = {"run": run, "preset": safe_text(preset), "step": 0, "epoch": 0}
    return {**start, **dict.fromkeys(unknown), "elapsed_s": 0.0, "digest": None}


def sentence(result: Mapping[str, Any], to_keep: bool) -> str:
    """The same for a person, on one line.

    Args:
        result: Of `report`.
        to_keep: Whether the run was to be kept.
    """
    words = {"finished": "done", "until": "condition met", "early stopping": "stopped early"}
    parts = [words.get(result["stopped"], result["stopped"]), f"step {result['step']}", f"epoch {result['epoch']}"]
    for name in METRICS:
        if result.get(name) is not None:
            parts.append(f"{name} {result[name]:.4g}")
    parts.append(f"{result['elapsed_s']:.1f} s")
    if result["run"] or to_keep:
        parts.append(f"kept as {result['run']}" if result["run"] else "not kept")
    return " · ".join(parts)


def progress_text(trainer: Trainer) -> str:
    """What stands beside the bar."""
    loss = trainer.history.latest().get("train_loss")
    return f"step {trainer.step}  epoch {trainer.epoch}" + (f"  loss {loss:.4g}" if loss is not None else "")


def _score(task: str) -> str:
    return "accuracy" if task == "classes" else "r2"


def _plain(value: float) -> float | None:
    """JSON has no NaN."""
    return float(value) if math.isfinite(value) else None
