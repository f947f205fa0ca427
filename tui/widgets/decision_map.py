"""What the network answers over the plane of its two inputs, with the data on it."""

from __future__ import annotations

import math
import time
from typing import ClassVar

from textual import events
from textual.binding import BindingType
from textual.reactive import reactive

from dltui.core.commands import Apply
from dltui.core.config.by_hand import point_added, point_removed
from dltui.core.text import safe_text

from ..draw.cells import Row, message
from ..draw.heat import Points, decision_map, map_place
from ..draw.map_legend import map_legend
from ..keys import bindings
from ..messages import Send
from .panel import Panel

PENDING_S = 1.0
"""How long edits that were asked for are taken to be on their way."""


class DecisionPanel(Panel):
    """The plane of two inputs."""

    NEEDS = frozenset({"decision"})
    LABEL = "Decision map"

    GROUP = "map"
    BINDINGS: ClassVar[list[BindingType]] = bindings(GROUP)

    discrete: reactive[bool] = reactive(False, repaint=False)
    """Whether only the likeliest class is shown, not how sure the network is."""
    points: reactive[int] = reactive(3, repaint=False)
    """Which points: 3 all, 1 the training part, 2 the validation part, 0 none."""

    pen: reactive[int] = reactive(-1, repaint=False)
    """Class of the points that a click or + puts in; -1: none is put in."""

    def __init__(self, *, framed: bool = True, id: str | None = None) -> None:
        super().__init__(framed=framed, id=id)
        self.cursor: tuple[int, int] | None = None
        """Column and row of the map where + puts a point in."""
        self._asked: tuple[tuple[str, ...], float] = ((), -math.inf)
        """The edits asked for last, and when."""

    def action_next_pen(self) -> None:
        """Put in points of the first class, of the next one, or none any more."""
        pens = self._n_classes() or 2
        self.pen = self.pen + 1 if self.pen + 1 < pens else -1
        if self.pen < 0:
            self.cursor = None
        self.update()

    def action_move_pen(self, across: int, down: int) -> None:
        """Move the place where + puts a point in."""
        _, _, wide, tall = map_place(self.size.width - 2, self.size.height - 2)
        column, row = self.cursor or (wide // 2, tall // 2)
        self.cursor = min(max(column + across, 0), wide - 1), min(max(row + down, 0), tall - 1)
        self.pen = max(self.pen, 0)
        self.update()

    def action_put_point(self, remove: bool) -> None:
        """Put a point in at the cursor, or take out the training point nearest to it."""
        if self.cursor is None:
            self.action_move_pen(0, 0)
        elif self.cursor is not None:
            self._edit(self.cursor, self.pen, remove)

    def _edit(self, at: tuple[int, int], pen: int, remove: bool) -> None:
        snapshot = self.snapshot
        if snapshot is None or snapshot.decision is None:
            return
        found = snapshot.decision
        _, _, wide, tall = map_place(self.size.width - 2, self.size.height - 2)
        x1 = found.low[0] + (at[0] + 0.5) / wide * (found.high[0] - found.low[0])
        x2 = found.high[1] - (at[1] + 0.5) / tall * (found.high[1] - found.low[1])
        in_force, (asked, when) = snapshot.config.data.points, self._asked
        # Points that come faster than snapshots are all kept.
        ahead = time.monotonic() - when < PENDING_S and asked[: len(in_force)] == in_force
        points = (
            *(asked if ahead else in_force),
            point_removed(x1, x2) if remove else point_added(x1, x2, self._target(pen)),
        )
        self._asked = points, time.monotonic()
        self.post_message(Send(Apply({"data.points": points})))

    def _target(self, pen: int) -> float:
        """The class of a pen, or for values the least or the greatest."""
        return float(max(pen, 0)) if self._n_classes() else (-1.0, 1.0)[pen > 0]

    def on_click(self, event: events.Click) -> None:
        """With a pen put a point in, with Shift of the next class; with Ctrl or the right button take one out."""
        left, top, wide, tall = map_place(self.size.width - 2, self.size.height - 2)
        column, row = int(event.x) - 1 - left, int(event.y) - 1 - top
        if int(event.y) == 0 and event.chain == 1:
            self.action_next_pen()
        elif self.pen >= 0 and 0 <= column < wide and 0 <= row < tall:
            event.stop()
            self.cursor = column, row
            pens = self._n_classes() or 2
            self._edit((column, row), (self.pen + event.shift) % pens, event.ctrl or event.button == 3)

    def action_toggle_discrete(self) -> None:
        """Show the answer, or how sure it is."""
        self.discrete = not self.discrete

    def action_cycle_points(self) -> None:
        """Show all points, the training part, the validation part, or none."""
        self.points = {3: 1, 1: 2, 2: 0, 0: 3}[self.points]

    def watch_discrete(self) -> None:
        """Paint the other form."""
        self.update()

    def watch_points(self) -> None:
        """Paint other points."""
        self.update()

    def content_key(self) -> tuple[object, ...]:
        """See `Panel`."""
        snapshot = self.snapshot
        shown = snapshot and snapshot.decision, snapshot and snapshot.class_names
        return (*shown, self.discrete, self.points, self.pen, self.cursor)

    def paint(self, columns: int, rows: int) -> list[Row]:
        """See `Panel`."""
        snapshot = self.snapshot
        if snapshot is None or snapshot.decision is None:
            return message(
                "for two inputs" if snapshot and len(snapshot.input_names) > 2 else "no map yet", columns, rows
            )
        found = snapshot.decision
        groups = []
        if self.points & 2:
            groups.append(Points(found.x_val, found.y_val, hollow=True))
        if self.points & 1:
            groups.append(Points(found.x_train, found.y_train))
        names = [safe_text(name, 12) for name in snapshot.input_names[:2]]
        return decision_map(
            columns,
            rows,
            found.values,
            found.low,
            found.high,
            groups,
            n_classes=self._n_classes(),
            names=(names[0], names[1]) if len(names) == 2 else ("x1", "x2"),
            discrete=self.discrete,
            cursor=self.cursor,
            look=self.look,
        )

    def heading(self) -> Row:
        """Form of the map."""
        form: Row = [("classes only", "muted")] if self.discrete else []
        if self.pen < 0 or self.snapshot is None:
            return form
        names = self.snapshot.class_names if self._n_classes() else ("low", "high")
        return [*form, (f" pen: {safe_text(names[self.pen], 12)}", "strong")]

    def legend(self) -> Row:
        """Colors or signs of the classes, signs of the parts."""
        snapshot = self.snapshot
        if snapshot is None or snapshot.decision is None:
            return []
        names = [safe_text(name, 12) for name in snapshot.class_names]
        return map_legend(self.size.width - 6, names, self._n_classes(), self.look)

    def _n_classes(self) -> int:
        snapshot = self.snapshot
        if snapshot is None or snapshot.task != "classes":
            return 0
        return max(len(snapshot.class_names), 2)
