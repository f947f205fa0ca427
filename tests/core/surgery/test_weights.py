"""How a layer of weighted sums reads channels that were copied, moved or thinned out: its sums stay what they were."""

from __future__ import annotations

import numpy as np
import pytest
from nets import IMAGES, trainer

from dltui.core.surgery import weights as module
from dltui.core.surgery.lineage import Lineage, copies
from dltui.core.surgery.side import Side
from dltui.core.surgery.weights import (
    fitted,
    is_matrix,
    read_sums,
    strength,
    sums_of_constants,
    sums_shape,
    through,
    write_sums,
)

RNG = np.random.default_rng(6)


def sums(weight: np.ndarray, values: np.ndarray) -> np.ndarray:
    """Weighted sums of values (n, channels, window …)."""
    return np.tensordot(values, weight, (range(1, weight.ndim), range(1, weight.ndim)))


NOTHING = np.full(4, np.nan)


@pytest.mark.parametrize("window", [(), (3,), (2, 2)], ids=str)
@pytest.mark.parametrize("origin", [[2, 0, 1, 1, 0], [1, 1, 1, 0, 2], [0, 1, 2]], ids=str)
def test_copies_and_moves_leave_every_sum_as_it_was(window: tuple[int, ...], origin: list[int]) -> None:
    old, values = RNG.normal(size=(6, 3, *window)), RNG.normal(size=(20, 3, *window))
    new, added = through(
        lambda rows: old[rows.start : rows.stop],
        (6, len(origin), *window),
        copies(np.array(origin), 3),
        np.full(len(origin), np.nan),
        seed=3,
        name="dense2",
    )
    np.testing.assert_allclose(sums(new, values[:, origin]), sums(old, values), rtol=1e-5, atol=1e-5)
    assert not added.any()


def test_a_channel_that_always_holds_the_same_is_read_and_taken_back() -> None:
    old, values = RNG.normal(size=(5, 2)), RNG.normal(size=(20, 2))
    steady = np.array([np.nan, np.nan, 0.7])
    new, added = through(
        lambda rows: old[rows.start : rows.stop], (5, 3), copies(np.array([0, 1, -1]), 2), steady, 1, "dense2"
    )
    given = np.c_[values, np.full(20, 0.7)]
    np.testing.assert_allclose(sums(new, given) - added, sums(old, values), rtol=1e-5, atol=1e-5)
    assert np.abs(new[:, 2]).min() > 0, "it is listened to, so that it learns"


def test_large_weights_are_worked_on_in_blocks(monkeypatch: pytest.MonkeyPatch) -> None:
    old, lineage = RNG.normal(size=(40, 6)), Lineage(np.array([0, 0, 1, 2, 3, 4, 5]), np.ones(7), np.zeros(7), 6)
    whole = through(lambda rows: old[rows.start : rows.stop], (40, 7), lineage, np.full(7, np.nan), 3, "dense2")[0]
    asked: list[range] = []

    def rows(some: range) -> np.ndarray:
        asked.append(some)
        return old[some.start : some.stop]

    monkeypatch.setattr(module, "BLOCK", 21)
    parts = through(rows, (40, 7), lineage, np.full(7, np.nan), 3, "dense2")[0]
    assert np.array_equal(whole, parts) and len(asked) == 14 and {len(some) for some in asked} == {3, 1}


@pytest.mark.parametrize("kind", ["conv2d", "conv_transpose2d", "dense"])
def test_sums_are_read_and_written_with_outputs_first(kind: str) -> None:
    layers = [
        {"kind": "reshape", "channels": 1, "height": 4, "width": 4},
        {"kind": "dense", "units": 3} if kind == "dense" else {"kind": kind, "filters": 3},
    ]
    made = trainer({**IMAGES, "network": {"layers": layers}})
    stage = next(stage for stage in made.state.network.stages if stage.sums is not None)
    memory = made.memory.weights.copy()
    weight, bias = read_sums(stage, memory)
    assert weight.shape == sums_shape(stage) and weight.shape[0] == 3 == len(bias)
    assert is_matrix(stage) == (kind == "dense")
    before = memory.copy()
    write_sums(stage, memory, weight, bias)
    assert np.array_equal(memory, before)
    write_sums(stage, memory, weight * 2, bias + 1)
    again, other = read_sums(stage, memory)
    assert np.array_equal(again, weight * 2) and np.array_equal(other, bias + 1)


def test_the_strength_of_a_unit_is_that_of_the_weights_that_read_it() -> None:
    made = trainer(network__hidden=[5, 4])
    weight = made.parameters["dense2.weight"]
    np.testing.assert_allclose(
        strength(made.state.network, made.memory.weights, 0, 5), np.linalg.norm(weight, axis=0), rtol=1e-6
    )
    last = len(made.state.network.stages) - 1
    assert strength(made.state.network, made.memory.weights, last, 3).tolist() == [3.0, 2.0, 1.0]


def test_sums_of_constants_are_known_where_no_edge_disturbs_them() -> None:
    dense = trainer(network__hidden=[5])
    state = dense.state
    side = Side(state, state.network, state.memory.weights, state.memory.buffers)
    values = RNG.normal(size=2)
    assert sums_of_constants(side, 0, values) == pytest.approx(dense.parameters["dense1.weight"] @ values, rel=1e-5)
    for padding, known in ((0, True), (1, False)):
        conv = {"kind": "conv2d", "filters": 3, "kernel": 3, "padding": padding}
        layers = [{"kind": "reshape", "channels": 1, "height": 4, "width": 4}, conv, {"kind": "flatten"}]
        state = trainer({**IMAGES, "network": {"layers": layers}}).state
        side = Side(state, state.network, state.memory.weights, state.memory.buffers)
        at = next(k for k, stage in enumerate(state.network.stages) if stage.name == "conv1")
        assert (sums_of_constants(side, at, np.array([0.5])) is not None) == known


def test_a_fit_finds_the_weights_that_come_nearest() -> None:
    old = RNG.normal(size=(200, 3))
    new = np.c_[old @ RNG.normal(size=(3, 3)) + 1.5, RNG.normal(size=200)]
    weight, bias = RNG.normal(size=(4, 3)), RNG.normal(size=4)
    found, shifted = fitted(weight, bias, new, old)
    np.testing.assert_allclose(new @ found.T + shifted, old @ weight.T + bias, rtol=1e-6, atol=1e-6)
