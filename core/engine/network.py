"""The network as data: its stages in order, and where the arrays of each lie in the flat memory.

A stage is a layer, an activation or a regularizer's hook on hidden values; each becomes one row of the program.
Weights, kept statistics and optimizer state are addressed by the tensor's name, so a change of the network carries over
whatever keeps its name and shape.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from math import prod
from typing import Any

import numpy as np

from ..layers.base import Plan, Sums
from ..simd import LANES

Shape = tuple[int, ...]
"""(units,) or (channels, height, width)."""


def padded(size: int) -> int:
    """A number of floats rounded up to whole vectors."""
    return (size + LANES - 1) // LANES * LANES


@dataclass(frozen=True, eq=False)
class TensorSpan:
    """Where one array lies in a flat float32 memory."""

    name: str
    """"dense1.weight"."""
    shape: Shape
    """PyTorch's shape."""
    offset: int
    """First float."""
    fill: float | None
    """Start value; None: drawn by the initializer."""
    fan_in: int = 1
    fan_out: int = 1
    gain: str = ""
    """Initializer that fits the activation behind the layer."""
    gain_factor: float = 1.0
    """Factor that fits the activation behind the layer."""
    to_store: Any = None
    from_store: Any = None

    @property
    def size(self) -> int:
        """Number of floats."""
        return prod(self.shape)

    @property
    def bounds(self) -> tuple[int, int]:
        """First float, and the float after the last, padding and all."""
        return self.offset, self.offset + padded(self.size)

    def read(self, memory: np.ndarray) -> np.ndarray:
        """A copy in PyTorch's shape."""
        flat = memory[self.offset : self.offset + self.size]
        return np.array(self.from_store(flat) if self.from_store else flat.reshape(self.shape))

    def write(self, memory: np.ndarray, array: np.ndarray) -> None:
        """Write an array of PyTorch's shape."""
        stored = self.to_store(array) if self.to_store else array
        memory[self.offset : self.offset + self.size] = np.asarray(stored, np.float32).reshape(-1)


@dataclass(frozen=True, eq=False)
class Stage:
    """One row of the network."""

    name: str
    """"dense1", "dense1.tanh", "dense1.dropout"."""
    kind: str
    """"layer", "activation" or "hook"."""
    member: Any
    settings: Mapping[str, Any]
    owner: str
    """The layer it belongs to."""
    input: Shape
    output: Shape
    plan: Plan | None = None
    """Plan of a layer."""
    weights: tuple[TensorSpan, ...] = ()
    """Learned arrays, at most two."""
    buffers: tuple[TensorSpan, ...] = ()
    """Kept arrays, one behind the other."""
    earlier: Any = None
    """(member, settings) of the activation that is being blended out."""

    @property
    def kernels(self) -> tuple[Any, Any]:
        """(forward, backward)."""
        forward, backward = (
            self.member.on_hidden if self.kind == "hook" else (self.member.forward, self.member.backward)
        )
        return forward, backward

    @property
    def parts(self) -> tuple[Any, ...]:
        """Kernels those two call."""
        return tuple(self.member.parts) if self.kind == "layer" else ()

    @property
    def sums(self) -> Sums | None:
        """What it promises as a layer of weighted sums; None: it is none."""
        return self.member.sums if self.kind == "layer" else None

    @property
    def normalizes(self) -> str:
        """What it normalizes its inputs over: "batch", "sample" or ""."""
        return self.member.normalizes if self.kind == "layer" else ""

    @property
    def passes(self) -> str:
        """What an evaluation hands on: "units" as they are, "means" or "picks" of channels, or "", something else."""
        if self.kind == "hook" or (self.plan is not None and self.plan.alias):
            return "units"
        return self.member.passes if self.kind == "layer" else ""

    @property
    def elementwise(self) -> bool:
        """Whether the gradient may be written over in place."""
        return self.kind != "layer"


@dataclass(frozen=True, eq=False)
class Network:
    """All stages and the layout of the flat arrays."""

    stages: tuple[Stage, ...]
    n_floats: int
    """Length of the flat weights, a multiple of 16."""
    n_buffer_floats: int
    loss: Any
    """Loss member."""
    n_outputs: int

    @property
    def weights(self) -> dict[str, TensorSpan]:
        """Learned arrays by name, in order."""
        return {span.name: span for stage in self.stages for span in stage.weights}

    @property
    def buffers(self) -> dict[str, TensorSpan]:
        """Kept arrays by name, in order."""
        return {span.name: span for stage in self.stages for span in stage.buffers}

    @property
    def n_parameters(self) -> int:
        """Learned numbers."""
        return sum(span.size for span in self.weights.values())
