"""Every loss: its gradient by finite differences, its value and gradient as PyTorch has them, and its edges."""

from __future__ import annotations

from importlib.util import find_spec
from typing import Any

import numpy as np
import pytest
from references import member_cases as cases

from dltui.core.conformance.slopes import loss_error, n_outputs, run_loss
from dltui.core.kernel.arrays import aligned
from dltui.core.registry import families

MEMBERS = families["losses"]
RECORDED = cases.recorded()["losses"]
CASES = [(name, task, n_rows) for name, member in MEMBERS.items() for task in member.tasks for n_rows in (1, 13, 37)]
every_case = pytest.mark.parametrize("name, task, n_rows", CASES)
every_loss = pytest.mark.parametrize("name", MEMBERS)


def n_out(name: str, task: str) -> int:
    return n_outputs(MEMBERS[name], task)


def run(name: str, *args: Any, **options: Any) -> tuple[float, np.ndarray, float, np.ndarray]:
    return run_loss(MEMBERS[name], *args, **options)


def class_weights(name: str, task: str) -> np.ndarray | None:
    """Weights of the classes, or None where the loss counts all alike."""
    classes = 2 if MEMBERS[name].outputs == "single" else n_out(name, task)
    return cases.CLASS_WEIGHTS[:classes] if MEMBERS[name].weighs_classes else None


def test_weighted_binary_cross_entropy_is_that_of_two_logits() -> None:
    x, t = cases.loss_inputs("classes", 37, 1)
    weight = cases.CLASS_WEIGHTS[:2]
    one = run("binary_cross_entropy", x, t, weight=weight)
    two = run("cross_entropy", np.hstack([np.zeros_like(x), x]), np.hstack([1.0 - t, t]), weight=weight)
    assert one[0] == pytest.approx(two[0], rel=1e-6)
    assert one[1] == pytest.approx(two[1][:, 1:], abs=1e-7)
    assert one[2] == pytest.approx(two[2], rel=1e-6)


@every_case
@pytest.mark.parametrize("kind", ["plain", "mixed", "weighted"])
def test_gradient_is_the_slope(name: str, task: str, n_rows: int, kind: str, note: Any) -> None:
    x, t = cases.loss_inputs(task, n_rows, n_out(name, task))
    if kind == "mixed" and task == "classes":
        t = (0.8 * t + 0.2 * np.roll(t, 1, axis=0) * 0.5 + 0.05).astype(np.float32).astype(np.float64)
    weight = class_weights(name, task) if kind == "weighted" else None
    note("losses", name, differences=loss_error(MEMBERS[name], x, t, weight))


def close(name: str, ours: tuple[Any, ...], value: float, dx: np.ndarray, note: Any, column: str) -> None:
    size = np.abs(dx).max() or 1.0
    errors = abs(ours[0] - value) / max(abs(value), 1e-3), np.abs(ours[1] - dx.reshape(ours[1].shape)).max() / size
    note("losses", name, **{column: max(errors)})
    assert max(errors) < 2e-6


def test_equals_the_recorded_answers(note: Any) -> None:
    for case, answer in RECORDED.items():
        name, n_rows, *weighted = case.split()
        task = MEMBERS[name].tasks[0]
        x, t = cases.loss_inputs(task, int(n_rows), n_out(name, task))
        ours = run(name, x, t, weight=cases.CLASS_WEIGHTS if weighted else None)
        close(name, ours, answer["loss"], np.array(answer["dx"]), note, "recorded")


if find_spec("torch"):
    from references import torch_members

    @every_case
    def test_equals_torch(name: str, task: str, n_rows: int, note: Any) -> None:
        if name in torch_members.LOSSES:
            x, t = cases.loss_inputs(task, n_rows, n_out(name, task))
            several: list[dict[str, float]] = [{}]
            several += [{param.name: 0.5} for param in MEMBERS[name].params if isinstance(param.default, float)]
            for settings in several:
                close(
                    name, run(name, x, t, settings=settings), *torch_members.loss(name, settings, x, t), note, "torch"
                )

    def test_class_weights_equal_torch(note: Any) -> None:
        x, t = cases.loss_inputs("classes", 37, 4)
        theirs = torch_members.loss("cross_entropy", {}, x, t, cases.CLASS_WEIGHTS)
        close("cross_entropy", run("cross_entropy", x, t, weight=cases.CLASS_WEIGHTS), *theirs, note, "torch")


@every_case
def test_lanes_without_a_sample_count_for_nothing(name: str, task: str, n_rows: int) -> None:
    x, t = cases.loss_inputs(task, n_rows, n_out(name, task))
    plain, noisy = run(name, x, t), run(name, x, t, spare=2, junk=1e9)
    assert plain[0] == noisy[0]
    assert np.array_equal(plain[1], noisy[1])
    assert not plain[3].any()
    assert not noisy[3].any()
    assert plain[2] == n_rows


@every_loss
def test_large_outputs_stay_finite(name: str) -> None:
    task = MEMBERS[name].tasks[0]
    x, t = cases.loss_inputs(task, 37, n_out(name, task))
    value, dx, _, _ = run(name, x * 1e4, t)
    assert np.isfinite(value)
    assert np.isfinite(dx).all()


@every_loss
def test_nan_reaches_the_loss(name: str) -> None:
    task = MEMBERS[name].tasks[0]
    x, t = cases.loss_inputs(task, 37, n_out(name, task))
    x[20, 0] = np.nan
    assert np.isnan(run(name, x, t)[0])


@every_loss
def test_a_perfect_answer_has_no_gradient(name: str) -> None:
    task = MEMBERS[name].tasks[0]
    _, t = cases.loss_inputs(task, 37, n_out(name, task))
    x = (t * 2.0 - 1.0) * 50.0 if task == "classes" else t
    value, dx, _, _ = run(name, x, t)
    assert value == pytest.approx(0.0, abs=1e-12)
    assert np.abs(dx).max() == pytest.approx(0.0, abs=1e-12)


@every_loss
def test_predictions_have_the_shape_of_the_outputs(name: str) -> None:
    member = MEMBERS[name]
    x, _ = cases.loss_inputs(member.tasks[0], 37, n_out(name, member.tasks[0]))
    y = member.link(x.astype(np.float32))
    assert y.shape == x.shape
    assert y.dtype == np.float64
    if member.tasks == ("classes",):
        assert ((y >= 0) & (y <= 1)).all()
        if member.outputs != "single":
            assert np.allclose(y.sum(axis=1), 1.0)


def test_no_weight_at_all_is_no_loss() -> None:
    x, t = cases.loss_inputs("classes", 13, 4)
    value, dx, total, _ = run("cross_entropy", x, t, weight=np.zeros(4))
    assert (value, total) == (0.0, 0.0)
    assert not dx.any()


def test_floats_are_aligned() -> None:
    assert aligned(5).ctypes.data % 64 == 0
