"""What is said of a run without a screen: the object of `--json`, its sentence, and the words beside the bar."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from dltui.core.text import safe_text

if TYPE_CHECKING:
    from dltui.core import Trainer
    from dltui.core.data import Data


def metric_names(data: Data) -> frozenset[str]:
    """Names of the metrics of a run: they follow from what it learns and from whether it keeps rows back."""
    parts = ("train", "val") if data.n_val else ("train",)
    return frozenset(f"{part}_{name}" for part in parts for name in ("loss", _score(data.task)))


@dataclass(frozen=True)
class RunReport:
    """What is said of a run at its end; or at its start, if it goes on elsewhere."""

    run: str
    """Its id; "" if it is not kept."""
    preset: str
    step: int
    epoch: int
    stopped: str
    """Why it ended; "" if it has not."""
    metrics: Mapping[str, float | None]
    """Losses and the score of its task; None where there are no rows for one, or nobody can say yet."""
    elapsed_s: float
    digest: str
    """"" if it has not ended."""
    scores: Mapping[str, Mapping[str, float | None]] = field(default_factory=dict)
    """Score -> its value and that of the best constant answer, over the validation rows where there are any."""

    def to_json(self) -> str:
        """The object that `--json` prints."""
        start = {"run": self.run or None, "preset": self.preset, "step": self.step, "epoch": self.epoch}
        end = {"elapsed_s": round(self.elapsed_s, 3), "scores": self.scores, "digest": self.digest or None}
        return json.dumps({**start, "stopped": self.stopped or None, **self.metrics, **end})

    def sentence(self, to_keep: bool) -> str:
        """The same for a person, on one line.

        Args:
            to_keep: Whether the run was to be kept.
        """
        words = {"finished": "done", "until": "condition met", "early stopping": "stopped early"}
        parts = [words.get(self.stopped, self.stopped), f"step {self.step}", f"epoch {self.epoch}"]
        parts += [f"{name} {value:.4g}" for name, value in self.metrics.items() if value is not None]
        parts.append(f"{self.elapsed_s:.1f} s")
        if self.run or to_keep:
            parts.append(f"kept as {self.run}" if self.run else "not kept")
        return " · ".join(parts)


def report(
    trainer: Trainer, run: str, preset: str, stopped: str, elapsed_s: float, figures: Mapping[str, float]
) -> RunReport:
    """What is said of a run that has ended.

    Args:
        trainer: As it ended.
        run: Id of the run; "" if it is not kept.
        preset: Name for the report.
        stopped: Why it ended.
        elapsed_s: How long it took.
        figures: Of this very step (`JournaledRun.about`).
    """
    known = {name: figures.get(name, math.nan) for name in _metrics(trainer.data.task)}
    metrics = {name: _plain(value) for name, value in known.items()}
    scores = {
        one.name: {"value": _plain(one.value), "baseline": _plain(one.baseline)}
        for one in trainer.scores("val" if trainer.data.n_val else "train")
    }
    step, epoch = int(trainer.step), int(trainer.epoch)
    return RunReport(run, safe_text(preset), step, epoch, stopped, metrics, elapsed_s, trainer.digest(), scores)


def report_of_start(run: str, preset: str, task: str) -> RunReport:
    """What is said of a run that goes on elsewhere.

    Args:
        run: Id of the run.
        preset: Name for the report.
        task: "classes" or "values".
    """
    return RunReport(run, safe_text(preset), 0, 0, "", dict.fromkeys(_metrics(task)), 0.0, "")


def _plain(value: float) -> float | None:
    """A number for JSON, which knows no NaN."""
    return float(value) if math.isfinite(value) else None


def beside_constant(result: RunReport) -> str:
    """The figures beside those of a constant answer, on one line; "" where there are none."""
    scores = [
        f"{name.replace('_', ' ')} {score['value']:.4g} (constant answer {score['baseline']:.4g})"
        for name, score in result.scores.items()
        if score["value"] is not None and score["baseline"] is not None
    ]
    return " · ".join(scores)


def progress_text(trainer: Trainer) -> str:
    """What stands beside the bar."""
    loss = trainer.history.latest().get("train_loss")
    return f"step {trainer.step}  epoch {trainer.epoch}" + (f"  loss {loss:.4g}" if loss is not None else "")


def _metrics(task: str) -> tuple[str, ...]:
    """Names of the metrics in a report."""
    return ("train_loss", "val_loss", f"val_{_score(task)}")


def _score(task: str) -> str:
    return "accuracy" if task == "classes" else "r2"
