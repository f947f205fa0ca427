"""The one table of keys.

Bindings, footer, command palette and help screen are all made from these rows, so that what the help says is what the
keys do. The module knows nothing of screens: a row names an action, and the screen it is bound on has a method for it.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from textual.binding import Binding, BindingType


@dataclass(frozen=True, kw_only=True)
class Key:
    """One thing a key does."""

    keys: tuple[str, ...]
    """Keys as Textual names them; all do the same. The first is the one shown."""
    action: str
    """Method `action_…` of the screen or widget, with its arguments: "pick('optimizer.name')"."""
    label: str
    """One word for the footer."""
    help: str
    """One sentence for the help screen and the palette."""
    where: str
    """Group in the help, and who answers: see `WHERE`."""
    footer: str = ""
    """How the footer writes the key; "" keeps it out of the footer."""
    shown: str = ""
    """How the key is written; "" for its own name."""
    palette: bool = True
    """Whether the command palette lists it."""

    @property
    def text(self) -> str:
        """The key as a person reads it."""
        return self.shown or self.keys[0]


WHERE = {
    "run": "Run",
    "change": "Change the network while it trains",
    "look": "Look",
    "controls": "On a control",
    "app": "Everywhere",
}
"""Groups of the table. The first three are bound on the dashboard, "controls" on a control, "app" on the app."""

KEYS: tuple[Key, ...] = (
    Key(
        keys=("space",),
        action="toggle_run",
        label="pause",
        help="Pause the training, or go on with it.",
        where="run",
        footer="space",
    ),
    Key(
        keys=("s",),
        action="step('step')",
        label="step",
        help="Train one step (one batch), then pause.",
        where="run",
        footer="s",
    ),
    Key(
        keys=("e",),
        action="step('epoch')",
        label="epoch",
        help="Train one epoch (all training samples once), then pause.",
        where="run",
    ),
    Key(
        keys=("o",),
        action="pick('optimizer.name')",
        label="optimizer",
        help="Choose another optimizer.",
        where="change",
        footer="o",
    ),
    Key(
        keys=("a",),
        action="pick('network.activation')",
        label="activation",
        help="Choose another activation of the hidden layers.",
        where="change",
        footer="a",
    ),
    Key(
        keys=("c",),
        action="pick('schedule.name')",
        label="schedule",
        help="Choose another schedule of the learning rate.",
        where="change",
        footer="c",
    ),
    Key(
        keys=("r",),
        action="go_to('regularization')",
        label="regularize",
        help="Go to the regularizers: dropout, L1, L2, early stopping.",
        where="change",
        footer="r",
    ),
    Key(
        keys=("left_square_bracket",),
        action="scale_rate(-1)",
        label="rate",
        help="Lower the learning rate by a notch: 1, 0.5, 0.2, 0.1 and so on.",
        where="change",
        shown="[",
        footer="[ ]",
    ),
    Key(
        keys=("right_square_bracket",),
        action="scale_rate(1)",
        label="rate up",
        help="Raise the learning rate by a notch: 0.1, 0.2, 0.5, 1 and so on.",
        where="change",
        shown="]",
    ),
    Key(
        keys=("z",),
        action="undo(False)",
        label="undo",
        help="Take back the last change from now on.",
        where="change",
        footer="z",
    ),
    Key(
        keys=("Z",),
        action="undo(True)",
        label="rewind",
        help="Take back the last change and return to the state before it.",
        where="change",
    ),
    Key(
        keys=("R", "ctrl+r"),
        action="restart",
        label="restart",
        help="Begin again from the same start.",
        where="run",
    ),
    Key(
        keys=("n",),
        action="new_seed",
        label="new seed",
        help="Begin again from another random start.",
        where="run",
    ),
    Key(
        keys=("less_than_sign",),
        action="speed(-1)",
        label="slower",
        help="Slow motion: fewer steps a second, down to one.",
        where="run",
        shown="<",
    ),
    Key(
        keys=("greater_than_sign",),
        action="speed(1)",
        label="faster",
        help="More steps a second, up to as fast as possible.",
        where="run",
        shown=">",
    ),
    Key(
        keys=("l",), action="toggle_log", label="log", help="Draw the loss on a logarithmic axis, or not.", where="look"
    ),
    Key(
        keys=("w",),
        action="toggle_window",
        label="window",
        help="Draw the whole run, or its recent part.",
        where="look",
    ),
    Key(
        keys=("tab",),
        action="focus_next",
        label="next",
        help="Go to the next panel or control.",
        where="look",
        palette=False,
    ),
    Key(
        keys=("shift+tab",),
        action="focus_previous",
        label="previous",
        help="Go to the panel or control before.",
        where="look",
        palette=False,
    ),
    Key(
        keys=("enter",),
        action="zoom",
        label="full screen",
        help="Show the panel in focus on the full screen; on a control, change it.",
        where="look",
        palette=False,
    ),
    Key(
        keys=("escape",),
        action="back",
        label="back",
        help="Leave the full screen, the tab or the control.",
        where="look",
        palette=False,
    ),
    Key(
        keys=("1", "2", "3", "4", "5", "6", "7", "8", "9", "0"),
        action="panel",
        label="panel",
        help="Show the panel of this number alone; 0 is the tenth.",
        where="look",
        shown="0-9",
        palette=False,
    ),
    Key(
        keys=("plus", "equals_sign", "right"),
        action="nudge(1)",
        label="more",
        help="Raise the number, or take the next choice.",
        where="controls",
        shown="+",
        palette=False,
    ),
    Key(
        keys=("minus", "left"),
        action="nudge(-1)",
        label="less",
        help="Lower the number, or take the choice before.",
        where="controls",
        shown="-",
        palette=False,
    ),
    Key(
        keys=("down",),
        action="move(1)",
        label="down",
        help="Go to the next control.",
        where="controls",
        shown="↓",
        palette=False,
    ),
    Key(
        keys=("up",),
        action="move(-1)",
        label="up",
        help="Go to the control before.",
        where="controls",
        shown="↑",
        palette=False,
    ),
    Key(
        keys=("enter",),
        action="open",
        label="change",
        help="Type a value, open the list of choices, or unfold the section.",
        where="controls",
        palette=False,
    ),
    Key(
        keys=("p",),
        action="presets",
        label="presets",
        help="Choose another preset: a problem, a network and a lesson.",
        where="look",
        footer="p",
    ),
    Key(
        keys=("question_mark",), action="help", label="help", help="Show the keys.", where="app", shown="?", footer="?"
    ),
    Key(
        keys=("f1",),
        action="about",
        label="about",
        help="Say what the control in focus is, its formula and its effect.",
        where="app",
        shown="F1",
    ),
    Key(
        keys=("g",),
        action="glossary",
        label="glossary",
        help="Explain the terms of the field and their synonyms.",
        where="app",
    ),
    Key(
        keys=("ctrl+p",),
        action="command_palette",
        label="commands",
        help="Find any setting or action by its name.",
        where="app",
        shown="Ctrl+P",
        palette=False,
    ),
    Key(
        keys=("D",),
        action="detach",
        label="detach",
        help="Leave the terminal; the run goes on (dltui attach).",
        where="app",
    ),
    Key(
        keys=("q", "ctrl+q"),
        action="quit",
        label="quit",
        help="Save the run and leave.",
        where="app",
        footer="q",
    ),
)
"""Every key. The order is the order of the footer and of each group in the help."""


def rows(*where: str) -> list[Key]:
    """The rows of these groups, in the order of the table."""
    return [key for key in KEYS if key.where in where]


def bindings(*where: str) -> list[BindingType]:
    """The rows of these groups as Textual bindings.

    A row whose action is the bare `panel` gets the key itself as argument.
    """
    return list(_bindings(rows(*where)))


def _bindings(table: Iterable[Key]) -> Iterable[Binding]:
    for row in table:
        for key in row.keys:
            action = f"panel({key})" if row.action == "panel" else row.action
            yield Binding(key, action, row.label, show=False, tooltip=row.help)
