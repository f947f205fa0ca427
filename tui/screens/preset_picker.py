"""What to train: the presets by lesson. Works before the engine is loaded, so one can read while it loads."""

from __future__ import annotations

from typing import ClassVar

from textual import events
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Horizontal, Vertical, VerticalScroll
from textual.content import Content
from textual.widgets import OptionList, Static
from textual.widgets.option_list import Option

from dltui.core.config.presets import PresetHead
from dltui.core.text import safe_text

from ..draw.look import Look
from ..draw.thumbnail import thumbnail
from ..widgets.choices import Choices
from .base import Part
from .course import Course
from .thumbnails import thumbnails
from .window import Window

PICTURE_COLUMNS = 40
"""Widest picture of data."""
PICTURED_FROM = 100
"""Columns of a terminal in which a picture has room beside the list."""


def preset_text(preset: PresetHead, look: Look | None = None, *, pictured: bool = True, n_tried: int = 0) -> Content:
    """Title, how to start it from the shell, the lesson, and where there is room a picture of the data."""
    lesson = "\n".join(safe_text(line, 2000) for line in preset.lesson.strip().splitlines())
    picture: list[Part] = []
    for row in thumbnail(thumbnails().get(preset.name, ()) if pictured else (), PICTURE_COLUMNS, look):
        picture += [*row, ("\n", "")]
    return Content.assemble(
        (f"{safe_text(preset.title)}\n", "bold #6db3ff"),
        (f"dltui {preset.name}\n\n", "dim"),
        f"{lesson}\n\n",
        (f"{_to_try(preset.n_tries, n_tried)}\n\n" if preset.n_tries else "", "dim"),
        *picture,
    )


def _to_try(n_tries: int, n_tried: int) -> str:
    """How many experiments a lesson has, and how many of them were made."""
    words = "1 experiment" if n_tries == 1 else f"{n_tries} experiments"
    return f"{words} to try" + (f", {min(n_tried, n_tries)} tried" if n_tried else "")


class PresetPicker(Window[str | None]):
    """The lessons in their order, searched by typing; gives back the name of the one chosen.

    Args:
        course: The lessons, and which are done.
        current: Name of the lesson that is trained; "" for none.
    """

    BINDINGS: ClassVar[list[BindingType]] = [("escape", "clear", "Close"), ("ctrl+q", "app.quit", "Quit")]

    def __init__(self, course: Course, current: str = "") -> None:
        super().__init__()
        self._course = course
        self._presets = {preset.name: preset for preset in course.heads}
        self._current = current
        self._query = ""

    def compose(self) -> ComposeResult:
        """The list beside the lesson of the one under the cursor."""
        with Vertical(classes="dialog") as dialog:
            dialog.border_title = "What should the network learn?"
            with Horizontal():
                yield Choices(id="preset-list", markup=False)
                with VerticalScroll(id="preset-detail", can_focus=False):
                    yield Static(id="lesson-text", markup=False)

    def on_mount(self) -> None:
        """Begin at the lesson that is trained, or the first that is not done."""
        upcoming = self._course.next_after("")
        self._list(self._current or (upcoming.name if upcoming is not None else ""))
        self.query_one(OptionList).focus()

    def _list(self, chosen: str) -> None:
        """Show the lessons that match what was typed, the cursor on one of them."""
        listing = self.query_one(OptionList)
        listing.clear_options()
        listing.add_options(self._options())
        names = [option.id for option in listing.options]
        places = [place for place, name in enumerate(names) if name is not None]
        listing.highlighted = names.index(chosen) if chosen in names else next(iter(places), None)
        if not places:
            self.query_one("#lesson-text", Static).update("")
        dialog = self.query_one(".dialog")
        looked_for = f"looking for: {self._query} · " if self._query else "type to search · "
        leave = "Esc all" if self._query else "Esc close · q quit"
        dialog.border_subtitle = f"{looked_for}↑↓ look · Enter train · {leave}"

    def _options(self) -> list[Option]:
        look = getattr(self.app, "look", None) or Look()
        mark = "✓" if look.unicode else "+"
        groups: dict[str, list[PresetHead]] = {}
        for preset in self._presets.values():
            if matches(preset, self._query):
                groups.setdefault(preset.group or "More", []).append(preset)
        options: list[Option] = []
        for group, presets in groups.items():
            options.append(Option(Content.styled(safe_text(group), "bold #6db3ff"), disabled=True))
            for preset in presets:
                done = mark if preset.name in self._course.progress.done else " "
                line = Content.assemble((f"{done} ", "#6fd3a5"), safe_text(preset.title, 80))
                options.append(Option(line, id=preset.name))
        if not options:
            options.append(Option(Content.styled("no lesson has these words", "dim"), disabled=True))
        return options

    def on_key(self, event: events.Key) -> None:
        """Search for what is typed."""
        if event.key == "backspace":
            query = self._query[:-1]
        elif event.is_printable and event.character and not (event.character == " " and not self._query):
            if event.character == "q" and not self._query:
                self.call_later(self.app.run_action, "quit")
                return
            query = self._query + event.character
        else:
            return
        event.stop()
        event.prevent_default()
        self._look_for(query)

    def _look_for(self, query: str) -> None:
        if query != self._query:
            option = self.query_one(OptionList).highlighted_option
            self._query = query[:40]
            self._list(option.id or "" if option is not None else "")

    def action_clear(self) -> None:
        """Forget what was typed; where nothing was, close."""
        if self._query:
            self._look_for("")
        else:
            self.dismiss(None)

    def on_option_list_option_highlighted(self, event: OptionList.OptionHighlighted) -> None:
        """Show the lesson."""
        preset = self._presets.get(event.option.id or "")
        if preset is not None:
            look = getattr(self.app, "look", None)
            tried = len(self._course.progress.tried.get(preset.name, ()))
            self.query_one("#lesson-text", Static).update(
                preset_text(preset, look, pictured=self.app.size.width >= PICTURED_FROM, n_tried=tried)
            )

    def on_option_list_option_selected(self, event: OptionList.OptionSelected) -> None:
        """Train this one."""
        self.dismiss(event.option.id)


def matches(preset: PresetHead, query: str) -> bool:
    """Whether a preset has all words of a search, in its name, its title, its group or its lesson.

    Example:
        >>> matches(PresetHead("xor", "Exclusive or", "Four fields.", "First steps", ""), "fields first")
        True
    """
    text = f"{preset.name} {preset.title} {preset.group} {preset.lesson}".lower()
    return all(word in text for word in query.lower().split())
