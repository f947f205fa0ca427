"""The footer says what can be done here and now, the most useful first, in any width."""

from __future__ import annotations

import pytest
from fakes import make_snapshot
from harness import make_app, until

from dltui.core.config import Config
from dltui.tui.draw.format import width
from dltui.tui.keys import KEYS, PANEL_GROUPS
from dltui.tui.screens.dashboard.bars import Here, footer_keys
from dltui.tui.screens.dashboard.screen import Dashboard

GROUPS = ("", "controls", *PANEL_GROUPS)


@pytest.mark.parametrize("group", GROUPS)
@pytest.mark.parametrize("alone", [False, True])
@pytest.mark.parametrize("status", ["training", "paused", "finished", "diverged", "starting", "no run"])
def test_it_fits_every_width_and_help_and_quit_stay(status: str, alone: bool, group: str) -> None:
    for room in range(40, 240, 7):
        words = footer_keys(status, room, Here(group, alone), undo=True, redo=True)
        assert sum(width(key) + width(label) + 3 for key, label in words) <= room or len(words) <= 3
        assert [label for _, label in words[-2:]] == ["help", "quit"]
        assert len(words) == len(set(words))


def test_at_120_columns_it_names_what_is_done_most() -> None:
    keys = [key for key, _ in footer_keys("training", 120)]
    assert {"space", "< >", "o", "a", "[ ]", "z", "R", "p", "F1", "?", "q"} <= set(keys)


def test_it_offers_only_what_can_be_done() -> None:
    assert "z" not in dict(footer_keys("training", 200, undo=False))
    assert "y" in dict(footer_keys("training", 200, redo=True)) and "y" not in dict(footer_keys("training", 200))
    assert "space" not in dict(footer_keys("finished", 200)) and footer_keys("finished", 200)[0] == ("R", "restart")


@pytest.mark.parametrize("group", PANEL_GROUPS)
def test_a_panel_alone_shows_its_own_keys(group: str) -> None:
    words = footer_keys("training", 160, Here(group, True))
    assert words[0] == ("Esc", "all panels")
    own = [row.footer or row.text for row in KEYS if row.where == group and row.rank]
    assert own and set(own) <= {key for key, _ in words}


def test_ranks_are_places() -> None:
    for groups in (("run", "change", "look", "app"), *((group,) for group in (*PANEL_GROUPS, "controls"))):
        ranks = [row.rank for row in KEYS if row.where in groups and row.rank]
        assert ranks and sorted(ranks) == sorted(set(ranks))


async def test_the_footer_follows_the_focus_and_frames_are_shown_only_where_there_is_room() -> None:
    app, session = make_app()
    async with app.run_test(size=(120, 36)) as pilot:
        session.snapshot = make_snapshot("spiral", config=Config.from_dict({}), status="paused", undo=("x",))
        await until(pilot, lambda: isinstance(app.screen, Dashboard) and app.screen.snapshot is session.snapshot)
        foot = app.screen.query_one("#footer")
        foot.show_vitals(10, 5000, 0.1)
        app.screen.set_focus(None)
        await until(pilot, lambda: "F1 explain" in foot.render_line(0).text)
        assert "fps" not in foot.render_line(0).text
        app.screen.controls.list.focus()
        await until(pilot, lambda: foot.render_line(0).text.startswith(" Enter change"))
        await pilot.press("1")
        await until(pilot, lambda: "Esc all panels  ← → cursor" in foot.render_line(0).text)
        await pilot.press("escape")
        await until(pilot, lambda: "← → cursor" not in foot.render_line(0).text)
