"""What is said of a run without a screen: the object of `--json`, its sentence, and the line of a list of runs."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

from dltui.core.text import safe_text

METRICS = ("train_loss", "val_loss", "val_accuracy", "val_r2")
"""Figures of a run worth showing."""


def evaluated(trainer: Any) -> dict[str, float]:
    """Every metric of both parts, as the weights are now."""
    return {
        f"{part}_{name}": float(value) for part in ("train", "val") for name, value in trainer.evaluate(part).items()
    }


def metric_names(trainer: Any) -> frozenset[str]:
    """Names of the metrics this run has: they follow from what it learns and from whether it keeps rows back."""
    parts = ("train", "val") if len(trainer.data.x_val) else ("train",)
    return frozenset(f"{part}_{name}" for part in parts for name in ("loss", _score(trainer)))


def about(trainer: Any, status: str, metrics: Mapping[str, float] | None = None) -> dict[str, Any]:
    """What a list of runs shows.

    Args:
        trainer: A `Trainer`.
        status: What the run is doing, or how it ended.
        metrics: Of this very step; None while it trains: those of the last step and the last evaluation.
    """
    step = {"status": status, "step": trainer.step, "epoch": trainer.epoch}
    return {**step, **trainer.history.latest(), **(metrics or {})}


def report(
    trainer: Any, run: str, preset: str, stopped: str, elapsed_s: float, metrics: Mapping[str, float]
) -> dict[str, Any]:
    """The object `--json` prints; a metric this run has no rows for is there as None."""
    names = ("train_loss", "val_loss", f"val_{_score(trainer)}")
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


def bar_text(trainer: Any) -> str:
    """What stands beside the bar."""
    loss = trainer.history.latest().get("train_loss")
    return f"step {trainer.step}  epoch {trainer.epoch}" + (f"  loss {loss:.4g}" if loss is not None else "")


def _score(trainer: Any) -> str:
    return "accuracy" if trainer.data.task == "classes" else "r2"


def _plain(value: float) -> float | None:
    """JSON has no NaN."""
    return float(value) if math.isfinite(value) else None
