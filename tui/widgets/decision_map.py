"""What the network answers over the plane of its two inputs, with the data on it."""

from __future__ import annotations

from typing import ClassVar

from textual.binding import BindingType
from textual.reactive import reactive

from dltui.core.text import safe_text

from ..draw.cells import Row, message
from ..draw.heat import Points, decision_map
from ..draw.map_legend import map_legend
from ..keys import bindings
from .panel import Panel


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
        return (snapshot and snapshot.decision, snapshot and snapshot.class_names, self.discrete, self.points)

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
            look=self.look,
        )

    def heading(self) -> Row:
        """Form of the map."""
        return [("classes only", "muted")] if self.discrete else []

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
