"""What every kind of layer must pass: shapes that fit, and gradients that are the slopes of its forward pass."""

from __future__ import annotations

from collections.abc import Mapping
from math import prod
from typing import Any

import numpy as np

from .. import kernel as k
from ..errors import ConfigError
from ..kernel.arrays import aligned, flat, from_lanes, padded, to_lanes, vectors_for
from ..kernel.row import StandaloneRow
from ..layers.base import Layer
from ..registry import default_settings, kernel_numbers
from ..simd import LANES
from .data import Figures, require
from .fields import check_plan

SHAPES = ((105,), (64,), (3, 5, 7), (2, 8, 8))
"""Input shapes a layer is tried on, where it takes them."""


class LayerRun:
    """A layer on arrays in PyTorch's shapes."""

    def __init__(
        self,
        layer: Layer,
        shape: tuple[int, ...],
        settings: Mapping[str, Any],
        n: int,
        *,
        garbage: float = 0.0,
        spare: int = 0,
        **control: int,
    ) -> None:
        self.layer, self.shape, self.n, self.garbage = layer, shape, n, garbage
        settings = default_settings(layer.params) | dict(settings)
        self.plan = layer.plan(shape, settings)
        self.row = StandaloneRow(n, vectors_for(n) + spare, **control)
        stride = self.row.stride
        self.y, self.dx = (aligned(prod(units) * stride * LANES) for units in (self.plan.output, shape))
        self.state = flat(np.concatenate([np.zeros(0), *(np.full(size, v) for _, size, v in self.plan.buffers)]))
        self.row.set(
            y=self.y,
            dx=self.dx,
            n_in=prod(shape),
            n_out=prod(self.plan.output),
            n=prod(shape) * stride,
            params=kernel_numbers(layer.params, settings),
            state=self.state,
            scratch=aligned(self.plan.scratch_units * stride * LANES),
        )
        self.row.cells[k.EXTRA : k.EXTRA + len(self.plan.cells)] = self.plan.cells
        self.row.cells[k.PARTS : k.PARTS + len(layer.parts)] = [part.address for part in layer.parts]
        self.shapes = {tensor.name: tensor.shape for tensor in self.plan.tensors}
        self.gradients = [aligned(padded(prod(tensor.shape))) for tensor in self.plan.tensors]
        for cell, gradient in zip(("gw", "gb"), self.gradients, strict=False):
            self.row.set(**{cell: gradient})

    def give(self, given: Mapping[str, np.ndarray]) -> None:
        """Lay inputs "x", output gradients "dy" and weights by name."""
        for cell, key in (("x", "x"), ("dy", "dy")):
            padding = self.garbage if key == "x" else 0.0
            self.row.set(**{cell: to_lanes(given[key].reshape(self.n, -1), self.row.stride, padding)})
        for cell, tensor in zip(("w", "b"), self.plan.tensors, strict=False):
            stored = tensor.to_store(given[tensor.name]) if tensor.to_store else given[tensor.name]
            self.row.set(**{cell: flat(stored)})

    def forward(self) -> np.ndarray:
        """Outputs, (n, *output shape)."""
        assert self.layer.forward is not None
        self.row.run(self.layer.forward)
        return from_lanes(self.y, self.n, prod(self.plan.output)).reshape(self.n, *self.plan.output)

    def backward(self) -> dict[str, np.ndarray]:
        """Gradients by their names, as "dx" or "dweight"."""
        assert self.layer.backward is not None
        for gradient in self.gradients:
            gradient[:] = 7.0
        self.row.run(self.layer.backward)
        made = {"dx": from_lanes(self.dx, self.n, prod(self.shape)).reshape(self.n, *self.shape)}
        for tensor, memory in zip(self.plan.tensors, self.gradients, strict=True):
            array = memory[: prod(tensor.shape)]
            made[f"d{tensor.name}"] = tensor.from_store(array) if tensor.from_store else array.reshape(tensor.shape)
            require((memory[prod(tensor.shape) :] == 7.0).all(), f"writes past the gradient of its {tensor.name}")
        return made

    def running(self) -> dict[str, np.ndarray]:
        """The buffers by name."""
        found, at = {}, 0
        for key, shape, _ in self.plan.buffers:
            found[key] = self.state[at : at + prod(shape)].reshape(shape).copy()
            at += prod(shape)
        return found

    def passes(self, given: Mapping[str, np.ndarray]) -> dict[str, np.ndarray]:
        """Outputs, gradients and buffers after both passes."""
        self.give(given)
        return {"y": self.forward(), **self.backward(), **self.running()}


def check_layer(layer: Layer) -> Figures:
    """It takes at least one shape; there, its gradients are slopes, and lanes past the batch change nothing."""
    worst, n_taken, refusal = 0.0, 0, ""
    settings = default_settings(layer.params)
    if {"channels", "height", "width"} <= settings.keys():
        settings |= {"channels": 3, "height": 5, "width": 7}
    for shape in SHAPES:
        try:
            plan = layer.plan(shape, settings)
        except ConfigError as error:
            refusal = str(error)
            continue
        n_taken += 1
        require(plan.output and all(size >= 1 for size in plan.output), f"makes shape {plan.output} of {shape}")
        require(len(plan.tensors) <= 2, "has more than two learned tensors")
        check_plan(plan)
        if plan.alias:
            require(prod(plan.output) == prod(shape), f"makes shape {plan.output} of {shape} without kernels")
            continue
        require(layer.forward is not None and layer.backward is not None, "has no kernels")
        worst = max(worst, layer_error(layer, shape, settings))
    require(n_taken, f"takes none of the shapes it is tried on ({refusal})")
    return {"differences": worst}


def layer_error(layer: Layer, shape: tuple[int, ...], settings: Mapping[str, Any]) -> float:
    """Worst difference between gradient and slope along random directions, beside the length of the gradient.

    Raises:
        ConfigError: It is too large, or a value is not finite.
    """
    n, h, random = 5, 1e-2, np.random.default_rng(3)
    run = LayerRun(layer, shape, settings, n)
    # All inputs differ, so that a largest one keeps its place while they are moved.
    size = n * prod(shape)
    x = ((random.permutation(size) - size / 2) * max(0.02, 8.0 / size)).reshape(n, *shape)
    given = {"x": x, "dy": random.normal(0, 1, (n, *run.plan.output))}
    given |= {key: random.normal(0.2, 0.7, tensor) for key, tensor in run.shapes.items()}
    given = {key: value.astype(np.float32) for key, value in given.items()}
    made = run.passes(given)
    require(all(np.isfinite(value).all() for value in made.values()), "gives a value that is not finite")
    beside = LayerRun(layer, shape, settings, n, garbage=1e3).passes(given)
    for key, value in made.items():
        near = np.allclose(value, beside[key], rtol=1e-5, atol=1e-5 * max(1.0, float(np.abs(value).max(initial=0.0))))
        require(near, "counts lanes that hold no sample")
    worst = 0.0
    for key in ("x", *run.shapes):
        gradient = made[f"d{key}"]
        direction = np.sign(random.normal(size=given[key].shape)) * (0.5 if key == "x" else 1.0)
        slopes = []
        for sign in (1, -1):
            moved = LayerRun(layer, shape, settings, n)
            moved.give(given | {key: (given[key] + sign * h * direction).astype(np.float32)})
            slopes.append(float((moved.forward() * given["dy"]).sum()))
        slope = (slopes[0] - slopes[1]) / (2 * h)
        error = abs(slope - float((gradient * direction).sum())) / (float(np.linalg.norm(gradient)) + 2.0)
        require(error < 7e-3, f"has a gradient by its {key} that is not the slope, for inputs of shape {shape}")
        worst = max(worst, error)
    return worst
