"""F1 explains what is shown: every panel its numbers, bands and colors."""

from __future__ import annotations

import pytest
from fakes import make_snapshot
from harness import make_app, until

from dltui.core.config import Config
from dltui.tui.screens.about import AboutScreen
from dltui.tui.screens.dashboard.explained import EXPLAINED, panel_text
from dltui.tui.screens.dashboard.panels import PANELS
from dltui.tui.screens.dashboard.screen import Dashboard
from dltui.tui.screens.help import keys_text
from dltui.tui.widgets.layer_table import HEADS


def test_every_panel_has_its_explanation() -> None:
    assert set(EXPLAINED) == {info.id for info in PANELS}
    for panel, entries in EXPLAINED.items():
        assert entries and all(sign and meaning for sign, meaning in entries), panel
        assert len({sign for sign, _ in entries}) == len(entries)


@pytest.mark.parametrize("info", PANELS, ids=lambda info: info.id)
def test_the_text_of_a_panel_has_its_title_and_its_keys(info) -> None:
    text = " ".join(panel_text(info.id).plain.split())
    assert text.startswith(info.title) and all(meaning in text for _, meaning in EXPLAINED[info.id])
    assert all(len(line) <= 74 for line in panel_text(info.id).plain.splitlines())


def test_the_columns_of_the_layer_table_are_explained() -> None:
    told = " ".join(sign for sign, _ in EXPLAINED["layers"])
    numbers = [head.title for head in HEADS if head.title.isprintable() and "…" not in head.title]
    for title in numbers:
        assert title in told or title in ("layer", "shape", "weights"), title
    assert "sat" in told


def test_charts_explain_their_band() -> None:
    for panel in ("loss", "rate", "score"):
        assert "grey band" in dict(EXPLAINED[panel])


@pytest.mark.parametrize("panel", ["loss", "layers", "decision", "events"])
async def test_f1_on_a_panel_explains_it(panel: str) -> None:
    app, session = make_app()
    async with app.run_test(size=(120, 36)) as pilot:
        session.snapshot = make_snapshot("spiral", config=Config.from_dict({}))
        await until(pilot, lambda: isinstance(app.screen, Dashboard) and app.screen.snapshot is session.snapshot)
        app.screen.query_one(f"#{panel}").focus()
        await until(pilot, lambda: app.screen.panel_in_focus == panel)
        await pilot.press("f1")
        await until(pilot, lambda: isinstance(app.screen, AboutScreen))
        assert EXPLAINED[panel][0][1] in " ".join(app.screen._text.plain.split())


def test_the_help_begins_with_the_panel_in_focus_and_is_found_by_typing() -> None:
    assert keys_text(100, "map").plain.startswith("On the decision map")
    found = keys_text(100, "", "seed").plain
    assert "other random weights" in found and "Pause training" not in found
    assert "No key for" in keys_text(100, "", "zzz").plain


async def test_the_help_looks_for_what_is_typed() -> None:
    app, session = make_app()
    async with app.run_test(size=(120, 36)) as pilot:
        session.snapshot = make_snapshot("spiral", config=Config.from_dict({}))
        await until(pilot, lambda: isinstance(app.screen, Dashboard) and app.screen.snapshot is session.snapshot)
        app.screen.query_one("#decision").focus()
        await pilot.pause()
        await pilot.press("question_mark")
        await until(pilot, lambda: type(app.screen).__name__ == "HelpScreen")
        await pilot.pause()
        text = app.screen.query("Static").last()
        await until(pilot, lambda: str(text.render()).startswith("On the decision map"))
        await pilot.press(*"rewind")
        await until(pilot, lambda: "weights before it" in str(text.render()) and "decision" not in str(text.render()))
        await pilot.press("enter")
        await until(pilot, lambda: isinstance(app.screen, Dashboard))
