"""A race from the state in force: every choice of a setting at once, ranked while they run; Enter takes one.

All of them train on copies, on the same batches as the run would, so what is shown of the one taken then happens.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Vertical

from dltui.core.commands import Foresee
from dltui.core.config import Config
from dltui.core.config.fields import FieldInfo
from dltui.core.registry import families
from dltui.core.snapshot import Foresight, Prospect, Snapshot

from ..draw.cells import Row
from ..draw.format import trimmed
from ..draw.look import Look
from ..draw.prospects import drawn_horizon, ranked
from ..draw.race_page import horizon_text, race_page
from ..messages import Send
from ..widgets.page import Page
from .base import WatchingScreen
from .confirm import question
from .rate_picker import RATES

RATE, BATCH = "optimizer.learning_rate", "training.batch_size"
BATCHES: tuple[int | str, ...] = (1, 2, 5, 10, 20, 50, 100, 200, "full")
"""Batch sizes that are raced."""
OTHER_UNIT = ("loss.", "data.")
"""Settings whose choices cannot be compared by the loss."""
SHORTEST, LEAST, LONGEST = 10, 500, 1_000_000
"""Steps that can be raced, and those that are in any case until a key says otherwise."""


def raced_settings(config: Config) -> list[FieldInfo]:
    """The settings whose choices can be raced from where a run stands."""
    return [
        info
        for info in config.fields()
        if not config.hides(info.path)
        and (info.path in (RATE, BATCH) or (info.kind == "member" and len(info.choices) > 1))
        and not info.path.startswith(OTHER_UNIT)
        and not question({info.path: info.value})
    ]


def contenders_of(info: FieldInfo) -> dict[str, object]:
    """Name -> value of every choice but the one in force."""
    values: tuple[object, ...] = tuple(choice for choice in info.choices if choice)
    if info.path == RATE:
        values = RATES
    elif info.path == BATCH:
        values = BATCHES
    return {_name(info, value): value for value in values if value != info.value}


def _name(info: FieldInfo, value: object) -> str:
    member = families[info.family].get(str(value)) if info.family else None
    return member.title if member is not None else trimmed(value) if isinstance(value, float) else str(value)


class RaceScreen(WatchingScreen[Mapping[str, object] | None]):
    """The race; gives back the changes to apply.

    Args:
        snapshot: Of the run.
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        ("escape,q", "dismiss", "Close"),
        ("up", "move(-1)", "Up"),
        ("down", "move(1)", "Down"),
        ("left", "setting(-1)", "Setting before"),
        ("right,tab", "setting(1)", "Next setting"),
        ("f7", "horizon(0.1)", "Nearer"),
        ("f8", "horizon(10)", "Farther"),
        ("enter", "take", "Take"),
    ]

    def __init__(self, snapshot: Snapshot) -> None:
        super().__init__()
        self._settings = raced_settings(snapshot.config)
        self._at = 0
        self._here = 0
        self._horizon = max(drawn_horizon(snapshot.step), LEAST)
        self._foresight: Foresight | None = None
        self._old = snapshot.foresight

    @property
    def info(self) -> FieldInfo:
        """The setting whose choices are raced."""
        return self._settings[self._at]

    @property
    def order(self) -> list[Prospect]:
        """The ranking."""
        return ranked(self._foresight.prospects) if self._foresight is not None else []

    def compose(self) -> ComposeResult:
        """One page."""
        with Vertical(classes="dialog -whole"):
            yield Page(framed=False, id="race-page")

    def on_mount(self) -> None:
        """Begin with the first setting."""
        self.query_one(Page).focus()
        self._ask()

    def on_unmount(self) -> None:
        """Nothing is computed for a race that is gone."""
        self.app.post_message(Send(Foresee()))

    def _ask(self) -> None:
        values = contenders_of(self.info).values()
        self.post_message(Send(Foresee(({}, *({self.info.path: value} for value in values)), self._horizon)))
        self._here = 0
        self._show()

    def show_snapshot(self, snapshot: Snapshot) -> None:
        """Take up what is known of the race."""
        foresight = snapshot.foresight
        if foresight is None or foresight is self._old or foresight is self._foresight:
            return
        if any(self.info.path not in one.changes for one in foresight.prospects if one.changes):
            return  # an answer to what was asked before
        under = self.order[self._here] if self._here < len(self.order) else None
        self._foresight = foresight
        places = [place for place, one in enumerate(self.order) if under is not None and one.changes == under.changes]
        self._here = places[0] if places and self._here else min(self._here, max(len(self.order) - 1, 0))
        self._show()

    def _show(self) -> None:
        dialog = self.query_one(".dialog")
        dialog.border_title = f"Race · {self.info.label} · {horizon_text(self._foresight)}".rstrip(" ·")
        dialog.border_subtitle = "← → another setting · ↑↓ Enter take · F7 F8 nearer, farther · Esc close"
        self.query_one(Page).show_drawing(partial(_drawn, self._foresight, self.info, self._here))

    def action_move(self, by: int) -> None:
        """Put the cursor on another."""
        self._here = min(max(self._here + by, 0), max(len(self.order) - 1, 0))
        self._show()

    def action_setting(self, by: int) -> None:
        """Race the choices of another setting."""
        self._at = (self._at + by) % len(self._settings)
        self._foresight = None
        self._ask()

    def action_horizon(self, factor: float) -> None:
        """Look nearer or farther."""
        self._horizon = min(max(round(self._horizon * factor), SHORTEST), LONGEST)
        self._ask()

    def action_take(self) -> None:
        """Make the change under the cursor."""
        if self._here >= len(self.order):
            return
        one = self.order[self._here]
        if one.refused:
            self.notify(one.refused, severity="error", markup=False)
        else:
            self.dismiss(dict(one.changes) or None)


def _drawn(foresight: Foresight | None, info: FieldInfo, here: int, columns: int, rows: int, look: Look) -> list[Row]:
    return race_page(foresight, partial(_called, info), here, columns, rows, look)


def _called(info: FieldInfo, one: Prospect) -> str:
    if not one.changes:
        return f"{_name(info, info.value)} (in force)"
    return _name(info, one.changes[info.path])
