"""A computation as a list of named operations, from which it is written down for other programs.

Kernels are machine code that nobody else can read, so a member also says what an evaluation computes: a function from
values to values that only notes what is to be done. The operations are those of ONNX (opset 20), by their names and
with their attributes, since those are defined to the letter. Arithmetic is written as such:

    lambda z, at: z * (z * at.settings["beta"]).op("Sigmoid")
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from math import prod
from typing import Any, TypeAlias

import numpy as np

Attribute: TypeAlias = int | float | str | Sequence[int] | Sequence[float] | Sequence[str]
"""What an operation is told besides its inputs."""

ML_DOMAIN = "ai.onnx.ml"
"""Where ONNX keeps its operations on texts."""


@dataclass(frozen=True, eq=False)
class Value:
    """One array of a computation, by its name."""

    graph: Graph
    name: str
    kind: str
    """Type of its numbers: "float32", "float64", "int64", "bool" or "string"."""

    def op(self, name: str, *others: Operand, kind: str = "", domain: str = "", **attributes: Attribute) -> Value:
        """What an operation makes of this value and others.

        Args:
            name: ONNX's: "LeakyRelu".
            others: Further inputs; numbers and arrays become constants, numbers of this value's type.
            kind: Type of the result; "" for that of this value.
            domain: Where the operation is defined; "" for ONNX itself.
            attributes: By ONNX's names.
        """
        return self.graph.operation(name, (self, *others), kind or self.kind, domain, attributes)

    def cast(self, kind: str) -> Value:
        """The same as numbers of another type."""
        return self if kind == self.kind else self.op("Cast", kind=kind, to=kind)

    def reshape(self, *shape: int) -> Value:
        """The same in another shape; -1 stands for as many as there are."""
        return self.op("Reshape", np.array(shape, np.int64))

    def flat(self, shape: tuple[int, ...]) -> Value:
        """Samples of a shape as lists of units."""
        return self if len(shape) == 1 else self.reshape(-1, prod(shape))

    def shaped(self, shape: tuple[int, ...]) -> Value:
        """Lists of units as samples of a shape."""
        return self if len(shape) == 1 else self.reshape(-1, *shape)

    def clip(self, low: Operand, high: Operand) -> Value:
        """Held between two limits."""
        return self.op("Max", low).op("Min", high)

    def __add__(self, other: Operand) -> Value:
        return self.op("Add", other)

    def __sub__(self, other: Operand) -> Value:
        return self.op("Sub", other)

    def __mul__(self, other: Operand) -> Value:
        return self.op("Mul", other)

    def __truediv__(self, other: Operand) -> Value:
        return self.op("Div", other)


Operand: TypeAlias = Value | float | np.ndarray
"""What an operation can be given."""


@dataclass(frozen=True, kw_only=True)
class GraphPlace:
    """Where in a network, or in front of it or behind it, a member stands."""

    settings: Mapping[str, Any]
    """Settings of the member."""
    input: tuple[int, ...] = ()
    """Shape of its inputs without that of the samples."""
    output: tuple[int, ...] = ()
    """Shape of its outputs."""
    weights: tuple[Value, ...] = ()
    """Its learned arrays, in the order of its record and in PyTorch's shapes."""
    buffers: tuple[Value, ...] = ()
    """Its kept arrays."""
    fitted: Mapping[str, np.ndarray] = field(default_factory=dict)
    """What a scaler found, in shapes that fit the inputs."""


GraphForm: TypeAlias = Callable[[Value, GraphPlace], Value]
"""(inputs, place) -> outputs, in operations."""


def unchanged_form(x: Value, at: GraphPlace) -> Value:
    """Nothing is done."""
    return x


@dataclass(frozen=True)
class GraphNode:
    """One line of a computation."""

    name: str
    inputs: tuple[str, ...]
    output: str
    domain: str
    attributes: Mapping[str, Attribute]


@dataclass(frozen=True)
class GraphInput:
    """What a computation is given."""

    name: str
    kind: str
    shape: tuple[int, ...]
    """Without that of the samples, which comes first."""
    about: str = ""
    """What to give, in words."""


@dataclass
class Graph:
    """A computation, in the order in which it is done."""

    inputs: list[GraphInput] = field(default_factory=list)
    operations: list[GraphNode] = field(default_factory=list)
    constants: dict[str, np.ndarray] = field(default_factory=dict)
    outputs: dict[str, tuple[Value, tuple[int, ...]]] = field(default_factory=dict)
    """Name -> value and shape without that of the samples."""
    start: int = 0
    """Operation with which the network begins, behind what prepares its inputs."""
    end: int = 0
    """Operation behind the network, where its outputs become an answer."""
    encoded: tuple[Value, ...] = ()
    """Where the inputs are the cells of a table: the numbers they become that are scaled, float64, and the others,
    float32; one of the two may not be there."""
    n_encoding: int = 0
    """Operations up to there."""
    network: tuple[str, str] = ("", "")
    """Names of the inputs of the network and of its outputs."""
    _known: dict[tuple[str, str], Value] = field(default_factory=dict)
    """Constants of one number or a few, each written once."""
    _taken: set[str] = field(default_factory=set)

    def input(self, name: str, kind: str, shape: tuple[int, ...], about: str = "") -> Value:
        """A value that is given; all of them come before anything else, so that each keeps its name."""
        self.inputs.append(GraphInput(name, kind, shape, about))
        self._taken.add(name)
        return Value(self, name, kind)

    def constant(self, array: np.ndarray, name: str = "") -> Value:
        """A value that is always the same."""
        kind = "string" if array.dtype.kind in "OU" else str(array.dtype)
        key = (kind, f"{array.shape} {array.tolist()}") if not name and array.size <= 8 else ("", "")
        if key in self._known:
            return self._known[key]
        value = Value(self, self._free(name or f"c{len(self.constants) + 1}"), kind)
        self.constants[value.name] = array
        if any(key):
            self._known[key] = value
        return value

    def operation(
        self, name: str, inputs: Sequence[Operand], kind: str, domain: str, attributes: Mapping[str, Attribute]
    ) -> Value:
        """What an operation makes of values."""
        kinds = [one.kind for one in inputs if isinstance(one, Value)]
        numbers = next((one for one in kinds if one != "bool"), kinds[0])
        names = tuple(self._operand(one, numbers).name for one in inputs)
        output = Value(self, self._free(f"v{len(self.operations) + 1}"), kind)
        self.operations.append(GraphNode(name, names, output.name, domain, dict(attributes)))
        return output

    def output(self, name: str, value: Value, shape: tuple[int, ...]) -> None:
        """Give a value out under a name; one that an input has gets a dash behind it."""
        name = self._free(name)
        self.operations.append(GraphNode("Identity", (value.name,), name, "", {}))
        self.outputs[name] = (Value(self, name, value.kind), shape)

    def _free(self, name: str) -> str:
        while name in self._taken:
            name += "_"
        self._taken.add(name)
        return name

    def _operand(self, one: Operand, kind: str) -> Value:
        if isinstance(one, Value):
            return one
        if isinstance(one, np.ndarray):
            return self.constant(one if one.dtype.kind in "iOUb" else one.astype(kind))
        return self.constant(np.array(one, kind))
