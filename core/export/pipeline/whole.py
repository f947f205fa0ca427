"""The whole computation of a run: from the cells of a row, or the array it is, to the answer a person reads."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from ...graph import Graph, Value, unchanged_form
from ...predict.predictor import Predictor
from ...registry import families
from ...tables.encode import Encoder
from ...text import distinct_texts
from .network import linked, network_outputs
from .scaling import in_unit, scaled
from .table import table_inputs

INPUT = "x"
"""Name of the input where the run was not trained on a table."""
LABEL, PROBABILITIES, PREDICTION = "label", "probabilities", "prediction"
"""Names of the outputs: the first two for classes, the last for values."""


def pipeline_graph(predictor: Predictor) -> Graph:
    """All that is done with rows.

    Raises:
        ConfigError: A member of the network does not say what it computes; names it.
    """
    graph = Graph()
    x = _inputs(graph, predictor)
    graph.start = len(graph.operations)
    outputs = network_outputs(graph, x, predictor)
    graph.end, graph.network = len(graph.operations), (x.name, outputs.name)
    outputs = linked(outputs, predictor)
    data, names = predictor.data, predictor.names
    if data.task == "values":
        graph.output(PREDICTION, in_unit(outputs, data), (data.n_outputs,))
        return graph
    if predictor.state.network.n_outputs == 1:
        outputs = (outputs * -1.0 + 1.0).op("Concat", outputs, axis=1)
    best = outputs.op("ArgMax", kind="int64", axis=1, keepdims=0)
    texts = graph.constant(np.array(names, object), "class_names")
    graph.output(LABEL, texts.op("Gather", best, axis=0), ())
    graph.output(PROBABILITIES, outputs, (len(names),))
    return graph


def column_names(encoder: Encoder) -> tuple[str, ...]:
    """What the inputs for the columns of a table are called."""
    return distinct_texts([plan.name for plan in encoder.plans], 80)


def _inputs(graph: Graph, predictor: Predictor) -> Value:
    data = predictor.data
    if data.encoder is not None:
        pairs = zip(data.encoder.plans, column_names(data.encoder), strict=True)
        plans = tuple(replace(plan, name=name) for plan, name in pairs)
        return table_inputs(graph, replace(data.encoder, plans=plans), data)
    about = ", ".join((*data.input_names, "in the units of the data"))
    if families["scalers"][data.scaler].graph is unchanged_form:
        return graph.input(INPUT, "float32", data.input_shape, about)
    return scaled(graph.input(INPUT, "float64", data.input_shape, about), data)
