"""The first and the last line of the screen: what is running and how it goes; the keys, and how fast frames arrive.

Each value has a place of fixed width, so that a step more changes a few cells and nothing moves.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

from dltui.core.snapshot import Snapshot
from dltui.core.text import safe_text

from ..draw.bars import meter
from ..draw.cells import Row, fit_row, join_ends, row_width
from ..draw.format import count, fixed, number, pad, percent, rate, short, width
from .panel import Panel

_STATES = {
    "starting": ("…", "...", "muted"),
    "compiling": ("…", "...", "warn"),
    "paused": ("‖", "||", "warn"),
    "training": ("▶", ">", "good"),
    "finished": ("■", "#", "good"),
    "diverged": ("✗", "!", "bad"),
    "failed": ("✗", "!", "bad"),
    "closed": ("■", "#", "muted"),
}

_FEW = 20.0
"""Steps a second below which the measured speed says less than the one asked for."""
_NARROW = 100
"""Columns below which the title needs the cells of a word."""


class StatusLine(Panel, can_focus=False):
    """One line: title, run, state, epoch, step, speed, score."""

    LABEL = "Status"
    DEFAULT_CSS = "StatusLine { height: 1; }"

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(framed=False, id=id)
        self._waiting = "starting"
        self._keys: tuple[tuple[str, str], ...] = ()

    def show_tiny(self, keys: Sequence[tuple[str, str]]) -> None:
        """Show loss, step and these keys alone, for a terminal without room for more; () for the whole line."""
        self._keys = tuple(keys)
        self.update()

    def show_waiting(self, text: str) -> None:
        """Say what is waited for before the first snapshot."""
        self._waiting = text
        self.update()

    def content_key(self) -> tuple[object, ...]:
        """See `Panel`."""
        return (self.snapshot, self._waiting, self._keys)

    def paint(self, columns: int, rows: int) -> list[Row]:
        """See `Panel`."""
        if self.snapshot is None:
            return [[(" dltui ", "title_focus"), (f" {self._waiting}", "muted")]]
        if self._keys and self.snapshot.status != "compiling":
            return [tiny(self.snapshot, columns, self._keys, unicode=self.look.unicode)]
        return [status(self.snapshot, columns, unicode=self.look.unicode)]


def status(snapshot: Snapshot, columns: int, *, unicode: bool = True) -> Row:
    """The line for a snapshot; what does not fit is left out by rank."""
    if snapshot.status == "compiling":
        return _compiling(snapshot, columns)
    sign, plain, role = _STATES.get(snapshot.status, _STATES["starting"])
    state: Row = [(f"{sign if unicode else plain} {pad(safe_text(snapshot.status, 12), 8)}", role)]
    if math.isfinite(snapshot.progress) and snapshot.status in ("training", "starting"):
        state += [(" ", ""), *meter(snapshot.progress, 8)]
    step: Row = [("step ", "muted"), (count(snapshot.step).ljust(10), "strong")]
    epoch: Row = [("epoch ", "muted"), (count(snapshot.epoch).ljust(7), "")]
    speed = _speed(snapshot, unicode, columns)
    score = _score(snapshot)
    title = safe_text(snapshot.config.preset.title or snapshot.preset, 40)
    left: Row = [
        (" dltui ", "title_focus"),
        (f" {title}", "strong"),
    ]
    said: Row = []
    if snapshot.status_text and snapshot.status_text != snapshot.status:
        urgent = snapshot.status in ("diverged", "failed")
        said = [("  ", ""), (safe_text(snapshot.status_text, 200), "bad" if urgent else "warn")]
    # From the least to the most important, each with the fields dropped before it.
    parts = [part for part in (state, epoch, step, speed, score) if part]
    for dropped in ((), (epoch,), (epoch, speed), (epoch, speed, state), (epoch, speed, state, score)):
        kept = [part for part in parts if not any(part is one for one in dropped)]
        right: Row = [span for part in kept for span in (*part, ("  ", ""))]
        room = columns - row_width(right)
        # Why a run is at rest matters more than in which epoch.
        cut = said and snapshot.status != "training" and row_width(left) + row_width(said) > room - 2
        if (room >= 24 or (dropped and room >= 8)) and not (cut and len(dropped) < 2):
            break
    name = safe_text(snapshot.run, 40)
    for text in (f" · run {name}", f" · run …{name[-4:]}" if len(name) > 12 else ""):
        if name and row_width(left) + width(text) + row_width(said) <= room - 2:
            left.append((text, "muted"))
            break
    left += said
    return join_ends([*fit_row(left, max(room - 2, 0)), ("  ", "")] if room > 2 else [], right, columns)


def _speed(snapshot: Snapshot, unicode: bool, columns: int) -> Row:
    """How fast training is: the multiple of the lesson's pace, and the steps a second that are made of it."""
    limit, made = snapshot.speed_limit, snapshot.steps_per_s
    if limit <= 0.0:
        return [(pad(rate(made, "steps"), 13), "")] if made > 0 else []
    # A network may be too slow for its pace; a few steps a second are too few to tell.
    shown = rate(made if _FEW < made < 0.8 * limit else limit, "steps")
    if snapshot.pace <= 0.0:
        return [(pad(f"slow: {shown}", 19), "warn")]
    if columns < _NARROW:
        shown = shown.replace(" steps/s", "/s")
    wide = 13 if columns < _NARROW else 21
    return [(pad(f"{factor(snapshot.pace, unicode)} {'·' if unicode else '-'} {shown}", wide), "")]


def factor(pace: float, unicode: bool = True) -> str:
    """A multiple of a lesson's pace: "1×", "1/4×".

    Example:
        >>> factor(0.25), factor(2.0)
        ('1/4×', '2×')
    """
    text = f"1/{1 / pace:g}" if pace < 1.0 and (1 / pace).is_integer() else f"{pace:g}"
    return text + ("×" if unicode else "x")


def _compiling(snapshot: Snapshot, columns: int) -> Row:
    """What is compiled and how far it is; there is nothing else to say yet."""
    done = snapshot.progress if math.isfinite(snapshot.progress) else 0.0
    right: Row = [*meter(done, 20 if columns >= 100 else 10), (f" {percent(done):>4} ", "strong")]
    title = safe_text(snapshot.config.preset.title or snapshot.preset, 40)
    left: Row = [(" dltui ", "title_focus"), (f" {title}  ", "strong")]
    left.append((safe_text(snapshot.status_text or "compiling", 60), "warn"))
    return join_ends(fit_row(left, max(columns - row_width(right) - 1, 0)), right, columns)


def tiny(snapshot: Snapshot, columns: int, keys: Sequence[tuple[str, str]] = (), *, unicode: bool = True) -> Row:
    """One line for a terminal too small for panels: loss, step, and what keys there is room for.

    Args:
        snapshot: What is shown.
        columns: Width in cells.
        keys: Pairs of key and label, the most important first.
        unicode: Whether signs beyond ASCII may be used.
    """
    sign, plain, role = _STATES.get(snapshot.status, _STATES["starting"])
    loss = number(snapshot.metrics.get("train_loss", math.nan))
    left: Row = [(f"{sign if unicode else plain} ", role), ("loss ", "muted"), (loss.ljust(7), "train")]
    steps = count(snapshot.step)
    left += [(" step ", "muted"), (steps if len(steps) <= 7 else short(snapshot.step), "")]
    room = columns - row_width(left)
    labeled = sum(width(key) + width(label) + 2 for key, label in keys) <= room
    right: Row = []
    for key, label in keys:
        words: Row = [(f" {key}", "title_focus"), (f" {label}" if labeled else "", "muted")]
        if row_width([*right, *words]) <= room:
            right += words
    return join_ends(left, right, columns)


def _score(snapshot: Snapshot) -> Row:
    for key, name in (("val_accuracy", "val acc"), ("val_r2", "val R²"), ("train_accuracy", "acc"), ("train_r2", "R²")):
        if key in snapshot.metrics:
            return [(f"{name} ", "muted"), (fixed(snapshot.metrics[key]), "strong")]
    if "train_loss" in snapshot.metrics:
        return [("loss ", "muted"), (pad(number(snapshot.metrics["train_loss"]), 6), "strong")]
    return []


class FootLine(Panel, can_focus=False):
    """The last line: keys at the left; where they leave room, how fast frames arrive and the terminal answers."""

    LABEL = "Keys"
    DEFAULT_CSS = "FootLine { height: 1; }"

    def __init__(self, keys: Sequence[tuple[str, str]] = (), *, id: str | None = None) -> None:
        super().__init__(framed=False, id=id)
        self._keys = tuple(keys)
        self._vitals = ""

    def show_keys(self, keys: Sequence[tuple[str, str]]) -> None:
        """Show other keys: pairs of key and label, the most important first."""
        self._keys = tuple(keys)
        self.update()

    def show_vitals(self, fps: float, bytes_per_s: float, rtt_s: float = math.nan) -> None:
        """Show how fast frames arrive; an answer time of NaN is not known."""
        parts = [f"{fps:.0f} fps", f"{bytes_per_s / 1000:.0f} kB/s"]
        if math.isfinite(rtt_s):
            parts.append(f"{rtt_s * 1000:.0f} ms")
        self._vitals = " · ".join(parts)
        self.update()

    def content_key(self) -> tuple[object, ...]:
        """See `Panel`."""
        return (self._keys, self._vitals)

    def paint(self, columns: int, rows: int) -> list[Row]:
        """See `Panel`."""
        left: Row = []
        used = 0
        for key, label in self._keys:
            wide = width(key) + width(label) + 3
            if used + wide > columns:
                break
            left += [(f" {key}", "title_focus"), (f" {label} ", "muted")]
            used += wide
        right: Row = [(f" {self._vitals} ", "muted")] if self._vitals else []
        # The keys go first: how fast frames arrive is shown where they leave room.
        return [join_ends(left, right if used + row_width(right) < columns else [], columns)]
