"""The doctor: what is wrong with the run, the number that shows it, why, and a remedy with its computed future."""

from __future__ import annotations

from typing import ClassVar

from textual.binding import BindingType

from dltui.core.commands import Foresee
from dltui.core.snapshot import Finding, Snapshot

from ..draw.cells import Row, message
from ..draw.doctor_page import HEALTHY, doctor_page, prospect_of
from ..keys import bindings, keys_of
from ..messages import Send, SettingChanged
from .panel import Panel

HORIZON = 2000
"""Steps that a remedy is looked ahead by."""


class Doctor(Panel):
    """What the doctor finds; the futures of the remedies are asked for when there is something new to cure."""

    NEEDS = frozenset({"findings"})
    LABEL = "Doctor"

    GROUP = "doctor"
    BINDINGS: ClassVar[list[BindingType]] = bindings(GROUP)

    _asked: tuple[str, ...] = ()
    """Names of the findings whose remedies were looked ahead."""

    _known = False
    """Whether the snapshot before held futures."""

    @property
    def findings(self) -> tuple[Finding, ...]:
        """Of the snapshot shown."""
        return self.snapshot.findings if self.snapshot is not None else ()

    def show(self, snapshot: Snapshot | None) -> None:
        """Show another snapshot; ask what its remedies will do where that is not known."""
        super().show(snapshot)
        names = tuple(finding.name for finding in self.findings)
        known = snapshot is not None and snapshot.foresight is not None
        if self._known and not known:
            self._asked = ()  # a change was made, or something else was looked ahead for and left
        self._known = known
        if not self.is_on_screen or names == self._asked:
            return
        self._asked = names
        remedies = tuple(finding.remedy for finding in self.findings)
        self.post_message(Send(Foresee(({}, *remedies), HORIZON) if remedies else Foresee()))

    def action_take_remedy(self) -> None:
        """Make the change that the gravest finding asks for."""
        if not self.findings:
            self.notify("The doctor finds nothing to cure.", timeout=4, markup=False)
            return
        self._asked = ()
        self.post_message(SettingChanged(dict(self.findings[0].remedy)))

    def content_key(self) -> tuple[object, ...]:
        """See `Panel`."""
        foresight = self.snapshot.foresight if self.snapshot is not None else None
        return (self.findings, tuple(id(prospect_of(one.remedy, foresight)) for one in self.findings))

    def paint(self, columns: int, rows: int) -> list[Row]:
        """See `Panel`."""
        if self.snapshot is None:
            return message("no run yet", columns, rows)
        key = next(iter(keys_of("take_remedy")), "")
        return doctor_page(self.findings, self.snapshot.foresight, key, columns, rows, self.look.unicode)

    def heading(self) -> Row:
        """The gravest finding, or that there is none."""
        if self.snapshot is None:
            return []
        return [(self.findings[0].name, "bad")] if self.findings else [(HEALTHY[1], "good")]
