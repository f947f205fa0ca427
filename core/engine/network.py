"""The network as data: its stages in order, and where the arrays of each lie in the flat memory.

A stage is a layer, an activation or a regularizer's hook on hidden values; each becomes one row of the program.
Weights, kept statistics and optimizer state are addressed by the tensor's name, so a change of the network carries over
whatever keeps its name and shape.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from math import prod

import numpy as np

from ..activations.base import Activation
from ..kernel import Kernel
from ..kernel.arrays import padded
from ..layers.base import Layer, Plan, Shape, Sums
from ..losses.base import Loss
from ..registry import Settings
from ..regularizers.base import Regularizer

_KINDS = {Layer: "layer", Activation: "activation", Regularizer: "hook"}


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
    to_store: Callable[[np.ndarray], np.ndarray] | None = None
    """PyTorch's shape -> the order in memory; None: as it is."""
    from_store: Callable[[np.ndarray], np.ndarray] | None = None
    """The flat memory -> PyTorch's shape; None: reshape."""

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
class Blend:
    """An activation that fades out while the one that took its place fades in."""

    activation: Activation
    """The one being left."""
    settings: Settings
    """Its settings, and what it had learned."""
    first_step: int
    """Step of the change."""
    n_steps: int
    """Steps it takes."""


@dataclass(frozen=True, eq=False)
class Stage:
    """One row of the network."""

    name: str
    """"dense1", "dense1.tanh", "dense1.dropout"."""
    member: Layer | Activation | Regularizer
    settings: Settings
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
    earlier: Blend | None = None
    """The activation that is being blended out."""

    @property
    def kind(self) -> str:
        """What it is: "layer", "activation" or "hook"."""
        return _KINDS[type(self.member)]

    @property
    def runs(self) -> bool:
        """Whether its kernels run; not where the output is the input seen in another shape."""
        return self.plan is None or not self.plan.alias

    @property
    def kernels(self) -> tuple[Kernel, Kernel]:
        """(forward, backward) of a stage that runs."""
        if isinstance(self.member, Regularizer):
            assert self.member.on_hidden is not None
            return self.member.on_hidden
        assert self.member.forward is not None and self.member.backward is not None
        return self.member.forward, self.member.backward

    @property
    def parts(self) -> tuple[Kernel, ...]:
        """Kernels those two call."""
        return self.member.parts if isinstance(self.member, Layer) else ()

    @property
    def sums(self) -> Sums | None:
        """What it promises as a layer of weighted sums; None: it is none."""
        return self.member.sums if isinstance(self.member, Layer) else None

    @property
    def normalizes(self) -> str:
        """What it normalizes its inputs over: "batch", "sample" or ""."""
        return self.member.normalizes if isinstance(self.member, Layer) else ""

    @property
    def passes(self) -> str:
        """What an evaluation hands on: "units" as they are, "means" or "picks" of channels, or "", something else."""
        if isinstance(self.member, Regularizer) or not self.runs:
            return "units"
        return self.member.passes if isinstance(self.member, Layer) else ""

    @property
    def elementwise(self) -> bool:
        """Whether the gradient may be written over in place."""
        return not isinstance(self.member, Layer)


@dataclass(frozen=True, eq=False)
class Network:
    """All stages and the layout of the flat arrays."""

    stages: tuple[Stage, ...]
    n_floats: int
    """Length of the flat weights, a multiple of 16."""
    n_buffer_floats: int
    loss: Loss
    n_outputs: int
    image_shape: Shape = ()
    """(channels, height, width) where the inputs are pictures, flat or not; else, or where that is not known, ()."""

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
