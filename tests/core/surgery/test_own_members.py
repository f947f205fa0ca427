"""A user's own layers and activations are changed in mid-run like the shipped ones, by what their records promise."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from answers import SAME, answers, difference
from nets import IMAGES, trainer
from own_members import own_members, plugin_file

from dltui.core import ConfigError, Trainer, families
from dltui.core.conformance.check import check
from dltui.core.conformance.plugin import load_plugins

LINE = {"kind": "reshape", "channels": 2, "height": 1, "width": 8}
PICTURE = {"kind": "reshape", "channels": 1, "height": 4, "width": 4}
DENSE = {"kind": "dense", "units": 5}


@pytest.fixture(autouse=True)
def _own_members() -> Iterator[None]:
    with own_members("conv1d", "group_norm", "min_pool", "smooth_relu", "scale"):
        yield


def net(*tables: dict[str, Any], start: dict[str, Any] = LINE) -> dict[str, Any]:
    return {"network.layers": [start, *tables]}


def conv1d(filters: int = 3, **settings: int) -> dict[str, Any]:
    return {"kind": "conv1d", "filters": filters, **settings}


def trained(*tables: dict[str, Any], start: dict[str, Any] = LINE, **changes: Any) -> Trainer:
    made = trainer(IMAGES, 0, **{"network__activation": "smooth_relu", **changes})
    made.apply(net(*tables, start=start))
    made.advance(60)
    return made


def notes(made: Trainer) -> list[str]:
    return [event.text for event in made.events if event.kind == "note"]


def said(made: Trainer, changes: dict[str, Any]) -> float:
    """Change of the answers at a switch, which must be said, with the right figure, where there is one."""
    before, n = answers(made), len(notes(made))
    made.apply(changes)
    change = float(np.abs(answers(made) - before).max())
    told = [note for note in notes(made)[n:] if note.startswith("the answers change by up to ")]
    assert bool(told) == (change > SAME)
    if told:
        assert float(told[0].rpartition(" ")[2]) == pytest.approx(change, rel=0.06)
    assert made.advance(20).n_steps == 20
    assert made.memory.sound
    return change


@pytest.mark.parametrize("normalization", ["none", "batch_norm"])
def test_a_convolution_of_lines_is_widened_and_deepened(normalization: str) -> None:
    made = trained(conv1d(3), DENSE, network__normalization=normalization)
    assert difference(made, net(conv1d(7), DENSE)) <= SAME
    same = conv1d(9, kernel=3, padding=1)
    assert difference(made, net(conv1d(7), same, DENSE)) <= SAME
    assert difference(made, net(conv1d(8), {**same, "filters": 10}, DENSE)) <= SAME
    assert "convline2 is new and passes its input on" in notes(made)


def test_a_list_is_one_channel_to_a_convolution_of_lines() -> None:
    flat = {"kind": "flatten"}
    made = trained(conv1d(2, padding=1), DENSE, start=flat)
    assert difference(made, net(conv1d(5, padding=1), DENSE, start=flat)) <= SAME
    assert difference(made, net(conv1d(5, padding=1), conv1d(5, padding=1), DENSE, start=flat)) <= SAME


def test_batch_norm_goes_into_a_convolution_of_lines_and_out_of_it() -> None:
    made = trained(conv1d(3), DENSE)
    assert difference(made, net(conv1d(3), {"kind": "batch_norm"}, DENSE)) <= SAME
    assert difference(made, net(conv1d(3), DENSE)) <= SAME


def test_what_cannot_keep_the_answers_says_so() -> None:
    made = trained(conv1d(3), conv1d(4), DENSE)
    assert said(made, net(conv1d(3), DENSE)) > SAME
    assert "convline2 was taken out" in notes(made)
    assert said(made, net(conv1d(3), conv1d(4), DENSE)) > SAME
    assert "convline2 is new and begins with fresh weights" in notes(made)
    assert said(made, net(conv1d(2, kernel=2), conv1d(4), DENSE)) > SAME


def test_a_group_norm_is_chosen_for_all_hidden_layers() -> None:
    made = trained({"kind": "dense", "units": 6}, start={"kind": "flatten"})
    said(made, {"network.normalization": "group_norm"})
    assert "groupnorm1 starts as near to its input as it can come" in notes(made)
    with pytest.raises(ConfigError, match="does not divide 7 channels"):
        made.apply({"network.layers.1.units": 7})
    assert difference(made, {"network.layers.1.units": 12}) <= SAME
    said(made, {"network.normalization": "none"})


@pytest.mark.parametrize("layer", [conv1d(4), {"kind": "dense", "units": 4}], ids=["conv1d", "dense"])
def test_group_norm_keeps_the_answers_where_all_units_are_copied_alike(layer: dict[str, Any]) -> None:
    norm, width = {"kind": "group_norm"}, "units" if "units" in layer else "filters"
    made = trained(layer, norm, DENSE)
    assert difference(made, net({**layer, width: 12}, norm, DENSE)) <= SAME
    assert said(made, net({**layer, width: 14}, norm, DENSE)) > SAME


def test_a_pool_hands_on_channels() -> None:
    pool = {"kind": "min_pool"}
    made = trained({"kind": "conv2d", "filters": 3}, pool, DENSE, start=PICTURE)
    assert difference(made, net({"kind": "conv2d", "filters": 5}, pool, DENSE, start=PICTURE)) <= SAME
    norm = {"kind": "batch_norm"}
    assert difference(made, net({"kind": "conv2d", "filters": 5}, pool, norm, DENSE, start=PICTURE)) <= SAME
    assert difference(made, net({"kind": "conv2d", "filters": 5}, pool, DENSE, start=PICTURE)) <= SAME
    assert said(made, net({"kind": "conv2d", "filters": 5}, DENSE, start=PICTURE)) > SAME
    assert said(made, net({"kind": "conv2d", "filters": 5}, pool, DENSE, start=PICTURE)) > SAME


def test_a_rectifier_of_ones_own_is_treated_as_one() -> None:
    own, shipped = (trainer(network__activation=name, network__hidden=[9, 7]) for name in ("smooth_relu", "relu"))
    assert np.array_equal(own.parameters["dense1.weight"], shipped.parameters["dense1.weight"])
    own.advance(60)
    assert difference(own, {"network.hidden": [13, 8]}) <= SAME
    assert difference(own, {"network.hidden": [13, 8, 9]}) <= SAME
    assert difference(own, {"network.hidden": [13, 8, 9, 3]}) <= SAME


def test_a_layer_that_promises_nothing_stays_while_what_is_before_it_stays() -> None:
    scale, start = {"kind": "scale"}, {"kind": "flatten"}
    made = trained(DENSE, scale, DENSE, start=start)
    kept = made.parameters["scale1.factor"]
    wider = {"kind": "dense", "units": 8}
    assert not np.array_equal(kept, np.full(5, 0.8))
    made.apply(net(DENSE, scale, wider, start=start))
    assert np.array_equal(made.parameters["scale1.factor"], kept)
    assert difference(made, net(DENSE, scale, wider, wider, start=start)) <= SAME
    said(made, net(wider, scale, wider, wider, start=start))
    assert "scale1 has another shape and begins anew" in notes(made)
    said(made, net(wider, wider, wider, start=start))
    assert "scale1 was taken out" in notes(made)
    said(made, net(wider, scale, wider, wider, start=start))
    assert "scale1 is new and begins with fresh weights" in notes(made)


def test_a_wrong_promise_is_refused_in_one_sentence() -> None:
    with pytest.raises(ConfigError) as caught:
        load_plugins([plugin_file("mixing_pool")])
    assert "promises to hand on means of each channel by itself, but does not" in str(caught.value)
    assert "\n" not in str(caught.value)


def test_promises_of_own_layers_are_checked() -> None:
    conv, norm, pool = (families["layers"][name] for name in ("conv1d", "group_norm", "min_pool"))
    assert conv.sums is not None
    wrong = (
        replace(conv, sums=replace(conv.sums, identity=lambda shape, settings: np.ones(int(settings["kernel"])))),
        replace(conv, sums=replace(conv.sums, outputs=1, inputs=0)),
        replace(norm, normalizes="batch"),
        replace(pool, passes="means"),
        replace(pool, passes="units"),
        replace(pool, normalizes="sample"),
        replace(norm, normalizes="", passes="means"),
    )
    for member in wrong:
        with pytest.raises(ConfigError, match=r"promises|normalizes|identity"):
            check("layers", member)
