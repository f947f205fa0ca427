"""Every layer against PyTorch, recorded and live, against finite differences, and against garbage beside the batch."""

from __future__ import annotations

import importlib.util
from math import prod
from typing import Any

import numpy as np
import pytest
from references.make_layers import CASES, FILE, Case, by_torch, conv, inputs, name

from dltui.core import kernel as k
from dltui.core.conformance.layer_run import LayerRun
from dltui.core.conformance.layers import layer_error
from dltui.core.errors import ConfigError
from dltui.core.layers.base import Layer
from dltui.core.registry import families

LAYERS: dict[str, Layer] = dict(families["layers"])
BATCHES = (1, 13, 16, 33)
HAS_TORCH = importlib.util.find_spec("torch") is not None


def laid(case: Case, n: int, **options: Any) -> LayerRun:
    return LayerRun(LAYERS[case.kind], case.shape, case.settings, n, **options)


def given_for(case: Case, n: int) -> dict[str, np.ndarray]:
    run = laid(case, n)
    return inputs(case, run.plan.output, run.shapes, n)


def agree(made: dict[str, np.ndarray], wanted: dict[str, np.ndarray], tolerance: float = 1e-5) -> None:
    assert made.keys() == wanted.keys()
    for key in wanted:
        assert made[key].shape == wanted[key].shape, key
        scale = max(float(np.abs(wanted[key]).max(initial=0.0)), 1.0)
        np.testing.assert_allclose(made[key], wanted[key], rtol=0, atol=tolerance * scale, err_msg=key)


@pytest.mark.parametrize("case", CASES, ids=name)
def test_as_recorded(case: Case) -> None:
    with np.load(FILE) as file:
        stored = {key.split("/")[1]: file[key] for key in file.files if key.split("/")[0] == name(case)}
    run = laid(case, 3)
    given = {key: stored.pop(key) for key in ("x", "dy", *run.shapes)}
    agree(run.passes(given), stored)


@pytest.mark.parametrize("n", BATCHES)
@pytest.mark.parametrize("case", CASES, ids=name)
def test_as_pytorch_computes_it_now(case: Case, n: int, note: Any) -> None:
    if HAS_TORCH and not (case.kind == "batch_norm" and n * prod(case.shape[1:]) == 1):
        given = given_for(case, n)
        made, wanted = laid(case, n).passes(given), by_torch(case, given)
        worst = max(np.abs(made[key] - wanted[key]).max() / max(np.abs(wanted[key]).max(), 1.0) for key in wanted)
        note("layers", case.kind, torch=worst)
        agree(made, wanted, 2e-5)


@pytest.mark.parametrize("n", BATCHES)
@pytest.mark.parametrize("case", CASES, ids=name)
def test_lanes_without_a_sample_change_nothing(case: Case, n: int) -> None:
    """Neither do vectors of a larger batch beside this one."""
    given = given_for(case, n)
    agree(laid(case, n, garbage=1e3, spare=2).passes(given), laid(case, n).passes(given), 1e-6)


@pytest.mark.parametrize("case", CASES, ids=name)
def test_no_gradient_where_none_is_wanted(case: Case) -> None:
    run, given = laid(case, 5), given_for(case, 5)
    wanted = run.passes(given)
    run.row.set(dx=0)
    run.dx[:] = 3.0
    made = run.backward()
    assert (made.pop("dx") == 3.0).all()
    agree(made, {key: wanted[key] for key in made}, 0.0)


def every_layer() -> list[Case]:
    """Each layer of the registry with its defaults, on units and on images, where it takes them."""
    cases: list[Any] = []
    for kind, layer in LAYERS.items():
        settings = {param.name: param.default for param in layer.params}
        settings |= {"channels": 3, "height": 5, "width": 7} if kind == "reshape" else {}
        found = len(cases)
        for shape in ((105,), (3, 5, 7)):
            try:
                layer.plan(shape, settings)
            except ConfigError as error:
                assert error.field in {"kind", *settings}
                assert error.allowed
            else:
                cases.append(Case(kind, shape, settings))
        assert len(cases) > found, kind
    return cases


EVERY = every_layer()


@pytest.mark.parametrize("case", [*CASES, *(case for case in EVERY if LAYERS[case.kind].forward)], ids=name)
def test_gradients_by_finite_differences(case: Case, note: Any) -> None:
    note("layers", case.kind, differences=layer_error(LAYERS[case.kind], case.shape, case.settings))


@pytest.mark.parametrize("layer", LAYERS.values(), ids=LAYERS)
def test_a_record_says_what_it_is(layer: Layer) -> None:
    for text in (layer.name, layer.prefix, layer.title, layer.summary, layer.formula, layer.paper):
        assert text
        assert "\n" not in text
    assert len({other.prefix for other in LAYERS.values()}) == len(LAYERS)
    for param in layer.params:
        assert param.summary
        param.check(param.default, param.name)


@pytest.mark.parametrize("case", EVERY, ids=name)
def test_seen_in_another_shape_means_the_same_units(case: Case) -> None:
    plan = laid(case, 1).plan
    if plan.alias:
        assert prod(plan.output) == prod(case.shape)
        assert not plan.tensors
    else:
        assert LAYERS[case.kind].forward
        assert LAYERS[case.kind].backward


@pytest.mark.parametrize("case", [case for case in EVERY if laid(case, 1).plan.tensors], ids=name)
def test_weights_come_back_from_memory(case: Case) -> None:
    for tensor in laid(case, 1).plan.tensors:
        array = np.arange(prod(tensor.shape), dtype=np.float32).reshape(tensor.shape)
        stored = np.ravel(tensor.to_store(array) if tensor.to_store else array)
        assert sorted(stored) == sorted(array.ravel())
        back = tensor.from_store(stored) if tensor.from_store else stored.reshape(tensor.shape)
        assert (back == array).all()


@pytest.mark.parametrize("case", [case for case in CASES if case.kind == "batch_norm"], ids=name)
def test_batch_norm_over_many_batches_and_when_evaluating(case: Case) -> None:
    run, state = laid(case, 13), dict[str, Any]()
    for seed in range(5):
        given = given_for(case, 13)
        given["x"] = given["x"] * (1.0 + seed) - seed
        made = run.passes(given)
        if HAS_TORCH:
            wanted = by_torch(case, given | state)
            state = {key: wanted[key] for key in ("running_mean", "running_var")}
            agree(made, wanted, 5e-5)
    before = run.running()
    run.row.control[k.TRAIN] = 0
    made = run.passes(given)
    for key, value in run.running().items():
        assert (value == before[key]).all()
    along = (1, -1, *(1 for _ in case.shape[1:]))
    mean, var = (value.astype(np.float64).reshape(along) for value in before.values())
    z = (given["x"] - mean) / np.sqrt(var + case.settings["eps"])
    agree({"y": made["y"]}, {"y": z * given["weight"].reshape(along) + given["bias"].reshape(along)})
    wanted_dx = given["dy"] * given["weight"].reshape(along) / np.sqrt(var + case.settings["eps"])
    agree({"dx": made["dx"]}, {"dx": wanted_dx})


def test_batch_norm_of_one_value_uses_and_keeps_the_running_statistics() -> None:
    case = Case("batch_norm", (7,), {"eps": 1e-5, "momentum": 0.1})
    given = given_for(case, 1)
    trained, evaluated = laid(case, 1).passes(given), laid(case, 1, train=0).passes(given)
    agree(trained, evaluated, 0.0)
    assert all(np.isfinite(value).all() for value in trained.values())
    assert (trained["running_mean"] == 0.0).all()
    assert (trained["running_var"] == 1.0).all()


@pytest.mark.parametrize("rate", [0.0, 0.25, 0.8])
def test_dropout_keeps_the_mean_and_masks_the_gradient_alike(rate: float) -> None:
    case = Case("dropout", (3, 11, 13), {"rate": rate})
    ones = {"x": np.ones((33, *case.shape), np.float32), "dy": np.ones((33, *case.shape), np.float32)}
    made = laid(case, 33, seed=5, step=7).passes(ones)
    values = set(np.unique(made["y"].astype(np.float32)))
    assert values == ({1.0} if rate == 0 else {0.0, np.float32(1) / (np.float32(1) - np.float32(rate))})
    assert made["y"].mean() == pytest.approx(1.0, abs=0.05)
    assert (made["y"] == made["dx"]).all()
    again, later = (laid(case, 33, seed=5, step=step).passes(ones)["y"] for step in (7, 8))
    assert (again == made["y"]).all()
    assert rate == 0 or (later != made["y"]).any()
    assert (laid(case, 33, seed=5, step=7, train=0).passes(ones)["y"] == 1.0).all()


def test_a_largest_value_that_is_no_number_stays_seen() -> None:
    case = Case("max_pool", (1, 2, 8), {"kernel": 2, "stride": 2})
    given = given_for(case, 1)
    for corner in range(4):
        given["x"][0, 0, corner // 2, 2 * corner + corner % 2] = np.nan
    run = laid(case, 1)
    run.give(given)
    assert np.isnan(run.forward()).all()


REFUSED: list[tuple[str, tuple[int, ...], dict[str, Any], str]] = [
    ("conv2d", (3, 5, 7), conv(4, 8, 1, 1), "kernel"),
    ("conv2d", (64,), conv(4, 3, 1, 1), "kind"),
    ("conv_transpose2d", (64,), conv(4, 3, 1, 1) | {"output_padding": 0}, "kind"),
    ("conv_transpose2d", (1, 3, 3), conv(4, 3, 2, 0) | {"output_padding": 2}, "output_padding"),
    ("conv_transpose2d", (1, 1, 3), conv(4, 1, 1, 1) | {"output_padding": 0}, "padding"),
    ("max_pool", (3, 5, 7), {"kernel": 6, "stride": 1}, "kernel"),
    ("avg_pool", (12,), {"kernel": 2, "stride": 2}, "kind"),
    ("upsample", (12,), {"factor": 2}, "kind"),
    ("reshape", (64,), {"channels": 1, "height": 8, "width": 9}, "width"),
    ("reshape", (64,), {"channels": 3, "height": 5, "width": 9}, "width"),
]


@pytest.mark.parametrize(("kind", "shape", "settings", "field"), REFUSED)
def test_shapes_that_cannot_work_name_the_setting(
    kind: str, shape: tuple[int, ...], settings: dict[str, Any], field: str
) -> None:
    with pytest.raises(ConfigError) as caught:
        LAYERS[kind].plan(shape, settings)
    assert caught.value.field == field
    assert caught.value.allowed
