"""Choosing a member: what there is, what each does, and what the switch would do to this run, before it is made.

The session answers `Preview` in a snapshot; nothing is applied until Enter. For an optimizer three learning rates are
offered with the size of the first step each would make; the one that keeps that size is chosen beforehand. Typing
leaves the choices that match, so no letter does anything else here.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from typing import ClassVar

from textual import events
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Horizontal, Vertical, VerticalScroll
from textual.content import Content
from textual.timer import Timer
from textual.widgets import OptionList, Static
from textual.widgets.option_list import Option

from dltui.core.commands import Foresee, Preview
from dltui.core.config.fields import FieldInfo
from dltui.core.registry import Member, families
from dltui.core.snapshot import Foresight, Prospect, RatePreview, Snapshot
from dltui.core.text import safe_text

from ..draw.axes import ROUNDING
from ..draw.format import count, trimmed, width
from ..draw.look import Look
from ..draw.prospects import loss_range, prospect_text, ranked
from ..messages import Send
from ..widgets.choices import Choices
from ..widgets.effects import effect
from ..widgets.field import shown
from ..widgets.member_plot import LEAST_ROWS, MemberPlot
from .about import member_gist, member_rest
from .base import Part, RunWindow

SETTLE_S = 0.15
"""How long the cursor rests on a choice before its preview is asked for."""

OFFERS = {
    "keep": "keep the rate as it is",
    "remap": "same step size",
    "usual": "this optimizer's usual rate",
}
"""The learning rates offered after a switch of optimizer, in words."""

SHORTEST, LONGEST = 10, 1_000_000
"""Steps that can be looked ahead."""
LEAST_CELLS, MOST_CELLS = 9, 34
"""Room for a future beside a name."""
_ROLES = {"diverged": "bold $error"}
RATE_PATHS = ("optimizer.", "schedule.")
"""Settings whose change may move the learning rate."""


def rate_line(values: Iterable[float], width: int = 40) -> str:
    """A row of blocks for the learning rates to come, highest rate full."""
    numbers = [float(value) for value in values]
    if not numbers or not max(numbers) > 0:
        return ""
    picked = [numbers[i * len(numbers) // width] for i in range(width)] if len(numbers) > width else numbers
    top = max(picked)
    return "".join("▁▂▃▄▅▆▇█"[min(int(value / top * 7.999), 7)] if value > 0 else " " for value in picked)


def preview_text(preview: RatePreview, chosen: int, columns: int = 40, *, lined: bool = True) -> Content:
    """What the switch would do, as the session says.

    Args:
        preview: The session's answer.
        chosen: Number of the offer taken.
        columns: Cells of a line.
        lined: Whether the rates ahead are drawn as a line of blocks, where no picture shows them.
    """
    if preview.error:
        return Content.assemble(("would be refused: ", "bold $error"), safe_text(preview.error, 400))
    parts: list[Part] = []
    if preview.offers:
        parts.append(("Learning rate from here on  (← →)\n", "bold"))
        for i, offer in enumerate(preview.offers):
            here = i == chosen
            text = f" {'●' if here else '○'} {OFFERS.get(offer.name, offer.name)}\n"
            parts.append((text, "bold #6db3ff" if here else ""))
            parts.append((f"   rate {trimmed(offer.rate):<8} |Δw|/|w| {trimmed(offer.first_step)}\n", "dim"))
    parts += [(f"{safe_text(note, 200)}\n", "dim") for note in preview.notes]
    if not any(path.startswith(RATE_PATHS) for path in preview.changes):
        return Content.assemble(*parts)
    rates = [float(rate) * _factor(preview, chosen) for rate in preview.rates]
    low, high = min(rates, default=0.0), max(rates, default=0.0)
    if high - low > ROUNDING * high:
        parts += [("Rate ahead  ", "dim"), f"{trimmed(low)} to {trimmed(high)}\n"]
        parts += [(f"{rate_line(rates, min(columns, 40))}\n", "#6db3ff")] if lined else []
    elif high > 0 and not preview.offers:
        parts += [("Rate ahead  ", "dim"), f"{trimmed(high)} at every step\n"]
    return Content.assemble(*parts)


def _factor(preview: RatePreview, chosen: int) -> float:
    """By how much the chosen offer moves the rates ahead, which are those of the rate kept."""
    kept = next((offer.rate for offer in preview.offers if offer.name == "keep"), 0.0)
    return preview.offers[chosen].rate / kept if kept > 0 else 1.0


class Picker(RunWindow[Mapping[str, object] | None]):
    """A list of choices with their explanations; gives back the changes to apply.

    Args:
        info: The setting. Choices that are members explain themselves; of others there is only the name.
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        ("escape", "leave", "Close"),
        ("backspace", "untype", "Type back"),
        ("left", "offer(-1)", "Rate before"),
        ("right", "offer(1)", "Next rate"),
        ("pageup", "scroll_text(-8)", "Up"),
        ("pagedown", "scroll_text(8)", "Down"),
        ("f6", "sort", "Sort by the loss to come"),
        ("f7", "horizon(-1)", "Look less far"),
        ("f8", "horizon(1)", "Look farther"),
    ]

    def __init__(self, info: FieldInfo) -> None:
        super().__init__()
        self._info = info
        self._members: Mapping[str, Member] = families[info.family] if info.family else {}
        self._preview: RatePreview | None = None
        self._names = list(info.choices)
        """Choices that match what was typed."""
        self._typed = ""
        self._offer = 0
        self._timer: Timer | None = None
        self._asked = False
        self._foresight: Foresight | None = None
        self._sorted = False
        """Whether the choices stand in the order of the loss they come to."""
        self._horizon = 0
        """Steps that are looked ahead; 0: as far as a second or two allow."""

    def compose(self) -> ComposeResult:
        """The choices beside what is known of the one under the cursor."""
        with Vertical(classes="dialog") as dialog:
            dialog.border_title = self._title()
            dialog.border_subtitle = self._subtitle()
            with Horizontal():
                yield Choices(*self._options(), id="choices", markup=False)
                with Vertical(id="detail-side"):
                    with VerticalScroll(id="detail", can_focus=False):
                        yield Static(id="member", markup=False)
                        yield Static(id="preview", markup=False)
                        yield Static(id="member-rest", markup=False)
                    yield MemberPlot(id="plot")

    def on_mount(self) -> None:
        """Begin at the choice in force."""
        choices = self.query_one("#choices", OptionList)
        if self._info.value in self._names:
            choices.highlighted = self._names.index(self._info.value)
        choices.focus()
        self._look_ahead()

    def on_unmount(self) -> None:
        """Nothing is computed for a list that is gone."""
        self.app.post_message(Send(Foresee()))

    def _look_ahead(self) -> None:
        """Ask for the future of every choice; that of the one in force is the run as it goes on."""
        path, value = self._info.path, self._info.value
        candidates = tuple({} if name == value else {path: self._meant(name)} for name in self._info.choices)
        self.post_message(Send(Foresee(candidates, self._horizon)))

    def action_horizon(self, by: int) -> None:
        """Look as far as the next power of ten, or the one before."""
        now = self._horizon or (self._foresight.n_steps if self._foresight is not None else 0) or SHORTEST
        power = math.floor(math.log10(now)) + 1 if by > 0 else math.ceil(math.log10(now)) - 1
        self._horizon = min(max(10**power, SHORTEST), LONGEST)
        self._look_ahead()

    def action_sort(self) -> None:
        """Put the choices in the order of the loss they come to, or back."""
        self._sorted = not self._sorted
        self._list_again()

    def _prospect(self, name: str) -> Prospect | None:
        """What is known of a choice's future."""
        changes = {} if name == self._info.value else {self._info.path: self._meant(name)}
        found = self._foresight.prospects if self._foresight is not None else ()
        return next(
            (one for one in found if changes.items() <= one.changes.items() and bool(one.changes) == bool(changes)),
            None,
        )

    def _show_prospects(self) -> None:
        """Write the futures beside the names."""
        if self._sorted:
            self._list_again()
            return
        choices = self.query_one("#choices", OptionList)
        for name, option in zip(self._names, self._options(), strict=True):
            choices.replace_option_prompt(f"choice-{name}", option.prompt)

    def _subtitle(self) -> str:
        keys = "↑↓ look · type to find · Enter switch · Esc cancel"
        if self._foresight is None or not self._foresight.n_steps:
            return keys
        far = f"loss over the next {count(self._foresight.n_steps)} steps"
        return f"{far} · F6 {'unsort' if self._sorted else 'sort'} · F7 F8 nearer, farther · Enter switch · Esc cancel"

    def on_key(self, event: events.Key) -> None:
        """Leave only the choices that match what is typed; a letter after which none would is not taken."""
        typed = self._typed + (event.character or "")
        if event.is_printable and (typed.strip() and self._matching(typed)):
            event.stop()
            event.prevent_default()
            self._type(typed)

    def action_untype(self) -> None:
        """Take the last letter back."""
        self._type(self._typed[:-1])

    def action_leave(self) -> None:
        """Show all choices again; with all of them shown, leave without a change."""
        if self._typed:
            self._type("")
        else:
            self.dismiss(None)

    def _matching(self, typed: str) -> list[str]:
        """Choices whose name or title holds a text, those that begin with it first."""
        wanted = typed.strip().casefold()
        titles = {name: f"{self._named(name)} {name}".casefold() for name in self._info.choices}
        found = [name for name in self._info.choices if wanted in titles[name]]
        return sorted(found, key=lambda name: not titles[name].startswith(wanted))

    def _type(self, typed: str) -> None:
        self._typed = typed
        self._list_again(first=bool(typed))
        self.query_one(".dialog").border_title = self._title()

    def _list_again(self, *, first: bool = False) -> None:
        """List the choices that match, with the cursor where it was, or on the first."""
        here = self._choice
        names = self._matching(self._typed) if self._typed else list(self._info.choices)
        if self._sorted and self._foresight is not None:
            order = [id(one) for one in ranked(self._foresight.prospects)]
            names.sort(key=lambda name: order.index(id(self._prospect(name))) if self._prospect(name) else len(order))
        self.query_one(".dialog").border_subtitle = self._subtitle()
        choices = self.query_one("#choices", OptionList)
        if names != self._names:
            self._names = names
            choices.clear_options()
            choices.add_options(self._options())
        else:
            for name, option in zip(names, self._options(), strict=True):
                choices.replace_option_prompt(f"choice-{name}", option.prompt)
        choices.highlighted = 0 if first or here not in names else names.index(here)

    def _title(self) -> str:
        title = f"{self._info.summary or self._info.label}".capitalize()
        return f"{title} · {safe_text(self._typed, 24)}▏" if self._typed else title

    def _named(self, name: str) -> str:
        member = self._members.get(name)
        return member.title if member is not None else (name or "same as the network")

    def show_snapshot(self, snapshot: Snapshot) -> None:
        """Take up the session's answers: the futures, and the preview if it is about the choice under the cursor."""
        if snapshot.foresight is not None and snapshot.foresight is not self._foresight:
            self._foresight = snapshot.foresight
            self.query_one(".dialog").border_subtitle = self._subtitle()
            self._show_prospects()
        preview = snapshot.preview
        if preview is None or preview is self._preview or dict(preview.changes) != self._changes():
            return
        self._preview = preview
        names = [offer.name for offer in preview.offers]
        self._offer = names.index("remap") if "remap" in names else 0
        self._draw()

    def _options(self) -> list[Option]:
        found = self._foresight
        room = self.query_one("#choices").content_size.width if found is not None else 0
        wide = max((width(self._named(name)) for name in self._info.choices), default=0)
        low, high = loss_range(found.prospects) if found is not None else (0.0, 0.0)
        options = []
        for name in self._names:
            mark, title = "● " if name == self._info.value else "  ", self._named(name)
            parts: list[Part] = [(mark, "#6db3ff"), (title, "bold")]
            one, left = self._prospect(name), room - wide - 5
            if found is not None and one is not None and left >= LEAST_CELLS:
                line = prospect_text(one, found.step, low, high, min(left, MOST_CELLS), self._unicode)
                parts.append((f"{' ' * (wide - width(title) + 1)}{line}", _ROLES.get(one.stopped, "#6db3ff")))
            options.append(Option(Content.assemble(*parts), id=f"choice-{name}"))
        return options

    @property
    def _unicode(self) -> bool:
        look = getattr(self.app, "look", None)
        return look.unicode if isinstance(look, Look) else True

    @property
    def _choice(self) -> str | None:
        at = self.query_one("#choices", OptionList).highlighted
        return None if at is None or at >= len(self._names) else self._names[at]

    def _changes(self) -> dict[str, object]:
        return {} if self._choice is None else {self._info.path: self._meant(self._choice)}

    def _meant(self, name: str) -> object:
        """The value that a choice stands for."""
        return name

    def on_option_list_option_highlighted(self) -> None:
        """Explain the choice; ask for its preview when the cursor rests."""
        self._preview = None
        self._draw()
        if self._timer is not None:
            self._timer.stop()
        # An activation in force is asked for as well: its picture is part of the answer.
        pictured = self._info.family == "activations"
        if self._choice is not None and (self._choice != self._info.value or pictured):
            self._timer = self.set_timer(SETTLE_S, self._ask)
        else:
            self.take_back()

    def _ask(self) -> None:
        self._asked = True
        self.post_message(Send(Preview(self._changes())))

    def take_back(self) -> None:
        """Have the session forget the preview, which the charts draw, if one was asked for."""
        if self._asked:
            self._asked = False
            self.app.post_message(Send(Preview({})))

    @property
    def _asks_for_a_file(self) -> bool:
        """Whether the choice under the cursor is nothing without a file of the user's."""
        return getattr(self._members.get(self._choice or ""), "kind", "") == "file"

    def _draw(self) -> None:
        name = self._choice
        member = self._members.get(name or "")
        text = member_gist(member) if member is not None else Content(shown(name or ""))
        if name == self._info.value:
            answer = Content.styled("in force now\n", "dim")
        else:
            answer = Content.styled(f"{effect(self._info.path)}\n\n", "dim")
            if self._asks_for_a_file:
                answer = Content.styled("Enter asks for the path of the file, and begins a run with it.\n", "dim")
            elif self._preview is not None:
                wide, plot = self.query_one("#preview").size.width or 40, self.query_one(MemberPlot)
                answer += preview_text(self._preview, self._offer, wide, lined=plot.size.height < LEAST_ROWS)
        factor = _factor(self._preview, self._offer) if self._preview is not None and self._preview.offers else 1.0
        self.query_one(MemberPlot).show_preview(self._preview, factor)
        self.query_one("#member", Static).update(text)
        self.query_one("#preview", Static).update(answer)
        self.query_one("#member-rest", Static).update(member_rest(member) if member is not None else "")

    def action_scroll_text(self, by: int) -> None:
        """Read on."""
        self.query_one("#detail", VerticalScroll).scroll_relative(y=by, animate=False)

    def action_offer(self, by: int) -> None:
        """Choose another of the rates offered."""
        if self._preview is not None and self._preview.offers:
            self._offer = (self._offer + by) % len(self._preview.offers)
            self._draw()

    def on_option_list_option_selected(self) -> None:
        """Switch, at the rate chosen."""
        changes = self._changes()
        if not changes or self._choice == self._info.value:
            self.dismiss(None)
            return
        if self._preview is not None and self._preview.error and not self._asks_for_a_file:
            self.notify(safe_text(self._preview.error, 400), severity="error", markup=False)
            return
        if self._preview is not None and self._preview.offers:
            changes["optimizer.learning_rate"] = self._preview.offers[self._offer].rate
        self.dismiss(changes)
