"""The stages a Config asks for, and the pass through them and back.

A hidden layer that takes an activation is followed by the network's normalization, the activation and the dropouts; a
dense layer of as many units as there are outputs ends the network, unless a last convolution already has as many.
Layers are numbered by kind, weights named `dense1.weight`; identity and reshaping draw nothing and take no number in
the order of rows that random masks go by.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from dltui.core import Config, families

from . import activations, hooks, layers, normalization

Array = np.ndarray
Arrays = dict[str, Array]

PREFIXES = {
    "conv2d": "conv",
    "conv_transpose2d": "convtranspose",
    "max_pool": "maxpool",
    "avg_pool": "avgpool",
    "batch_norm": "batchnorm",
    "layer_norm": "layernorm",
}
"""Kind of layer -> what its name begins with, where that is another word."""
TAKE_ACTIVATION = ("dense", "conv2d", "conv_transpose2d")
NORM_SETTINGS = {"batch_norm": {"eps": 1e-5, "momentum": 0.1}, "layer_norm": {"eps": 1e-5}}
OUTPUT_AXIS = {"conv_transpose2d": 1}
"""Axis of the output units in a weight, 0 where nothing is said."""


@dataclass(frozen=True)
class Stage:
    """One step of the pass."""

    name: str
    kind: str
    """Kind of layer, "activation", or a dropout's name."""
    settings: Mapping[str, Any]
    owner: str
    """Layer it belongs to."""
    input: tuple[int, ...]
    output: tuple[int, ...]
    function: str = ""
    """Name of an activation."""
    shapes: Mapping[str, tuple[int, ...]] = field(default_factory=dict)
    """Weights, by the last part of their names."""
    weights_of: str = ""
    """First part of their names."""
    row: int = -1
    """Place in the order of rows."""
    earlier: tuple[str, Mapping[str, Any], int, int] | None = None
    """Activation being left: (name, settings, step of the change, steps it takes)."""
    key: tuple[str, int] = ("", 0)
    """What it is in the Config, whatever its name: the same layer before and after a change."""

    def weights(self, w: Mapping[str, Array]) -> Arrays:
        """This stage's own."""
        return {key: w[f"{self.weights_of}.{key}"] for key in self.shapes}

    @property
    def matrix_axis(self) -> int:
        """Axis of the outputs in its weight; -1 where it has no matrix."""
        return OUTPUT_AXIS.get(self.kind, 0) if self.kind in TAKE_ACTIVATION else -1


class Network:
    """The stages of a Config for inputs of a shape.

    Args:
        config: In force.
        shape: Of an input, without samples.
        n_outputs: Outputs.
        earlier: Layer -> activation being left.
    """

    def __init__(
        self, config: Config, shape: tuple[int, ...], n_outputs: int, earlier: Mapping[str, Any] | None = None
    ) -> None:
        self._shape, self._rows, self._counts = shape, 0, dict[str, int]()
        self.stages: list[Stage] = []
        network, earlier = config.network, earlier or {}
        finished = False
        for number, layer in enumerate(network.layers):
            name = self._layer(layer.kind, layer.settings, ("layer", number))
            last = number == len(network.layers) - 1
            finished = last and layer.kind in TAKE_ACTIVATION[1:] and int(np.prod(self._shape)) == n_outputs
            if layer.kind in TAKE_ACTIVATION and not finished:
                if network.normalization != "none":
                    self._layer(network.normalization, NORM_SETTINGS[network.normalization], ("norm", number))
                own = layer if layer.activation else network
                settings = own.activation_settings
                self._activation(name, own.activation, settings, ("activation", number), earlier.get(name))
                for hook in hooks.ON_HIDDEN:
                    if strength := config.regularization.values[hook]:
                        self._add(f"{name}.{hook}", hook, {"rate": strength}, name, key=(hook, number))
        if not finished:
            name = self._layer("dense", {"units": n_outputs}, ("output", 0))
        defaults = {param.name: param.default for param in families["activations"][network.output_activation].params}
        self._activation(name, network.output_activation, defaults, ("activation", -1))

    def _number(self, prefix: str) -> str:
        self._counts[prefix] = self._counts.get(prefix, 0) + 1
        return f"{prefix}{self._counts[prefix]}"

    def _add(self, name: str, kind: str, settings: Mapping[str, Any], owner: str, **more: Any) -> None:
        output = layers.output_shape(kind, self._shape, settings)
        alias = kind in ("flatten", "reshape")
        row = -1 if alias else self._rows
        self.stages.append(Stage(name, kind, settings, owner, self._shape, output, row=row, **more))
        self._rows += not alias
        self._shape = output

    def _layer(self, kind: str, settings: Mapping[str, Any], key: tuple[str, int]) -> str:
        name = self._number(PREFIXES.get(kind, kind))
        shapes = layers.weight_shapes(kind, self._shape, settings)
        self._add(name, kind, settings, name, shapes=shapes, weights_of=name, key=key)
        return name

    def _activation(
        self, owner: str, function: str, settings: Mapping[str, Any], key: tuple[str, int], earlier: Any = None
    ) -> None:
        if function == "identity" and earlier is None:
            return
        learned = {"slope": (1,)} if function == "prelu" else {}
        of = self._number("prelu") if learned else ""
        self._add(
            f"{owner}.{function}", "activation", settings, owner,
            function=function, shapes=learned, weights_of=of, earlier=earlier, key=key,
        )  # fmt: skip

    @property
    def shapes(self) -> dict[str, tuple[int, ...]]:
        """Weight -> shape, in order."""
        return {f"{s.weights_of}.{key}": shape for s in self.stages for key, shape in s.shapes.items()}

    @property
    def owners(self) -> dict[str, str]:
        """Weight -> layer it belongs to."""
        return {f"{s.weights_of}.{key}": s.owner for s in self.stages for key in s.shapes}

    @property
    def matrix_axes(self) -> dict[str, int]:
        """Weight -> axis of its outputs, for matrices alone."""
        return {f"{s.weights_of}.weight": s.matrix_axis for s in self.stages if s.matrix_axis >= 0}

    @property
    def kept_shapes(self) -> dict[str, tuple[int, ...]]:
        """Kept statistic -> shape."""
        return {
            f"{s.name}.{key}": s.shapes["weight"]
            for s in self.stages
            if s.kind == "batch_norm"
            for key in ("running_mean", "running_var")
        }


@dataclass(frozen=True)
class Pass:
    """How to go through: for training, with masks and the batch's statistics, or for evaluating."""

    train: bool
    step: int
    seed: int
    batch: int
    """Samples of a full batch."""


def forward(
    net: Network, x: Array, w: Mapping[str, Array], kept: Arrays, how: Pass, stop: int | None = None
) -> list[Array]:
    """What each stage up to `stop` is given, and what comes out at last; training updates `kept` in place."""
    values = [x]
    for stage in net.stages[:stop]:
        values.append(_through(stage, values[-1], stage.weights(w), kept, how))
    return values


def _through(stage: Stage, x: Array, w: Arrays, kept: Arrays, how: Pass) -> Array:
    if stage.kind == "activation":
        return _activated(stage, x, w, how.step)
    if stage.kind in hooks.ON_HIDDEN:
        if not how.train:
            return x
        return hooks.silenced(stage.kind, x, _mask(stage, x, how), stage.settings["rate"])
    if stage.kind == "layer_norm":
        return normalization.layer_norm(x, stage.settings, w)
    if stage.kind == "batch_norm":
        own = _own_statistics(stage, kept)
        if not (how.train and normalization.has_variance(x)):
            return normalization.batch_norm(x, own["running_mean"], own["running_var"], stage.settings, w)
        kept |= {f"{stage.name}.{key}": v for key, v in normalization.running(own, x, stage.settings).items()}
        mean, variance, _ = normalization.batch_moments(x)
        return normalization.batch_norm(x, mean, variance, stage.settings, w)
    return layers.forward(stage.kind, x, stage.settings, w)


def backward(net: Network, values: list[Array], dy: Array, w: Mapping[str, Array], kept: Arrays, how: Pass) -> Arrays:
    """Gradients of all weights, from what each stage was given and the gradient by the outputs."""
    gradients: Arrays = {}
    for stage, x in zip(reversed(net.stages), reversed(values[:-1]), strict=True):
        dy, own = _back(stage, x, dy, stage.weights(w), kept, how)
        gradients |= {f"{stage.weights_of}.{key}": array for key, array in own.items()}
    return {name: gradients[name] for name in net.shapes}


def _back(stage: Stage, x: Array, dy: Array, w: Arrays, kept: Arrays, how: Pass) -> tuple[Array, Arrays]:
    if stage.kind == "activation":
        return _activation_gradients(stage, x, dy, w, how.step)
    if stage.kind in hooks.ON_HIDDEN:
        return hooks.silenced_gradient(stage.kind, dy, _mask(stage, x, how), stage.settings["rate"]), {}
    if stage.kind == "layer_norm":
        return normalization.layer_norm_gradients(x, dy, stage.settings, w)
    if stage.kind == "batch_norm":
        return normalization.batch_norm_gradients(x, dy, stage.settings, w, _own_statistics(stage, kept))
    return layers.backward(stage.kind, x, dy, stage.settings, w)


def _own_statistics(stage: Stage, kept: Mapping[str, Array]) -> Arrays:
    return {key: kept[f"{stage.name}.{key}"] for key in ("running_mean", "running_var")}


def _mask(stage: Stage, x: Array, how: Pass) -> Array:
    return hooks.dropped(stage.kind, x.shape, stage.settings["rate"], how.batch, (how.seed, how.step, stage.row))


def _share_of_old(stage: Stage, step: int) -> float:
    """1 at the step of the change of an activation, 0 when it has faded in."""
    if stage.earlier is None:
        return 0.0
    past, steps = step - stage.earlier[2], stage.earlier[3]
    return 1 - past / steps if past < steps else 0.0


def _activated(stage: Stage, x: Array, w: Arrays, step: int) -> Array:
    learned = {key: float(array[0]) for key, array in w.items()}
    a = activations.value(stage.function, x, {**stage.settings, **learned})
    share = _share_of_old(stage, step)
    if share and stage.earlier:
        a = share * activations.value(stage.earlier[0], x, stage.earlier[1]) + (1 - share) * a
    return a


def _activation_gradients(stage: Stage, x: Array, dy: Array, w: Arrays, step: int) -> tuple[Array, Arrays]:
    learned = {key: float(array[0]) for key, array in w.items()}
    share = _share_of_old(stage, step)
    new = (1 - share) * dy
    dx = activations.gradient(stage.function, x, new, {**stage.settings, **learned})
    if share and stage.earlier:
        dx = dx + activations.gradient(stage.earlier[0], x, share * dy, stage.earlier[1])
    return dx, {key: np.array([activations.slope_gradient(x, new)]) for key in learned}


def measured_statistics(
    net: Network, x: Array, w: Mapping[str, Array], kept: Arrays, step: int, stop: int | None = None
) -> Arrays:
    """Statistics of batch normalization over one batch of all rows, nothing silenced, in the stages up to `stop`.

    Returns:
        Mean and unbiased variance of what each normalization is given while those before it use that batch's.
    """
    found = dict(kept)
    for stage in net.stages[:stop]:
        w_own = stage.weights(w)
        if stage.kind == "batch_norm" and normalization.has_variance(x):
            mean, variance, n = normalization.batch_moments(x)
            found[f"{stage.name}.running_mean"] = mean
            found[f"{stage.name}.running_var"] = variance * n / (n - 1)
            x = normalization.batch_norm(x, mean, variance, stage.settings, w_own)
        else:
            x = _through(stage, x, w_own, found, Pass(train=False, step=step, seed=0, batch=1))
    return found
