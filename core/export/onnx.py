"""The whole pipeline of a run as an ONNX graph: holes filled, words to inputs, scales, network, classes, units.

It is given the cells of a table as they are, one input a column (numbers of 64 bits, as they were read in training;
NaN where one is missing), and gives the answer `dltui predict` gives. What no operation of ONNX can do, reading a date
or an amount that a person wrote, is left to the caller and said: in the file and in a text beside it.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import numpy as np

from ..errors import ConfigError
from ..graph import ML_DOMAIN, Graph, GraphNode
from ..predict.predictor import Predictor
from .base import ExportedRun, ExportFormat, library
from .pipeline.samples import sample_inputs
from .pipeline.whole import PREDICTION, PROBABILITIES, pipeline_graph
from .safetensors import about_run

OPSET, ML_OPSET, IR_VERSION = 20, 3, 9
"""Versions of what is written: the first with all activations as operations, which onnxruntime reads since 1.17."""
TOLERANCE = 1e-3
"""Difference up to which the answers of a file are those of the run; what 32 bits round away is far below."""
_TYPES = {"float32": "FLOAT", "float64": "DOUBLE", "int64": "INT64", "bool": "BOOL", "string": "STRING"}


def onnx_model(graph: Graph, about: Mapping[str, str]) -> Any:
    """A computation as `onnx.ModelProto`.

    Args:
        graph: From `pipeline_graph`.
        about: What its metadata say.

    Raises:
        ConfigError: The package is not installed.
    """
    onnx = library("onnx", "onnx")
    helper = onnx.helper
    inputs = [
        helper.make_tensor_value_info(one.name, _type(onnx, one.kind), ["n", *one.shape], one.about)
        for one in graph.inputs
    ]
    outputs = [
        helper.make_tensor_value_info(name, _type(onnx, value.kind), ["n", *shape])
        for name, (value, shape) in graph.outputs.items()
    ]
    tensors = [_tensor(onnx, name, array) for name, array in graph.constants.items()]
    nodes = [_node(onnx, operation) for operation in graph.operations]
    made = helper.make_graph(nodes, "dltui", inputs, outputs, tensors)
    opsets = [helper.make_opsetid("", OPSET), helper.make_opsetid(ML_DOMAIN, ML_OPSET)]
    model = helper.make_model(made, producer_name="dltui", opset_imports=opsets, ir_version=IR_VERSION)
    helper.set_model_props(model, dict(about))
    onnx.checker.check_model(model)
    return model


def _type(onnx: Any, kind: str) -> int:
    number: int = getattr(onnx.TensorProto, _TYPES[kind])
    return number


def _tensor(onnx: Any, name: str, array: np.ndarray) -> Any:
    if array.dtype.kind in "OU":
        texts = [str(text).encode() for text in array.ravel()]
        return onnx.helper.make_tensor(name, onnx.TensorProto.STRING, array.shape, texts)
    return onnx.numpy_helper.from_array(array, name)


def _node(onnx: Any, operation: GraphNode) -> Any:
    attributes = dict(operation.attributes)
    if "to" in attributes:
        attributes["to"] = _type(onnx, str(attributes["to"]))
    return onnx.helper.make_node(
        operation.name, [*operation.inputs], [operation.output], domain=operation.domain, **attributes
    )


def _size(shape: tuple[int, ...]) -> str:
    return " × ".join(map(str, ("n", *shape)))


def about_inputs(run: ExportedRun, graph: Graph) -> str:
    """What the graph takes and gives, for people, in Markdown."""
    steps = f"{run.bookmark.state.step:,}"
    lines = [f"# {run.title}", "", f"A network trained with dltui for {steps} steps. It takes, for n rows:", ""]
    lines += [f"* `{one.name}`, {one.kind}, {_size(one.shape)}: {one.about}" for one in graph.inputs]
    lines += ["", "and gives:", ""]
    names = ", ".join(run.predictor.names[:100])
    for name, (value, shape) in graph.outputs.items():
        of = f": {names}" if shape else ": the most probable class"
        lines.append(f"* `{name}`, {value.kind}, {_size(shape)}{of}")
    lines += [
        "",
        "Holes are filled, words made inputs and numbers scaled inside. Texts are compared as they are, without blanks",
        "around them; a word that was not there in training counts as any other word. Numbers and dates are given as",
        "numbers: what a person writes (`$1,200`, `3 March 2024`) is read before.",
    ]
    return "\n".join(lines) + "\n"


def check_answers(model: Any, graph: Graph, predictor: Predictor) -> None:
    """Refuse a file whose answers are not those of the run: a method of one's own may say wrongly what it computes.

    Raises:
        ConfigError: They are others, or the file cannot be run.
    """
    samples, wanted = sample_inputs(predictor, 8)
    given: dict[str, Any] = {one.name: samples[one.name].astype(_numpy_type(one.kind)) for one in graph.inputs}
    name = next(name for name in graph.outputs if name.startswith((PROBABILITIES, PREDICTION)))
    evaluator = library("onnx.reference", "onnx").ReferenceEvaluator(model)
    with np.errstate(all="ignore"):  # of a network that has diverged all rows may overflow
        (found,) = evaluator.run([name], given)
    rows = np.isfinite(wanted).all(axis=1)
    scale = 1.0 if predictor.data.task == "classes" else max(float(wanted[rows].std()), 1e-30) if rows.any() else 1.0
    worst = float(np.max(np.abs(found - wanted)[rows] / (scale + np.abs(wanted[rows])), initial=0.0))
    if not worst < TOLERANCE:
        raise ConfigError(
            f"answers otherwise than the run (by {worst:.1g}): does a method of your own say in its `graph` what it "
            "computes?",
            field="the file",
        )


def _numpy_type(kind: str) -> type:
    return object if kind == "string" else np.dtype(kind).type


def make(run: ExportedRun, stem: str) -> Mapping[str, bytes]:
    """The graph, and a text about it."""
    graph = pipeline_graph(run.predictor)
    inputs = [{"name": one.name, "type": one.kind, "give": one.about} for one in graph.inputs]
    about = {**about_run(run), "inputs": json.dumps(inputs, ensure_ascii=False)}
    model = onnx_model(graph, about)
    check_answers(model, graph, run.predictor)
    content: bytes = model.SerializeToString()
    return {f"{stem}.onnx": content, f"{stem}.onnx.md": about_inputs(run, graph).encode()}


ONNX = ExportFormat(
    name="onnx",
    title="ONNX",
    summary="The whole pipeline, from the cells of a row to the answer.",
    suffix=".onnx",
    make=make,
)
