"""The network: a column of units for each layer, what each unit answers, and the links by sign and size.

A unit can be taken in hand, by the cursor keys or the mouse: its card then shows its sum worked out for one sample.
What is in hand is told to the session, which computes its numbers only while this panel shows them.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar

import numpy as np
from textual import events
from textual.binding import BindingType

from dltui.core.commands import Hold
from dltui.core.layers import DEFAULT as DEFAULT_LAYER
from dltui.core.snapshot import HeldUnit, LayerStats, Snapshot
from dltui.core.text import safe_text

from ..draw.backprop_page import backprop_page, layer_of_step, n_steps
from ..draw.cells import Row, fit_row, message
from ..draw.format import count
from ..draw.graph import Level, network, places_of
from ..draw.unit_card import low_card, unit_card
from ..keys import bindings
from ..messages import Send
from .panel import Panel
from .verbs import ActAsked, InHand

INPUT = "input"
"""Name of what a network is given, among what its layers show."""
WIDE_CARD, LEAST_BESIDE = 46, 84
"""Cells of a card beside the drawing, and cells of a panel from which on it stands there."""
LOW_CARD, LEAST_BELOW = 4, 13
"""Rows of a card below the drawing, and rows of a panel from which on it stands there."""


class NetworkView(Panel):
    """Units, maps and links, and the card of the unit in hand."""

    NEEDS = frozenset({"unit_maps", "weights", "images", "held"})
    LABEL = "Network"

    GROUP = "net"
    BINDINGS: ClassVar[list[BindingType]] = bindings(GROUP)

    def __init__(self, *, framed: bool = True, id: str | None = None) -> None:
        super().__init__(framed=framed, id=id)
        self.taken = ""
        """The layer in hand; "" for none."""
        self.unit, self.source, self.sample = 0, 0, 0
        """Unit, weight and sample that are looked at."""
        self.pass_step = -1
        """Step of backpropagation that is shown; -1: none."""

    # What is in hand.

    @property
    def held(self) -> HeldUnit | None:
        """What the session says of the unit in hand; None before it does."""
        found = self.snapshot.held if self.snapshot is not None else None
        return found if found is not None and (found.layer, found.unit) == (self.taken, self.unit) else None

    def take(self, layer: str, unit: int) -> None:
        """Take a unit in hand; "" lets go."""
        if not layer:
            self.pass_step = -1
        if (layer, unit) != (self.taken, self.unit):
            self.taken, self.unit, self.source = layer, unit, 0
            self._tell()

    def _tell(self) -> None:
        self.post_message(Send(Hold(self.taken, self.unit, self.sample, self.pass_step >= 0)))
        self.update()

    def _place(self) -> tuple[list[Level], list[str], int]:
        """The levels, their layers, and the one in hand (-1 for none)."""
        if self.snapshot is None or not self.snapshot.layers:
            return [], [], -1
        levels, names = _levels(self.snapshot), [INPUT, *(layer.name for layer in _drawn(self.snapshot))]
        return levels, names, names.index(self.taken) if self.taken in names else -1

    def action_select_level(self, by: int) -> None:
        """Go to the layer before (-1) or behind (1), to the unit at the same height."""
        levels, names, at = self._place()
        if levels:
            old = levels[at].n_units if at >= 0 else 1
            new = min(max(at + by, 0), len(levels) - 1) if at >= 0 else min(1, len(levels) - 1)
            self.take(names[new], min(self.unit * levels[new].n_units // old, levels[new].n_units - 1))

    def action_select_unit(self, by: int) -> None:
        """Go to the unit above (-1) or below (1)."""
        levels, names, at = self._place()
        if at < 0:
            self.action_select_level(1)
        else:
            self.take(names[at], min(max(self.unit + by, 0), levels[at].n_units - 1))

    def action_select_weight(self, by: int) -> None:
        """Go to the weight before (-1) or behind (1); the bias comes last."""
        if self.held is not None:
            self.source = min(max(self.source + by, 0), self._last_weight(self.held))
            self.update()
        else:
            self.action_select_unit(0)

    def action_select_sample(self, by: int) -> None:
        """Work it out for the sample before (-1) or behind (1)."""
        if self.taken:
            self.sample += by
            self._tell()
        else:
            self.action_select_level(1)

    def action_act(self) -> None:
        """Show what can be done to what is in hand."""
        if not self.taken:
            self.action_select_level(1)
        if self.taken:
            n_sources = len(self.held.weights) if self.held is not None else 0
            self.post_message(ActAsked(InHand(self.taken, self.unit, self.source, n_sources)))

    def action_pass_signals(self, by: int) -> None:
        """The next step of backpropagation for the sample, or the one before; behind the last it begins again."""
        if not self.taken:
            self.action_select_level(1)
        held, began = self.held, self.pass_step < 0
        signals = held.signals if held is not None else None
        n = n_steps(signals) if signals is not None else 1
        self.pass_step = 0 if began else (self.pass_step + by) % n
        layer = layer_of_step(signals, self.pass_step) if signals is not None and signals.layers else ""
        if began:
            self._tell()
        elif layer:
            self.take(layer, 0)
        self.update()

    def action_let_go(self) -> None:
        """Leave backpropagation, or show the drawing alone."""
        if self.pass_step >= 0:
            self.pass_step = -1
            self._tell()
        else:
            self.take("", 0)

    @staticmethod
    def _last_weight(held: HeldUnit) -> int:
        return max(len(held.weights) - (0 if np.isfinite(held.bias) else 1), 0)

    def on_click(self, event: events.Click) -> None:
        """Take the unit or the weight that was clicked; with the right button, show what can be done to it."""
        if event.chain > 1:
            return
        columns, rows = self.size.width - 2, self.size.height - 2
        x, y = int(event.x) - 1, int(event.y) - 1
        wide, tall = self._drawing_size(columns, rows)
        if 0 <= x < wide and 0 <= y < tall:
            levels, names, _ = self._place()
            places = places_of(wide, tall, levels, self.look) if levels else None
            found = places.unit_at(x, y) if places is not None else None
            if found is not None:
                self.take(names[found[0]], found[1])
            elif event.button == 1:
                self.take("", 0)
        elif self.taken and event.button == 1:
            self._click_card(y)
        if event.button == 3:
            self.action_act()

    def _click_card(self, y: int) -> None:
        """Choose the weight of a line of the card; its first line shows what can be done."""
        if y == 0 or self.held is None or not self._beside(self.size.width - 2):
            self.action_act()
            return
        card = self._card(self.held, WIDE_CARD - 2, self.size.height - 2)
        line = "".join(text for text, _ in card[y]) if y < len(card) else ""
        names = [*self.held.sources, "bias"]
        found = [k for k, name in enumerate(names) if line[2:].startswith(f"{safe_text(name, 11)} ")]
        if found:
            self.source = found[0]
            self.update()

    # What is drawn.

    def content_key(self) -> tuple[object, ...]:
        """See `Panel`."""
        snapshot = self.snapshot
        if snapshot is None:
            return ()
        layers = tuple((layer.name, layer.activation) for layer in snapshot.layers)
        hand = (self.taken, self.unit, self.source, self.pass_step, snapshot.held, snapshot.config.network.muted)
        return (*snapshot.unit_maps, *snapshot.weights, *snapshot.images, layers, snapshot.input_names, hand)

    def paint(self, columns: int, rows: int) -> list[Row]:
        """See `Panel`."""
        if self.snapshot is None or not self.snapshot.layers:
            return message("no network yet", columns, rows)
        levels, names, at = self._place()
        chosen = (at, self.unit) if at >= 0 else None
        muted = {(names.index(layer), unit) for layer, unit in _muted(self.snapshot) if layer in names}
        wide, tall = self._drawing_size(columns, rows)
        drawing = network(wide, tall, levels, look=self.look, chosen=chosen, muted=muted)
        if wide == columns and tall == rows:
            return drawing
        held = self.held
        if held is None:
            card = message("working it out", columns - wide - 2 if wide < columns else columns, rows - tall or rows)
        elif wide < columns:
            card = self._card(held, columns - wide - 2, rows)
        else:
            below = rows - tall
            passes = self.pass_step >= 0
            card = (
                backprop_page(columns, below, held, self.pass_step)
                if passes
                else low_card(held, self.source, columns, below)
            )
        if wide == columns:
            return [*drawing, *card]
        blank: Row = [(" " * (columns - wide - 2), "")]
        card += [blank] * (rows - len(card))
        line = "│" if self.look.unicode else "|"
        return [[*left, (f"{line} ", "frame"), *right] for left, right in zip(drawing, card, strict=True)]

    def _card(self, held: HeldUnit, columns: int, rows: int) -> list[Row]:
        if self.pass_step >= 0:
            return backprop_page(columns, rows, held, self.pass_step)
        return [fit_row(row, columns) for row in unit_card(columns, rows, held, self.source, look=self.look)]

    def _beside(self, columns: int) -> bool:
        return columns >= LEAST_BESIDE

    def _drawing_size(self, columns: int, rows: int) -> tuple[int, int]:
        """Cells of the drawing, beside or above the card of what is in hand."""
        if not self.taken:
            return columns, rows
        if self._beside(columns):
            return columns - WIDE_CARD, rows
        low = LOW_CARD if self.pass_step < 0 else rows // 2
        return (columns, rows - low) if rows >= LEAST_BELOW else (columns, max(rows - 1, 1))

    def legend(self) -> Row:
        """Colors of the signs, or without color their strokes."""
        if self.snapshot is None or not self.snapshot.weights:
            return []
        line = "━" if self.look.unicode else "-"
        positive, negative = (line * 3, f"{line} {line}") if self.look.strokes else (line, line)
        return [(f"{positive} positive  ", "positive"), (f"{negative} negative", "negative")]


def _muted(snapshot: Snapshot) -> list[tuple[str, int]]:
    words = [word.rpartition(".") for word in snapshot.config.network.muted]
    return [(layer, int(number) - 1) for layer, _, number in words if number.isdecimal()]


def _drawn(snapshot: Snapshot) -> list[LayerStats]:
    """The layers that are a column of the drawing."""
    return [layer for layer in snapshot.layers if layer.shape or layer.n_parameters]


def _levels(snapshot: Snapshot) -> list[Level]:
    maps = _pictures(snapshot) | {one.name: one.maps for one in snapshot.unit_maps}
    weights = {one.name: one.matrix for one in snapshot.weights}
    levels = [_inputs(snapshot, maps)]
    for layer in _drawn(snapshot):
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
