"""A layer alone, without a network around it: its kernels on arrays in PyTorch's shapes."""

from __future__ import annotations

from collections.abc import Mapping
from math import prod

import numpy as np

from .. import kernel as k
from ..kernel.arrays import aligned, flat, from_lanes, padded, to_lanes, vectors_for
from ..kernel.row import StandaloneRow
from ..layers.base import Layer
from ..registry import Settings, default_settings, kernel_numbers
from ..simd import LANES
from .data import require


class LayerRun:
    """A layer on arrays in PyTorch's shapes."""

    def __init__(
        self,
        layer: Layer,
        shape: tuple[int, ...],
        settings: Settings,
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
