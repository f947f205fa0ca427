"""What the three charts of curves share: view, cursor, marks, smoothing and the keys that change them.

The view (window and cursor) belongs to all charts of a screen: a chart posts `CurveChart.Moved`, and whoever holds the
charts sets `view` of each. A logarithmic axis and smoothing are a chart's own.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import ClassVar

import numpy as np
from textual import events
from textual.binding import BindingType
from textual.message import Message
from textual.reactive import reactive

from dltui.core.snapshot import Curve, Event, Snapshot
from dltui.core.text import safe_text

from ..draw.cells import Row
from ..draw.format import count, main_change, number
from ..draw.line import DrawnChart, Mark, PlotSeries, chart, smooth, stroke, value_at
from ..draw.view import View
from ..keys import bindings
from .change import new_value
from .panel import Panel

SMOOTHING = (0.0, 0.6, 0.9, 0.97)
"""Weights of the moving average, one after the other."""

_MARKED = {"change": "mark", "diverged": "mark_bad", "stopped": "mark", "refused": "mark_bad"}


class CurveChart(Panel):
    """Curves over steps."""

    class Moved(Message):
        """The window or the cursor was moved in one chart; every chart is to follow."""

        def __init__(self, view: View) -> None:
            self.view = view
            super().__init__()

    SMOOTHED: ClassVar[frozenset[str]] = frozenset()
    """Roles of the curves that are drawn smoothed: their newest measurement lies beside the curve."""

    GROUP = "chart"
    BINDINGS: ClassVar[list[BindingType]] = bindings(GROUP)

    view: reactive[View] = reactive(View, repaint=False)
    """Window and cursor."""
    log_y: reactive[bool] = reactive(False, repaint=False)
    smoothing: reactive[int] = reactive(2, repaint=False)
    """Index into `SMOOTHING`."""

    _drawn: DrawnChart | None = None

    # What a chart fills in.

    def series(self, snapshot: Snapshot, curves: dict[str, Curve]) -> Sequence[PlotSeries]:
        """The curves to draw, from the whole run or its recent part."""
        raise NotImplementedError

    def values(self) -> Iterable[tuple[str, str, str]]:
        """For the legend: role, name and name of the curve."""
        raise NotImplementedError

    # What a screen or a key calls.

    def action_toggle_log(self) -> None:
        """Draw values by their logarithm, or not."""
        self.log_y = not self.log_y

    def action_cycle_smoothing(self) -> None:
        """Smooth more, or from the most not at all."""
        self.smoothing = (self.smoothing + 1) % len(SMOOTHING)

    def action_toggle_window(self) -> None:
        """Show the whole run, or its recent part."""
        self._move(View(recent=not self.view.recent, cursor=self.view.cursor))

    def action_zoom_steps(self, direction: int) -> None:
        """Show fewer steps (1) or more (-1)."""
        if self._drawn is not None:
            factor = 0.5 if direction > 0 else 2.0
            self._move(self.view.zoomed(factor, self._drawn.x.low, self._drawn.x.high))
            if direction < 0 and self._shows_all():
                self._move(replace(self.view, left=None, right=None))

    def action_pan(self, direction: int) -> None:
        """Show earlier (-1) or later (1) steps."""
        if self._drawn is not None:
            self._move(self.view.panned(0.25 * direction, self._drawn.x.low, self._drawn.x.high))

    def action_cursor(self, cells: int) -> None:
        """Move the cursor so many cells; it comes up at the newest step."""
        if self._drawn is None or self.snapshot is None:
            return
        axis = self._drawn.x
        cell = (axis.high - axis.low) / max(self._drawn.columns - 1, 1)
        start = self.view.cursor if self.view.cursor is not None else float(self.snapshot.step) - cells * cell
        self._move(replace(self.view, cursor=min(max(start + cells * cell, axis.low), axis.high)))

    def action_reset_view(self) -> None:
        """Show everything and take the cursor away."""
        self._move(View())

    def watch_view(self) -> None:
        """Paint the new window."""
        self.update()

    def watch_log_y(self) -> None:
        """Paint the other axis."""
        self.update()

    def watch_smoothing(self) -> None:
        """Paint smoother or rougher curves."""
        self.update()

    def on_click(self, event: events.Click) -> None:
        """Put the cursor where the mouse is."""
        if self._drawn is None or self._drawn.columns < 2:
            return
        step = self._drawn.step_at(event.x - (1 if self._has_frame() else 0))
        if self._drawn.x.low <= step <= self._drawn.x.high:
            self._move(replace(self.view, cursor=step))

    def on_mouse_scroll_up(self, event: events.MouseScrollUp) -> None:
        """Zoom in."""
        self.action_zoom_steps(1)
        event.stop()

    def on_mouse_scroll_down(self, event: events.MouseScrollDown) -> None:
        """Zoom out."""
        self.action_zoom_steps(-1)
        event.stop()

    # Drawing.

    def content_key(self) -> tuple[object, ...]:
        """See `Panel`."""
        return (self.snapshot, self.view, self.log_y, self.smoothing)

    def paint(self, columns: int, rows: int) -> list[Row]:
        """See `Panel`."""
        snapshot = self.snapshot
        series = self.series(snapshot, self._curves(snapshot)) if snapshot is not None else []
        marks = _marks(snapshot.events) if snapshot is not None else []
        self._drawn = chart(
            columns, rows, series, view=self.view, marks=marks, log_y=self.log_y, old=self._old(), look=self.look
        )
        return self._drawn.rows

    def heading(self) -> Row:
        """Kind of axis and part of the run."""
        words = ["log"] if self.log_y else []
        words.append("zoom" if self.view.left is not None else "recent" if self.view.recent else "all")
        return [(" · ".join(words), "muted")]

    def legend(self) -> Row:
        """Newest values, or those under the cursor; of a smoothed curve, what is drawn."""
        snapshot = self.snapshot
        if snapshot is None:
            return []
        row: Row = []
        curves, cursor = self._curves(snapshot), self.view.cursor
        drawn = {one.role: one for one in self.series(snapshot, curves)}
        if cursor is not None:
            row.append((f"at {count(cursor)}", "cursor"))
        for role, name, key in self.values():
            if cursor is not None and role in drawn:
                value = value_at(drawn[role], cursor)
            elif cursor is not None:
                continue
            elif role in self.SMOOTHED and role in drawn:
                known = drawn[role].y[np.isfinite(drawn[role].y)]
                value = float(known[-1]) if len(known) else float("nan")
            else:
                value = snapshot.metrics.get(key, float("nan"))
            if key in snapshot.metrics or key in curves:
                sign = "" if self.size.width < 46 and cursor is not None else f"{stroke(role, self.look)} "
                row += [("  " if row else "", ""), (f"{sign}{name} ", role), (number(value).ljust(6), "strong")]
        return row

    def breaks(self, snapshot: Snapshot) -> list[int]:
        """Steps at which the unit of the curves changed."""
        return [event.step for event in snapshot.events if event.segment]

    def line(self, curve: Curve, role: str, breaks: Sequence[int], weight: float = 0.0) -> PlotSeries:
        """A curve as a series, smoothed, and interrupted where its unit changed."""
        x, y = curve.steps, curve.values
        cuts = [int(i) for i in np.searchsorted(x, breaks)] if len(breaks) else []
        parts = [smooth(part, weight) for part in np.split(np.asarray(y, float), cuts)]
        if not cuts:
            return PlotSeries(x, parts[0], role)
        joined_x, joined_y = [], []
        for steps, values in zip(np.split(np.asarray(x, float), cuts), parts, strict=True):
            if len(steps):
                joined_x += [steps[:1], steps]
                joined_y += [np.array([np.nan]), values]
        return PlotSeries(np.concatenate(joined_x), np.concatenate(joined_y), role)

    def _curves(self, snapshot: Snapshot) -> dict[str, Curve]:
        zoomed = self.view.left is not None and self.view.right is not None
        recent = snapshot.recent
        if zoomed and self.view.left is not None and len(recent):
            # A window inside the recent stretch is drawn from it: it has every step.
            starts = [float(c.steps[0]) for c in recent.values() if len(c.steps)]
            return dict(recent if starts and min(starts) <= self.view.left else snapshot.curves)
        return dict(recent if self.view.recent and recent else snapshot.curves)

    def _old(self) -> DrawnChart | None:
        """The last drawing, if its limits may be kept."""
        return self._drawn

    def _has_frame(self) -> bool:
        return self.framed and self.size.height >= 3 and self.size.width >= 8

    def _shows_all(self) -> bool:
        view, snapshot = self.view, self.snapshot
        return (
            snapshot is not None
            and view.left is not None
            and view.right is not None
            and (view.left <= 0 and view.right >= snapshot.step)
        )

    def _move(self, view: View) -> None:
        if view != self.view:
            self.view = view
            self.post_message(self.Moved(view))


def _marks(events_: Iterable[Event]) -> list[Mark]:
    return [Mark(event.step, mark_label(event), _MARKED[event.kind]) for event in events_ if event.kind in _MARKED]


def mark_label(event: Event) -> str:
    """The one word for a chart: "optimizer: sgd → adam" is "adam", "learning rate: 0.1 → 0.2" is "rate 0.2"."""
    if event.kind != "change":
        return event.kind
    text = main_change(safe_text(event.text, 200))
    what, arrow, new = text.rpartition("→")
    return new_value(what.partition(":")[0], new.strip()) if arrow else text
