"""Contract of an initializer: draws one weight tensor from uniform or normal numbers that depend on the seed alone."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from ..registry import Param, Settings


@dataclass(frozen=True, kw_only=True)
class Draw:
    """What an initializer may use."""

    shape: tuple[int, ...]
    """PyTorch's shape of the weight: (out, in) or (out, in, kh, kw)."""
    fan_in: int
    """Inputs summed up by one output."""
    fan_out: int
    """Outputs one input has a part in."""
    gain: float
    """√2 for the ReLU family, 5/3 for tanh, 1 otherwise: `torch.nn.init.calculate_gain`."""
    uniform: Callable[[int], np.ndarray]
    """n -> n independent float64 in (0, 1); the same numbers at each call."""
    normal: Callable[[int], np.ndarray]
    """n -> n independent standard normal float64; the same numbers at each call."""


@dataclass(frozen=True, kw_only=True)
class Initializer:
    """One distribution of initial weights."""

    name: str
    """Key in presets: "he_normal"."""
    title: str
    """Name for people."""
    summary: str
    """One line for the picker."""
    formula: str
    """In plain text."""
    paper: str
    """Authors, year and identifier, or "common practice"."""
    params: tuple[Param, ...] = ()
    """Settings."""
    draw: Callable[[Draw, Settings], np.ndarray]
    """(draw, settings) -> float64 array of `draw.shape`."""
    by_activation: bool = False
    """Whether the initializer named by the activation after the layer draws in its place, where there is one."""


def scaled_normal(draw: Draw, std: float) -> np.ndarray:
    """Normal numbers of mean 0 in the weight's shape."""
    return std * draw.normal(math.prod(draw.shape)).reshape(draw.shape)


def scaled_uniform(draw: Draw, bound: float) -> np.ndarray:
    """Uniform numbers in (-bound, bound) in the weight's shape."""
    return bound * (2.0 * draw.uniform(math.prod(draw.shape)).reshape(draw.shape) - 1.0)
