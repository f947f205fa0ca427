"""A computation written as Python for PyTorch, one line an operation."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from ...errors import ConfigError
from ...graph import Graph, GraphNode

BESIDE = "beside."
"""What names of arrays begin with that lie in the file of weights and are none."""
ARRAYS_CLASS = '''class Arrays(torch.nn.Module):
    """Learned and kept arrays of one layer."""

    def __init__(self, learned, kept):
        super().__init__()
        for name, shape in learned.items():
            self.register_parameter(name, torch.nn.Parameter(torch.empty(shape)))
        for name, shape in kept.items():
            self.register_buffer(name, torch.empty(shape))
'''
"""The class that the arrays of a layer are of, in every script."""
_INLINE = 8
"""Numbers of an array that is written into the text; larger ones lie beside it."""
_TYPES = {"float32": "torch.float32", "float64": "torch.float64", "int64": "torch.int64", "bool": "torch.bool"}
_SAME = frozenset((
    "Abs", "Ceil", "Cos", "Erf", "Exp", "Floor", "IsInf", "IsNaN", "Log", "MatMul", "Neg", "Reciprocal", "Relu",
    "Round", "Sigmoid", "Sign", "Sin", "Sqrt", "Tanh", "Where",
))  # fmt: skip
"""Operations that are functions of `torch` with the same inputs, written small."""
_LOGICAL = frozenset(("And", "Not", "Or"))
_BETWEEN = {"Add": "+", "Sub": "-", "Mul": "*", "Pow": "**", "Greater": ">", "Less": "<", "Equal": "=="}
Words = tuple[str, ...]
Attributes = Mapping[str, Any]


def _window(attributes: Attributes) -> str:
    """Stride and padding."""
    pads = attributes.get("pads", [0] * 4)
    if len(set(pads)) > 1:
        raise ConfigError("pads its sides differently", field="the operation")
    return f"stride={attributes.get('strides', [1, 1])[0]}, padding={pads[0]}"


_FORMS: Mapping[str, Callable[[Words, Attributes], str]] = {
    "ArgMax": lambda x, at: f"{x[0]}.argmax(dim={at['axis']})",
    "AveragePool": lambda x, at: f"F.avg_pool2d({x[0]}, {at['kernel_shape'][0]}, {_window(at)})",
    "BatchNormalization": lambda x, at: (
        f"F.batch_norm({x[0]}, {x[3]}, {x[4]}, {x[1]}, {x[2]}, training=self.training, eps={at['epsilon']!r})"
    ),
    "Celu": lambda x, at: f"F.celu({x[0]}, {at['alpha']!r})",
    "Concat": lambda x, at: f"torch.cat(({', '.join(x)}), dim={at['axis']})",
    "Conv": lambda x, at: f"F.conv2d({', '.join(x)}, {_window(at)})",
    "ConvTranspose": lambda x, at: (
        f"F.conv_transpose2d({', '.join(x)}, {_window(at)}, output_padding={at.get('output_padding', [0])[0]})"
    ),
    "Elu": lambda x, at: f"F.elu({x[0]}, {at['alpha']!r})",
    "Gather": lambda x, at: f"torch.index_select({x[0]}, {at['axis']}, {x[1]})",
    "Gelu": lambda x, at: f"F.gelu({x[0]}, approximate={at['approximate']!r})",
    "Gemm": lambda x, at: f"F.linear({', '.join(x)})" if at.get("transB") else f"torch.addmm({x[2]}, {x[0]}, {x[1]})",
    "HardSwish": lambda x, at: f"F.hardswish({x[0]})",
    "Identity": lambda x, at: x[0],
    "LayerNormalization": lambda x, at: f"F.layer_norm({x[0]}, {x[0]}.shape[1:], {x[1]}, {x[2]}, {at['epsilon']!r})",
    "LeakyRelu": lambda x, at: f"F.leaky_relu({x[0]}, {at['alpha']!r})",
    "MaxPool": lambda x, at: f"F.max_pool2d({x[0]}, {at['kernel_shape'][0]}, {_window(at)})",
    "Mish": lambda x, at: f"F.mish({x[0]})",
    "PRelu": lambda x, at: f"F.prelu({x[0]}, {x[1]})",
    "ReduceMean": lambda x, at: f"{x[0]}.mean(dim=tuple({x[1]}), keepdim={bool(at.get('keepdims', 1))})",
    "Selu": lambda x, at: f"F.elu({x[0]}, {at['alpha']!r}) * {at['gamma']!r}",
    "Softmax": lambda x, at: f"torch.softmax({x[0]}, dim={at['axis']})",
    "Softplus": lambda x, at: f"F.softplus({x[0]})",
}


def beside_arrays(graph: Graph) -> dict[str, np.ndarray]:
    """The arrays that lie beside the weights: all that are neither texts nor short."""
    around = (*graph.operations[graph.n_encoding : graph.start], *graph.operations[graph.end :])
    used = {name: graph.constants[name] for node in around for name in node.inputs if name in graph.constants}
    return {
        f"{BESIDE}{name}": array
        for name, array in used.items()
        if array.dtype.kind not in "OU" and array.size > _INLINE
    }


class TorchText:
    """Writes a computation as Python.

    Args:
        graph: From `pipeline_graph`.
        learned: Names of its learned arrays.
        kept: Names of its kept arrays.
    """

    def __init__(self, graph: Graph, learned: set[str], kept: set[str]) -> None:
        self._graph, self._learned, self._kept = graph, learned, kept
        self._words = {one.name: f"given{place}" for place, one in enumerate(graph.inputs, 1)}
        self.network_input, self.network_output = (self._word(name) for name in graph.network)
        self._inside = False

    def layers(self) -> str:
        """The lines that make the arrays of all layers."""
        owners: dict[str, tuple[dict[str, tuple[int, ...]], dict[str, tuple[int, ...]]]] = {}
        for name in (*self._learned, *self._kept):
            owner, _, own = name.rpartition(".")
            owners.setdefault(owner, ({}, {}))[name in self._kept][own] = self._graph.constants[name].shape
        ordered = [name.rpartition(".")[0] for name in self._graph.constants if name in self._learned | self._kept]
        return "\n".join(
            f"        self.{owner} = Arrays({dict(sorted(owners[owner][0].items(), reverse=True))}, {owners[owner][1]})"
            for owner in dict.fromkeys(ordered)
        )

    def names(self) -> str:
        """The names of classes."""
        lines = []
        for name, array in self._graph.constants.items():
            if array.dtype.kind in "OU":
                lines.append(f"{name.upper()} = {json.dumps([str(text) for text in array])}")
        return "\n".join([*lines, ""]) if lines else ""

    def network(self) -> str:
        """The lines of the network."""
        self._inside = True
        lines = self._lines(self._graph.operations[self._graph.start : self._graph.end], 8)
        self._inside = False
        return lines

    def prepare(self) -> str:
        """The lines that prepare inputs."""
        graph = self._graph
        if not graph.encoded:
            (one,) = graph.inputs
            lines = [f"    {self._word(one.name)} = torch.as_tensor(x, dtype={_TYPES[one.kind]})"]
        else:
            lines = ["    encoded = [encode(row) for row in rows]"]
            for value in graph.encoded:
                place = 0 if value.kind == "float64" else 1
                made = f"torch.tensor([pair[{place}] for pair in encoded], dtype={_TYPES[value.kind]})"
                lines.append(f"    {value.name} = {made}")
        return "\n".join([*lines, self._lines(graph.operations[graph.n_encoding : graph.start], 4)])

    def finish(self) -> str:
        """The lines that make an answer of outputs."""
        return self._lines(self._graph.operations[self._graph.end :], 4)

    def _lines(self, nodes: list[GraphNode], indent: int) -> str:
        return "\n".join(f"{' ' * indent}{self._word(node.output)} = {self._expression(node)}" for node in nodes)

    def _expression(self, node: GraphNode) -> str:
        x = tuple(self._word(name) for name in node.inputs)
        first = self._graph.constants.get(node.inputs[0])
        if node.name == "Gather" and first is not None and first.dtype.kind in "OU":
            return f"[{x[0]}[place] for place in {x[1]}.tolist()]"
        if node.name == "Cast":
            return f"{x[0]}.to({_TYPES[str(node.attributes['to'])]})"
        if node.name in ("Reshape", "Expand"):
            shape = tuple(self._graph.constants[node.inputs[1]].tolist())
            if node.name == "Reshape":
                return f"{x[0]}.reshape{shape}"
            return f"torch.broadcast_to({x[0]}, torch.broadcast_shapes({x[0]}.shape, {shape}))"
        if node.name == "Div":
            whole = self._is_whole(node.inputs[1])
            return f"torch.div({x[0]}, {x[1]}, rounding_mode='trunc')" if whole else f"{x[0]} / {x[1]}"
        if node.name in ("Max", "Min"):
            return f"torch.clamp({x[0]}, {'min' if node.name == 'Max' else 'max'}={x[1]})"
        if node.name in _BETWEEN:
            return f"{x[0]} {_BETWEEN[node.name]} {x[1]}"
        if node.name in _SAME:
            return f"torch.{node.name.lower()}({', '.join(x)})"
        if node.name in _LOGICAL:
            return f"torch.logical_{node.name.lower()}({', '.join(x)})"
        if node.name not in _FORMS:
            raise ConfigError("has no form for PyTorch here", field="the operation", value=node.name)
        return _FORMS[node.name](x, node.attributes)

    def _is_whole(self, name: str) -> bool:
        array = self._graph.constants.get(name)
        return array is not None and array.dtype.kind == "i"

    def _word(self, name: str) -> str:
        """A value as it is called in the script."""
        array = self._graph.constants.get(name)
        if array is None:
            return self._words.get(name, name)
        if name in self._learned or name in self._kept:
            return f"self.{name}"
        if array.dtype.kind in "OU":
            return name.upper()
        if array.size > _INLINE and not self._inside:  # the module is to be used by itself
            return f"beside[BESIDE + {name!r}]"
        if array.ndim == 0:
            return _number(array.item())
        return f"torch.tensor({_number(array.tolist())}, dtype={_TYPES[str(array.dtype)]})"


def _number(value: object) -> str:
    if isinstance(value, list):
        return f"[{', '.join(_number(item) for item in value)}]"
    return {"inf": "math.inf", "-inf": "-math.inf", "nan": "math.nan"}.get(repr(value), repr(value))
