"""What to train: the presets by lesson. Works before the engine is loaded, so one can read while it loads."""

from __future__ import annotations

from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Horizontal, Vertical, VerticalScroll
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import OptionList, Static
from textual.widgets.option_list import Option

from dltui.core.config.presets import PresetHead, list_presets
from dltui.core.text import safe_text

from ..draw.look import Look
from ..draw.thumbnail import thumbnail
from .base import Part
from .thumbnails import thumbnails

PICTURE_COLUMNS = 40
"""Widest picture of data."""
PICTURED_FROM = 100
"""Columns of a terminal in which a picture has room beside the list."""


def preset_text(preset: PresetHead, look: Look | None = None, *, pictured: bool = True) -> Content:
    """Title, how to start it from the shell, the lesson, and where there is room a picture of the data."""
    lesson = "\n".join(safe_text(line, 2000) for line in preset.lesson.strip().splitlines())
    picture: list[Part] = []
    for row in thumbnail(thumbnails().get(preset.name, ()) if pictured else (), PICTURE_COLUMNS, look):
        picture += [*row, ("\n", "")]
    return Content.assemble(
        (f"{safe_text(preset.title)}\n", "bold #6db3ff"),
        (f"dltui {preset.name}\n\n", "dim"),
        f"{lesson}\n\n",
        *picture,
    )


class PresetPicker(ModalScreen[str | None]):
    """A list of presets grouped by lesson; gives back the name of the one chosen."""

    BINDINGS: ClassVar[list[BindingType]] = [("escape", "dismiss", "Close"), ("q,ctrl+q", "app.quit", "Quit")]

    def __init__(self) -> None:
        super().__init__()
        self._presets = {preset.name: preset for preset in list_presets()}

    def compose(self) -> ComposeResult:
        """The list beside the lesson of the one under the cursor."""
        with Vertical(classes="dialog") as dialog:
            dialog.border_title = "What should the network learn?"
            dialog.border_subtitle = "↑↓ look · Enter train · q quit"
            with Horizontal():
                yield OptionList(*self._options(), id="preset-list", markup=False)
                with VerticalScroll(id="preset-detail", can_focus=False):
                    yield Static(id="lesson-text", markup=False)

    def on_mount(self) -> None:
        """Begin at the first."""
        listing = self.query_one(OptionList)
        listing.focus()
        if self._presets:
            listing.highlighted = 1

    def _options(self) -> list[Option]:
        groups: dict[str, list[PresetHead]] = {}
        for preset in self._presets.values():
            groups.setdefault(preset.group or "More", []).append(preset)
        options: list[Option] = []
        for group, presets in groups.items():
            options.append(Option(Content.styled(safe_text(group), "bold #6db3ff"), disabled=True))
            options += [Option(Content(f"  {safe_text(preset.title, 80)}"), id=preset.name) for preset in presets]
        return options

    def on_option_list_option_highlighted(self, event: OptionList.OptionHighlighted) -> None:
        """Show the lesson."""
        preset = self._presets.get(event.option.id or "")
        if preset is not None:
            look = getattr(self.app, "look", None)
            self.query_one("#lesson-text", Static).update(
                preset_text(preset, look, pictured=self.app.size.width >= PICTURED_FROM)
            )

    def on_option_list_option_selected(self, event: OptionList.OptionSelected) -> None:
        """Train this one."""
        self.dismiss(event.option.id)
