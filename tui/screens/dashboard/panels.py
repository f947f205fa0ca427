"""Which panels there are, for which tasks, and where they sit. A new panel is one row here.

A row names its widget instead of importing it, so that the frames can be painted before the libraries the panels draw
with are loaded.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from importlib import import_module
from typing import TYPE_CHECKING, cast

if TYPE_CHECKING:
    from textual.dom import DOMNode

    from dltui.core.snapshot import Snapshot

    from ...widgets.controls import ControlsPanel
    from ...widgets.panel import Panel

COLUMNS = ("left", "middle", "right")
"""The columns of a wide terminal."""

LOWEST_CHART = 8
"""Rows of a chart that a lesson names, at least."""
BRANCHED_LOSS, MOST_TREE_ROWS = 13, 10
"""Rows of the loss where branches differ from it, and most rows that are kept free for their tree."""
TABLE_FRAME, MOST_TABLE_ROWS = 3, 16
"""Rows of the table of layers beside those of the layers, and most rows that are kept free for it."""


OF_TABLES = ("loss", "score")
"""Panels that come first for a table of one's own: how good the answers are, in its unit."""


@dataclass(frozen=True)
class PanelInfo:
    """One panel of the dashboard."""

    id: str
    name: str
    """On a tab."""
    title: str
    """In the frame."""
    column: str
    rank: int
    """Who gets room first in a column, 0 first."""
    rows: int
    """Least height that makes sense, frame included."""
    share: int
    """Share of the column's height."""
    widget: str
    """Module of `widgets` and class in it."""
    fits: Callable[[Snapshot | None], bool]
    """Whether it has anything to say about this run."""

    @property
    def type(self) -> type[Panel] | type[ControlsPanel]:
        """The widget's class."""
        module, name = self.widget.split(".")
        return cast("type[Panel]", getattr(import_module(f"dltui.tui.widgets.{module}"), name))

    @property
    def needs(self) -> frozenset[str]:
        """Fields of the snapshot that are only computed when asked for."""
        return self.type.NEEDS


def _always(_snapshot: Snapshot | None) -> bool:
    return True


def _has(snapshot: Snapshot | None, *shape: int) -> bool:
    return snapshot is not None and snapshot.input_shape == shape


def _plane(snapshot: Snapshot | None) -> bool:
    return _has(snapshot, 2)


def _fit(snapshot: Snapshot | None) -> bool:
    return snapshot is not None and snapshot.task == "values" and _has(snapshot, 1) and snapshot.n_outputs == 1


def _many_classes(snapshot: Snapshot | None) -> bool:
    return snapshot is not None and snapshot.task == "classes" and not _plane(snapshot)


def _images(snapshot: Snapshot | None) -> bool:
    return snapshot is not None and len(snapshot.input_shape) == 3


def _scatter(snapshot: Snapshot | None) -> bool:
    table = snapshot is not None and snapshot.task == "values" and snapshot.n_outputs == 1
    return table and not _fit(snapshot) and not _plane(snapshot)


def _samples(snapshot: Snapshot | None) -> bool:
    return _many_classes(snapshot) or (_images(snapshot) and not _scatter(snapshot))


def _branches(snapshot: Snapshot | None) -> bool:
    return snapshot is not None and bool(snapshot.branches)


def _lesson(snapshot: Snapshot | None) -> bool:
    return snapshot is None or bool(snapshot.config.preset.lesson.strip() or snapshot.config.preset.tries)


# fmt: off
PANELS: tuple[PanelInfo, ...] = (
    PanelInfo("loss", "loss", "Loss", "left", 0, 8, 5, "loss_chart.LossChart", _always),
    PanelInfo("decision", "map", "Decision map", "middle", 0, 12, 5, "decision_map.DecisionPanel", _plane),
    PanelInfo("fit", "fit", "Fit", "middle", 0, 12, 5, "fit_curve.FitPanel", _fit),
    PanelInfo("scatter", "scatter", "Predicted ↑ true →", "middle", 0, 12, 5, "scatter_plot.ScatterPlot", _scatter),
    PanelInfo("samples", "samples", "Samples", "middle", 0, 9, 4, "samples.SamplesPanel", _samples),
    PanelInfo("confusion", "confusion", "Confusion", "middle", 1, 14, 5, "confusion.ConfusionMatrix", _many_classes),
    PanelInfo("network", "net", "Network", "middle", 2, 10, 4, "network_view.NetworkView", _always),
    PanelInfo("controls", "controls", "Controls", "right", 0, 10, 4, "controls.ControlsPanel", _always),
    PanelInfo("branches", "branches", "Branches", "left", 1, 5, 2, "branches.BranchTree", _branches),
    PanelInfo("rate", "rate", "Learning rate", "left", 1, 7, 3, "rate_chart.RateChart", _always),
    PanelInfo("score", "score", "Score", "left", 3, 14, 4, "metric_chart.MetricChart", _always),
    PanelInfo("layers", "layers", "Layers", "left", 2, 6, 2, "layer_table.LayerTable", _always),
    PanelInfo("events", "log", "What happened", "right", 2, 6, 2, "event_list.EventList", _always),
    PanelInfo("lesson", "lesson", "Lesson", "right", 1, 8, 5, "lesson.Lesson", _lesson),
    PanelInfo("weights", "weights", "Weights", "left", 4, 20, 3, "histograms.Histograms", _always),
    PanelInfo("doctor", "doctor", "Doctor", "right", 3, 12, 3, "doctor.Doctor", _always),
    PanelInfo("pictures", "filters", "Filters and maps", "middle", 3, 10, 4, "layer_pictures.LayerPictures", _images),
)
# fmt: on
"""Every panel, in the order of the tabs."""


def fitting(snapshot: Snapshot | None) -> tuple[str, ...]:
    """Names of the panels that have anything to say about a run, in the order of the tabs."""
    return tuple(info.id for info in PANELS if info.fits(snapshot))


def arranged(snapshot: Snapshot | None) -> list[PanelInfo]:
    """The panels that fit a run, with the ranks and the room that its lesson asks for.

    What a lesson names comes before all others of its column. Charts may then be as low as the lowest of them, and the
    table of layers gets a row for each layer.
    """
    infos = [info for info in PANELS if info.fits(snapshot)]
    if snapshot is None:
        return infos
    if snapshot.branches:
        infos = [_beside_branches(info, len(snapshot.branches)) for info in infos]
    named = snapshot.config.preset.panels or (OF_TABLES if "kinds" in snapshot.config.data.settings else ())
    return [_as_named(info, snapshot, named) if info.id in named else info for info in infos]


def _beside_branches(info: PanelInfo, n_branches: int) -> PanelInfo:
    """A panel where there are branches: the loss has room for their differences, the tree for a row each."""
    if info.id == "loss":
        return replace(info, rows=BRANCHED_LOSS, share=max(info.share, BRANCHED_LOSS // 2))
    if info.id == "branches":
        rows = min(n_branches + 2, MOST_TREE_ROWS)
        return replace(info, rows=rows, share=max(info.share, rows // 2))
    return info


def _as_named(info: PanelInfo, snapshot: Snapshot, named: Sequence[str]) -> PanelInfo:
    low = info.column == "left" and not (info.id in ("loss", "branches") and snapshot.branches)
    rows = min(info.rows, LOWEST_CHART) if low else info.rows
    if info.id == "layers":
        rows = max(rows, min(len(snapshot.layers) + TABLE_FRAME, MOST_TABLE_ROWS))
    return replace(info, rank=named.index(info.id) - len(named), rows=rows, share=max(info.share, rows // 2))


PANEL_KEYS = {
    "loss": "1",
    "decision": "2",
    "fit": "2",
    "scatter": "2",
    "samples": "2",
    "network": "3",
    "controls": "4",
    "rate": "5",
    "score": "6",
    "layers": "7",
    "events": "8",
    "lesson": "9",
    "pictures": "0",
    "confusion": "C",
    "weights": "W",
    "branches": "B",
    "doctor": "i",
}
"""The key that shows each panel, the same in every lesson. A run has one of the panels of what a network answers."""


def number_keys(ids: Sequence[str]) -> dict[str, str]:
    """The key that shows each of these panels.

    Example:
        >>> number_keys(["loss", "network"])
        {'loss': '1', 'network': '3'}
    """
    return {name: PANEL_KEYS[name] for name in ids if name in PANEL_KEYS}


def neighbor(ids: Sequence[str], here: str, by: int) -> str:
    """The panel so many places after one; the first, or going backward the last, where there is no such one.

    Example:
        >>> neighbor(("loss", "network", "rate"), "loss", -1)
        'rate'
    """
    return ids[(ids.index(here) + by) % len(ids)] if here in ids else ids[0 if by > 0 else -1]


def panel_of(node: DOMNode | None) -> str:
    """Name of the panel a widget belongs to; "" for none."""
    ids = [info.id for info in PANELS]
    while node is not None and node.id not in ids:
        node = node.parent
    return node.id or "" if node is not None else ""
