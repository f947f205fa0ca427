"""Changes that speak of one layer say what whoever points at it means."""

import pytest
from nets import IMAGES, config

from dltui.core import ConfigError
from dltui.core.config import by_hand as b


def test_a_layer_is_changed_alone():
    asked = config(network__hidden=[5, 4])
    assert asked.with_changes(b.wider(asked, "dense1")).network.hidden == (6, 4)
    assert asked.with_changes(b.wider(asked, "dense2", -1)).network.hidden == (5, 3)
    relu = asked.with_changes(b.with_activation(asked, "dense2", "relu"))
    assert [layer.activation for layer in relu.network.layers] == ["", "relu"]
    leaky = relu.with_changes(b.with_activation(relu, "dense2", "leaky_relu"))
    assert [layer.activation for layer in leaky.network.layers] == ["", "leaky_relu"]
    with pytest.raises(ConfigError, match="dense1"):
        b.wider(asked, "dense3")


def test_names_of_layers_go_along_where_layers_are_put_in_and_taken_out():
    asked = config(
        network__hidden=[5, 4], network__frozen=["dense2", "dense3"], network__muted=["dense1.2", "dense2.1"]
    )
    less = asked.with_changes(b.without_layer(asked, "dense1"))
    assert (less.network.hidden, less.network.frozen, less.network.muted) == ((4,), ("dense1", "dense2"), ("dense1.1",))
    more = asked.with_changes(b.with_layer_behind(asked, "dense1"))
    assert more.network.hidden == (5, 5, 4)
    assert (more.network.frozen, more.network.muted) == (("dense3", "dense4"), ("dense1.2", "dense3.1"))
    first = asked.with_changes(b.with_layer_behind(asked, "input"))
    assert first.network.hidden == (5, 5, 4) and first.network.muted == ("dense2.2", "dense3.1")
    narrow = config(network__hidden=[5, 2], network__muted=["dense2.2"])
    assert narrow.with_changes(b.wider(narrow, "dense2", -1)).network.muted == ()


def test_units_and_layers_and_inputs_are_turned_on_and_off():
    asked = config()
    muted = asked.with_changes(b.muted_turned(asked, "dense1", 2))
    assert muted.network.muted == ("dense1.3",)
    assert muted.with_changes(b.muted_turned(muted, "dense1", 2)) == asked
    frozen = asked.with_changes(b.frozen_turned(asked, "dense2"))
    assert frozen.network.frozen == ("dense2",)
    more = asked.with_changes(b.input_turned(asked, "x1^2"))
    assert more.data.settings["features"].endswith("x1^2")
    assert more.with_changes(b.input_turned(more, "x1^2")).data.settings["features"] == "x1,x2"


def test_layers_of_pictures_have_their_names():
    assert b.layer_names(config(IMAGES)) == ["reshape1", "conv1", "dense1"]
