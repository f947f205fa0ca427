"""The branches of the run: a tree with the line of each, its loss and how it differs from the run in front."""

from __future__ import annotations

from ..draw.branches import tree_rows
from ..draw.cells import Row, message
from ..keys import keys_of
from .panel import Panel


class BranchTree(Panel):
    """All runs that are trained in step."""

    LABEL = "Branches"

    def content_key(self) -> tuple[object, ...]:
        """See `Panel`."""
        return (self.snapshot.branches if self.snapshot is not None else (),)

    def paint(self, columns: int, rows: int) -> list[Row]:
        """See `Panel`."""
        branches = self.snapshot.branches if self.snapshot is not None else ()
        if not branches:
            key = next(iter(keys_of("fork")), "")
            return message(f"no branches: {key} makes one", columns, rows)
        return tree_rows(branches, columns, self.look)

    def heading(self) -> Row:
        """What a step of all of them costs."""
        branches = self.snapshot.branches if self.snapshot is not None else ()
        cost = sum(one.step_us for one in branches if one.step_us > 0)
        room = sum(one.memory_mb for one in branches)
        return [(f"+{cost:.0f} µs a step · {room:.0f} MB", "muted")] if branches and cost else []

    def legend(self) -> Row:
        """The key of the window in which they are named, ended and put in front."""
        key = next(iter(keys_of("branches")), "")
        return [(f"{key} names, ends, puts in front", "muted")] if self.snapshot and self.snapshot.branches else []
