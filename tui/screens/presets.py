"""What to train: the presets by lesson. Works before the engine is loaded, so one can read while it loads."""

from __future__ import annotations

from typing import Any, ClassVar

from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Horizontal, Vertical, VerticalScroll
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import OptionList, Static
from textual.widgets.option_list import Option

from dltui.core.presets import PresetHead, list_presets
from dltui.core.text import safe_text


def preset_text(preset: PresetHead) -> Content:
    """Title, what it is made of, and the lesson."""
    lesson = "\n".join(safe_text(line, 2000) for line in preset.lesson.strip().splitlines())
    return Content.assemble(
        (f"{safe_text(preset.title)}\n", "bold #6db3ff"), (f"dltui {preset.name}\n\n", "dim"), f"{lesson}\n"
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
            dialog.border_title = "What shall the network learn?"
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

    def _options(self) -> list[Any]:
        groups: dict[str, list[PresetHead]] = {}
        for preset in self._presets.values():
            groups.setdefault(preset.group or "More", []).append(preset)
        options: list[Any] = []
        for group, presets in groups.items():
            options.append(Option(Content.styled(safe_text(group), "bold #6db3ff"), disabled=True))
            options += [Option(Content(f"  {safe_text(preset.title, 60)}"), id=preset.name) for preset in presets]
        return options

    def on_option_list_option_highlighted(self, event: OptionList.OptionHighlighted) -> None:
        """Show the lesson."""
        preset = self._presets.get(event.option.id or "")
        if preset is not None:
            self.query_one("#lesson-text", Static).update(preset_text(preset))

    def on_option_list_option_selected(self, event: OptionList.OptionSelected) -> None:
        """Train this one."""
        self.dismiss(event.option.id)
