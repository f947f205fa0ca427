"""Changes to come: what is planned for which step, to be added to, edited and taken back.

A line says a step and the settings that change there, as `dltui train --at` does: "500 optimizer.name=adam". What is
planned is drawn ahead of the curves as hollow marks.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.widgets import Input, OptionList, Static
from textual.widgets.option_list import Option

from dltui.core.commands import LONGEST_TEXT, PlanChange
from dltui.core.config import Config
from dltui.core.config.arguments import read_changes
from dltui.core.errors import ConfigError
from dltui.core.snapshot import Planned, Snapshot
from dltui.core.text import safe_text

from ..draw.format import count
from ..messages import Send
from ..widgets.choices import Choices
from .base import RunWindow

SAID = "A step and what changes there: 500 optimizer=adam, or +500 for so many steps from now."
_FORM = "a step and settings, such as 500 optimizer.name=adam"
_STEP = re.compile(r"(?:at\s+)?(?:step\s+)?@?(\+?)\s*(\d[\d_]{0,15})\s*[:,]?\s+", re.IGNORECASE)
_KEY = re.compile(r"(?:^|[\s,;])([A-Za-z_][\w.]*)\s*=")


def read_entry(text: str, config: Config, step: int, plan: Sequence[Planned]) -> PlanChange:
    """What a typed line plans.

    Args:
        text: "500 optimizer.name=adam, learning_rate=0.01".
        config: In force now.
        step: The present one.
        plan: What is planned already: settings are read as those of the methods in force by then.

    Raises:
        ConfigError: It cannot be read; says what can.
    """
    found = _STEP.match(text.strip() + " ")
    if found is None:
        raise ConfigError("is not allowed", field="plan", value=text[:60], allowed=_FORM)
    at = int(found[2].replace("_", "")) + (step if found[1] else 0)
    if at < step:
        raise ConfigError("lies behind the run", field="plan", value=at, allowed=f"from step {step} on")
    for one in plan:
        if one.step < at:
            config = config.with_changes(one.changes)
    rest = text.strip()[found.end() :] if found.end() < len(text.strip()) else ""
    keys = list(_KEY.finditer(rest))
    if not keys or rest[: keys[0].start()].strip():
        raise ConfigError("is not allowed", field="plan", value=rest[:60], allowed=_FORM)
    ends = [*(key.start() for key in keys[1:]), len(rest)]
    said = [(key[1], rest[key.end() : end].strip().rstrip(",;").strip()) for key, end in zip(keys, ends, strict=True)]
    named = [(setting(config, name), value) for name, value in said]
    members = {info.path for info in config.fields() if info.kind == "member"}
    chosen = config.with_changes(read_changes(config, [pair for pair in named if pair[0] in members]))
    pairs = [(setting(chosen, name), value) for name, value in said]
    changes = read_changes(config, pairs)
    config.with_changes(changes)
    return PlanChange(at, changes)


def setting(config: Config, name: str) -> str:
    """The path of a setting that is named in short: "optimizer" is optimizer.name, "dropout" regularization.dropout."""
    paths = [info.path for info in config.fields()]
    if name in paths:
        return name
    if f"{name}.name" in paths:
        return f"{name}.name"
    ends = [path for path in paths if path.rpartition(".")[2] == name]
    return ends[0] if len(ends) == 1 else name


def entry_text(step: int, changes: Mapping[str, object]) -> str:
    """The line that `read_entry` reads.

    Example:
        >>> entry_text(500, {"network.hidden": (8, 8), "optimizer.name": "adam"})
        '500 network.hidden=8,8 optimizer.name=adam'
    """
    words = []
    for path, value in changes.items():
        items = value if isinstance(value, (list, tuple)) else [value]
        said = ["true" if item is True else "false" if item is False else f"{item}" for item in items]
        words.append(f"{path}={','.join(said)}")
    return f"{step} {' '.join(words)}"


class PlanScreen(RunWindow[None]):
    """A line to type in above the changes to come.

    Args:
        snapshot: Of the run.
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        ("escape", "dismiss", "Close"),
        ("down", "go(1)", "To the list"),
        ("up", "go(-1)", "To the line"),
        ("delete", "take_back", "Take back"),
    ]

    def __init__(self, snapshot: Snapshot) -> None:
        super().__init__()
        self._snapshot = snapshot
        self._edited = -1
        """Step whose changes are being edited; -1: none."""
        self._sent: PlanChange | None = None
        """What was asked for last, until it is seen in the plan or refused."""

    def compose(self) -> ComposeResult:
        """The line above the list."""
        with Vertical(classes="dialog -fit") as dialog:
            dialog.border_title = "Changes to come"
            dialog.border_subtitle = "Enter plan or edit · ↑↓ choose · Del take back · Esc close"
            yield Static(SAID, id="plan-said", markup=False)
            yield Input(placeholder="500 optimizer.name=adam", max_length=LONGEST_TEXT, id="plan-line")
            yield Choices(id="plan-list", markup=False)

    def on_mount(self) -> None:
        """Ready to be typed into."""
        self._list()
        self.query_one(Input).focus()

    def show_snapshot(self, snapshot: Snapshot) -> None:
        """Follow the plan, and say what was refused."""
        old, self._snapshot = self._snapshot, snapshot
        if snapshot.plan is not old.plan and [*snapshot.plan] != [*old.plan]:
            self._list()
        newest = snapshot.events[-1] if snapshot.events else None
        last = old.events[-1].number if old.events else 0
        if self._sent is not None and newest is not None and newest.kind == "refused" and newest.number > last:
            self._say(f"✗ {safe_text(newest.text, 300)}")
            self._sent = None

    def _list(self) -> None:
        listing = self.query_one(OptionList)
        at = listing.highlighted or 0
        listing.clear_options()
        listing.add_options([Option(self._line(one), id=str(one.step)) for one in self._snapshot.plan])
        if not self._snapshot.plan:
            listing.add_option(Option(Content.styled("Nothing is planned.", "dim"), disabled=True))
        else:
            listing.highlighted = min(at, len(self._snapshot.plan) - 1)

    def _line(self, one: Planned) -> Content:
        left = f"in {count(one.step - self._snapshot.step)}" if one.step > self._snapshot.step else "now"
        return Content.assemble(
            ("◇ ", "#b99cf5"), (f"step {count(one.step):<9} ", "bold"), safe_text(one.text, 300), (f"  {left}", "dim")
        )

    def _say(self, text: str) -> None:
        self.query_one("#plan-said", Static).update(text)

    def action_go(self, by: int) -> None:
        """Go from the line to the list, or back."""
        if by > 0 and self._snapshot.plan:
            self.query_one(OptionList).focus()
        else:
            self.query_one(Input).focus()

    def on_key(self, event: object) -> None:
        """Go from the first line of the list back to the line that is typed in."""
        listing = self.query_one(OptionList)
        if getattr(event, "key", "") == "up" and listing.has_focus and not listing.highlighted:
            self.query_one(Input).focus()
            getattr(event, "stop", lambda: None)()

    def on_option_list_option_selected(self, event: OptionList.OptionSelected) -> None:
        """Edit what is planned."""
        one = next((one for one in self._snapshot.plan if str(one.step) == event.option.id), None)
        if one is not None:
            line = self.query_one(Input)
            line.value, self._edited = entry_text(one.step, one.changes), one.step
            line.focus()
            self._say(f"Editing what is planned for step {count(one.step)}; Enter puts it in its place.")

    def action_take_back(self) -> None:
        """Plan no more what the list is at."""
        listing = self.query_one(OptionList)
        if listing.has_focus and listing.highlighted is not None and self._snapshot.plan:
            step = self._snapshot.plan[listing.highlighted].step
            self._send(PlanChange(step))
            self._say(f"Taken back what was planned for step {count(step)}; z brings it back.")

    def on_input_submitted(self, event: Input.Submitted) -> None:
        """Plan it, or say what can be typed and leave the text to be mended."""
        text = event.value.strip()
        if not text:
            self.dismiss()
            return
        others = [one for one in self._snapshot.plan if one.step != self._edited]
        try:
            entry = read_entry(text, self._snapshot.config, self._snapshot.step, others)
        except ConfigError as error:
            self._say(f"✗ {safe_text(error, 300)}")
            return
        known = next((one for one in others if one.step == entry.step), None)
        changes = {**(known.changes if known is not None else {}), **entry.changes}
        self._send(PlanChange(entry.step, changes, self._edited if self._edited != entry.step else -1))
        self._edited = -1
        event.input.value = ""
        self._say(f"Planned for step {count(entry.step)}.")

    def _send(self, command: PlanChange) -> None:
        self._sent = command
        self.post_message(Send(command))
