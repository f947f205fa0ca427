"""Contract of an activation: a function of one value, applied to every unit of a layer.

Both kernels get the address of a table row (drawn in `kernel/cells.py`): `X` holds the inputs z, `Y` the outputs a,
`DY` the gradient of the loss by a, `DX` receives the gradient by z. `PARAMS` holds the settings in the order of
`params`.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from ..graph import GraphForm
from ..kernel import Kernel, helper
from ..registry import Param, Settings
from ..simd import Vector, minimum, splat, tanh


@dataclass(frozen=True, kw_only=True)
class Activation:
    """One activation function."""

    name: str
    """Key in presets: "leaky_relu"."""
    title: str
    """Name for people: "Leaky ReLU"."""
    summary: str
    """One line for the picker."""
    formula: str
    """In plain text: "max(0, z)"."""
    paper: str
    """Authors, year and identifier, or "common practice"."""
    params: tuple[Param, ...] = ()
    """Settings; `negative_slope` and the like."""
    forward: Kernel
    """a = f(z)."""
    backward: Kernel
    """dz = da * f'(z)."""
    gain: str = "glorot_uniform"
    """Initializer `auto` takes for layers in front of it: "he_normal", "glorot_uniform" or "lecun"."""
    gain_factor: float | Callable[[Settings], float] = 1.0
    """What an initializer that asks for it multiplies the weights by, so that signals keep their size through the
    activation: `torch.nn.init.calculate_gain`. A function of the settings where it depends on them."""
    saturates: tuple[float, float] | None = None
    """Output bounds between which a unit is alive; None for functions without flat ends."""
    learned: tuple[Param, ...] = ()
    """Learned settings, one value per layer, updated by the optimizer (PReLU's slope)."""
    graph: GraphForm | None = None
    """What an evaluation computes, in operations that other programs know; None: a network with it cannot be exported
    where that has to be said."""


@helper
def exp_less_one(z: Vector) -> Vector:
    """exp(min(z, 0)) - 1, for kernels.

    Mathematics: 2 t / (1 - t) with t = tanh(z/2), because near zero the difference itself would lose its digits.
    """
    t = tanh(minimum(z, splat(np.float32(0.0))) * 0.5)
    return 2.0 * t / (1.0 - t)
