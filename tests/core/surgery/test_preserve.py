"""Changing the network in the middle of a run leaves its answers as they are, wherever that can be done."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from answers import BENT, SAME, STRAIGHT, answers, difference
from nets import CLASSES, IMAGES, VALUES, trainer

from dltui.core import ConfigError, Trainer, families

EVERY = tuple(name for name in sorted(families["activations"]) if name != "softmax")
"""Softmax looks at all units at once, so that a copy takes its share of the sum."""


@pytest.mark.parametrize("name", EVERY)
def test_batch_norm_can_be_inserted(name: str) -> None:
    made = trainer(steps=60, network__activation=name)
    assert difference(made, {"network.normalization": "batch_norm"}) <= SAME


@pytest.mark.parametrize("name", EVERY)
def test_batch_norm_can_be_removed(name: str) -> None:
    made = trainer(steps=60, network__activation=name, network__normalization="batch_norm")
    assert difference(made, {"network.normalization": "none"}) <= SAME


@pytest.mark.parametrize("name", EVERY)
@pytest.mark.parametrize("base", [CLASSES, VALUES], ids=["classes", "values"])
def test_layers_can_be_widened(base: dict, name: str) -> None:
    made = trainer(base, 60, network__activation=name)
    assert difference(made, {"network.hidden": [9, 13]}) <= SAME


@pytest.mark.parametrize("name", STRAIGHT)
def test_a_layer_can_be_added_where_the_activation_has_a_straight_part(name: str) -> None:
    made = trainer(steps=60, network__activation=name)
    assert difference(made, {"network.hidden": [5, 4, 4]}) <= SAME


@pytest.mark.parametrize("name", BENT)
def test_a_layer_added_before_a_bent_activation_changes_little(name: str) -> None:
    made = trainer(steps=60, network__activation=name)
    assert difference(made, {"network.hidden": [5, 4, 4]}) < 0.05


def test_a_layer_can_be_put_in_the_middle() -> None:
    made = trainer(steps=60, network__activation="relu", network__hidden=[6, 3])
    kept = made.parameters
    assert difference(made, {"network.hidden": [6, 7, 3]}) <= SAME
    assert made.parameters["dense3.weight"].shape == (3, 7)
    assert kept["dense2.weight"].shape == (3, 6)


def test_width_depth_and_normalization_can_change_at_once() -> None:
    made = trainer(steps=60, network__activation="relu")
    changes = {"network.hidden": [8, 8, 9], "network.normalization": "batch_norm"}
    assert difference(made, changes) <= SAME


def images(**changes: Any) -> Trainer:
    return trainer(IMAGES, 60, **changes)


@pytest.mark.parametrize("name", EVERY)
def test_filters_can_be_added(name: str) -> None:
    assert difference(images(network__activation=name), {"network.layers.1.filters": 7}) <= SAME


@pytest.mark.parametrize("name", ["relu", "tanh", "elu"])
def test_batch_norm_can_be_inserted_and_removed_among_filters(name: str) -> None:
    made = images(network__activation=name)
    assert difference(made, {"network.normalization": "batch_norm"}) <= SAME
    assert difference(made, {"network.layers.1.filters": 5}) <= SAME
    assert difference(made, {"network.normalization": "none"}) <= SAME


def layers(*tables: dict[str, Any]) -> dict[str, Any]:
    return {"network.layers": [{"kind": "reshape", "channels": 1, "height": 4, "width": 4}, *tables]}


CONV = {"kind": "conv2d", "filters": 3}
POOL = {"kind": "max_pool", "kernel": 2}
DENSE = {"kind": "dense", "units": 5}
NORM = {"kind": "batch_norm"}


def test_a_convolution_can_be_added() -> None:
    added = {"kind": "conv2d", "filters": 4, "padding": 1}
    assert difference(images(), layers(CONV, added, DENSE)) <= SAME


@pytest.mark.parametrize(
    "tables",
    [(NORM, CONV, DENSE), (CONV, NORM, DENSE), (CONV, POOL, NORM, DENSE), (CONV, POOL, DENSE, NORM)],
    ids=["inputs", "images", "pooled", "units"],
)
def test_a_layer_of_batch_norm_can_be_inserted_and_removed_anywhere(tables: tuple[dict, ...]) -> None:
    plain = tuple(table for table in tables if table is not NORM)
    made = trainer(IMAGES)
    made.apply(layers(*plain))
    made.advance(40)
    assert difference(made, layers(*tables)) <= SAME
    assert difference(made, layers(*plain)) <= SAME


def test_while_training_on_the_full_batch_inserted_batch_norm_changes_nothing_either() -> None:
    made = trainer(steps=60, training__batch_size="full")
    event = made.apply({"network.normalization": "batch_norm"})
    assert event is not None
    assert event.after == pytest.approx(event.before, rel=1e-5)


def test_while_training_widening_changes_nothing_either() -> None:
    made = trainer(steps=60, network__normalization="batch_norm")
    event = made.apply({"network.hidden": [9, 13]})
    assert event is not None
    assert event.after == pytest.approx(event.before, rel=1e-5)


def test_layer_norm_cannot_be_exact_and_comes_nearer_than_one_that_begins_anew() -> None:
    made = trainer(steps=400, network__hidden=[16])
    before = answers(made)
    made.apply({"network.normalization": "layer_norm"})
    jump = np.abs(answers(made) - before).mean()
    made.set_parameters({"layernorm1.weight": np.ones(16), "layernorm1.bias": np.zeros(16)})
    assert jump < 0.7 * np.abs(answers(made) - before).mean()
    made.advance(100)
    before = answers(made)
    made.apply({"network.normalization": "none"})
    assert np.abs(answers(made) - before).mean() < 0.1


def test_evenly_doubled_units_keep_layer_norm_exact() -> None:
    made = trainer(steps=60, network__hidden=[5], network__normalization="layer_norm")
    assert difference(made, {"network.hidden": [10]}) <= SAME


def test_copies_drift_apart() -> None:
    made = trainer(steps=60, network__hidden=[4], optimizer__name="sgd")
    made.apply({"network.hidden": [12]})
    made.advance(50)
    rows = made.parameters["dense1.weight"]
    assert len(np.unique(np.round(rows, 6), axis=0)) == 12


def test_a_smaller_layer_keeps_the_units_most_listened_to() -> None:
    made = trainer(steps=200, network__hidden=[8])
    weights = made.parameters
    strongest = np.sort(np.argsort(-np.linalg.norm(weights["dense2.weight"], axis=0))[:5])
    made.apply({"network.hidden": [5]})
    assert made.parameters["dense1.weight"] == pytest.approx(weights["dense1.weight"][strongest])


def test_a_layer_taken_out_is_replaced_as_well_as_can_be() -> None:
    made = trainer(steps=200, network__hidden=[8, 8], network__activation="identity")
    assert difference(made, {"network.hidden": [8]}) < 1e-4


def test_state_of_the_optimizer_is_carried_for_old_units_and_zero_for_new() -> None:
    made = trainer(steps=60, network__hidden=[4])
    slot = made.network.weights["dense1.weight"]
    before = slot.read(made.memory.slots["first_moment"])
    made.apply({"network.hidden": [7]})
    after = made.network.weights["dense1.weight"].read(made.memory.slots["first_moment"])
    assert np.array_equal(after[:4], before)
    assert not after[4:].any()
    outgoing = made.network.weights["dense2.weight"].read(made.memory.slots["first_moment"])
    assert outgoing[:, :4].all()
    assert not outgoing[:, 4:].any()


def test_the_average_and_the_best_weights_are_changed_alike() -> None:
    made = trainer(steps=60, averaging__name="swa", training__early_stopping=50)
    assert made.state.stopper.weights is not None
    assert difference(made, {"network.hidden": [9, 13]}) <= SAME
    assert difference(made, {"network.normalization": "batch_norm"}) <= SAME
    best = made.state.stopper
    assert best.weights is not None
    assert best.weights.size == made.memory.weights.size


@pytest.mark.parametrize("activation", ["relu", "leaky_relu", "celu"])
def test_an_average_with_batch_normalization_answers_as_before_when_a_layer_is_added(activation: str) -> None:
    """What stands behind the new normalization is measured with the statistics an evaluation of averages will use."""
    made = trainer(
        steps=60,
        averaging__name="swa",
        network__hidden=[5, 4],
        network__activation=activation,
        network__normalization="batch_norm",
    )
    assert difference(made, {"network.hidden": [5, 4, 4]}) <= SAME


def test_the_same_seed_grows_the_same_way() -> None:
    twins = [trainer(steps=30) for _ in range(2)]
    for twin in twins:
        twin.apply({"network.hidden": [9, 9]})
        twin.advance(20)
    assert twins[0].digest() == twins[1].digest()


KINDS = (
    {"kind": "dense", "units": 5},
    {"kind": "dense", "units": 9, "activation": "elu"},
    {"kind": "conv2d", "filters": 3, "padding": 1},
    {"kind": "conv2d", "filters": 4, "kernel": 2},
    {"kind": "conv_transpose2d", "filters": 2},
    {"kind": "max_pool"},
    {"kind": "upsample"},
    {"kind": "flatten"},
    {"kind": "dropout"},
    {"kind": "batch_norm"},
    {"kind": "layer_norm"},
)


@pytest.mark.parametrize("seed", range(8))
def test_any_network_can_become_any_other(seed: int) -> None:
    rng = np.random.default_rng(seed)
    made = trainer(IMAGES, averaging__name="ema", averaging__decay=0.5, training__early_stopping=9)
    done = 0
    for _ in range(25):
        tables = [KINDS[k] for k in rng.integers(0, len(KINDS), rng.integers(0, 6))]
        changes = layers(*tables)
        changes["network.normalization"] = str(rng.choice(["none", "batch_norm", "layer_norm"]))
        changes["network.activation"] = str(rng.choice(["relu", "tanh", "prelu", "softmax"]))
        before = made.digest()
        try:
            made.apply(changes)
        except ConfigError as error:
            assert "the change failed" not in str(error)
            assert made.digest() == before
            continue
        assert made.memory.sound
        made.advance(2)
        done += 1
    assert done >= 5
