"""The table before it is trained on: keys choose, what cannot be is told and stays, Enter trains on what was chosen."""

from __future__ import annotations

from argparse import Namespace
from pathlib import Path
from typing import Any

import pytest
from fakes import FakeSession, make_snapshot
from harness import until
from tables import findings_in, write_houses

from dltui.core.commands import Apply, Watch
from dltui.core.config.presets import load_preset
from dltui.tui.app import DltuiApp
from dltui.tui.cli.tables import FileTables
from dltui.tui.screens.dashboard.screen import Dashboard
from dltui.tui.screens.data import DataScreen
from dltui.tui.screens.table_choices import TableChoices


@pytest.fixture
def houses(tmp_path: Path) -> Path:
    return write_houses(tmp_path)


def opened(source: Path, **options: object) -> tuple[Any, FakeSession, list[tuple[object, ...]]]:
    """An app that is to train a table, its session, and what that was opened with."""
    session, named = FakeSession(), list[tuple[object, ...]]()

    def open_session(*args: object) -> FakeSession:
        named.append(args)
        return session

    app = DltuiApp(str(source), open_session)
    app.tables = FileTables(str(source), Namespace(**options) if options else None)
    return app, session, named


async def read(pilot: Any, app: Any) -> Any:
    """The screen, once it has read the table with what was chosen."""
    await until(pilot, lambda: isinstance(app.screen, DataScreen) and app.screen.findings and not app.screen.busy)
    return app.screen


async def at(pilot: Any, screen: Any, name: str) -> None:
    """Put the cursor on a column."""
    await pilot.press("home")
    for _ in range(len(screen.findings.columns)):
        if screen.column.name == name:
            return
        await pilot.press("down")
    raise AssertionError(name)


async def test_a_table_is_looked_at_before_it_is_trained_on(houses: Path) -> None:
    app, _, named = opened(houses)
    async with app.run_test(size=(120, 36)) as pilot:
        screen = await read(pilot, app)
        assert screen.findings.target == "price"
        assert not named
        await pilot.press("enter")
        await until(pilot, lambda: named and isinstance(app.screen, Dashboard))
        assert named == [(str(houses),)]


async def test_every_choice_has_a_key_and_enter_trains_on_all_of_them(houses: Path) -> None:
    app, _, named = opened(houses)
    async with app.run_test(size=(120, 36)) as pilot:
        screen = await read(pilot, app)
        await at(pilot, screen, "sqft")
        await pilot.press("d")
        await at(pilot, screen, "rooms")
        await pilot.press("f", "s")
        await at(pilot, screen, "heating")
        await pilot.press("y", "v")
        screen = await read(pilot, app)
        assert screen.findings.target == "heating" and screen.findings.task == "classes"
        assert (screen.findings.n_train, screen.findings.n_val) == (140, 60)
        await pilot.press("enter")
        await until(pilot, lambda: bool(named))
        (source, changes) = named[0]
    assert source == str(houses)
    base = load_preset(houses)
    assert changes == {
        "data.target": "heating", "data.drop": "sqft", "data.fill": "rooms=mean", "data.val_fraction": 0.3,
        "data.scaler": TableChoices.of(base).with_next_scaler(False).scaler,
    }  # fmt: skip
    base.with_changes(changes)


async def test_what_cannot_be_is_said_and_stays_to_be_mended(houses: Path) -> None:
    app, _, named = opened(houses)
    async with app.run_test(size=(120, 36)) as pilot:
        screen = await read(pilot, app)
        await at(pilot, screen, "heating")
        await pilot.press("t")  # number
        screen = await read(pilot, app)
        assert "heating" in screen.problem and "number" in screen.problem
        assert screen.choices.kinds == {"heating": "number"}
        await pilot.press("enter")
        await pilot.pause()
        assert app.screen is screen and not named
        await pilot.press("backspace")
        screen = await read(pilot, app)
        assert not screen.problem and not screen.choices.kinds


async def test_the_command_line_has_chosen_before(houses: Path) -> None:
    app, _, named = opened(houses, target="garden", drop="note", task=None)
    async with app.run_test(size=(80, 24)) as pilot:
        screen = await read(pilot, app)
        assert screen.findings.target == "garden"
        await pilot.press("enter")
        await until(pilot, lambda: bool(named))
        assert named == [(str(houses),)]  # the session applies what the command line says itself


async def test_lines_of_the_file_and_words_about_the_columns_are_a_key_away(houses: Path) -> None:
    app, _, _ = opened(houses)
    async with app.run_test(size=(120, 36)) as pilot:
        screen = await read(pilot, app)
        await pilot.press("l")
        page = screen.query_one("#data-page")
        await until(pilot, lambda: "id,sqft,rooms" in page.render_line(1).text)
        await pilot.press("escape")
        await until(pilot, lambda: "200 rows" in page.render_line(0).text)
        await pilot.press("f1")
        await until(pilot, lambda: type(app.screen).__name__ == "AboutScreen")
        await pilot.press("escape")
        await until(pilot, lambda: app.screen is screen)


async def test_a_file_that_is_no_table_is_told_in_one_sentence(tmp_path: Path) -> None:
    path = tmp_path / "page.csv"
    path.write_text("<!doctype html><html></html>", encoding="utf-8")
    app, _, named = opened(path)
    async with app.run_test(size=(80, 24)) as pilot:
        await until(pilot, lambda: isinstance(app.screen, DataScreen) and app.screen.problem)
        assert "page of HTML" in app.screen.problem
        await pilot.press("t", "d", "down", "l", "enter")
        await pilot.pause()
        assert not named
        await pilot.press("escape")
        await until(pilot, lambda: type(app.screen).__name__ == "PresetPicker")


async def test_it_lives_at_every_size(houses: Path) -> None:
    app, _, _ = opened(houses)
    async with app.run_test(size=(120, 36)) as pilot:
        await read(pilot, app)
        for size in [(40, 10), (1, 1), (200, 60), (80, 24)]:
            await pilot.resize_terminal(*size)
            await pilot.press("down")
            await pilot.pause()


async def test_a_run_shows_its_table_and_takes_over_what_is_chosen(houses: Path) -> None:
    session = FakeSession()
    app = DltuiApp("spiral", lambda _source: session)
    app.tables = FileTables()
    async with app.run_test(size=(120, 36)) as pilot:
        session.snapshot = make_snapshot("diabetes", config=load_preset(houses), table=findings_in(houses))
        await until(pilot, lambda: isinstance(app.screen, Dashboard) and app.screen.snapshot is session.snapshot)
        await pilot.press("k")
        screen = await read(pilot, app)
        assert any("table" in one.panels for one in session.commands if isinstance(one, Watch))
        await at(pilot, screen, "sqft")
        await pilot.press("d", "enter")
        await until(pilot, lambda: Apply({"data.drop": "sqft"}) in session.commands)
        assert "table" not in [one for one in session.commands if isinstance(one, Watch)][-1].panels


async def test_the_table_of_another_process_is_only_shown(houses: Path) -> None:
    session = FakeSession()
    app = DltuiApp("spiral", lambda _source: session)
    async with app.run_test(size=(120, 36)) as pilot:
        session.snapshot = make_snapshot("diabetes", config=load_preset(houses))
        await until(pilot, lambda: isinstance(app.screen, Dashboard) and app.screen.snapshot is session.snapshot)
        await pilot.press("k")
        await until(pilot, lambda: isinstance(app.screen, DataScreen))
        session.snapshot = make_snapshot("diabetes", config=load_preset(houses), table=findings_in(houses))
        screen = await read(pilot, app)
        await pilot.press("d")
        await pilot.pause()
        assert not screen.choices.drop


async def test_without_a_table_it_is_said() -> None:
    session = FakeSession()
    app = DltuiApp("spiral", lambda _source: session)
    async with app.run_test(size=(80, 24)) as pilot:
        await until(pilot, lambda: isinstance(app.screen, Dashboard) and app.screen.snapshot is session.snapshot)
        await pilot.press("k")
        await until(pilot, lambda: any("does not learn from a table" in note.message for note in app._notifications))


async def test_a_file_that_goes_away_meanwhile_is_told(houses: Path) -> None:
    app, _, named = opened(houses)
    async with app.run_test(size=(120, 36)) as pilot:
        screen = await read(pilot, app)
        houses.unlink()
        await pilot.press("end", "up", "d")
        screen = await read(pilot, app)
        await until(pilot, lambda: screen.problem)
        assert "houses.csv" in screen.problem
        await pilot.press("l", "enter")
        await pilot.pause()
        assert not named
