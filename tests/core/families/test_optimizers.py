"""Every optimizer against PyTorch, step by step over 1,000 recorded gradients; Lion and Muon against their papers."""

from __future__ import annotations

from importlib.util import find_spec
from typing import Any

import numpy as np
import pytest
from references import member_cases as cases
from references import papers

from dltui.core.conformance.updates import OptimizerRun
from dltui.core.kernel.row import StandaloneRow
from dltui.core.registry import families

MEMBERS = families["optimizers"]
HOOKS = families["regularizers"]
RECORDED = cases.recorded()["optimizers"]


class Run:
    """One optimizer over one tensor, after regularizers that act on gradient or weights before it."""

    def __init__(self, name: str, settings: dict[str, Any], rate: float, *args: Any, **options: Any) -> None:
        self.run = OptimizerRun(MEMBERS[name], settings, rate, *args, **options)
        self.w, self.n, self.slots, self.hyper, self.weights = (
            self.run.w,
            self.run.n,
            self.run.slots,
            self.run.hyper,
            self.run.weights,
        )

    def step(self, gradient: np.ndarray, hooks: tuple[tuple[str, float], ...] = ()) -> np.ndarray:
        """One step; hooks are regularizers with their strengths."""
        self.run.begin(gradient)
        for name, strength in hooks:
            if strength:
                hook = HOOKS[name].on_gradient or HOOKS[name].before_update
                row = StandaloneRow().set(w=self.w, gw=self.run.g, n=self.w.size // 16, hyper=[self.hyper[0], strength])
                assert hook
                row.run(hook)
        self.run.row.run(self.run.member.step)
        return self.weights()


def worst_error(run: Run, sequence: np.ndarray, path: np.ndarray, hooks: Any = (), kept: int | None = None) -> float:
    """Largest error of any step, relative to the largest weight of the step."""
    worst = 0.0
    for gradient, theirs in zip(sequence, path, strict=True):
        ours = run.step(gradient, hooks)[:kept]
        worst = max(worst, float(np.abs(ours - theirs).max() / np.abs(theirs).max()))
    assert not run.w[run.n :].any()
    assert all(np.isfinite(slot).all() for slot in run.slots)
    return worst


def parsed(case: str) -> tuple[str, dict[str, float], float]:
    name, *pairs, l2 = case.split()
    return name, {key: float(value) for key, value in (pair.split("=") for pair in pairs)}, float(l2)


@pytest.mark.parametrize("case", RECORDED)
def test_equals_the_recorded_trajectory(case: str, note: Any) -> None:
    name, settings, l2 = parsed(case)
    start, sequence = cases.gradients()
    run = Run(name, settings, cases.RATES.get(name, 0.01), start)
    path = [run.step(gradient, (("l2", 0.0 if name == "adamw" else l2),)) for gradient in sequence]
    ours = np.array([path[step - 1][:8] for step in cases.KEPT_STEPS])
    theirs = np.array(RECORDED[case]).reshape(ours.shape)
    worst = np.max(np.abs(ours - theirs).max(axis=1) / np.abs(theirs).max(axis=1))
    note("optimizers", name, recorded=worst)
    assert worst < 1e-5


if find_spec("torch"):
    import torch
    from references import torch_members

    TORCH_CASES = [
        (name, s, l2) for name, (_, several) in torch_members.OPTIMIZERS.items() for s in several for l2 in cases.L2
    ]

    @pytest.mark.parametrize("name, settings, l2", TORCH_CASES, ids=lambda value: str(value))
    def test_equals_torch(name: str, settings: dict[str, Any], l2: float, note: Any) -> None:
        l2 = 0.0 if name == "adamw" else l2
        start, sequence = cases.gradients()
        rate = cases.RATES.get(name, 0.01)
        path = torch_members.trajectory(name, settings, rate, l2, start, sequence)
        worst = worst_error(Run(name, settings, rate, start), sequence, path, (("l2", l2),))
        note("optimizers", name, torch=worst)
        assert worst < 1e-5

    def test_decoupled_decay_with_adam_is_adamw(note: Any) -> None:
        start, sequence = cases.gradients()
        path = torch_members.trajectory("adamw", {"weight_decay": 0.3}, 0.01, 0.0, start, sequence)
        worst = worst_error(Run("adam", {}, 0.01, start), sequence, path, (("weight_decay", 0.3),))
        assert worst < 1e-5

    def test_decoupled_decay_with_nadam(note: Any) -> None:
        start, sequence = cases.gradients()
        settings = {"weight_decay": 0.3, "decoupled_weight_decay": True}
        w = torch.nn.Parameter(torch.tensor(start))
        optimizer = torch.optim.NAdam([w], lr=0.01, **settings)
        run = Run("nadam", {}, 0.01, start)
        for gradient in sequence[:200]:
            w.grad = torch.tensor(gradient)
            optimizer.step()
            run.step(gradient, (("weight_decay", 0.3),))
        assert np.abs(run.weights() - w.detach().numpy()).max() < 1e-5 * np.abs(start).max()

    @pytest.mark.parametrize("shape", [(5, 7), (7, 5), (16, 16), (20, 3), (33, 18)])
    def test_muon_is_near_torch_in_half_the_digits(shape: tuple[int, int]) -> None:
        """PyTorch iterates in bfloat16: two digits."""
        gradient = np.random.default_rng(3).normal(size=shape)
        run = Run("muon", {"weight_decay": 0.0}, 0.02, np.zeros(shape), matrix=True)
        ours = -run.step(gradient)
        theirs = torch_members.muon_step(shape, gradient, 0.02)
        assert np.linalg.norm(ours - theirs) < 0.03 * np.linalg.norm(theirs)


@pytest.mark.parametrize("settings", [{}, {"beta1": 0.8, "beta2": 0.95, "weight_decay": 0.3}], ids=str)
def test_lion_equals_its_paper(settings: dict[str, float], note: Any) -> None:
    """Each step from our own state: where the average is zero but for rounding, its sign is anybody's."""
    start, sequence = cases.gradients()
    run = Run("lion", settings, 0.001, start)
    worst, n_compared = 0.0, 0
    for gradient in sequence:
        before, average = run.weights(), run.slots[0][: run.n].astype(np.float64)
        ours = run.step(gradient)
        w, m, direction = papers.lion_step(settings, 0.001, before, average, gradient)
        clear = np.abs(direction) > 1e-6 * np.abs(gradient)
        n_compared += int(clear.sum())
        worst = max(worst, np.abs(ours - w)[clear].max(), np.abs(run.slots[0][: run.n] / m - 1)[clear].max() * 0.01)
    note("optimizers", "lion", paper=worst)
    assert worst < 1e-6
    assert n_compared > 0.99 * sequence.size
    assert not run.w[run.n :].any()


MUON_SETTINGS: tuple[dict[str, Any], ...] = (
    {},
    {"momentum": 0.8, "weight_decay": 0.5},
    {"adjust_lr_fn": "match_rms_adamw", "weight_decay": 0.0},
    {"beta2": 0.9, "eps": 1e-4},
)


@pytest.mark.parametrize("settings", MUON_SETTINGS, ids=str)
@pytest.mark.parametrize("shape", [(5, 7), (7, 5), (16, 16), (1, 9), (20, 3), (37,)], ids=str)
def test_muon_equals_its_paper(shape: tuple[int, ...], settings: dict[str, Any], note: Any) -> None:
    start, sequence = cases.gradients(shape)
    sequence = sequence[:200]
    path = papers.muon(settings, 0.01, start, sequence)
    worst = worst_error(Run("muon", settings, 0.01, start, matrix=len(shape) > 1), sequence, path)
    note("optimizers", "muon", **{"paper" if len(shape) > 1 else "paper vector": worst})
    assert worst < 1e-5


def test_muon_makes_a_matrix_orthogonal() -> None:
    gradient = np.random.default_rng(3).normal(size=(24, 10))
    run = Run("muon", {"weight_decay": 0.0, "adjust_lr_fn": "original"}, 1.0, np.zeros((24, 10)), matrix=True)
    values = np.linalg.svd(-run.step(gradient) / 2.4**0.5, compute_uv=False)
    assert (values > 0.6).all()
    assert (values < 1.3).all()


@pytest.mark.parametrize("name", ["adam", "nadam", "radam"])
def test_bias_correction_far_into_a_run(name: str) -> None:
    """The shortcut for a power that is lost beside 1 must not show."""
    gradient = np.ones(16)
    ends = []
    for t in (39_990.0, 40_020.0):
        run = Run(name, {}, 0.01, np.zeros(16))
        run.hyper[1] = t
        ends.append(run.step(gradient))
    assert np.allclose(ends[0], ends[1], rtol=1e-4)
