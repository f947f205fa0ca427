"""What can be done to the unit, the weight, the layer or the input in hand: a line a verb, by its key or the mouse."""

from __future__ import annotations

from typing import ClassVar

from textual import events
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Vertical
from textual.widgets import Input, OptionList, Static
from textual.widgets.option_list import Option

from dltui.core.commands import Command
from dltui.core.config import Config
from dltui.core.errors import ConfigError
from dltui.core.registry import families
from dltui.core.text import safe_text

from ..widgets.choices import Choices
from ..widgets.verbs import InHand, Verb, verbs_for
from .window import Window


class VerbMenu(Window[Command | None]):
    """A list of verbs; gives back the command of the one that was chosen.

    Args:
        config: In force.
        at: What is in hand.
        value: What a weight that is to be set is now.
    """

    BINDINGS: ClassVar[list[BindingType]] = [("escape", "back", "Close")]

    def __init__(self, config: Config, at: InHand, value: str = "") -> None:
        super().__init__()
        self._config, self._at, self._value = config, at, value
        self._verbs = verbs_for(config, at)
        self._asking: Verb | None = None
        """The verb that waits for a number or a name."""

    def compose(self) -> ComposeResult:
        """The list; the line for a number is shown where one is asked for."""
        with Vertical(classes="dialog -small") as dialog:
            unit = f".{self._at.unit + 1}"
            dialog.border_title = safe_text(f"{self._at.layer}{unit}", 60)
            dialog.border_subtitle = "its key or Enter do it · Esc close"
            yield Static("", id="verb-says", markup=False)
            yield Choices(*self._options(), id="verb-list", markup=False)
            yield Input(id="verb-value", max_length=40)

    def on_mount(self) -> None:
        """The list first."""
        self.query_one(Static).display = self.query_one(Input).display = False
        self.query_one(OptionList).focus()

    def _options(self) -> list[Option]:
        return [Option(f"{verb.key}  {safe_text(verb.says(self._config, self._at), 80)}", id=verb.name)
                for verb in self._verbs]  # fmt: skip

    def on_key(self, event: events.Key) -> None:
        """A verb's own key."""
        verb = next((verb for verb in self._verbs if verb.key == event.character), None)
        if verb is not None and self._asking is None:
            event.stop()
            self._choose(verb)

    def on_option_list_option_selected(self, event: OptionList.OptionSelected) -> None:
        """A verb, or the name it asked for."""
        event.stop()
        if self._asking is not None:
            self._do(self._asking, str(event.option.id))
            return
        self._choose(next(verb for verb in self._verbs if verb.name == event.option.id))

    def on_input_submitted(self, event: Input.Submitted) -> None:
        """The number."""
        event.stop()
        if self._asking is not None:
            self._do(self._asking, event.value)

    def _choose(self, verb: Verb) -> None:
        """Do it, or ask for what it needs."""
        if not verb.asks:
            self._do(verb, "")
            return
        self._asking = verb
        listing, line = self.query_one(OptionList), self.query_one(Input)
        if verb.asks == "number":
            listing.display, line.display = False, True
            line.value = self._value
            self._say(f"{verb.says(self._config, self._at).removesuffix(' …')} to:")
            line.focus()
            return
        listing.clear_options()
        for name, member in families["activations"].items():
            listing.add_option(Option(f"{member.title} - {member.summary}", id=name))
        listing.highlighted = 0

    def _do(self, verb: Verb, text: str) -> None:
        try:
            self.dismiss(verb.make(self._config, self._at, text))
        except ConfigError as error:
            self._say(safe_text(error, 200))

    def _say(self, text: str) -> None:
        line = self.query_one(Static)
        line.display = True
        line.update(text)

    def action_back(self) -> None:
        """Close."""
        self.dismiss(None)
