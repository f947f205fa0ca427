"""Sixteen floats as one value, for kernels."""

from __future__ import annotations

from .functions import erf, exp, log, log1p_exp, maximum, minimum, sigmoid, tanh
from .lanes import put4, store4_at, store_four, total, total4
from .types import FLOAT_BYTES, LANES, VECTOR, VECTOR_BYTES, Address, Mask, Number, Vector, Whole
from .vectors import (
    absolute,
    any_lane,
    broadcast,
    floor,
    fma,
    lanes_below,
    load,
    load_at,
    splat,
    sqrt,
    store,
    store_at,
    where,
)

__all__ = [
    "FLOAT_BYTES",
    "LANES",
    "VECTOR",
    "VECTOR_BYTES",
    "Address",
    "Mask",
    "Number",
    "Vector",
    "Whole",
    "absolute",
    "any_lane",
    "broadcast",
    "erf",
    "exp",
    "floor",
    "fma",
    "lanes_below",
    "load",
    "load_at",
    "log",
    "log1p_exp",
    "maximum",
    "minimum",
    "put4",
    "sigmoid",
    "splat",
    "sqrt",
    "store",
    "store4_at",
    "store_at",
    "store_four",
    "tanh",
    "total",
    "total4",
    "where",
]
