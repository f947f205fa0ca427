"""The command palette finds actions, settings and panels by name, the thing of that very name first."""

import pytest
from fakes import make_snapshot
from harness import make_app, until

from dltui.core.config import Config
from dltui.tui.screens.command_palette import ActionsProvider, AmountProvider, PanelsProvider, SettingsProvider
from dltui.tui.screens.dashboard.screen import Dashboard


async def hits(screen, query):
    """Texts of what is found, best first."""
    found = []
    for kind in (ActionsProvider, AmountProvider, SettingsProvider, PanelsProvider):
        found += [hit async for hit in kind(screen).search(query)]
    return [str(hit.text or hit.prompt) for hit in sorted(found, key=lambda hit: hit.score, reverse=True)]


@pytest.mark.parametrize(
    ("query", "first"),
    [
        ("dropout", "regularization · dropout = 0"),
        ("Dropout ", "regularization · dropout = 0"),
        ("learning_rate", "optimizer · learning rate = 0.03"),
        ("filters", "panel · Filters and maps"),
        ("undo", "undo  (z)"),
        ("train 2000", "train 2 000 steps, then pause"),
        ("1 epoch", "train 1 epoch, then pause"),
    ],
)
async def test_the_thing_of_that_very_name_comes_first(query, first):
    app, session = make_app("digits")
    async with app.run_test(size=(80, 24)) as pilot:
        session.snapshot = make_snapshot("digits", config=Config.from_dict({"optimizer": {"learning_rate": 0.03}}))
        await until(pilot, lambda: isinstance(app.screen, Dashboard) and app.screen.snapshot is session.snapshot)
        assert (await hits(app.screen, query))[0] == first


async def test_a_panel_is_shown_from_the_palette():
    app, session = make_app("digits")
    async with app.run_test(size=(80, 24)) as pilot:
        session.snapshot = make_snapshot("digits", config=Config.from_dict({}))
        await until(pilot, lambda: isinstance(app.screen, Dashboard) and app.screen.snapshot is session.snapshot)
        await pilot.press("ctrl+p")
        await until(pilot, lambda: type(app.screen).__name__ == "CommandPalette")
        await pilot.press(*"filters")
        await pilot.pause(0.5)
        await pilot.press("enter")
        await until(pilot, lambda: isinstance(app.screen, Dashboard) and app.screen.area.tab == "pictures")


async def test_only_panels_that_fit_the_run_are_found():
    app, session = make_app()
    async with app.run_test(size=(120, 36)) as pilot:
        session.snapshot = make_snapshot("spiral", config=Config.from_dict({}))
        await until(pilot, lambda: isinstance(app.screen, Dashboard) and app.screen.snapshot is session.snapshot)
        assert not any("Filters" in text for text in await hits(app.screen, "filters"))
