"""The network: a column of units for each layer, what each unit answers, and the links by sign and size."""

from __future__ import annotations

import numpy as np

from dltui.core.layers import DEFAULT as DEFAULT_LAYER
from dltui.core.snapshot import Snapshot
from dltui.core.text import safe_text

from ..draw.cells import Row, message
from ..draw.format import count
from ..draw.graph import Level, network
from .panel import Panel


class NetworkView(Panel):
    """Units, maps and links."""

    NEEDS = frozenset({"unit_maps", "weights"})
    LABEL = "Network"

    def content_key(self) -> tuple[object, ...]:
        """See `Panel`."""
        snapshot = self.snapshot
        if snapshot is None:
            return ()
        layers = tuple((layer.name, layer.activation) for layer in snapshot.layers)
        return (*snapshot.unit_maps, *snapshot.weights, layers, snapshot.input_names)

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
    maps = {one.name: one.maps for one in snapshot.unit_maps}
    weights = {one.name: one.matrix for one in snapshot.weights}
    n_inputs = int(np.prod(snapshot.input_shape)) if snapshot.input_shape else max(len(snapshot.input_names), 1)
    names = tuple(safe_text(name, 16) for name in snapshot.input_names)
    shape = "×".join(map(str, snapshot.input_shape)) if len(snapshot.input_shape) > 1 else str(n_inputs)
    inputs = _input_maps(next(iter(maps.values())).shape[-1]) if maps and n_inputs == 2 else None
    levels = [Level(shape, n_inputs, inputs, names=names)]
    for layer in snapshot.layers:
        if not layer.shape and not layer.n_parameters:
            continue
        units = len(maps[layer.name]) if layer.name in maps else (layer.shape[0] if layer.shape else 1)
        usual = layer.activation or layer.kind == DEFAULT_LAYER
        label = f"{count(units)} {layer.activation if usual else layer.kind}".strip()
        found = maps.get(layer.name)
        scale = float(np.nanmax(np.abs(found), initial=0.0)) if found is not None else 0.0
        if found is not None and scale > 1:
            # Units without an upper limit (ReLU, linear) are shown by their own largest answer.
            largest = np.nanmax(np.abs(found), axis=(1, 2), keepdims=True)
            found = found / np.maximum(largest, 1.0)
        matrix = weights.get(layer.name)
        levels.append(Level(safe_text(label, 24), units, found, matrix if matrix is not None and matrix.size else None))
    return levels


def _input_maps(k: int) -> np.ndarray:
    line = np.linspace(-1, 1, k)
    across, up = np.meshgrid(line, line[::-1])
    return np.stack([across, up])
