"""The lines above and below the panels: what is going on, which panel, which keys."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

from textual import events
from textual.content import Content
from textual.message import Message
from textual.widget import Widget

from dltui.core.snapshot import Snapshot
from dltui.core.text import safe_text

from ..format import count, number, short, width
from ..keys import KEYS

SIGNS = {
    "training": "▶",
    "paused": "⏸",
    "finished": "✓",
    "diverged": "✗",
    "failed": "✗",
    "compiling": "…",
    "starting": "…",
    "closed": "■",
}
"""A sign for each state of a run."""

STYLES = {"training": "bold $success", "diverged": "bold $error", "failed": "bold $error", "paused": "bold $warning"}


class Line(Widget):
    """One line of text that is only sent to the terminal when it changed."""

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        self._content = Content("")

    def say(self, content: Content) -> None:
        """Show this text."""
        if content.plain != self._content.plain or content.spans != self._content.spans:
            self._content = content
            self.refresh()

    def render(self) -> Content:
        """The text."""
        return self._content


class StatusBar(Line):
    """What runs, how far it is, how fast and how well."""

    def on_mount(self) -> None:
        """Say something before the first snapshot."""
        self.say(Content.assemble((" dltui", "bold $accent"), ("  starting…", "dim")))

    def show_snapshot(self, snapshot: Snapshot, link: tuple[float, float] = (0.0, 0.0)) -> None:
        """Show the state of the run, as much of it as fits."""
        self.say(status_text(snapshot, self.size.width))


def status_text(snapshot: Snapshot, room: int) -> Content:
    """The status line in `room` cells: the least important parts are left out first."""
    state = f"{SIGNS.get(snapshot.status, '·')} {snapshot.status}"
    if snapshot.status in ("starting", "compiling") and not math.isnan(snapshot.progress):
        filled = int(snapshot.progress * 10)
        state += f" {'━' * filled}{'╌' * (10 - filled)}"
    style = STYLES.get(snapshot.status, "bold")
    title = safe_text(snapshot.config.preset.title or snapshot.preset, 40)
    parts = [
        (9, " dltui ", "bold $accent"),
        (3, f" {title}", "bold"),
        (8, f" · run {safe_text(snapshot.run, 12)}", "dim"),
        (1, f"  {state}", style),
        (5, f"  epoch {count(snapshot.epoch)}", ""),
        (2, f"  step {count(snapshot.step)}", ""),
        (6, f"  {short(snapshot.steps_per_s)} steps/s" if snapshot.steps_per_s else "", "dim"),
        (4, _score(snapshot), "bold"),
        (7, f"  {safe_text(snapshot.status_text)}" if snapshot.status_text else "", style),
    ]
    if snapshot.status in ("diverged", "failed"):
        parts[-1] = (1, parts[-1][1], style)
    kept = sorted(parts)
    while kept and sum(width(text) for _, text, _ in kept) > room:
        kept.pop()
    return Content.assemble(*((text, style) for part in parts if part in kept for _, text, style in [part] if text))


def line_text(snapshot: Snapshot, room: int) -> Content:
    """All there is room for in a terminal of one line."""
    loss = number(snapshot.metrics.get("train_loss", math.nan))
    text = f"{SIGNS.get(snapshot.status, '·')} loss {loss} step {count(snapshot.step)} space ?"
    return Content(text[: max(room, 0)])


def _score(snapshot: Snapshot) -> str:
    for name, words in (("val_accuracy", "val acc"), ("val_r2", "val R²"), ("val_loss", "val loss")):
        if name in snapshot.metrics:
            return f"  {words} {number(snapshot.metrics[name])}"
    return ""


class TabBar(Line):
    """The panels of a small terminal by number."""

    class Chosen(Message):
        """A tab was clicked."""

        def __init__(self, panel: str) -> None:
            self.panel = panel
            super().__init__()

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        self._places: list[tuple[int, int, str]] = []

    def show(self, panels: Sequence[tuple[str, str]], chosen: str) -> None:
        """Show the panels' names, the chosen one lit; where room is short, numbers only."""
        room = self.app.size.width
        full = sum(len(name) + 4 for _, name in panels) <= room
        parts: list[tuple[str, str]] = []
        self._places = []
        at = 0
        for number_, (panel, name) in enumerate(panels, 1):
            text = f" {number_} {name} " if full or panel == chosen else f" {number_} "
            self._places.append((at, at + len(text), panel))
            at += len(text)
            parts.append((text, "bold reverse" if panel == chosen else "dim"))
        self.say(Content.assemble(*parts))

    def on_click(self, event: events.Click) -> None:
        """Choose the tab under the pointer."""
        for left, right, panel in self._places:
            if left <= event.x < right:
                self.post_message(self.Chosen(panel))


class FooterBar(Line):
    """The keys, as many as fit, and what the link to the terminal bears."""

    def show_keys(self, training: bool, link: tuple[float, float]) -> None:
        """Show the keys of the table that belong in the footer."""
        self.say(footer_text(training, link, self.size.width))


def footer_text(training: bool, link: tuple[float, float], room: int) -> Content:
    """The footer in `room` cells."""
    frames, kilobytes = link
    right = f"{frames:.0f} fps {kilobytes:.0f} kB/s " if frames >= 0.5 else ""
    rows = [row for row in KEYS if row.footer]
    # Help and quit stay, whatever else must go.
    rows.sort(key=lambda row: row.where == "app")
    words = [(row.text, row.label if row.action != "toggle_run" or training else "run") for row in rows]
    while len(words) > 2 and sum(len(a) + len(b) + 3 for a, b in words) > room:
        words.pop(-3)
    parts: list[Any] = [" "]
    used = 1
    for key, label in words:
        parts += [(key, "bold $accent"), (f" {label}  ", "")]
        used += len(key) + len(label) + 3
    if room - used >= len(right) > 0:
        parts += [" " * (room - used - len(right)), (right, "dim")]
    return Content.assemble(*parts)
