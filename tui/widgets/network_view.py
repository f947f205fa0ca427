"""The network: a column of units for each layer, what each unit answers, and the links by sign and size."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from dltui.core.layers import DEFAULT as DEFAULT_LAYER
from dltui.core.snapshot import LayerStats, Snapshot
from dltui.core.text import safe_text

from ..draw.cells import Row, message
from ..draw.format import count
from ..draw.graph import Level, network
from .panel import Panel

INPUT = "input"
"""Name of what a network is given, among what its layers show."""


class NetworkView(Panel):
    """Units, maps and links."""

    NEEDS = frozenset({"unit_maps", "weights", "images"})
    LABEL = "Network"

    def content_key(self) -> tuple[object, ...]:
        """See `Panel`."""
        snapshot = self.snapshot
        if snapshot is None:
            return ()
        layers = tuple((layer.name, layer.activation) for layer in snapshot.layers)
        return (*snapshot.unit_maps, *snapshot.weights, *snapshot.images, layers, snapshot.input_names)

    def paint(self, columns: int, rows: int) -> list[Row]:
        """See `Panel`."""
        if self.snapshot is None or not self.snapshot.layers:
            return message("no network yet", columns, rows)
        return network(columns, rows, _levels(self.snapshot), look=self.look)

    def legend(self) -> Row:
        """Colors of the signs, or without color their strokes."""
        if self.snapshot is None or not self.snapshot.weights:
            return []
        line = "━" if self.look.unicode else "-"
        positive, negative = (line * 3, f"{line} {line}") if self.look.strokes else (line, line)
        return [(f"{positive} positive  ", "positive"), (f"{negative} negative", "negative")]


def _levels(snapshot: Snapshot) -> list[Level]:
    maps = _pictures(snapshot) | {one.name: one.maps for one in snapshot.unit_maps}
    weights = {one.name: one.matrix for one in snapshot.weights}
    levels = [_inputs(snapshot, maps)]
    for layer in snapshot.layers:
        if not layer.shape and not layer.n_parameters:
            continue
        units = len(maps[layer.name]) if layer.name in maps else (layer.shape[0] if layer.shape else 1)
        usual = layer.activation or layer.kind == DEFAULT_LAYER
        label = f"{count(units)} {layer.activation if usual else layer.kind}".strip()
        links = _links(weights.get(layer.name), layer, levels[-1].n_units)
        levels.append(Level(safe_text(label, 24), units, _bounded(maps.get(layer.name)), links))
    return levels


def _inputs(snapshot: Snapshot, maps: Mapping[str, np.ndarray]) -> Level:
    shape = snapshot.input_shape
    n_inputs = int(np.prod(shape)) if shape else max(len(snapshot.input_names), 1)
    label = "×".join(map(str, shape)) if len(shape) > 1 else str(n_inputs)
    picture = maps.get(INPUT) if len(shape) == 3 else None
    if picture is not None:
        low, high = float(np.nanmin(picture)), float(np.nanmax(picture))
        return Level(label, len(picture), (picture - low) / (high - low or 1.0), gray=True)
    names = tuple(safe_text(name, 16) for name in snapshot.input_names)
    plane = _input_maps(next(iter(maps.values())).shape[-1]) if maps and n_inputs == 2 else None
    return Level(label, n_inputs, plane, names=names)


def _pictures(snapshot: Snapshot) -> dict[str, np.ndarray]:
    """What a layer that answers with pictures shows of one sample, after its activation."""
    return {one.name.partition(".")[0]: one.images for one in snapshot.images if one.kind == "maps"}


def _bounded(maps: np.ndarray | None) -> np.ndarray | None:
    """Maps in [-1, 1]."""
    if maps is None or not float(np.nanmax(np.abs(maps), initial=0.0)) > 1:
        return maps
    # Units without an upper limit (ReLU, linear) are shown by their own largest answer.
    largest = np.nanmax(np.abs(maps), axis=(1, 2), keepdims=True)
    return np.asarray(maps / np.maximum(largest, 1.0))


def _links(matrix: np.ndarray | None, layer: LayerStats, n_before: int) -> np.ndarray | None:
    """The weights of a layer by the units before it; None where that cannot be said.

    What a picture's units answer is laid out pixel by pixel: of the weights of one unit the largest is drawn.
    """
    if matrix is None or not matrix.size:
        return None
    n_inputs = matrix.shape[1]
    if n_inputs <= n_before:
        return matrix
    cut = layer.n_parameters > matrix.shape[0] * (n_inputs + 1)
    if cut or n_inputs % n_before:
        return None
    grouped = matrix.reshape(len(matrix), n_before, -1)
    largest = np.abs(grouped).argmax(axis=2)[..., None]
    return np.asarray(np.take_along_axis(grouped, largest, axis=2)[..., 0])


def _input_maps(k: int) -> np.ndarray:
    line = np.linspace(-1, 1, k)
    across, up = np.meshgrid(line, line[::-1])
    return np.stack([across, up])
