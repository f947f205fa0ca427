"""A layer added where the network is wider keeps the answers, as long as what is read behind it goes through."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from answers import BENT, SAME, STRAIGHT, answers, difference
from nets import CLASSES, IMAGES, VALUES, trainer

from dltui.core import Trainer
from dltui.core.surgery.new_layer import factorize


def notes(made: Trainer) -> str:
    return "; ".join(event.text for event in made.events if event.kind == "note")


@pytest.mark.parametrize("name", STRAIGHT)
@pytest.mark.parametrize("base", [CLASSES, VALUES], ids=["classes", "values"])
def test_a_narrow_layer_before_the_output_changes_nothing(base: dict, name: str) -> None:
    made = trainer(base, 60, network__activation=name, network__hidden=[6, 9])
    made.apply({"optimizer.learning_rate": 1e-3})
    assert difference(made, {"network.hidden": [8, 9, 3]}) <= SAME
    assert "dense3 is new and passes on what the next layer reads" in notes(made)


@pytest.mark.parametrize("name", BENT)
def test_before_a_bent_activation_it_changes_little(name: str) -> None:
    made = trainer(steps=60, network__activation=name, network__hidden=[6, 9])
    assert difference(made, {"network.hidden": [8, 9, 3]}) < 0.05


def test_a_narrow_layer_behind_pictures_changes_nothing() -> None:
    made = trainer(IMAGES, 60)
    tables: list[dict[str, Any]] = [
        {"kind": "reshape", "channels": 1, "height": 4, "width": 4},
        {"kind": "conv2d", "filters": 3},
    ]
    made.apply({"network.layers": tables})
    made.advance(40)
    for added in ([{"kind": "dense", "units": 3}], [{"kind": "dense", "units": 7}, {"kind": "dense", "units": 3}]):
        assert difference(made, {"network.layers": [*tables, *added]}) <= SAME
        made.apply({"network.layers": tables})
        made.advance(40)


def test_with_batch_norm_as_well() -> None:
    made = trainer(steps=60, network__hidden=[9], network__activation="relu")
    made.apply({"network.normalization": "batch_norm"})
    made.advance(20)
    assert difference(made, {"network.hidden": [9, 4]}) <= SAME


def test_too_narrow_a_layer_says_that_the_answers_change_and_changes_them_little() -> None:
    made = trainer(steps=400, network__hidden=[9, 8], network__activation="relu")
    before = answers(made)
    made.apply({"network.hidden": [9, 5, 8]})
    assert "too narrow for what the next layer reads: the answers change" in notes(made)
    known = np.abs(answers(made) - before).mean()
    made.set_parameters({"dense2.weight": np.random.default_rng(0).normal(0, 0.5, (5, 9))})
    assert known < 0.5 * np.abs(answers(made) - before).mean()


def test_state_of_the_optimizer_of_the_layer_that_reads_sums_begins_at_zero() -> None:
    made = trainer(steps=60, network__hidden=[9], network__activation="relu")
    made.apply({"network.hidden": [9, 4]})
    assert not made.network.weights["dense3.weight"].read(made.memory.slots["first_moment"]).any()
    assert made.network.weights["dense3.bias"].read(made.memory.slots["first_moment"]).any()


@pytest.mark.parametrize("most", [1, 2, 3, 5, 6, 9])
def test_two_matrices_come_as_near_to_one_as_so_many_sums_allow(most: int) -> None:
    rng = np.random.default_rng(0)
    weight, bias, x = rng.normal(size=(6, 12)), rng.normal(size=6), rng.normal(size=(80, 12)) + 2.0
    made = factorize(weight, bias, x, most)
    wanted, got = x @ weight.T + bias, x @ made.first.T @ made.second.T + made.bias
    least = np.sqrt((np.linalg.svd(wanted - wanted.mean(axis=0))[1][most:] ** 2).sum())
    assert len(made.first) <= most
    assert np.linalg.norm(got - wanted) == pytest.approx(least, abs=1e-9)
