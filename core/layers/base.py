"""Contract of a layer.

Values lie unit-major with the samples in the vector lanes (drawn in `kernel/cells.py`): unit u of sample s is float
`16 * (u * stride + s // 16) + s % 16` of a buffer, where images count their units as (channel, row, column). So
flattening is free, and every layer loops over vectors of 16 samples with the weight broadcast.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from ..graph import GraphForm
from ..kernel import Kernel
from ..registry import Param, Settings

Shape = tuple[int, ...]
"""(units,) or (channels, height, width)."""


@dataclass(frozen=True, kw_only=True)
class Tensor:
    """One array of weights a layer owns."""

    name: str
    """"weight" or "bias"."""
    shape: Shape
    """PyTorch's shape."""
    fan_in: int = 0
    """Inputs summed up by one output."""
    fan_out: int = 0
    """Outputs one input has a part in."""
    fill: float | None = None
    """Start value; None: drawn by the initializer."""
    to_store: Callable[[np.ndarray], np.ndarray] | None = None
    """PyTorch's shape -> the order in memory (flattened by the caller); None: as it is."""
    from_store: Callable[[np.ndarray], np.ndarray] | None = None
    """The flat memory -> PyTorch's shape; None: reshape."""


@dataclass(frozen=True, kw_only=True)
class Plan:
    """What a layer needs for one input shape."""

    output: Shape
    """Shape of its outputs."""
    tensors: tuple[Tensor, ...] = ()
    """Learned arrays, at most two: their addresses go to cells `W`/`GW` and `B`/`GB`."""
    buffers: tuple[tuple[str, Shape, float], ...] = ()
    """Arrays that are kept but not learned (running statistics): name, shape, start value; one after the other at cell
    `STATE`."""
    scratch_units: int = 0
    """Extra units of scratch in the layout of the values, for what backward must remember; at cell `SCRATCH`."""
    cells: tuple[int, ...] = ()
    """Whole numbers the kernels read from cell `EXTRA` on."""
    alias: bool = False
    """Output is the input seen in another shape; no kernels run."""


@dataclass(frozen=True, kw_only=True)
class Sums:
    """What a layer of weighted sums promises, so that its channels can be copied, dropped and passed on in mid-run.

    Its inputs and its outputs are channels, one after the other, of equally many places each (in a dense layer, of one
    place). Its first tensor is the weight w, its second the bias b, one number an output channel, and

        y[o] = b[o] + Σ over c of S(w[o, c], x[c])

    where S is linear in both and the same for all channels: a product for a dense layer, a convolution for images.
    """

    outputs: int = 0
    """Axis of the weight's shape along which the output channels lie."""
    inputs: int = 1
    """Axis along which the input channels lie."""
    identity: Callable[[Shape, Settings], np.ndarray | None] | None = None
    """(input shape, settings) -> the window with which a channel is passed on as it is, S(window, x) = x: an array of
    the weight's shape without its two channel axes. None: these settings, or the layer, allow no such window."""


@dataclass(frozen=True, kw_only=True)
class Layer:
    """One kind of layer.

    The fields from `sums` on are promises about the numbers a layer computes. A run whose network is changed relies on
    them to keep its answers. They may be left out: such a layer keeps its weights while it and all before it stay as
    they are, and begins anew where it cannot.
    """

    name: str
    """Its `kind` in a preset: "conv2d"."""
    prefix: str
    """Name of its instances without the number: "conv" in "conv1"."""
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
    plan: Callable[[Shape, Settings], Plan]
    """(input shape, settings) -> plan. Raises ConfigError where the shape cannot work."""
    forward: Kernel | None
    """Computes its outputs; None for an alias."""
    backward: Kernel | None
    """Writes the gradients of its tensors, and of its input unless `DX` is 0."""
    parts: tuple[Kernel, ...] = ()
    """Kernels those two call by the addresses from cell `PARTS` on, at most four: compiled once for all layers that
    share them, and side by side."""
    takes_activation: bool = False
    """Whether the network's activation follows it."""
    width: str = ""
    """The setting that is the number of its output channels: "units", "filters"; "" for a layer that has none."""
    sums: Sums | None = None
    """What it promises as a layer of weighted sums; None: it is none."""
    normalizes: str = ""
    """"batch", "sample" or "": what the mean and the variance are taken over by which it normalizes its inputs.

    Its tensors are a factor and a shift, one number per channel each (or per unit), which start at 1 and 0; its setting
    `eps` is added to the variance. Over the batch, its buffers are the mean and the variance of each channel that an
    evaluation uses: y = (x - mean) / sqrt(variance + eps) factor + shift."""
    passes: str = ""
    """What an evaluation hands on, by a layer without weights. "units": every unit as it is (dropout). "means":
    weighted means of the values of each channel by itself (average pooling). "picks": values of each channel by itself,
    chosen by their size (max pooling). "": nothing that could be said so."""
    graph: GraphForm | None = None
    """What an evaluation computes, in operations that other programs know. Not needed for an alias, for a normalization
    over the batch and for a layer that passes units as they are: there the promises say it. None elsewhere: a network
    with it cannot be exported where that has to be said."""
