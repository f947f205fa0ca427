"""The list of lessons: searched by typing, opened where one stands, nothing cut while there is room."""

from __future__ import annotations

from typing import Any

from fakes import make_snapshot
from harness import make_app, until
from textual.pilot import Pilot
from textual.widgets import OptionList

from dltui.core.config.presets import list_presets, load_preset
from dltui.core.progress import Progress, write_progress
from dltui.tui.app import DltuiApp
from dltui.tui.screens.dashboard.screen import Dashboard
from dltui.tui.screens.preset_picker import PresetPicker, matches

HEADS = list_presets()


async def opened(pilot: Pilot[Any], app: DltuiApp, session: Any, name: str) -> OptionList:
    session.snapshot = make_snapshot(config=load_preset(name), step=1)
    await until(pilot, lambda: isinstance(app.screen, Dashboard) and app.screen.snapshot is session.snapshot)
    await pilot.press("p")
    await until(pilot, lambda: isinstance(app.screen, PresetPicker) and app.screen.query_one(OptionList).has_focus)
    await pilot.pause()
    return app.screen.query_one(OptionList)


def shown(listing: OptionList) -> list[str]:
    return [str(option.prompt) for option in listing.options]


def chosen(listing: OptionList) -> str:
    option = listing.highlighted_option
    return (option.id or "") if option is not None else ""


async def test_it_opens_at_the_present_lesson_and_marks_the_done_ones() -> None:
    write_progress(Progress(done=frozenset({"xor"})))
    app, session = make_app()
    async with app.run_test(size=(120, 36)) as pilot:
        listing = await opened(pilot, app, session, "dead_relu")
        assert chosen(listing) == "dead_relu"
        marked = [line for line in shown(listing) if line.startswith("✓")]
        assert marked == ["✓ Exclusive or"]


async def test_typing_searches_and_escape_forgets_it_before_it_closes() -> None:
    app, session = make_app()
    async with app.run_test(size=(120, 36)) as pilot:
        listing = await opened(pilot, app, session, "xor")
        await pilot.press(*"vanish")
        await until(pilot, lambda: len(listing.options) < 8)
        names = [option.id for option in listing.options if option.id]
        assert names == [head.name for head in HEADS if matches(head, "vanish")]
        assert chosen(listing) == names[0]
        assert "vanish" in str(app.screen.query_one(".dialog").border_subtitle)
        await pilot.press("x", "x")
        await until(pilot, lambda: shown(listing) == ["no lesson has these words"])
        await pilot.press("escape")
        await until(pilot, lambda: len(listing.options) > len(HEADS))
        assert isinstance(app.screen, PresetPicker)
        await pilot.press("escape")
        await until(pilot, lambda: isinstance(app.screen, Dashboard))


async def test_no_title_is_cut_where_there_is_room() -> None:
    app, session = make_app()
    async with app.run_test(size=(120, 36)) as pilot:
        listing = await opened(pilot, app, session, "xor")
        assert listing.scrollable_content_region.width >= max(len(head.title) for head in HEADS) + 2


async def test_q_leaves_where_nothing_was_typed_and_is_a_letter_after_that() -> None:
    app, session = make_app()
    async with app.run_test(size=(120, 36)) as pilot:
        await opened(pilot, app, session, "xor")
        await pilot.press("s", "q")
        await pilot.pause()
        assert app.is_running and isinstance(app.screen, PresetPicker)
        await pilot.press("backspace", "backspace", "q")
        await until(pilot, lambda: not app.is_running or session.closed)
