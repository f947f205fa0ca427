"""Which panels there are, for which tasks, and where they sit. A new panel is one row here."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from textual.widget import Widget

from dltui.core.snapshot import Snapshot

from ..widgets.confusion import ConfusionMatrix
from ..widgets.controls import ControlsPanel
from ..widgets.decision_map import DecisionMap
from ..widgets.event_list import EventList
from ..widgets.fit_curve import FitCurve
from ..widgets.histograms import Histograms
from ..widgets.images import LayerPictures
from ..widgets.layer_table import LayerTable
from ..widgets.lesson import Lesson
from ..widgets.loss_chart import LossChart
from ..widgets.metric_chart import MetricChart
from ..widgets.network_view import NetworkView
from ..widgets.rate_chart import RateChart
from ..widgets.samples import Samples
from ..widgets.scatter import ScatterPlot

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
    make: Callable[[], Widget]
    """Makes the widget; it has `show(snapshot)`."""
    fits: Callable[[Snapshot | None], bool]
    """Whether it has anything to say about this run."""

    @property
    def needs(self) -> frozenset[str]:
        """Fields of the snapshot that are only computed when asked for."""
        return getattr(self.make, "NEEDS", frozenset())


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
    PanelInfo(id="loss", name="loss", column="left", rank=0, rows=8, share=5, make=LossChart, fits=_always),
    PanelInfo(id="decision", name="map", column="middle", rank=0, rows=12, share=5, make=DecisionMap, fits=_plane),
    PanelInfo(id="fit", name="fit", column="middle", rank=0, rows=12, share=5, make=FitCurve, fits=_fit),
    PanelInfo(id="scatter", name="scatter", column="middle", rank=0, rows=12, share=5, make=ScatterPlot, fits=_scatter),
    PanelInfo(id="samples", name="samples", column="middle", rank=0, rows=9, share=4, make=Samples, fits=_samples),
    PanelInfo(
        id="confusion",
        name="confusion",
        column="middle",
        rank=1,
        rows=14,
        share=5,
        make=ConfusionMatrix,
        fits=_many_classes,
    ),
    PanelInfo(id="network", name="net", column="middle", rank=2, rows=10, share=4, make=NetworkView, fits=_always),
    PanelInfo(
        id="controls", name="controls", column="right", rank=0, rows=18, share=5, make=ControlsPanel, fits=_always
    ),
    PanelInfo(id="rate", name="rate", column="left", rank=1, rows=7, share=3, make=RateChart, fits=_always),
    PanelInfo(id="score", name="score", column="left", rank=3, rows=14, share=4, make=MetricChart, fits=_always),
    PanelInfo(id="layers", name="layers", column="left", rank=2, rows=6, share=2, make=LayerTable, fits=_always),
    PanelInfo(id="events", name="log", column="right", rank=1, rows=6, share=2, make=EventList, fits=_always),
    PanelInfo(id="lesson", name="lesson", column="right", rank=2, rows=8, share=2, make=Lesson, fits=_always),
    PanelInfo(id="weights", name="weights", column="left", rank=4, rows=20, share=3, make=Histograms, fits=_always),
    PanelInfo(
        id="pictures", name="filters", column="middle", rank=3, rows=10, share=4, make=LayerPictures, fits=_images
    ),
)
"""Every panel, in the order of the tabs."""
