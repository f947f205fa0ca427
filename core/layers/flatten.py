"""Flatten: an image seen as a list of units; the values stay where they are."""

from __future__ import annotations

from math import prod

from ..registry import Settings
from .base import Layer, Plan, Shape


def plan(shape: Shape, settings: Settings) -> Plan:
    """All units in the order of memory: channel, row, column."""
    return Plan(output=(prod(shape),), alias=True)


FLATTEN = Layer(
    name="flatten",
    prefix="flatten",
    title="Flatten",
    summary="Treats an image as a list of units, channel by channel.",
    formula="y[(c height + i) width + j] = x[c,i,j]",
    paper="common practice",
    plan=plan,
    forward=None,
    backward=None,
)
