"""What the charts of curves share: view, cursor, marks, smoothing and the keys and the mouse that change them.

The view (window, cursor, smoothing) belongs to all charts of a screen: a chart posts `CurveChart.Moved`, and whoever
holds the charts sets `view` of each. A logarithmic axis of values is a chart's own.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import ClassVar

import numpy as np
from textual import events
from textual.binding import BindingType
from textual.message import Message
from textual.reactive import reactive

from dltui.core.commands import LookAt, MeasureEffect
from dltui.core.errors import ConfigError
from dltui.core.snapshot import Curve, Effect, Event, RunCurves, Snapshot
from dltui.core.text import safe_text

from ..draw.axes import Axis
from ..draw.branches import signed
from ..draw.cells import Row, fit_row, row_width
from ..draw.format import count, main_change, number, short, wrap
from ..draw.line import (
    DASHES,
    DrawnChart,
    Mark,
    PlotSeries,
    chart,
    dash_sign,
    difference_strip,
    smooth,
    stroke,
    value_at,
)
from ..draw.picture import Plotted, chart_shapes, png, svg, table
from ..draw.prospects import drawn_ahead
from ..draw.view import View, share_of
from ..keys import bindings, keys_of
from ..messages import FilesMade, Send
from .change import new_value
from .overlays import Overlay, short_name
from .panel import Panel
from .styles import color_of

SMOOTHING = (0.0, 0.6, 0.9, 0.97, 0.99)
"""Weights of the moving average, one after the other."""

LONGEST_NAME, SHORTEST_NAME = 28, 6
"""Cells for the name of another run."""
STRIP_FROM, MOST_STRIP = 9, 7
"""Rows from which the differences of branches have a strip of their own under the curves, and most rows of it."""
LINE_FROM = 8
"""Rows from which the other runs have a line of their own under the curves."""
CARD_FRAME = 4
"""Rows of a chart that a card cannot have: its own frame and the axis of steps."""
CARD_LINES = 8
"""Most lines of the card of a mark."""

AHEAD_SHARE, AHEAD_STEPS = 2.0, 1000.0
"""How far ahead of the curve a planned change may lie and still be drawn: a multiple of the steps made, or steps."""
ROOM_AFTER = 1.05
"""How far past a planned change the charts reach."""
_MARKED = {"change": "mark", "diverged": "mark_bad", "stopped": "mark"}


class CurveChart(Panel):
    """Curves over steps."""

    class Moved(Message):
        """The window or the cursor was moved in one chart; every chart is to follow."""

        def __init__(self, view: View) -> None:
            self.view = view
            super().__init__()

    SMOOTHED: ClassVar[frozenset[str]] = frozenset()
    """Roles of the curves that are drawn smoothed: their newest measurement lies beside the curve."""

    CARDS: ClassVar[bool] = False
    """Whether it shows the card of a mark while no chart has the focus."""

    GROUP = "chart"
    BINDINGS: ClassVar[list[BindingType]] = bindings(GROUP)

    view: reactive[View] = reactive(View, repaint=False)
    """Window and cursor."""
    log_y: reactive[bool] = reactive(False, repaint=False)
    overlays: reactive[tuple[Overlay, ...]] = reactive((), repaint=False)
    """Other runs laid over this one."""

    _drawn: DrawnChart | None = None
    _grip: float | None = None
    """Share of the window at which the mouse holds it."""
    _dragged = False
    _scrubs = False
    """Whether the mouse holds the moment that is looked at."""
    _asked_step: int | None = None
    """Where it was pulled to last."""

    # What a chart fills in.

    def series(self, snapshot: Snapshot, curves: dict[str, Curve]) -> Sequence[PlotSeries]:
        """The curves to draw, from the whole run or its recent part."""
        raise NotImplementedError

    def values(self) -> Iterable[tuple[str, str, str]]:
        """For the legend: role, name and name of the curve."""
        raise NotImplementedError

    def overlaid(self, snapshot: Snapshot, run: RunCurves) -> Curve | None:
        """The one curve of another run that is laid over this chart; None where it has none to compare."""
        return next((run.curves[key] for _, _, key in reversed([*self.values()]) if key in run.curves), None)

    # What a screen or a key calls.

    @property
    def smoothing(self) -> int:
        """Index into `SMOOTHING`."""
        return self.view.smoothing

    def action_toggle_log(self) -> None:
        """Draw values by their logarithm, or not."""
        self.log_y = not self.log_y

    def action_toggle_log_x(self) -> None:
        """Draw steps by their logarithm, or not."""
        self._move(replace(self.view, log_x=not self.view.log_x))

    def action_smooth(self, by: int) -> None:
        """Smooth more (1) or less (-1); after the most not at all."""
        chosen = (self.smoothing + by) % len(SMOOTHING)
        self._move(replace(self.view, smoothing=chosen))
        weight = SMOOTHING[chosen]
        words = f"the training loss is a moving average of weight {weight:g}" if weight else "every value as it came"
        self.notify(f"Smoothing {weight:g}: {words}.", timeout=2, markup=False)

    def action_toggle_window(self) -> None:
        """Show the whole run, or its recent part."""
        self._move(replace(self.view, recent=not self.view.recent, left=None, right=None))

    def action_zoom_steps(self, direction: int, around: float | None = None) -> None:
        """Show fewer steps (1) or more (-1)."""
        if self.snapshot is not None:
            factor = 0.5 if direction > 0 else 2.0
            self._move(self.view.zoomed(factor, self._window(self.snapshot), self._whole(self.snapshot), around))

    def action_pan(self, direction: int) -> None:
        """Show earlier (-1) or later (1) steps."""
        if self.snapshot is not None:
            self._move(self.view.panned(0.25 * direction, self._window(self.snapshot), self._whole(self.snapshot)))

    def action_cursor(self, cells: int) -> None:
        """Move the cursor so many cells; it comes up at the newest step."""
        if self._drawn is None or self.snapshot is None:
            return
        axis, last = self._drawn.x, max(self._drawn.columns - 1, 1)
        if self.view.cursor is None:
            share = min(share_of(axis, self.snapshot.step), 1.0)
        else:
            share = share_of(axis, self.view.cursor) + cells / last
        self._put_cursor(axis.value(min(max(share, 0.0), 1.0)))

    def action_mark(self, by: int) -> None:
        """Put the cursor on the next mark (1) or the one before (-1); from nowhere on the newest."""
        if self.snapshot is None:
            return
        steps = sorted({event.step for event in self.snapshot.events if event.kind in _MARKED})
        here = self.view.cursor
        if by < 0 or here is None:
            found = [step for step in steps if here is None or step < here][-1:]
        else:
            found = [step for step in steps if step > here][:1]
        if not found:
            self.notify("There is no change to go to there.", timeout=2, markup=False)
            return
        view = replace(self.view, cursor=float(found[0]))
        if not 0 <= share_of(self._window(self.snapshot), found[0]) <= 1:
            view = replace(view, recent=False, left=None, right=None)
        self._move(view)

    def action_effect(self) -> None:
        """Measure what the change under the cursor did, or else the newest one."""
        snapshot = self.snapshot
        if snapshot is None:
            return
        changed = [event.step for event in snapshot.events if event.kind == "change"]
        near = self._mark_near(snapshot, self.size.width)
        step = near if near in changed else max(changed, default=None)
        if step is None:
            self.notify("Nothing was changed yet whose effect could be measured.", timeout=4, markup=False)
            return
        self._move(replace(self.view, cursor=float(step)))
        self.post_message(Send(MeasureEffect(step)))

    def action_reset_view(self) -> None:
        """Show everything and take the cursor away."""
        self._move(replace(self.view, recent=False, left=None, right=None, cursor=None))

    def watch_view(self) -> None:
        """Paint the new window."""
        self.update()

    def watch_overlays(self) -> None:
        """Paint the other runs."""
        self.update()

    def watch_log_y(self) -> None:
        """Paint the other axis."""
        self.update()

    def action_export(self) -> None:
        """Have what is seen written as SVG, CSV and PNG."""
        snapshot = self.snapshot
        if snapshot is None or self._drawn is None or not (plots := self._plots(snapshot)):
            self.notify("There are no curves to export yet.", timeout=3, markup=False)
            return
        x, marks = self._window(snapshot), _marks(snapshot)
        title = f"{safe_text(snapshot.config.preset.title or snapshot.preset, 60)} · {self.LABEL}"
        shapes = chart_shapes(plots, x, self._drawn.y, marks, title)
        files = {"svg": svg(shapes), "csv": table([plot for plot in plots if plot.series.low is None], x)}
        problem = ""
        try:
            files["png"] = png(shapes)
        except ConfigError:  # no Pillow
            problem = "for PNG, too: pip install pillow"
        name = f"{snapshot.preset or 'run'}-{self.LABEL}-{snapshot.step}".lower()
        self.post_message(FilesMade(re.sub(r"[^a-z0-9]+", "-", name).strip("-"), files, problem))

    def _plots(self, snapshot: Snapshot) -> list[Plotted]:
        """The curves that are drawn, with their names and their colors on white."""
        names = {role: key for role, _, key in self.values()}
        plots = []
        for overlay, one in self._laid_over(snapshot):
            plots.append(Plotted(one, safe_text(overlay.run.name, 40), color_of(overlay.role)))
        weight = SMOOTHING[self.smoothing]
        for one in self.series(snapshot, self._curves(snapshot)):
            label = names.get(one.role, one.role.replace("_", " "))
            if one.role in self.SMOOTHED and weight:
                label += f" (smooth {weight:g})"
            if one.low is not None:
                label = "lowest to highest"
            plots.append(Plotted(one, label, color_of(one.role)))
        return sorted(plots, key=lambda plot: plot.series.low is None)  # bands below

    # The mouse.

    def on_mouse_down(self, event: events.MouseDown) -> None:
        """Take hold of the window, or below the curves of the moment that is looked at."""
        self._dragged = False
        if event.button == 1 and self._is_below(event.y):
            self._scrubs = self._dragged = True
            self.capture_mouse()
            self._look_at(event.x)
            return
        if event.button == 1 and self._drawn is not None and self._drawn.columns > 1:
            self._grip = self._share_at(event.x)
            self.capture_mouse()

    def on_mouse_move(self, event: events.MouseMove) -> None:
        """Pull the window along, or the moment that is looked at."""
        if self._scrubs:
            self._look_at(event.x)
            return
        if self._grip is None or self.snapshot is None:
            return
        by = self._grip - self._share_at(event.x)
        if by:
            self._dragged = True
            self._move(self.view.panned(by, self._window(self.snapshot), self._whole(self.snapshot)))

    def on_mouse_up(self) -> None:
        """Let go of the window, or of the moment."""
        if self._scrubs:
            self._scrubs = False
            self.release_mouse()
        if self._grip is not None:
            self._grip = None
            self.release_mouse()

    def on_click(self, event: events.Click) -> None:
        """Put the cursor where the mouse is."""
        if self._drawn is None or self._drawn.columns < 2 or self._dragged:
            return
        share = self._share_at(event.x)
        if 0 <= share <= 1:
            self._put_cursor(self._drawn.x.value(share))

    def _is_below(self, y: int) -> bool:
        """Whether a row of the widget is one of the axis of steps."""
        if self._drawn is None or self._drawn.columns < 2 or not self._drawn.bottom:
            return False
        row = y - (1 if self._has_frame() else 0)
        return self._drawn.bottom <= row < len(self._drawn.rows)

    def _look_at(self, x: int) -> None:
        """Have the run shown as it was at the step of a column; at the last one and past it the present."""
        if self._drawn is None or self.snapshot is None:
            return
        step = round(self._drawn.x.value(min(max(self._share_at(x), 0.0), 1.0)))
        present = max(self.snapshot.step, self.snapshot.now)
        wanted = step if step < present else -1
        if wanted != self._asked_step:
            self._asked_step = wanted
            self.post_message(Send(LookAt(wanted)))

    def on_mouse_scroll_up(self, event: events.MouseScrollUp) -> None:
        """Zoom in, where the mouse is."""
        self._zoom_at(event, 1)

    def on_mouse_scroll_down(self, event: events.MouseScrollDown) -> None:
        """Zoom out."""
        self._zoom_at(event, -1)

    def _zoom_at(self, event: events.MouseEvent, direction: int) -> None:
        self.action_zoom_steps(direction, min(max(self._share_at(event.x), 0.0), 1.0))
        event.stop()

    def _share_at(self, x: int) -> float:
        """Share of the window at a column of the widget."""
        if self._drawn is None:
            return 0.5
        return (x - (1 if self._has_frame() else 0) - self._drawn.left) / max(self._drawn.columns - 1, 1)

    # Drawing.

    def content_key(self) -> tuple[object, ...]:
        """See `Panel`."""
        return (self.snapshot, self.view, self.log_y, self.overlays)

    def paint(self, columns: int, rows: int) -> list[Row]:
        """See `Panel`."""
        snapshot = self.snapshot
        if snapshot is None:
            self._drawn = chart(columns, rows, [], look=self.look)
            return self._drawn.rows
        others = self._other_runs(snapshot, columns) if rows >= LINE_FROM else []
        apart = self._apart(snapshot) if rows >= STRIP_FROM else []
        strip = min(max(rows // 4, 2), MOST_STRIP) if apart else 0
        self._drawn = chart(
            columns,
            rows - bool(others) - strip,
            [
                *self._beyond_moment(snapshot),
                *(series for _, series in self._laid_over(snapshot)),
                *self.series(snapshot, self._curves(snapshot)),
            ],
            x=self._window(snapshot),
            cursor=self.view.cursor,
            card=self._card(snapshot, columns, rows - bool(others) - strip - CARD_FRAME),
            marks=_marks(snapshot),
            log_y=self.log_y,
            old=self._drawn,
            look=self.look,
        )
        drawn = [*self._drawn.rows]
        if strip:
            drawn += difference_strip(self._drawn, columns, strip, apart, self.look)
        return [*drawn, fit_row(others, columns)] if others else drawn

    def _apart(self, snapshot: Snapshot) -> list[PlotSeries]:
        """By how much branches differ from the run in front, where this chart shows that."""
        return []

    def _drawn_names(self) -> Sequence[str]:
        """Names of the curves that are drawn."""
        return [key for _, _, key in self.values()]

    def _smoothed_names(self) -> Sequence[str]:
        """Names of the curves that are drawn smoothed."""
        return [key for role, _, key in self.values() if role in self.SMOOTHED]

    def _beyond_moment(self, snapshot: Snapshot) -> list[PlotSeries]:
        """How the curves went on behind the moment that is looked at."""
        drawn = []
        for key in self._drawn_names():
            curve = snapshot.beyond.get(key)
            if curve is not None and len(curve.steps):
                later = curve.steps >= snapshot.step
                values = smooth(curve.values, SMOOTHING[self.smoothing] if key in self._smoothed_names() else 0.0)
                drawn.append(PlotSeries(curve.steps[later], values[later], "beyond"))
        return drawn

    def heading(self) -> Row:
        """Kind of axes, part of the run, and smoothing."""
        words = ["log"] if self.log_y else []
        words.append("zoom" if self.view.is_zoomed else "recent" if self.view.recent else "all")
        words += ["log x"] if self.view.log_x else []
        if self.snapshot is not None and self.snapshot.now >= 0:
            words = [f"step {count(self.snapshot.step)} of {count(self.snapshot.now)}"]
        if self.snapshot is not None and (far := self._beyond(self.snapshot)):
            words.append(f"{'◇' if self.look.unicode else 'o'} at {short(far)}")
        if self.SMOOTHED:
            weight = SMOOTHING[self.smoothing]
            words.append(f"smooth {weight:g}" if weight else "raw")
        return [(" · ".join(words), "muted")]

    def _beyond(self, snapshot: Snapshot) -> int:
        """The step of the next change to come, where it lies beyond the window; 0 where none does."""
        axis = self._window(snapshot)
        return next((one.step for one in snapshot.plan[:1] if share_of(axis, one.step) > 1), 0)

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
                value = value_at(drawn[role], cursor) if self._is_known(role, cursor) else float("nan")
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

    def _other_runs(self, snapshot: Snapshot, columns: int) -> Row:
        """The other runs, each with its line and its value at the cursor, or else where this run is now."""
        found = self._laid_over(snapshot)
        step = float(snapshot.step) if self.view.cursor is None else self.view.cursor
        row: Row = []
        for room in range(LONGEST_NAME, SHORTEST_NAME - 1, -1):
            row = []
            for overlay, series in found:
                sign = dash_sign(overlay.place, self.look)
                row += [("  " if row else " ", ""), (f"{sign} {short_name(overlay.run, room)} ", overlay.role)]
                row += [(number(value_at(series, step)), "strong")]
                row += self._apart_at(overlay, step)
                row += [(f" {overlay.run.note}", "muted")] if overlay.run.note else []
            if row_width(row) <= columns:
                break
        return row

    def _apart_at(self, overlay: Overlay, step: float) -> Row:
        """By how much a branch differs there, in words."""
        return []

    def _laid_over(self, snapshot: Snapshot) -> list[tuple[Overlay, PlotSeries]]:
        """The other runs that have something to compare here, with the curve that is drawn."""
        found = []
        for overlay in self.overlays:
            curve = self.overlaid(snapshot, overlay.run)
            if curve is not None and len(curve.steps):
                dash = DASHES[overlay.place % len(DASHES)]
                found.append((overlay, PlotSeries(curve.steps, curve.values, overlay.role, dash=dash)))
        return found

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

    def _card(self, snapshot: Snapshot, columns: int, room: int) -> list[Row]:
        """What is known of the mark under the cursor, in the chart in focus, or else in the first one."""
        focused = self.screen.focused
        here = self.has_focus if isinstance(focused, CurveChart) else self.CARDS
        step = self._mark_near(snapshot, columns) if here else None
        if step is None:
            return []
        events_ = [event for event in snapshot.events if event.kind in _MARKED and event.step == step]
        card = mark_card(events_, max(columns // 2 - 4, 24))
        effect = snapshot.effect
        if effect is not None and effect.step == step:
            found = effect_rows(effect)
            if len(card) + len(found) > room:  # then rather what it did than what was changed
                card = card[: max(room - len(found), 0)]
            return [*card, *found[-max(room, 1) :]]
        key = next(iter(keys_of("effect")), "")
        changed = any(event.kind == "change" for event in events_)
        return [*card, [(f"{key} measures what it did", "muted")]] if changed else card

    def _mark_near(self, snapshot: Snapshot, columns: int) -> int | None:
        """The step of the mark under the cursor; None where there is none."""
        if self.view.cursor is None:
            return None
        axis, cursor = self._window(snapshot), self.view.cursor
        near = 1.0 / max(columns - 8, 1)
        marked = [event for event in snapshot.events if event.kind in _MARKED]
        away = {event.step: abs(share_of(axis, event.step) - share_of(axis, cursor)) for event in marked}
        step = min(away, key=lambda step: (away[step], -step), default=None)
        return step if step is not None and away[step] <= near else None

    def _is_known(self, role: str, step: float) -> bool:
        """Whether a curve has come to a step."""
        return self.snapshot is not None and step <= self.snapshot.step

    def _window(self, snapshot: Snapshot) -> Axis:
        """The steps shown, in all charts."""
        return self.view.window(max(snapshot.step, snapshot.now), _ahead(snapshot))

    def _whole(self, snapshot: Snapshot) -> Axis:
        """The steps there are to show."""
        return self.view.whole(max(snapshot.step, snapshot.now), _ahead(snapshot))

    def _curves(self, snapshot: Snapshot) -> dict[str, Curve]:
        """Each curve from where the window is known best."""
        axis = self._window(snapshot)
        left = axis.value(0.0) if axis.low > 0 else 0.0
        names = [*snapshot.curves, *(name for name in snapshot.recent if name not in snapshot.curves)]
        return {name: _best(snapshot.curves.get(name), snapshot.recent.get(name), left) for name in names}

    def _has_frame(self) -> bool:
        return self.framed and self.size.height >= 3 and self.size.width >= 8

    def _put_cursor(self, step: float) -> None:
        self._move(replace(self.view, cursor=float(round(step))))

    def _move(self, view: View) -> None:
        if view != self.view:
            self.view = view
            self.post_message(self.Moved(view))


def _ahead(snapshot: Snapshot) -> float:
    """The step to come that charts have to reach: the end of a rate on trial, and before the first step of any."""
    futures = drawn_ahead(snapshot.foresight)
    preview = snapshot.preview
    # A change that leaves the rate as it is has nothing to show beyond the futures of the loss.
    if preview is not None and len(preview.steps) and not (futures and np.ptp(preview.rates) == 0.0):
        return float(preview.steps[-1])
    if futures and snapshot.foresight is not None:
        return float(snapshot.foresight.step + snapshot.foresight.n_steps)
    near = max(AHEAD_SHARE * snapshot.step, AHEAD_STEPS)
    planned = max((one.step * ROOM_AFTER for one in snapshot.plan if one.step <= near), default=0.0)
    if planned:
        return planned
    return float(snapshot.future_steps[-1]) if snapshot.step == 0 and len(snapshot.future_steps) else 0.0


def _best(whole: Curve | None, recent: Curve | None, left: float) -> Curve:
    """The curve that has most to say from a step on: the recent one knows every step, where it goes back so far."""
    if whole is None or not len(whole.steps):
        return recent if recent is not None else _NO_CURVE
    if recent is None or not len(recent.steps):
        return whole
    if recent.steps[0] <= left or recent.steps[0] <= whole.steps[0]:
        return recent
    if recent.steps[-1] <= whole.steps[-1]:
        return whole
    # Each point stands for the stretch behind it; the last stretch ends at the newest value.
    ends = [np.append(part, part[-1]) for part in (whole.values, whole.low, whole.high)]
    return Curve(np.append(whole.steps, recent.steps[-1]), *ends)


_NO_CURVE = Curve(*(np.zeros(0) for _ in range(4)))


def _marks(snapshot: Snapshot) -> list[Mark]:
    """What happened, and hollow what is to come."""
    made = [event for event in snapshot.events if event.kind in _MARKED]
    return [
        *(Mark(event.step, mark_label(event), _MARKED[event.kind]) for event in made),
        *(Mark(one.step, change_label(one.text), "mark", hollow=True) for one in snapshot.plan),
        *([Mark(snapshot.step, "here", "cursor")] if snapshot.now >= 0 else []),
    ]


def mark_card(events_: Sequence[Event], columns: int) -> list[Row]:
    """What happened at a step: each setting with its old and its new value, and the loss just before and after.

    Args:
        events_: Of one step.
        columns: Most cells of a line.
    """
    card: list[Row] = [[(f"step {count(events_[0].step)}", "strong")]]
    for event in events_:
        role = _MARKED[event.kind]
        for part in re.split(r", (?=[\w. ]+: )", safe_text(event.text, 400)):
            what, colon, values = part.partition(":")
            text = (what.replace("_", " ") if colon else what) + colon + values
            card += [[(line, role)] for line in wrap(text, columns)]
        if event.before is not None and event.after is not None:
            card.append([("loss ", "muted"), (f"{number(event.before)} → {number(event.after)}", "strong")])
            card.append([("on the same batch", "muted")])
    if len(card) > CARD_LINES:
        card = [*card[: CARD_LINES - 1], [(f"… {len(card) - CARD_LINES + 1} lines more in the log", "muted")]]
    return card


def effect_rows(effect: Effect) -> list[Row]:
    """What the changes at a mark did, in a few lines: where the run came to with them, and without."""
    if not effect.n_steps:
        return [[("measuring what it did …", "muted")]]
    rows: list[Row] = [[(f"after {count(effect.n_steps)} steps{' …' if effect.busy else ''}", "muted")]]
    for one, name in ((effect.made, "with it"), (effect.unmade, "without it")):
        if one.stopped == "diverged":
            rows.append([(f"{name} the run diverges", "bad")])
    names = [name for name in ("train_loss", "val_loss", "val_accuracy", "val_r2") if name in effect.made.metrics]
    for name in names:
        made, unmade = effect.made.metrics[name], effect.unmade.metrics.get(name, float("nan"))
        better = (made < unmade) == name.endswith("loss")
        role = "muted" if made == unmade else "good" if better else "warn"
        words = name.replace("val_", "").replace("train_loss", "train loss").replace("r2", "R²")
        rows.append([(f"Δ {words} ", "muted"), (f"{signed(made - unmade)} ", role)])
        rows[-1].append((f"{number(unmade)} → {number(made)}", "strong"))
    return rows


def mark_label(event: Event) -> str:
    """The one word for a chart: "optimizer: sgd → adam" is "adam", "learning rate: 0.1 → 0.2" is "rate 0.2"."""
    return change_label(event.text) if event.kind == "change" else event.kind


def change_label(text: str) -> str:
    """The one word for a change."""
    text = main_change(safe_text(text, 200))
    what, arrow, new = text.rpartition("→")
    return new_value(what.partition(":")[0], new.strip()) if arrow else text
