"""Whether a layer computes what its record promises, so that a network with it can be changed in mid-run.

Each promise is tried for every shape the layer takes, with its usual settings and with whole numbers among them one
higher, in all combinations, since windows and paddings change what happens at the edges.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import product
from math import prod

import numpy as np

from ..errors import ConfigError
from ..layers.base import Layer, Shape
from ..registry import Settings
from .data import require
from .layer_run import LayerRun

N_ROWS = 5
"""Samples a promise is tried on."""
MOST_SETTINGS = 6
"""Most settings that are moved: all combinations of these are tried."""


class Evaluation:
    """A layer as an evaluation runs it, on random inputs."""

    def __init__(self, layer: Layer, shape: Shape, settings: Settings) -> None:
        self.layer, self.shape, self.settings = layer, shape, settings
        self.plan = layer.plan(shape, settings)
        self.random = np.random.default_rng(7)
        self.x = self.random.normal(size=(N_ROWS, *shape))
        self.tensors = {tensor.name: self.random.normal(0.2, 0.7, tensor.shape) for tensor in self.plan.tensors}
        self.statistics = [self.random.uniform(0.5, 2.0, size) for _, size, _ in self.plan.buffers]

    def __call__(self, x: np.ndarray | None = None, tensors: Mapping[str, np.ndarray] | None = None) -> np.ndarray:
        """Outputs (n, *output shape) for inputs (n, *shape) and tensors by name, of its own where none are given."""
        x = self.x if x is None else x
        run = LayerRun(self.layer, self.shape, self.settings, len(x), train=0)
        given = {"x": x, "dy": np.zeros((len(x), *self.plan.output)), **self.tensors, **(tensors or {})}
        run.give({key: value.astype(np.float32) for key, value in given.items()})
        kept = np.concatenate([np.zeros(0), *(values.reshape(-1) for values in self.statistics)])
        run.state[: kept.size] = kept
        return run.forward()

    @property
    def place(self) -> str:
        """Where it is tried, in words."""
        settings = ", ".join(f"{name} {value}" for name, value in self.settings.items())
        return f"for inputs of shape {self.shape}" + (f" with {settings}" if settings else "")


def check_promises(layer: Layer, shape: Shape, usual: Settings) -> None:
    """Try every promise of a layer's record for one input shape.

    Raises:
        ConfigError: One is not kept; says which, and where.
    """
    if layer.sums is None and not layer.normalizes and not layer.passes:
        return
    for settings in _moved(layer, usual):
        try:
            evaluation = Evaluation(layer, shape, settings)
        except ConfigError:
            continue
        if layer.sums is not None:
            _check_sums(evaluation)
        if layer.normalizes == "batch":
            _check_batch(evaluation)
        elif layer.normalizes == "sample":
            _check_sample(evaluation)
        if layer.passes:
            _check_passes(evaluation)


def _moved(layer: Layer, usual: Settings) -> Iterator[Settings]:
    """The usual settings, and all combinations of them and whole numbers one higher."""
    whole = [
        param
        for param in layer.params
        if type(param.default) is int
        and param.name != layer.width
        and (param.high is None or param.default < param.high)
    ][:MOST_SETTINGS]
    for higher in product((0, 1), repeat=len(whole)):
        yield {**usual, **{param.name: usual[param.name] + step for param, step in zip(whole, higher, strict=True)}}


def _same(a: np.ndarray, b: np.ndarray) -> bool:
    return bool(np.abs(a - b).max(initial=0.0) <= 2e-4 * max(1.0, float(np.abs(a).max(initial=0.0))))


# --- weighted sums --------------------------------------------------------------------------------------------------


def _check_sums(layer: Evaluation) -> None:
    n_out, n_in = _channels(layer)
    assert layer.layer.sums is not None
    axes = layer.layer.sums.outputs, layer.layer.sums.inputs
    w, b = layer.tensors.values()
    names = list(layer.tensors)

    def with_weight(x: np.ndarray, weight: np.ndarray, bias: np.ndarray) -> np.ndarray:
        """Outputs (n, output channels, places) for inputs (n, input channels, places)."""
        return layer(x.reshape(layer.x.shape), dict(zip(names, (weight, bias), strict=True))).reshape(N_ROWS, n_out, -1)

    x = layer.x.reshape(N_ROWS, n_in, -1)
    whole = with_weight(x, w, b)
    # Each channel adds its own part, whatever the others hold, and a half times twice as much is the same.
    parts = b[:, None] * np.ones_like(whole)
    chosen = np.arange(n_in)
    for group in [chosen == channel for channel in chosen] if n_in <= 4 else [chosen < 1, chosen >= 1]:
        own = w * np.moveaxis(group.reshape(-1, *(1,) * (w.ndim - 1)), 0, axes[1])
        given = np.where(group[:, None], x, layer.random.normal(size=x.shape))
        parts = parts + with_weight(2.0 * given, 0.5 * own, 0.0 * b)
    # All channels are treated alike.
    to, of = layer.random.permutation(n_out), layer.random.permutation(n_in)
    turned = with_weight(x[:, of], np.take(np.take(w, of, axis=axes[1]), to, axis=axes[0]), b[to])
    kept = _same(whole, parts) and _same(whole[:, to], turned)
    require(kept, f"promises sums over its input channels, but computes something else {layer.place}")
    _check_identity(layer, n_in)


def _channels(layer: Evaluation) -> tuple[int, int]:
    """Output and input channels, as the shapes of the tensors say."""
    sums, tensors = layer.layer.sums, layer.plan.tensors
    assert sums is not None
    require(len(tensors) == 2, "promises sums, and so needs two tensors: a weight and a bias")
    weight, bias = tensors
    problem = "promises sums, but its weight and bias have not one place an output channel and an input channel"
    require(max(sums.outputs, sums.inputs) < len(weight.shape), problem)
    n_out, n_in = weight.shape[sums.outputs], weight.shape[sums.inputs]
    whole = prod(layer.plan.output) % n_out == 0 and prod(layer.shape) % n_in == 0
    require(whole and bias.shape == (n_out,), problem)
    width = layer.settings.get(layer.layer.width)
    require(width == n_out, f"promises sums of {n_out} output channels, but its width is {width}")
    return n_out, n_in


def _check_identity(layer: Evaluation, n_in: int) -> None:
    """The window of a layer passes a channel on."""
    sums = layer.layer.sums
    assert sums is not None
    window = sums.identity(layer.shape, layer.settings) if sums.identity is not None else None
    if window is None:
        return
    square = Evaluation(layer.layer, layer.shape, {**layer.settings, layer.layer.width: n_in})
    weight, bias = square.plan.tensors
    sizes = [size for axis, size in enumerate(weight.shape) if axis not in (sums.outputs, sums.inputs)]
    problem = f"has an identity that does not pass a channel on {layer.place}"
    require(isinstance(window, np.ndarray) and list(window.shape) == sizes, problem)
    eye = np.eye(n_in).reshape(n_in, n_in, *(1,) * window.ndim) * window
    tensors = {weight.name: np.moveaxis(eye, (0, 1), (sums.outputs, sums.inputs)), bias.name: np.zeros(n_in)}
    passed = square(tensors=tensors).reshape(N_ROWS, -1)
    require(passed.shape == (N_ROWS, prod(layer.shape)) and _same(square.x.reshape(N_ROWS, -1), passed), problem)


# --- normalization --------------------------------------------------------------------------------------------------


def _check_tensors(layer: Evaluation) -> int:
    """Factor and shift of a normalization; how many there are of each."""
    tensors = layer.plan.tensors
    fits = len(tensors) == 2 and [tensor.fill for tensor in tensors] == [1.0, 0.0]
    require(fits, "promises to normalize, and so needs two tensors that start at 1 and 0: a factor and a shift")
    n = prod(tensors[0].shape)
    require(prod(tensors[1].shape) == n, "promises to normalize, but has not as many factors as shifts")
    require(layer.plan.output == layer.shape, f"promises to normalize, but makes shape {layer.plan.output}")
    return n


def _check_batch(layer: Evaluation) -> None:
    n = _check_tensors(layer)
    require({"eps", "momentum"} <= layer.settings.keys(), "normalizes over the batch, and so needs eps and momentum")
    kept = [prod(size) for _, size, _ in layer.plan.buffers]
    require(kept == [n, n], "normalizes over the batch, and so needs two buffers: a mean and a variance a channel")
    x = layer.x.reshape(N_ROWS, n, -1)
    factor, shift, mean, variance = (values.reshape(n, 1) for values in (*layer.tensors.values(), *layer.statistics))
    wanted = (x - mean) / np.sqrt(variance + float(layer.settings["eps"])) * factor + shift
    problem = "normalizes over the batch, but does not evaluate to (x - mean) / sqrt(variance + eps) factor + shift"
    require(_same(wanted, layer().reshape(x.shape)), f"{problem} {layer.place}")
    run = LayerRun(layer.layer, layer.shape, {**layer.settings, "momentum": 1.0}, N_ROWS)
    given = {"x": layer.x, "dy": layer.x, **layer.tensors}
    run.give({key: value.astype(np.float32) for key, value in given.items()})
    run.forward()
    measured = np.split(run.state[: 2 * n].astype(np.float64), 2)
    biased = x.var(axis=(0, 2))
    unbiased = biased * x[:, 0].size / (x[:, 0].size - 1)
    near = any(_same(values, measured[1]) for values in (biased, unbiased)) and _same(x.mean(axis=(0, 2)), measured[0])
    require(near, "normalizes over the batch, but its buffers are not the batch's mean and variance with momentum 1")


def _check_sample(layer: Evaluation) -> None:
    n = _check_tensors(layer)
    require(not layer.plan.buffers, "normalizes each sample by itself, and so keeps no statistics")
    require(prod(layer.shape) % n == 0, "normalizes, but has not one factor a channel or a unit")
    factor, shift = layer.tensors.values()
    names = list(layer.tensors)
    plain = layer(tensors={names[0]: np.ones_like(factor), names[1]: np.zeros_like(shift)}).reshape(N_ROWS, n, -1)
    problem = f"normalizes, but does not multiply by its factor and add its shift {layer.place}"
    require(_same(plain * factor.reshape(n, 1) + shift.reshape(n, 1), layer().reshape(plain.shape)), problem)
    problem = "normalizes each sample by itself, but its outputs depend on the size of a sample or on the others"
    moved = layer.x * np.linspace(10.0, 20.0, N_ROWS).reshape(-1, *(1,) * len(layer.shape)) + 3.0
    one, other = layer(100.0 * layer.x), layer(100.0 * moved)
    require(np.abs(one - other).max() <= 2e-2 * max(1.0, float(np.abs(one).max())), f"{problem} {layer.place}")


# --- what is handed on ----------------------------------------------------------------------------------------------


def _check_passes(layer: Evaluation) -> None:
    kind = layer.layer.passes
    require(not layer.plan.tensors and not layer.plan.buffers, f"promises to hand on {kind}, and so keeps no weights")
    whole = layer()
    if kind == "units":
        same = whole.size == layer.x.size and _same(layer.x.reshape(N_ROWS, -1), whole.reshape(N_ROWS, -1))
        require(same, f"promises to hand on every unit when evaluating, but does not {layer.place}")
        return
    n = layer.shape[0]
    problem = f"promises to hand on {kind} of each channel by itself, but does not {layer.place}"
    require(layer.plan.output[0] == n and len(layer.plan.output) == len(layer.shape), problem)
    x, y = layer.x.reshape(N_ROWS, n, -1), whole.reshape(N_ROWS, n, -1)
    scale = layer.random.uniform(0.5, 2.0, (n, 1)) * (
        np.where(np.arange(n)[:, None] % 2, -1, 1) if kind == "means" else 1
    )
    scaled = layer((x * scale).reshape(layer.x.shape)).reshape(y.shape)
    require(_same(y * scale, scaled), problem)
    constants = np.array([1.0, -1.0]).reshape(-1, *(1,) * len(layer.shape))
    if not _same(constants * np.ones(layer.plan.output), layer(constants * np.ones(layer.shape))):
        return  # It adds something at its edges, which is measured where it matters.
    lift = layer.random.normal(size=(n, 1))
    lifted = layer((x + lift).reshape(layer.x.shape)).reshape(y.shape)
    require(_same(y + lift, lifted), problem)
