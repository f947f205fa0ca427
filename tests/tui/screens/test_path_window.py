"""Data of one's own, presets of one's own and a session of somebody else's, all from within the dashboard."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from fakes import make_snapshot
from harness import make_app, until
from textual import events

from dltui.core.commands import LINE_PREFIX, LONGEST_TEXT, Load, Preview
from dltui.core.config.presets import load_preset, user_folder
from dltui.core.snapshot import RatePreview
from dltui.tui.screens.dashboard.screen import Dashboard
from dltui.tui.screens.path_window import completed

LINE = f"{LINE_PREFIX}spiral training.seed=3 @500 optimizer.name=adam"


async def started(pilot, app, session, **overrides):
    session.snapshot = make_snapshot("spiral", **{"step": 0, "config": load_preset("spiral")} | overrides)
    await until(pilot, lambda: isinstance(app.screen, Dashboard) and app.screen.snapshot is session.snapshot)
    await pilot.pause()


def loaded(session):
    return [command.source for command in session.commands if isinstance(command, Load)]


def said(app):
    return str(app.screen.query_one("#path-said").render())


async def window(pilot, app, key):
    await pilot.press(key)
    await until(pilot, lambda: type(app.screen).__name__ == "PathWindow" and app.screen.query("#path-line"))
    await pilot.pause()


def test_a_path_is_completed_as_far_as_all_files_agree(tmp_path):
    for name in ("houses.csv", "houses_2.csv", "other.toml"):
        (tmp_path / name).touch()
    (tmp_path / "folder").mkdir()
    assert completed(f"{tmp_path}/ho") == (f"{tmp_path}/houses", ["houses.csv", "houses_2.csv"])
    assert completed(f"{tmp_path}/o") == (f"{tmp_path}/other.toml", ["other.toml"])
    assert completed(f"{tmp_path}/f") == (f"{tmp_path}/folder/", ["folder/"])
    assert completed(f"{tmp_path}/zz") == (f"{tmp_path}/zz", [])
    assert completed(f"{tmp_path}/none/x") == (f"{tmp_path}/none/x", [])
    assert completed("a\0b") == ("a\0b", [])


async def test_data_is_opened_by_its_path_in_one_go(tmp_path):
    (tmp_path / "houses.csv").write_text("rooms,price\n1,2\n")
    app, session = make_app()
    async with app.run_test(size=(120, 36)) as pilot:
        await started(pilot, app, session)
        await window(pilot, app, "ctrl+o")
        await pilot.press(*f"{tmp_path}/hx", "enter")
        await until(pilot, lambda: "is not there" in said(app))
        await pilot.press("backspace", "tab")
        assert app.screen.query_one("#path-line").value == f"{tmp_path}/houses.csv"
        await pilot.press("enter")
        await until(pilot, lambda: loaded(session) == [f"{tmp_path}/houses.csv"])


async def test_a_source_that_needs_a_file_asks_for_its_path(tmp_path):
    (tmp_path / "houses.csv").write_text("rooms,price\n1,2\n")
    app, session = make_app()
    async with app.run_test(size=(120, 36)) as pilot:
        await started(pilot, app, session)
        app.action_pick("data.name")
        await until(pilot, lambda: type(app.screen).__name__ == "Picker")
        await pilot.pause()
        choices = app.screen.query_one("#choices")
        at = [option.id for option in choices.options].index("choice-csv")
        choices.highlighted = at
        await until(pilot, lambda: Preview({"data.name": "csv"}) in session.commands)
        nothing = np.zeros(0)
        refused = RatePreview({"data.name": "csv"}, "data.path is empty", nothing, nothing)
        session.snapshot = replace(session.snapshot, preview=refused)
        await until(pilot, lambda: app.screen._preview is refused)
        await pilot.press("enter")
        await until(pilot, lambda: type(app.screen).__name__ == "PathWindow" and app.screen.query("#path-line"))
        await pilot.pause()
        await pilot.press(*f"{tmp_path}/houses.csv", "enter")
        await until(pilot, lambda: loaded(session) == [f"{tmp_path}/houses.csv"])


async def test_a_preset_is_saved_with_its_comments_and_never_over_another_without_asking(tmp_path):
    file = tmp_path / "mine.toml"
    file.write_text('# why\n[data]\nname = "xor"  # four corners\n\n[optimizer]\nlearning_rate = 0.1  # brisk\n')
    config = load_preset(file).with_changes({"optimizer.learning_rate": 0.2, "network.hidden": [3]})
    app, session = make_app()
    async with app.run_test(size=(120, 36)) as pilot:
        await started(pilot, app, session, config=config)
        app._begun = str(file)
        await window(pilot, app, "ctrl+s")
        assert app.screen.query_one("#path-line").value == "my_mine"
        await pilot.press("end", "2", "enter")
        await until(pilot, lambda: isinstance(app.screen, Dashboard))
        saved = Path(user_folder()) / "my_mine2.toml"
        text = saved.read_text()
        assert "# why" in text and "# four corners" in text and "learning_rate = 0.2  # brisk" in text
        assert load_preset("my_mine2") == config
        await window(pilot, app, "ctrl+s")
        await pilot.press("end", "2", "enter")
        await until(pilot, lambda: "Enter again replaces it" in said(app))
        assert saved.read_text() == text
        await pilot.press("enter")
        await until(pilot, lambda: isinstance(app.screen, Dashboard))


async def test_a_run_is_copied_as_one_line_and_says_where_it_cannot_be():
    app, session = make_app()
    async with app.run_test(size=(120, 36)) as pilot:
        await started(pilot, app, session, line=LINE)
        await pilot.press("Y")
        await until(pilot, lambda: app.clipboard == LINE)
        session.snapshot = replace(session.snapshot, line="weights were changed by hand")
        await until(pilot, lambda: app.screen.snapshot is session.snapshot)
        await pilot.press("Y")
        await until(pilot, lambda: any("changed by hand" in note.message for note in app._notifications))
        assert app.clipboard == LINE


async def test_a_line_that_is_pasted_opens_the_run_it_says():
    app, session = make_app()
    async with app.run_test(size=(120, 36)) as pilot:
        await started(pilot, app, session)
        for text in ("rm -rf /", "", f"x {LINE}", LINE_PREFIX + "a" * LONGEST_TEXT):
            app.post_message(events.Paste(text))
        await until(pilot, lambda: any("too long" in note.message for note in app._notifications))
        assert loaded(session) == []
        app.post_message(events.Paste(LINE.replace(" ", "\n ") + "\n"))
        await until(pilot, lambda: loaded(session) == [LINE])


@pytest.mark.parametrize("name", ["spiral", "digits_conv", "iris", "autoencoder"])
def test_shipped_presets_keep_their_words_when_saved(name, tmp_path):
    from dltui.core.config.presets import find_preset, save_preset

    config = load_preset(name).with_changes({"optimizer.learning_rate": 0.0123, "training.seed": 7})
    save_preset(config, tmp_path / "mine.toml", name)
    assert load_preset(tmp_path / "mine.toml") == config
    comments = [line for line in Path(find_preset(name)).read_text().splitlines() if line.startswith("#")]
    text = (tmp_path / "mine.toml").read_text()
    assert all(line.strip() in text for line in comments)
