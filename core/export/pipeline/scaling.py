"""The scaling of inputs, and of values to be predicted, as a computation: in 64 bits, as it was done in training."""

from __future__ import annotations

import numpy as np

from ...config.arguments import LARGEST
from ...data import Data
from ...graph import GraphPlace, Value
from ...registry import families
from .network import stated


def scaled(x: Value, data: Data, columns: np.ndarray | None = None) -> Value:
    """Inputs in the units of the data as the network takes them, float32.

    Args:
        x: float64 (n, n_inputs) or (n, channels, height, width); with `columns` those of the columns alone.
        data: What is known of the data.
        columns: Bool (n_inputs,): the columns in `x`; None for all.

    Raises:
        ConfigError: The scaler does not say what it computes.
    """
    member = families["scalers"][data.scaler]
    shape = (-1,) if columns is not None or len(data.input_shape) == 1 else (-1, 1, 1)
    fitted = {name: (array if columns is None else array[columns]) for name, array in data.fitted.items()}
    fitted = {name: array.reshape(shape) for name, array in fitted.items()}
    at = GraphPlace(settings=data.scaler_settings, input=data.input_shape, fitted=fitted)
    y = stated(member.graph, "scaler", member.name)(x, at)
    return y.clip(-LARGEST, LARGEST).cast("float32")


def in_unit(y: Value, data: Data) -> Value:
    """Values as they were learned in the unit of the target, float32; classes as they are.

    Raises:
        ConfigError: The scaler does not say what it computes.
    """
    member = families["scalers"][data.target_scaler]
    if data.task != "values" or member.inverse is None or not data.target_fitted:
        return y
    at = GraphPlace(settings=data.target_scaler_settings, input=(data.n_outputs,), fitted=data.target_fitted)
    return stated(member.graph_inverse, "scaler", member.name)(y.cast("float64"), at).cast("float32")
