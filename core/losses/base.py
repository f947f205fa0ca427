"""Contract of a loss.

The kernel gets a row: `X` holds the network's outputs (logits for classes), `TARGET` the targets in the same layout
(one-hot for classes, values otherwise), `DX` receives the gradient of the mean loss by the outputs, 0 in the lanes
past the batch. `RESULT` (float64) receives [mean loss of the batch, weight of the batch]; its third number is given:
the share of every target that was spread evenly over all classes.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from ..graph import GraphForm, GraphPlace, Value
from ..kernel import Kernel
from ..registry import Param


@dataclass(frozen=True, kw_only=True)
class Loss:
    """One loss function."""

    name: str
    """Key in presets: "cross_entropy"."""
    title: str
    """Name for people."""
    summary: str
    """One line for the picker."""
    formula: str
    """In plain text."""
    paper: str
    """Authors, year and identifier, or "common practice"."""
    params: tuple[Param, ...] = ()
    """Settings, in the order in which kernels read them."""
    gradient: Kernel
    """Mean loss over the batch and its gradient."""
    tasks: tuple[str, ...]
    """What it can be used for: "classes", "values"."""
    outputs: str = "per_target"
    """"per_target": one output a class or a value; "single": one output for two classes."""
    weighs_classes: bool = False
    """Whether it reads `STATE`: float32 (classes,), the weight of each class, or 0 where all count alike."""
    link: Callable[[np.ndarray], np.ndarray]
    """Outputs (n, n_outputs) to predictions: softmax, the logistic function, or the identity."""
    graph: GraphForm | None = None
    """`link` in operations that other programs know; None: a network with it cannot be exported where that has to be
    said."""
    torch: str = ""
    """The mean loss of a batch in PyTorch; "" where it has none. Given are `outputs`, `target` (class numbers, or
    values), `shares` (values, or what each class has of a target after smoothing) and `weight` (of classes, or None);
    settings and `{smoothing}` are in braces."""


def unchanged(outputs: np.ndarray) -> np.ndarray:
    """The outputs as they are: float64 (n, n_outputs)."""
    return outputs.astype(np.float64)


def softmax(outputs: np.ndarray) -> np.ndarray:
    """Logits (n, classes) to probabilities, float64 (n, classes)."""
    powers = np.exp(outputs.astype(np.float64) - outputs.max(axis=1, keepdims=True))
    result: np.ndarray = powers / powers.sum(axis=1, keepdims=True)
    return result


def softmax_form(x: Value, at: GraphPlace) -> Value:
    """The same in operations."""
    return x.op("Softmax", axis=1)
