"""A click on a line that is gone by the time it arrives is passed over; one on a line that is there chooses it."""

from __future__ import annotations

from rich.style import Style
from textual import events
from textual.app import App, ComposeResult
from textual.widgets import OptionList

from dltui.tui.widgets.choices import Choices


class Listing(App[None]):
    """A list of two lines, and what was chosen."""

    def __init__(self) -> None:
        super().__init__()
        self.chosen: list[int] = []

    def compose(self) -> ComposeResult:
        """The list."""
        yield Choices("one", "two")

    def on_option_list_option_selected(self, event: OptionList.OptionSelected) -> None:
        """Take note."""
        self.chosen.append(event.option_index)


def click(listing: Choices, line: int) -> events.Click:
    where = (1, line, 0, 0, 1, False, False, False, 1, line)
    return events.Click(listing, *where, style=Style(meta={"option": line}))


async def test_a_click_on_a_line_that_is_gone_is_passed_over() -> None:
    app = Listing()
    async with app.run_test() as pilot:
        listing = app.query_one(Choices)
        for line in (7, 2, 1, 0):
            listing.post_message(click(listing, line))
        await pilot.pause()
        await pilot.pause()
        assert app.chosen == [1, 0]
