"""Which panels there are, for which tasks, and where they sit. A new panel is one row here.

A row names its widget instead of importing it, so that the frames can be painted before the libraries the panels draw
with are loaded.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from textual.dom import DOMNode
    from textual.widget import Widget

    from dltui.core.snapshot import Snapshot

COLUMNS = ("left", "middle", "right")
"""The columns of a wide terminal."""


@dataclass(frozen=True, kw_only=True)
class PanelInfo:
    """One panel of the dashboard."""

    id: str
    name: str
    """On a tab."""
    column: str
    rank: int
    """Who gets room first in a column, 0 first."""
    rows: int
    """Least height that makes sense, frame included."""
    share: int
    """Share of the column's height."""
    title: str
    """In the frame."""
    widget: str
    """Module of `widgets` and class in it; the widget has `show(snapshot)`."""
    fits: Callable[[Snapshot | None], bool]
    """Whether it has anything to say about this run."""

    def make(self) -> Widget:
        """A new widget."""
        widget: Widget = self.type()
        return widget

    @property
    def type(self) -> Any:
        """The widget's class."""
        module, name = self.widget.split(".")
        return getattr(import_module(f"dltui.tui.widgets.{module}"), name)

    @property
    def needs(self) -> frozenset[str]:
        """Fields of the snapshot that are only computed when asked for."""
        return getattr(self.type, "NEEDS", frozenset())


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


PANELS: tuple[PanelInfo, ...] = (
    PanelInfo(
        id="loss",
        name="loss",
        column="left",
        rank=0,
        rows=8,
        share=5,
        title="Loss",
        widget="loss_chart.LossChart",
        fits=_always,
    ),
    PanelInfo(
        id="decision",
        name="map",
        column="middle",
        rank=0,
        rows=12,
        share=5,
        title="Decision map",
        widget="decision_map.DecisionMap",
        fits=_plane,
    ),
    PanelInfo(
        id="fit",
        name="fit",
        column="middle",
        rank=0,
        rows=12,
        share=5,
        title="Fit",
        widget="fit_curve.FitCurve",
        fits=_fit,
    ),
    PanelInfo(
        id="scatter",
        name="scatter",
        column="middle",
        rank=0,
        rows=12,
        share=5,
        title="Predicted ↑ true →",
        widget="scatter.ScatterPlot",
        fits=_scatter,
    ),
    PanelInfo(
        id="samples",
        name="samples",
        column="middle",
        rank=0,
        rows=9,
        share=4,
        title="Samples",
        widget="samples.Samples",
        fits=_samples,
    ),
    PanelInfo(
        id="confusion",
        name="confusion",
        column="middle",
        rank=1,
        rows=14,
        share=5,
        title="Confusion",
        widget="confusion.ConfusionMatrix",
        fits=_many_classes,
    ),
    PanelInfo(
        id="network",
        name="net",
        column="middle",
        rank=2,
        rows=10,
        share=4,
        title="Network",
        widget="network_view.NetworkView",
        fits=_always,
    ),
    PanelInfo(
        id="controls",
        name="controls",
        column="right",
        rank=0,
        rows=18,
        share=5,
        title="Controls",
        widget="controls.ControlsPanel",
        fits=_always,
    ),
    PanelInfo(
        id="rate",
        name="rate",
        column="left",
        rank=1,
        rows=7,
        share=3,
        title="Learning rate",
        widget="rate_chart.RateChart",
        fits=_always,
    ),
    PanelInfo(
        id="score",
        name="score",
        column="left",
        rank=3,
        rows=14,
        share=4,
        title="Score",
        widget="metric_chart.MetricChart",
        fits=_always,
    ),
    PanelInfo(
        id="layers",
        name="layers",
        column="left",
        rank=2,
        rows=6,
        share=2,
        title="Layers",
        widget="layer_table.LayerTable",
        fits=_always,
    ),
    PanelInfo(
        id="events",
        name="log",
        column="right",
        rank=1,
        rows=6,
        share=2,
        title="What happened",
        widget="event_list.EventList",
        fits=_always,
    ),
    PanelInfo(
        id="lesson",
        name="lesson",
        column="right",
        rank=2,
        rows=8,
        share=2,
        title="Lesson",
        widget="lesson.Lesson",
        fits=_always,
    ),
    PanelInfo(
        id="weights",
        name="weights",
        column="left",
        rank=4,
        rows=20,
        share=3,
        title="Weights",
        widget="histograms.Histograms",
        fits=_always,
    ),
    PanelInfo(
        id="pictures",
        name="filters",
        column="middle",
        rank=3,
        rows=10,
        share=4,
        title="Filters and maps",
        widget="images.LayerPictures",
        fits=_images,
    ),
)
"""Every panel, in the order of the tabs."""


def fitting(snapshot: Snapshot | None) -> tuple[str, ...]:
    """Names of the panels that have anything to say about a run, in the order of the tabs."""
    return tuple(info.id for info in PANELS if info.fits(snapshot))


def number_keys(ids: Sequence[str]) -> dict[str, str]:
    """The key that shows each panel; the eleventh and later have none.

    Example:
        >>> number_keys(["loss", "network"])
        {'loss': '1', 'network': '2'}
    """
    return dict(zip(ids, "1234567890", strict=False))


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
