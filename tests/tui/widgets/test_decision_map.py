"""Points are put in and taken out on the map, by keys alone and by mouse alone, while the network trains."""

from __future__ import annotations

import pytest
from fakes import make_snapshot
from harness import make_app, until

from dltui.core.commands import Apply
from dltui.core.config.by_hand import POINT_EDIT
from dltui.tui.draw.heat import map_place
from dltui.tui.screens.dashboard.screen import Dashboard

SIZES = [(80, 24), (120, 36), (200, 60)]


def edits(session):
    return [c.changes["data.points"] for c in session.commands if isinstance(c, Apply) and "data.points" in c.changes]


async def opened(pilot, app, session):
    session.snapshot = make_snapshot("spiral", elapsed_s=1.0)
    await until(pilot, lambda: isinstance(app.screen, Dashboard) and app.screen.snapshot is session.snapshot)
    app.screen.action_show_panel("decision")
    panel = app.screen.query_one("#decision")
    await until(pilot, lambda: panel.has_focus and panel.size.width > 60)
    return panel


@pytest.mark.parametrize("size", SIZES)
async def test_points_are_put_in_and_taken_out_by_keys(size):
    app, session = make_app()
    async with app.run_test(size=size) as pilot:
        panel = await opened(pilot, app, session)
        await pilot.press("asterisk", "right", "up", "plus")
        await until(pilot, lambda: len(edits(session)) == 1)
        (word,) = edits(session)[-1]
        found = POINT_EDIT.fullmatch(word)
        assert found is not None and float(found[1]) > 0 and float(found[2]) > 0 and float(found[3]) == 0
        await pilot.press("asterisk", "left", "left", "left", "plus", "minus")
        await until(pilot, lambda: len(edits(session)) == 3)
        first, second, third = edits(session)[-1]
        assert first == word and second.endswith("=1") and third.startswith("-")
        await pilot.press("asterisk")
        assert panel.pen == -1 and panel.cursor is None


@pytest.mark.parametrize("size", SIZES)
async def test_points_are_put_in_and_taken_out_by_mouse(size):
    app, session = make_app()
    async with app.run_test(size=size) as pilot:
        panel = await opened(pilot, app, session)
        left, top, wide, tall = map_place(panel.size.width - 2, panel.size.height - 2)
        at = (left + 1 + wide // 4, top + 1 + tall // 4)
        await pilot.click("#decision", offset=at)
        assert not edits(session)  # without a pen a click is only a click
        await pilot.click("#decision", offset=(10, 0))
        await pilot.click("#decision", offset=at)
        await until(pilot, lambda: len(edits(session)) == 1)
        found = POINT_EDIT.fullmatch(edits(session)[-1][0])
        assert found is not None and float(found[1]) == pytest.approx(-3, abs=0.4)
        assert float(found[2]) == pytest.approx(3, abs=0.6) and float(found[3]) == 0
        await pilot.click("#decision", offset=(at[0] + 2, at[1]), shift=True)
        await pilot.click("#decision", offset=(at[0] + 3, at[1] + 1), control=True)
        await until(pilot, lambda: len(edits(session)) == 3)
        assert edits(session)[-1][1].endswith("=1") and edits(session)[-1][2].startswith("-")
