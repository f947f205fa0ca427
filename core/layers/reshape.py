"""Reshape: a list of units seen as an image, so that convolutions can follow; the values stay where they are."""

from __future__ import annotations

from math import prod

from ..errors import ConfigError
from ..registry import Param, Settings
from .base import Layer, Plan, Shape


def plan(shape: Shape, settings: Settings) -> Plan:
    """The image; it must have as many units as the input."""
    n_units = prod(shape)
    output = tuple(int(settings[name]) for name in ("channels", "height", "width"))
    if prod(output) != n_units:
        channels, height, _ = output
        rest, left = divmod(n_units, channels * height)
        raise ConfigError(
            f"makes {' x '.join(map(str, output))} = {prod(output)} units of an input of {n_units}",
            field="width",
            value=output[2],
            allowed=f"{rest} with these channels and height"
            if not left
            else f"channels, height and width whose product is {n_units}",
        )
    return Plan(output=output, alias=True)


RESHAPE = Layer(
    name="reshape",
    prefix="reshape",
    title="Reshape",
    summary="Treats a list of units as an image of channels, rows and columns.",
    formula="y[c,i,j] = x[(c height + i) width + j]",
    paper="common practice",
    params=(
        Param(name="channels", default=1, low=1, high=65536, summary="Channels of the image."),
        Param(name="height", default=1, low=1, high=65536, unit="pixels", summary="Rows of the image."),
        Param(name="width", default=1, low=1, high=65536, unit="pixels", summary="Columns of the image."),
    ),
    plan=plan,
    forward=None,
    backward=None,
)
