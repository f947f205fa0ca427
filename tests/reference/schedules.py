"""Learning rates by the step, one number at a time, as PyTorch's `lr_scheduler` documents them.

t counts steps since the schedule was chosen. Past its end a schedule holds its last value. A warmup of W steps comes
before any of them: η(0)·(t+1)/(W+1), then the schedule from its own beginning.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from math import cos, floor, pi, sqrt
from typing import Any

EXPRESSIONS: Mapping[str, Callable[[float, float, float], float]] = {
    "base * 0.999 ** step": lambda base, step, epoch: base * 0.999**step,
    "base / (1 + 0.01 * step) * (1 if epoch < 3 else 0.5)": lambda base, step, epoch: (
        base / (1 + 0.01 * step) * (1 if epoch < 3 else 0.5)
    ),
}
"""Formulas a user may have written, and what they mean."""


def start_memory(name: str) -> dict[str, float]:
    """What is remembered between evaluations at first."""
    return {"best": float("inf"), "bad": 0, "cooldown": 0, "scale": 1.0} if name == "plateau" else {}


LENGTHS = {"cosine": "t_max", "linear": "total_iters", "one_cycle": "total_steps", "polynomial": "total_iters"}
"""Schedule -> its setting that says over how many steps it runs; 0 of it is what is left of the run."""
WITHOUT_END = 1000
"""What is left of a run that has no end."""


def rest(steps_left: float, warmup: int) -> int:
    """Steps of a schedule that begins now and takes what is left of the run."""
    return WITHOUT_END if steps_left == float("inf") else max(int(steps_left) - warmup, 1)


def fitted(name: str, s: Mapping[str, Any], n_steps: int) -> Mapping[str, Any]:
    """The settings where what was left of the run came to so many steps."""
    length = LENGTHS.get(name, "")
    return {**s, length: s[length] or n_steps} if length else s


def rate(name: str, s: Mapping[str, Any], base: float, t: int, epoch: int, memory: Mapping[str, float]) -> float:
    """Effective rate of a step without warmup."""
    match name:
        case "constant":
            return base
        case "time_decay":
            return base / (1 + s["decay"] * t)
        case "step":
            return base * s["gamma"] ** (t // s["step_size"])
        case "multistep":
            return base * s["gamma"] ** sum(milestone <= t for milestone in s["milestones"])
        case "exponential":
            return base * s["gamma"] ** t
        case "lambda":
            return EXPRESSIONS[s["expression"]](base, t, epoch)
        case "cosine":
            return s["eta_min"] + (base - s["eta_min"]) * (1 + cos(pi * min(t / s["t_max"], 1))) / 2
        case "plateau":
            return base * memory["scale"]
        case "cyclic":
            return _cyclic(s, base, t)
        case "one_cycle":
            return _one_cycle(s, base, min(t, s["total_steps"] - 1))
        case "linear":
            share = min(t / s["total_iters"], 1)
            return base * (s["start_factor"] + (s["end_factor"] - s["start_factor"]) * share)
        case "polynomial":
            return base * (1 - min(t / s["total_iters"], 1)) ** s["power"]
        case "warm_restarts":
            length = s["t_0"]
            while t >= length:
                t, length = t - length, length * s["t_mult"]
            return s["eta_min"] + (base - s["eta_min"]) * (1 + cos(pi * t / length)) / 2
        case "inverse_sqrt":
            return base / sqrt(1 + t / s["timescale"])
        case "noam":
            return base * s["d_model"] ** -0.5 * min((t + 1) ** -0.5, (t + 1) * s["peak_step"] ** -1.5)
    raise NotImplementedError(f"the reference has no schedule {name}")


def warmed(
    name: str, s: Mapping[str, Any], base: float, t: int, epoch: int, memory: Mapping[str, float], warmup: int
) -> float:
    """Effective rate of a step."""
    own = rate(name, s, base, max(t - warmup, 0), epoch, memory)
    return own * (t + 1) / (warmup + 1) if t < warmup else own


def _cyclic(s: Mapping[str, Any], base: float, t: int) -> float:
    up, down = s["step_size_up"], s["step_size_down"] or s["step_size_up"]
    cycle = floor(1 + t / (up + down))
    x = 1 + t / (up + down) - cycle
    ratio = up / (up + down)
    height = x / ratio if x <= ratio else (x - 1) / (ratio - 1)
    scale = {"triangular": 1.0, "triangular2": 0.5 ** (cycle - 1), "exp_range": s["gamma"] ** t}[s["mode"]]
    return base + (s["max_lr"] - base) * height * scale


def _one_cycle(s: Mapping[str, Any], base: float, t: int) -> float:
    first = base / s["div_factor"]
    last, total, rise = first / s["final_div_factor"], s["total_steps"], s["pct_start"] * s["total_steps"]
    phases = [(rise - 1, first, base), (total - 1, base, last)]
    if s["three_phase"]:
        phases = [(rise - 1, first, base), (2 * rise - 2, base, first), (total - 1, first, last)]
    start = 0.0
    for end, low, high in phases:
        if t <= end or end == total - 1:
            share = (t - start) / (end - start)
            if s["anneal_strategy"] == "linear":
                return low + (high - low) * share
            return high + (low - high) / 2 * (1 + cos(pi * share))
        start = end
    raise AssertionError("a step lies in one of the phases")


def observed(loss: float, s: Mapping[str, Any], m: Mapping[str, float], base: float) -> dict[str, float]:
    """What plateau remembers after an evaluation (PyTorch's `ReduceLROnPlateau.step`)."""
    best, bad, cooldown, scale = m["best"], m["bad"], m["cooldown"], m["scale"]
    bound = best * (1 - s["threshold"]) if s["threshold_mode"] == "rel" else best - s["threshold"]
    if loss < bound:
        best, bad = loss, 0
    else:
        bad += 1
    if cooldown > 0:
        cooldown, bad = cooldown - 1, 0
    if bad > s["patience"]:
        lower = max(base * scale * s["factor"], s["min_lr"])
        if base * scale - lower > s["eps"]:
            scale = lower / base
        cooldown, bad = s["cooldown"], 0
    return {"best": best, "bad": bad, "cooldown": cooldown, "scale": scale}
