"""Every layer against PyTorch, recorded and live, against finite differences, and against garbage beside the batch."""

from __future__ import annotations

import importlib.util
from math import prod
from typing import Any

import numpy as np
import pytest
from references.make_layers import CASES, FILE, Case, by_torch, conv, inputs, name
from rows import LANES, Row, flat, floats, lay, numbers, unlay

from dltui.core import kernel as k
from dltui.core.errors import ConfigError
from dltui.core.layers.base import Layer
from dltui.core.registry import families

LAYERS: dict[str, Layer] = dict(families["layers"])
BATCHES = (1, 13, 16, 33)
HAS_TORCH = importlib.util.find_spec("torch") is not None


class Run:
    """A layer on arrays in PyTorch's shapes."""

    def __init__(self, case: Case, n: int, *, garbage: float = 0.0, spare: int = 0, **control: int) -> None:
        self.layer, self.case, self.n, self.garbage = LAYERS[case.kind], case, n, garbage
        settings = {param.name: param.default for param in self.layer.params} | case.settings
        self.plan = self.layer.plan(case.shape, settings)
        self.row = Row(n, -(-n // LANES) + spare, **control)
        stride = self.row.stride
        self.y, self.dx = (floats(prod(shape) * stride * LANES) for shape in (self.plan.output, case.shape))
        self.state = flat(np.concatenate([np.zeros(0), *(np.full(shape, v) for _, shape, v in self.plan.buffers)]))
        self.row.set(
            y=self.y,
            dx=self.dx,
            n_in=prod(case.shape),
            n_out=prod(self.plan.output),
            n=prod(case.shape) * stride,
            params=numbers(self.layer, settings),
            state=self.state,
            scratch=floats(self.plan.scratch_units * stride * LANES),
        )
        self.row.cells[k.EXTRA : k.EXTRA + len(self.plan.cells)] = self.plan.cells
        self.shapes = {tensor.name: tensor.shape for tensor in self.plan.tensors}
        self.gradients = [floats(prod(tensor.shape)) for tensor in self.plan.tensors]
        for cell, gradient in zip(("gw", "gb"), self.gradients, strict=False):
            self.row.set(**{cell: gradient})

    def give(self, given: dict[str, np.ndarray]) -> None:
        for cell, key in (("x", "x"), ("dy", "dy")):
            padding = self.garbage if key == "x" else 0.0
            self.row.set(**{cell: lay(given[key].reshape(self.n, -1), self.row.stride, padding)})
        for cell, tensor in zip(("w", "b"), self.plan.tensors, strict=False):
            stored = tensor.to_store(given[tensor.name]) if tensor.to_store else given[tensor.name]
            self.row.set(**{cell: flat(stored)})

    def forward(self) -> np.ndarray:
        assert self.layer.forward
        self.row.run(self.layer.forward)
        return unlay(self.y, self.n, prod(self.plan.output)).reshape(self.n, *self.plan.output)

    def backward(self) -> dict[str, np.ndarray]:
        assert self.layer.backward
        for gradient in self.gradients:
            gradient[:] = 7.0
        self.row.run(self.layer.backward)
        made = {"dx": unlay(self.dx, self.n, prod(self.case.shape)).reshape(self.n, *self.case.shape)}
        for tensor, memory in zip(self.plan.tensors, self.gradients, strict=True):
            array = memory[: prod(tensor.shape)]
            made[f"d{tensor.name}"] = tensor.from_store(array) if tensor.from_store else array.reshape(tensor.shape)
            assert (memory[prod(tensor.shape) :] == 7.0).all()
        return made

    def running(self) -> dict[str, np.ndarray]:
        """The buffers by name."""
        found, at = {}, 0
        for key, shape, _ in self.plan.buffers:
            found[key] = self.state[at : at + prod(shape)].reshape(shape).copy()
            at += prod(shape)
        return found

    def passes(self, given: dict[str, np.ndarray]) -> dict[str, np.ndarray]:
        self.give(given)
        return {"y": self.forward(), **self.backward(), **self.running()}


def given_for(case: Case, n: int) -> dict[str, np.ndarray]:
    run = Run(case, n)
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
    run = Run(case, 3)
    given = {key: stored.pop(key) for key in ("x", "dy", *run.shapes)}
    agree(run.passes(given), stored)


@pytest.mark.parametrize("n", BATCHES)
@pytest.mark.parametrize("case", CASES, ids=name)
def test_as_pytorch_computes_it_now(case: Case, n: int) -> None:
    if HAS_TORCH and not (case.kind == "batch_norm" and n * prod(case.shape[1:]) == 1):
        given = given_for(case, n)
        agree(Run(case, n).passes(given), by_torch(case, given), 2e-5)


@pytest.mark.parametrize("n", BATCHES)
@pytest.mark.parametrize("case", CASES, ids=name)
def test_lanes_without_a_sample_change_nothing(case: Case, n: int) -> None:
    """Neither do vectors of a larger batch beside this one."""
    given = given_for(case, n)
    agree(Run(case, n, garbage=1e3, spare=2).passes(given), Run(case, n).passes(given), 1e-6)


@pytest.mark.parametrize("case", CASES, ids=name)
def test_no_gradient_where_none_is_wanted(case: Case) -> None:
    run, given = Run(case, 5), given_for(case, 5)
    wanted = run.passes(given)
    run.row.set(dx=0)
    run.dx[:] = 3.0
    made = run.backward()
    assert (made.pop("dx") == 3.0).all()
    agree(made, {key: wanted[key] for key in made}, 0.0)


def every_layer() -> list[Case]:
    """Each layer of the registry with its defaults, on units and on images, where it takes them."""
    cases = []
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


@pytest.mark.parametrize("case", [case for case in EVERY if LAYERS[case.kind].forward], ids=name)
def test_gradients_by_finite_differences(case: Case) -> None:
    """The slope of sum(dy * y) along random directions; kinks are kept away by inputs all different."""
    n, h = 5, 1e-2
    run, random = Run(case, n), np.random.default_rng(3)
    given = given_for(case, n)
    given["x"] = (random.permutation(given["x"].size) / 50.0 - 4.0).reshape(given["x"].shape).astype(np.float32)
    gradients = run.passes(given)
    for key in ("x", *run.shapes):
        gradient = gradients[f"d{key}"]
        direction = np.sign(random.normal(size=given[key].shape)) * (0.5 if key == "x" else 1.0)
        slopes = []
        for sign in (1, -1):
            moved = Run(case, n)
            moved.give(given | {key: (given[key] + sign * h * direction).astype(np.float32)})
            slopes.append(float((moved.forward() * given["dy"]).sum()))
        slope = (slopes[0] - slopes[1]) / (2 * h)
        assert slope == pytest.approx(
            float((gradient * direction).sum()), abs=5e-3 * float(np.linalg.norm(gradient)) + 1e-2
        )


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
    plan = Run(case, 1).plan
    if plan.alias:
        assert prod(plan.output) == prod(case.shape)
        assert not plan.tensors
    else:
        assert LAYERS[case.kind].forward
        assert LAYERS[case.kind].backward


@pytest.mark.parametrize("case", [case for case in EVERY if Run(case, 1).plan.tensors], ids=name)
def test_weights_come_back_from_memory(case: Case) -> None:
    for tensor in Run(case, 1).plan.tensors:
        array = np.arange(prod(tensor.shape), dtype=np.float32).reshape(tensor.shape)
        stored = np.ravel(tensor.to_store(array) if tensor.to_store else array)
        assert sorted(stored) == sorted(array.ravel())
        back = tensor.from_store(stored) if tensor.from_store else stored.reshape(tensor.shape)
        assert (back == array).all()


@pytest.mark.parametrize("case", [case for case in CASES if case.kind == "batch_norm"], ids=name)
def test_batch_norm_over_many_batches_and_when_evaluating(case: Case) -> None:
    run, state = Run(case, 13), {}
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
    trained, evaluated = Run(case, 1).passes(given), Run(case, 1, train=0).passes(given)
    agree(trained, evaluated, 0.0)
    assert all(np.isfinite(value).all() for value in trained.values())
    assert (trained["running_mean"] == 0.0).all()
    assert (trained["running_var"] == 1.0).all()


@pytest.mark.parametrize("rate", [0.0, 0.25, 0.8])
def test_dropout_keeps_the_mean_and_masks_the_gradient_alike(rate: float) -> None:
    case = Case("dropout", (3, 11, 13), {"rate": rate})
    ones = {"x": np.ones((33, *case.shape), np.float32), "dy": np.ones((33, *case.shape), np.float32)}
    made = Run(case, 33, seed=5, step=7).passes(ones)
    values = set(np.unique(made["y"].astype(np.float32)))
    assert values == ({1.0} if rate == 0 else {0.0, np.float32(1) / (np.float32(1) - np.float32(rate))})
    assert made["y"].mean() == pytest.approx(1.0, abs=0.05)
    assert (made["y"] == made["dx"]).all()
    again, later = (Run(case, 33, seed=5, step=step).passes(ones)["y"] for step in (7, 8))
    assert (again == made["y"]).all()
    assert rate == 0 or (later != made["y"]).any()
    assert (Run(case, 33, seed=5, step=7, train=0).passes(ones)["y"] == 1.0).all()


def test_a_largest_value_that_is_no_number_stays_seen() -> None:
    case = Case("max_pool", (1, 2, 8), {"kernel": 2, "stride": 2})
    given = given_for(case, 1)
    for corner in range(4):
        given["x"][0, 0, corner // 2, 2 * corner + corner % 2] = np.nan
    run = Run(case, 1)
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
