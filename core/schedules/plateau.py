"""Falls when the evaluation loss does not (PyTorch ReduceLROnPlateau). It reads evaluations only.

A rate that is set by hand is the rate from then on, as where `param_group["lr"]` is set in PyTorch: what is left of the
one before does not make it smaller.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from ..registry import Param, Settings
from .base import Clock, Schedule


def rates(base: float, clock: Clock, settings: Settings, memory: Mapping[str, float]) -> np.ndarray:
    """The base rate times what the evaluations so far have left of it."""
    return np.full(clock.t.shape, base * memory["scale"])


def observe(loss: float, settings: Settings, memory: Mapping[str, float], base: float) -> Mapping[str, float]:
    """What is remembered after an evaluation.

    Args:
        loss: Loss of this evaluation.
        settings: Settings of the schedule.
        memory: `best` loss, number of `bad` evaluations in a row, evaluations of `cooldown` left, `scale` of the rate.
        base: Base learning rate.
    """
    best, bad, cooldown, scale = memory["best"], memory["bad"], memory["cooldown"], memory["scale"]
    if settings["threshold_mode"] == "rel":
        better = loss < best * (1.0 - settings["threshold"])
    else:
        better = loss < best - settings["threshold"]
    best, bad = (loss, 0.0) if better else (best, bad + 1.0)
    if cooldown > 0:
        cooldown, bad = cooldown - 1.0, 0.0
    if bad > settings["patience"]:
        rate = base * scale
        lower = max(rate * settings["factor"], settings["min_lr"])
        if rate - lower > settings["eps"]:
            scale = lower / base
        cooldown, bad = float(settings["cooldown"]), 0.0
    return {"best": best, "bad": bad, "cooldown": cooldown, "scale": scale}


PLATEAU = Schedule(
    name="plateau",
    title="Reduce on plateau",
    summary="Falls by a factor whenever the evaluation loss stops falling.",
    formula="after more than `patience` evaluations without improvement: η ← max(factor·η, min_lr)",
    paper="common practice (PyTorch ReduceLROnPlateau)",
    params=(
        Param(name="factor", default=0.1, low=0.0, high=1.0, open_high=True, summary="Factor of each fall."),
        Param(
            name="patience",
            default=10,
            low=0,
            high=10**9,
            unit="evaluations",
            summary="Evaluations without improvement to wait for before the rate falls.",
        ),
        Param(
            name="threshold",
            default=1e-4,
            low=0.0,
            high=1e6,
            scale="log",
            summary="Smallest change that counts as an improvement.",
        ),
        Param(
            name="threshold_mode",
            default="rel",
            choices=("rel", "abs"),
            summary="Threshold as a share of the best loss, or as a difference from it.",
        ),
        Param(
            name="cooldown",
            default=0,
            low=0,
            high=10**9,
            unit="evaluations",
            summary="Evaluations after a fall that do not count.",
        ),
        Param(name="min_lr", default=0.0, low=0.0, high=1e6, summary="Rate below which it does not fall."),
        Param(name="eps", default=1e-8, low=0.0, high=1.0, scale="log", summary="Smallest fall that is made at all."),
    ),
    rates=rates,
    rebase=lambda memory: {**memory, "scale": 1.0},
    memory={"best": float("inf"), "bad": 0.0, "cooldown": 0.0, "scale": 1.0},
    observe=observe,
)
