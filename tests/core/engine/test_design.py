"""From a Config to the stages of its network: order, names, shapes, and where everything lies."""

from __future__ import annotations

from typing import Any

import pytest
from nets import config

from dltui.core import Config, ConfigError, families
from dltui.core.engine.design import MAX_PARAMETERS, design, resolve_loss, with_blends
from dltui.core.engine.network import Blend, Network
from dltui.core.simd import LANES


def designed(
    *layers: dict[str, Any], shape: tuple[int, ...] = (2,), task: str = "classes", n: int = 3, **network: Any
) -> Network:
    return design(Config.from_dict({"network": {"layers": list(layers), **network}}), shape, task, n)


def names(network: Network) -> list[str]:
    return [stage.name for stage in network.stages]


DENSE = {"kind": "dense", "units": 5}


def test_hidden_layers_get_the_activation_and_the_output_layer_the_losses() -> None:
    made = design(config(network__hidden=[5, 4], network__activation="relu"), (2,), "classes", 3)
    assert names(made) == ["dense1", "dense1.relu", "dense2", "dense2.relu", "dense3"]
    assert [stage.output for stage in made.stages] == [(5,), (5,), (4,), (4,), (3,)]
    assert made.n_outputs == 3
    assert made.loss.name == "cross_entropy"


def test_a_stage_takes_what_the_one_before_it_gives() -> None:
    made = designed(
        {"kind": "conv2d", "filters": 4},
        {"kind": "max_pool"},
        {"kind": "flatten"},
        DENSE,
        shape=(3, 8, 8),
        activation="relu",
    )
    for before, after in zip(made.stages, made.stages[1:], strict=False):
        assert after.input == before.output
    assert made.stages[0].input == (3, 8, 8)
    assert made.stages[-1].output == (3,)


def test_an_own_activation_of_a_layer_wins_and_none_is_no_stage() -> None:
    made = designed({**DENSE, "activation": "gelu"}, {**DENSE, "activation": "identity"}, DENSE, activation="tanh")
    assert names(made) == ["dense1", "dense1.gelu", "dense2", "dense3", "dense3.tanh", "dense4"]


def test_normalization_stands_between_a_layer_and_its_activation() -> None:
    made = designed(DENSE, normalization="batch_norm", activation="tanh")
    assert names(made) == ["dense1", "batchnorm1", "dense1.tanh", "dense2"]
    assert set(made.buffers) == {"batchnorm1.running_mean", "batchnorm1.running_var"}


def test_hooks_on_hidden_values_follow_each_hidden_activation() -> None:
    made = design(config(network__hidden=[5, 4], regularization__dropout=0.2), (2,), "classes", 2)
    assert [name for name in names(made) if "dropout" in name] == ["dense1.dropout", "dense2.dropout"]
    assert names(made)[-1].startswith("dense3")


def test_two_classes_may_share_one_output() -> None:
    made = design(config(loss__name="binary_cross_entropy"), (2,), "classes", 2)
    assert made.n_outputs == 1
    with pytest.raises(ConfigError, match="needs two classes; the data has 3"):
        design(config(loss__name="binary_cross_entropy"), (2,), "classes", 3)


def test_tensors_lie_one_behind_the_other_at_multiples_of_sixteen() -> None:
    made = designed(DENSE, {"kind": "dense", "units": 7}, activation="prelu")
    end = 0
    for span in made.weights.values():
        assert span.offset == end
        first, end = span.bounds
        assert first % LANES == 0 and end - first >= span.size
    assert made.n_floats == end
    assert made.n_parameters == sum(span.size for span in made.weights.values())
    assert made.weights["dense1.weight"].shape == (5, 2)
    assert [span.shape for name, span in made.weights.items() if name.startswith("prelu")] == [(1,), (1,)]


def test_first_weights_fit_the_activation_that_follows() -> None:
    spans = designed(DENSE, {**DENSE, "activation": "tanh"}, activation="relu").weights
    gains = [spans[f"dense{k}.weight"].gain for k in (1, 2)]
    assert gains == [families["activations"][name].gain for name in ("relu", "tanh")]
    assert spans["dense1.weight"].fan_in == 2 and spans["dense1.weight"].fan_out == 5


def test_what_does_not_fit_is_named_by_its_field() -> None:
    with pytest.raises(ConfigError) as error:
        designed(DENSE, {"kind": "conv2d"})
    assert error.value.field is not None and error.value.field.startswith("network.layers.1")
    with pytest.raises(ConfigError, match=r"network\.frozen = 'dense9' is not a layer.*dense1"):
        design(config(network__frozen=["dense9"]), (2,), "classes", 2)
    with pytest.raises(ConfigError, match=f"at most {MAX_PARAMETERS:,}"):
        design(config(network__hidden=[5000, 5000]), (2,), "classes", 2)


def test_the_loss_follows_the_task_unless_one_is_chosen() -> None:
    assert resolve_loss(config(), "classes", 3).name == "cross_entropy"
    assert resolve_loss(config(), "values", 1).name == "mse"
    assert resolve_loss(config(loss__name="hinge"), "classes", 3).name == "hinge"
    with pytest.raises(ConfigError, match=r"does not work with values; allowed: .*mse"):
        resolve_loss(config(loss__name="cross_entropy"), "values", 1)


def test_a_blend_is_told_to_the_activation_of_its_layer() -> None:
    old = Blend(families["activations"]["tanh"], {}, first_step=7, n_steps=20)
    made = design(config(network__hidden=[5, 4], network__activation="relu"), (2,), "classes", 3)
    blended = with_blends(made, {"dense2": old, "dense3": old, "dense9": old}, normalized=False)
    assert {stage.name for stage in blended.stages if stage.earlier is old} == {"dense2.relu"}
    assert names(blended) == names(made)


def test_a_change_to_no_activation_fades_in_a_stage_of_its_own() -> None:
    old = Blend(families["activations"]["tanh"], {}, first_step=7, n_steps=20)
    made = designed({**DENSE, "activation": "identity"}, DENSE, normalization="batch_norm")
    blended = with_blends(made, {"dense1": old}, normalized=True)
    assert names(blended)[:3] == ["dense1", "batchnorm1", "dense1.identity"]
    assert blended.stages[2].earlier is old
    assert blended.stages[2].input == blended.stages[2].output == (5,)
