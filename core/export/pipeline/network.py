"""A trained network as a computation: its stages one after the other, as an evaluation runs them.

What a member promises on its record (an alias, statistics of batches, units that are passed on as they are) is written
down from the promise; anything else says itself what it computes. A member that says neither is refused by its name.
"""

from __future__ import annotations

import numpy as np

from ...activations.base import Activation
from ...engine.network import Blend, Stage
from ...errors import ConfigError
from ...graph import Graph, GraphForm, GraphPlace, Value
from ...layers.base import Layer
from ...predict.predictor import Predictor


def network_outputs(graph: Graph, x: Value, predictor: Predictor) -> Value:
    """The outputs of the network before the link of its loss: float32 (n, n_outputs).

    Args:
        graph: What is added to.
        x: Scaled inputs, float32 (n, *input_shape).
        predictor: The network.

    Raises:
        ConfigError: A member does not say what it computes; names it.
    """
    state = predictor.state
    kept = {**predictor.parameters, **predictor.buffers}
    arrays = {name: graph.constant(array, name) for name, array in kept.items()}
    for stage in state.network.stages:
        x = _after(x, stage, arrays, state.step)
    return x.flat(state.network.stages[-1].output)


def linked(outputs: Value, predictor: Predictor) -> Value:
    """Predictions, from the outputs of the network: probabilities, or values as they were learned.

    Raises:
        ConfigError: The loss does not say what it makes of outputs.
    """
    network = predictor.state.network
    shape = (network.n_outputs,)
    at = GraphPlace(settings=predictor.config.loss.settings, input=shape, output=shape)
    return stated(network.loss.graph, "loss", network.loss.name)(outputs, at)


def stated(form: GraphForm | None, kind: str, name: str) -> GraphForm:
    """What a member says it computes.

    Raises:
        ConfigError: It does not say.
    """
    if form is None:
        raise ConfigError("does not say what it computes (its record has no `graph`)", field=f"the {kind} {name}")
    return form


def _after(x: Value, stage: Stage, arrays: dict[str, Value], step: int) -> Value:
    member = stage.member
    weights = tuple(arrays[span.name] for span in stage.weights)
    buffers = tuple(arrays[span.name] for span in stage.buffers)
    at = GraphPlace(settings=stage.settings, input=stage.input, output=stage.output, weights=weights, buffers=buffers)
    if isinstance(member, Activation):
        new = stated(member.graph, "activation", member.name)(x, at)
        return new if stage.earlier is None else _blended(x, new, stage.earlier, at, step)
    if not isinstance(member, Layer) or (member.graph is None and member.passes == "units"):
        return x  # hooks on hidden values act while training alone
    if not stage.runs:
        return x.reshape(-1, *stage.output)
    if member.graph is None and member.normalizes == "batch":
        return x.op("BatchNormalization", *weights, *buffers, epsilon=float(stage.settings["eps"]))
    return stated(member.graph, "layer", member.name)(x, at)


def _blended(x: Value, new: Value, blend: Blend, at: GraphPlace, step: int) -> Value:
    """The mix of two activations where one is fading into the other: as it stands at the step of the export."""
    past = step - blend.first_step
    if past >= blend.n_steps:
        return new
    share, member = 1.0 - past / blend.n_steps, blend.activation
    numbers = (np.array([blend.settings.get(param.name, param.default)], np.float32) for param in member.learned)
    learned = tuple(x.graph.constant(number) for number in numbers)
    place = GraphPlace(settings=blend.settings, input=at.input, output=at.output, weights=learned)
    old = stated(member.graph, "activation", member.name)(x, place)
    return new + (old - new) * share
