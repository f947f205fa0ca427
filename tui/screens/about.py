"""What one control is: its meaning, its range, and what changing it does to a run in progress."""

from __future__ import annotations

from collections.abc import Iterable
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import VerticalScroll
from textual.content import Content
from textual.widgets import Static

from dltui.core.config.fields import FieldInfo
from dltui.core.registry import Member, Param, families
from dltui.core.text import safe_text

from ..draw.format import short_exponents
from ..widgets.effects import effect
from ..widgets.field import allowed, shown, shown_setting
from .base import Part
from .window import Window


def member_text(member: Member) -> Content:
    """Everything about a member: what it is, then its settings and where it comes from."""
    return Content.assemble(member_gist(member), "\n", member_rest(member))


def member_gist(member: Member) -> Content:
    """Title, summary and formula."""
    parts: list[Part] = [(f"{member.title}\n", "bold #6db3ff"), f"{member.summary}\n"]
    if member.formula:
        parts += ["\n", (f"  {member.formula}\n", "#6fd3a5")]
    return Content.assemble(*parts)


def member_rest(member: Member) -> Content:
    """Settings and paper."""
    parts: list[Part] = [param_line(param) for param in member.params]
    if member.paper:
        parts += ["\n" if parts else "", paper(member)]
    return Content.assemble(*parts)


def paper(member: Member) -> Content:
    """Where a member comes from."""
    return Content.styled(f"{member.paper}\n" if member.paper else "", "dim")


def param_line(param: Param) -> Content:
    """One setting of a member with its default and range."""
    return Content.assemble(
        (f"  {param.name}", "bold"),
        f" = {shown(param.default)}",
        (f"  {short_exponents(param.allowed())}  {param.summary}\n", "dim"),
    )


def field_text(info: FieldInfo) -> Content:
    """Everything known about a setting."""
    unit = f" {info.param.unit}" if info.param is not None and info.param.unit else ""
    parts: list[Part] = [
        (f"{info.label}\n", "bold #6db3ff"),
        f"{info.summary.rstrip('.')}.\n\n" if info.summary else "\n",
    ]
    for name, text in (
        ("now", shown_setting(info) + ("" if shown_setting(info) != shown(info.value) else unit)),
        ("default", shown(info.default) + unit),
        ("allowed", allowed(info)),
        ("name", info.path),
        ("effect", effect(info.path)),
    ):
        if text:
            parts += [(f"  {name:<9}", "dim"), f"{safe_text(text, 300)}\n"]
    if info.family and info.value in families[info.family]:
        parts += ["\n", member_text(families[info.family][info.value])]
    regularizer = (
        families["regularizers"].get(info.path.partition(".")[2]) if info.section == "regularization" else None
    )
    if regularizer is not None:
        parts += ["\n", member_gist(regularizer), "\n", paper(regularizer)]
    return Content.assemble(*parts)


def explained(meanings: Iterable[tuple[str, str]], wide: int = 14) -> Content:
    """Signs and what they mean, a line each.

    Args:
        meanings: Sign and meaning.
        wide: Cells of the signs.
    """
    parts: list[Part] = []
    for sign, meaning in meanings:
        parts += [(f"{sign:<{wide}}", "bold"), f"{meaning}\n"]
    return Content.assemble(*parts)


class AboutScreen(Window[None]):
    """One text about one thing.

    Args:
        text: The text.
        title: Title of the window.
    """

    BINDINGS: ClassVar[list[BindingType]] = [("escape,f1,q,enter", "dismiss", "Close")]

    def __init__(self, text: Content, title: str = "About") -> None:
        super().__init__()
        self._text = text
        self._title = title

    def compose(self) -> ComposeResult:
        """A window with the text."""
        with VerticalScroll(classes="dialog -fit") as dialog:
            dialog.border_title = self._title
            dialog.border_subtitle = "Esc close"
            yield Static(self._text, markup=False)
