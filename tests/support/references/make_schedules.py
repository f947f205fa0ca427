"""Records the learning rates of PyTorch's schedulers over 1,000 steps, a point where each may be looked at.

Where PyTorch has no scheduler of the kind, its LambdaLR is given the paper's formula. Run: python
tests/support/references/make_schedules.py
"""

from __future__ import annotations

import math
import warnings
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

N_STEPS = 1000
STEPS_PER_EPOCH = 10
STEPS_PER_EVALUATION = 5
KEPT = np.array(sorted({*range(40), *range(40, N_STEPS, 7), N_STEPS - 1}))
"""Steps whose rates are stored."""
FILE = Path(__file__).parent / "schedules.npz"


@dataclass(frozen=True)
class Case:
    """One setting of one schedule, and how PyTorch is asked for the same."""

    schedule: str
    make: Callable
    """(torch.optim.lr_scheduler, optimizer) -> scheduler."""
    base: float = 0.1
    """The rate PyTorch's optimizer starts with, and ours."""
    settings: dict = field(default_factory=dict)
    end: int = N_STEPS
    """Step from which the schedule holds its last value, where PyTorch's rises again or raises."""
    warmup: int = 0
    noisy: int = -1
    """Seed of the losses a plateau reads; -1 for the others."""


def formula(function):
    """PyTorch's LambdaLR over a formula of the step."""
    return lambda lr, optimizer: lr.LambdaLR(optimizer, function)


def behind_warmup(n_steps, make):
    """A scheduler behind PyTorch's linear warmup."""

    def made(lr, optimizer):
        rise = lr.LinearLR(optimizer, start_factor=1 / (n_steps + 1), total_iters=n_steps)
        return lr.SequentialLR(optimizer, [rise, make(lr, optimizer)], milestones=[n_steps])

    return made


def plateau(**settings):
    return lambda lr, optimizer: lr.ReduceLROnPlateau(optimizer, **settings)


def one_cycle(base, **settings):
    return lambda lr, optimizer: lr.OneCycleLR(optimizer, max_lr=base, cycle_momentum=False, **settings)


def cyclic(base, **settings):
    return lambda lr, optimizer: lr.CyclicLR(optimizer, base_lr=base, cycle_momentum=False, **settings)


def _case(schedule, name, settings, **more):
    return Case(schedule, lambda lr, optimizer: getattr(lr, name)(optimizer, **settings), settings=settings, **more)


CYCLES = [
    {"max_lr": 0.5, "step_size_up": 100, "mode": "triangular"},
    {"max_lr": 0.3, "step_size_up": 70, "step_size_down": 31, "mode": "triangular2"},
    {"max_lr": 0.3, "step_size_up": 50, "mode": "exp_range", "gamma": 0.995},
]
ONE_CYCLES: list[dict[str, Any]] = [
    {"total_steps": 1000},
    {"total_steps": 600, "pct_start": 0.21, "anneal_strategy": "linear", "div_factor": 10.0, "final_div_factor": 100.0},
    {"total_steps": 1000, "pct_start": 0.4, "three_phase": True},
]
PLATEAUS: list[dict[str, Any]] = [
    {"factor": 0.5, "patience": 3},
    {"factor": 0.3, "patience": 1, "threshold": 0.05, "threshold_mode": "abs", "cooldown": 4},
    {"factor": 0.5, "patience": 0, "threshold": 0.02, "min_lr": 0.004},
    {"factor": 0.7, "patience": 1, "cooldown": 2, "eps": 0.005},
]

CASES: dict[str, Case] = {
    "constant": Case("constant", formula(lambda t: 1.0)),
    "time_decay": Case("time_decay", formula(lambda t: 1 / (1 + 0.01 * t)), settings={"decay": 0.01}),
    "time_decay slow": Case("time_decay", formula(lambda t: 1 / (1 + 1e-4 * t)), 3.0, {"decay": 1e-4}),
    "step": _case("step", "StepLR", {"step_size": 300, "gamma": 0.1}),
    "step short": _case("step", "StepLR", {"step_size": 7, "gamma": 0.9}),
    "exponential": _case("exponential", "ExponentialLR", {"gamma": 0.999}),
    "exponential fast": _case("exponential", "ExponentialLR", {"gamma": 0.9}),
    "multistep": _case("multistep", "MultiStepLR", {"milestones": (100, 500, 900), "gamma": 0.1}),
    "multistep unsorted": _case("multistep", "MultiStepLR", {"milestones": (500, 20, 20), "gamma": 0.5}),
    "cosine": _case("cosine", "CosineAnnealingLR", {"T_max": 999, "eta_min": 0.0}),
    "cosine held": _case("cosine", "CosineAnnealingLR", {"T_max": 300, "eta_min": 0.01}, end=300),
    "warm_restarts": _case("warm_restarts", "CosineAnnealingWarmRestarts", {"T_0": 130}),
    "warm_restarts longer": _case("warm_restarts", "CosineAnnealingWarmRestarts", {"T_0": 10, "T_mult": 2}),
    "warm_restarts tripled": _case(
        "warm_restarts", "CosineAnnealingWarmRestarts", {"T_0": 7, "T_mult": 3, "eta_min": 0.003}
    ),
    **{f"cyclic {settings['mode']}": Case("cyclic", cyclic(0.1, **settings), settings=settings) for settings in CYCLES},
    **{
        f"one_cycle {number}": Case("one_cycle", one_cycle(0.1, **settings), settings=settings, end=end)
        for number, (settings, end) in enumerate(zip(ONE_CYCLES, (1000, 599, 1000), strict=True))
    },
    "linear": _case("linear", "LinearLR", {"start_factor": 1.0, "end_factor": 0.01, "total_iters": 400}),
    "linear rising": _case("linear", "LinearLR", {"start_factor": 1 / 3, "end_factor": 1.0, "total_iters": 990}),
    "polynomial": _case("polynomial", "PolynomialLR", {"total_iters": 700, "power": 1.0}),
    "polynomial curved": _case("polynomial", "PolynomialLR", {"total_iters": 1200, "power": 2.5}),
    "inverse_sqrt": Case("inverse_sqrt", formula(lambda t: (1 + t / 50) ** -0.5), settings={"timescale": 50}),
    "inverse_sqrt default": Case("inverse_sqrt", formula(lambda t: math.sqrt(1000 / (1000 + t)))),
    "noam": Case(
        "noam",
        formula(lambda t: 64**-0.5 * min((t + 1) ** -0.5, (t + 1) * 100**-1.5)),
        1.0,
        {"d_model": 64, "peak_step": 100},
    ),
    "noam default": Case("noam", formula(lambda t: 512**-0.5 * min((t + 1) ** -0.5, (t + 1) * 4000**-1.5)), 1.0),
    "lambda": Case("lambda", formula(lambda t: 0.999**t)),
    "lambda of epochs": Case(
        "lambda",
        formula(lambda t: 0.5 ** (t // STEPS_PER_EPOCH // 20) * (1 + 0.5 * math.sin(t / 30))),
        settings={"expression": "base * 0.5 ** (epoch // 20) * (1 + 0.5 * sin(step / 30))"},
    ),
    "lambda in two parts": Case(
        "lambda",
        formula(lambda t: t / 100 if t < 100 else math.exp(-t / 400)),
        settings={"expression": "base * (step / 100 if step < 100 else exp(-step / 400))"},
    ),
    **{
        f"plateau {number}": Case("plateau", plateau(**settings), settings=settings, noisy=number)
        for number, settings in enumerate(PLATEAUS)
    },
    "warmup before step": Case(
        "step",
        behind_warmup(50, lambda lr, optimizer: lr.StepLR(optimizer, step_size=200, gamma=0.5)),
        settings={"step_size": 200, "gamma": 0.5},
        warmup=50,
    ),
    "warmup before exponential": Case(
        "exponential",
        behind_warmup(9, lambda lr, optimizer: lr.ExponentialLR(optimizer, gamma=0.99)),
        settings={"gamma": 0.99},
        warmup=9,
    ),
    "warmup before constant": Case(
        "constant",
        behind_warmup(100, lambda lr, optimizer: lr.ConstantLR(optimizer, factor=1.0)),
        warmup=100,
    ),
}
"""What is compared; every schedule has to appear."""


def losses(seed: int) -> np.ndarray:
    """Noisy evaluation losses that stop falling: whole hundredths, from a generator written out here."""
    state, found = seed + 1, []
    for number in range(N_STEPS // STEPS_PER_EVALUATION):
        state = state * 1103515245 % 2**31 + 12345
        found.append(round(2.0 / (1 + number / 15) + 0.3 * (state >> 8) / 2**23, 2))
    return np.array(found)


def ours(settings: dict) -> dict:
    """PyTorch's names of settings as ours: T_0 -> t_0."""
    return {name.lower(): value for name, value in settings.items()}


def derive(case: Case) -> np.ndarray:
    """The rate PyTorch uses at each of the steps, float64 (N_STEPS,)."""
    import torch
    from torch.optim import lr_scheduler

    optimizer = torch.optim.SGD([torch.nn.Parameter(torch.zeros(1))], lr=case.base)
    rates = []
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        scheduler = case.make(lr_scheduler, optimizer)
        seen = losses(case.noisy)
        for t in range(N_STEPS):
            rates.append(float(optimizer.param_groups[0]["lr"]))
            optimizer.step()
            if case.noisy < 0 and t < min(case.end, N_STEPS - 1):
                scheduler.step()
            elif case.noisy >= 0 and (t + 1) % STEPS_PER_EVALUATION == 0:
                scheduler.step(seen[t // STEPS_PER_EVALUATION])
    return np.array(rates)


if __name__ == "__main__":
    np.savez_compressed(FILE, **{name: derive(case)[KEPT] for name, case in CASES.items()})
    print(f"{FILE.name}: {len(CASES)} trajectories, {FILE.stat().st_size} bytes")
