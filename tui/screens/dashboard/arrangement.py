"""Where a user wants the panels: which are seen, in which column, in which order, how large. One for all lessons.

It is plain data, written as JSON into the user's home. What a user chose goes before what a lesson names; what a user
said nothing of stays as the lesson has it.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from types import MappingProxyType
from typing import Any

from .layout import LEFT_SHARE, MOST_LEFT, MOST_RIGHT, RIGHT_COLUMNS
from .panels import COLUMNS, PANELS, PanelInfo

NAME = "panels"
"""Under which name it is kept."""
MOST_SHARE = 12
WANTED = 1000
"""Taken from the rank of a panel that the user wants to see: it gets room before all others."""
LEAST_LEFT, LEAST_RIGHT = 4, 20


@dataclass(frozen=True)
class Place:
    """What a user chose for one panel."""

    shown: bool | None = None
    """Whether it is seen; None: as the lesson has it."""
    column: str = ""
    """Its column; "" for its own."""
    share: int = 0
    """Share of the column's height; 0: as the lesson has it."""


@dataclass(frozen=True)
class Arrangement:
    """Where a user wants the panels."""

    places: Mapping[str, Place] = field(default_factory=lambda: MappingProxyType({}))
    order: tuple[str, ...] = ()
    """Panels from top to bottom; (): their own order."""
    left: int = LEFT_SHARE
    """Width of the first column, in shares of the terminal."""
    right: int = RIGHT_COLUMNS
    """Width of the third column, in cells."""

    def applied(self, infos: Sequence[PanelInfo]) -> list[PanelInfo]:
        """The panels that fit a run as the user wants them, those left out that are not to be seen."""
        order = self._order()
        found = [self._placed(info) for info in infos if self._place(info.id).shown is not False]
        return sorted(found, key=lambda info: order.index(info.id))

    def moved(self, panel: str, by: int, seen: Sequence[PanelInfo]) -> Arrangement:
        """A panel put before (-1) or after (1) its neighbor in its column.

        Args:
            panel: Its name.
            by: Which way.
            seen: The panels that are seen, in their order.
        """
        column = next((info.column for info in seen if info.id == panel), "")
        members = [info.id for info in seen if info.column == column]
        if panel not in members or not 0 <= members.index(panel) + by < len(members):
            return self
        other, order = members[members.index(panel) + by], list(self._order())
        here, there = order.index(panel), order.index(other)
        order[here], order[there] = other, panel
        return replace(self, order=tuple(order))

    def shifted(self, panel: str, by: int) -> Arrangement:
        """A panel in the column before (-1) or after (1) its own."""
        at = COLUMNS.index(self._column(panel)) + by
        return self._with(panel, column=COLUMNS[at], shown=True) if 0 <= at < len(COLUMNS) else self

    def sized(self, panel: str, by: int, share: int) -> Arrangement:
        """A panel with more or less of its column's height.

        Args:
            panel: Its name.
            by: 1 or -1.
            share: What it has now.
        """
        return self._with(panel, share=min(max(share + by, 1), MOST_SHARE), shown=True)

    def widened(self, panel: str, by: int) -> Arrangement:
        """The column of a panel wider (1) or narrower (-1)."""
        column = self._column(panel)
        if column == "right":
            return replace(self, right=min(max(self.right + 2 * by, LEAST_RIGHT), MOST_RIGHT))
        left = self.left + (by if column == "left" else -by)
        return replace(self, left=min(max(left, LEAST_LEFT), MOST_LEFT))

    def with_shown(self, panel: str, shown: bool) -> Arrangement:
        """A panel seen, or not."""
        return self._with(panel, shown=shown)

    def _place(self, panel: str) -> Place:
        return self.places.get(panel, Place())

    def _column(self, panel: str) -> str:
        return self._place(panel).column or next(info.column for info in PANELS if info.id == panel)

    def _with(self, panel: str, **changes: Any) -> Arrangement:
        return replace(self, places=MappingProxyType({**self.places, panel: replace(self._place(panel), **changes)}))

    def _order(self) -> tuple[str, ...]:
        return (*self.order, *(info.id for info in PANELS if info.id not in self.order))

    def _placed(self, info: PanelInfo) -> PanelInfo:
        place = self._place(info.id)
        rank = info.rank - WANTED if place.shown else info.rank
        return replace(info, rank=rank, column=place.column or info.column, share=place.share or info.share)


def written(arrangement: Arrangement) -> str:
    """An arrangement as text."""
    panels = {
        name: {"shown": place.shown, "column": place.column, "share": place.share}
        for name, place in sorted(arrangement.places.items())
    }
    whole = {"panels": panels, "order": arrangement.order, "left": arrangement.left, "right": arrangement.right}
    return json.dumps(whole, indent=1) + "\n"


def read(text: str) -> Arrangement:
    """The arrangement that a text was made from; panels that are not known are passed over.

    Raises:
        ValueError: It is not what `written` gives.
    """
    match json.loads(text):
        case {"panels": dict(panels), "order": list(order), "left": int(left), "right": int(right)}:
            if not (LEAST_LEFT <= left <= MOST_LEFT and LEAST_RIGHT <= right <= MOST_RIGHT):
                raise ValueError("a width is not allowed")
            known = [info.id for info in PANELS]
            places = {name: _read_place(value) for name, value in panels.items() if name in known}
            kept = tuple(dict.fromkeys(name for name in order if name in known))
            return Arrangement(MappingProxyType(places), kept, left, right)
    raise ValueError("not an arrangement")


def _read_place(value: object) -> Place:
    match value:
        case {"shown": True | False | None as shown, "column": str(column), "share": int(share)}:
            if column in ("", *COLUMNS) and 0 <= share <= MOST_SHARE and not isinstance(share, bool):
                return Place(shown, column, share)
    raise ValueError("not a place")
