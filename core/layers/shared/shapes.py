"""Checks shared by the layers that work on images: where a shape cannot work, the setting that is wrong is named."""

from __future__ import annotations

from typing import Any

import numpy as np

from ...errors import ConfigError
from ...graph import GraphPlace
from ...registry import Settings
from ..base import Plan, Shape


def image(shape: Shape, kind: str) -> tuple[int, int, int]:
    """(channels, height, width) of an image.

    Raises:
        ConfigError: The input is a list of units.
    """
    if len(shape) != 3:
        raise ConfigError(
            f"needs an image, and its input has {shape[0]} units in a row",
            field="kind",
            value=kind,
            allowed="an input of channels, height and width; a reshape layer before it makes one",
        )
    return shape[0], shape[1], shape[2]


def window_output(shape: Shape, kernel: int, stride: int, padding: int = 0) -> tuple[int, int]:
    """Rows and columns of the places a window can take.

    Raises:
        ConfigError: The window is larger than the image with its padding.
    """
    _, height, width = shape
    most = min(height, width) + 2 * padding
    if kernel > most:
        raise ConfigError(
            f"is larger than its input of {height} x {width}" + (f" with padding {padding}" if padding else ""),
            field="kernel",
            value=kernel,
            allowed=f"a whole number in [1, {most}]",
        )
    return (height + 2 * padding - kernel) // stride + 1, (width + 2 * padding - kernel) // stride + 1


def pooled_plan(shape: Shape, settings: Settings, kind: str) -> Plan:
    """Plan of a layer that makes one value of every window of every channel."""
    channels, height, width = image(shape, kind)
    size, step = int(settings["kernel"]), int(settings["stride"])
    rows, columns = window_output(shape, size, step)
    return Plan(output=(channels, rows, columns), cells=(channels, height, width, rows, columns, size, step))


def window_attributes(at: GraphPlace) -> dict[str, Any]:
    """How ONNX writes down the windows of a layer."""
    size, stride = int(at.settings["kernel"]), int(at.settings["stride"])
    return {"kernel_shape": [size] * 2, "strides": [stride] * 2, "pads": [int(at.settings.get("padding", 0))] * 4}


def middle(shape: Shape, settings: Settings) -> np.ndarray | None:
    """The window that passes a channel on as it is: 1 in the middle; None where the image would change its size."""
    size, stride, padding = (int(settings[name]) for name in ("kernel", "stride", "padding"))
    if size % 2 == 0 or stride != 1 or 2 * padding != size - 1:
        return None
    window = np.zeros((size, size))
    window[size // 2, size // 2] = 1.0
    return window
