"""The race: every choice of a setting from where the run stands, ranked, and one of them taken."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest
from fakes import make_snapshot
from harness import make_app, until

from dltui.core.commands import Apply, Foresee
from dltui.core.config import Config
from dltui.core.session import Session
from dltui.core.snapshot import Foresight, Prospect
from dltui.tui.app import DltuiApp
from dltui.tui.draw.cells import plain, row_width
from dltui.tui.draw.look import Look
from dltui.tui.draw.race_page import goal_of, race_page, time_to
from dltui.tui.screens.dashboard.screen import Dashboard
from dltui.tui.screens.race import RaceScreen, contenders_of, raced_settings

STEPS = np.arange(100, 140)


def future(name: str, end: float, stopped: str = "", refused: str = "") -> Prospect:
    changes = {"optimizer.name": name} if name else {}
    losses = np.linspace(1.0, end, len(STEPS))
    metrics = {} if stopped == "diverged" or refused else {"val_loss": end, "val_accuracy": 0.5}
    return Prospect(changes, STEPS, losses, metrics, 40, stopped, 2.0, refused)


FOUND = Foresight(
    100,
    40,
    (
        future("", 0.5),
        future("adam", 0.1),
        future("sgd", 0.9, "diverged"),
        future("lion", 0.2),
        future("muon", 1, "", "no"),
    ),
    False,
)


def name_of(one: Prospect) -> str:
    return str(one.changes.get("optimizer.name", "in force"))


@pytest.mark.parametrize("size", [(80, 22), (120, 34), (200, 58), (40, 10)])
@pytest.mark.parametrize("unicode", [True, False])
def test_they_are_ranked_with_those_that_diverge_at_the_bottom(size: tuple[int, int], unicode: bool) -> None:
    rows = race_page(FOUND, name_of, 0, *size, Look(unicode=unicode))
    assert len(rows) <= size[1] and all(row_width(row) == size[0] for row in rows)
    text = [plain([row]) for row in rows]
    named = [next((n for n in ("adam", "lion", "in force", "sgd", "muon") if n in line), "") for line in text]
    order = [name for name in named if name]
    assert order == ["adam", "lion", "in force", "sgd", "muon"][: len(order)] and len(order) >= 3


def test_the_time_to_where_the_run_would_come_is_told() -> None:
    assert 0.5 < goal_of(FOUND) < 0.6
    assert 2e-6 * 22 <= time_to(FOUND.prospects[1], FOUND, 0.5) < 2e-6 * 35
    assert np.isnan(time_to(FOUND.prospects[2], FOUND, 0.5))


def test_what_begins_a_run_anew_or_has_another_unit_is_not_raced() -> None:
    paths = {info.path for info in raced_settings(Config.from_dict({}))}
    assert {"optimizer.name", "network.activation", "schedule.name", "optimizer.learning_rate"} <= paths
    assert not [path for path in paths if path.startswith(("data.", "loss.", "network.initializer"))]
    for info in raced_settings(Config.from_dict({})):
        assert len(contenders_of(info)) > 1


async def test_a_real_race_knows_every_choice_of_one_setting_after_the_other() -> None:
    app = DltuiApp("spiral", lambda source, **_: Session(source))
    async with app.run_test(size=(120, 36)) as pilot:
        latest = app.connection.latest
        await until(pilot, lambda: latest() is not None and latest().step > 0)
        await pilot.press("f9")
        await until(pilot, lambda: isinstance(app.screen, RaceScreen))
        race = app.screen
        assert isinstance(race, RaceScreen)
        before = race.info.path
        await until(pilot, lambda: len(race.order) == 1 + len(contenders_of(race.info)))
        await pilot.press("right")
        await until(pilot, lambda: race.info.path != before and len(race.order) > 1)
        await pilot.press("escape")
        await until(pilot, lambda: isinstance(app.screen, Dashboard))
        await until(pilot, lambda: latest().foresight is None)


async def test_enter_makes_the_change_under_the_cursor() -> None:
    app, session = make_app()
    async with app.run_test(size=(120, 36)) as pilot:
        session.snapshot = make_snapshot("spiral")
        await until(pilot, lambda: isinstance(app.screen, Dashboard) and app.screen.snapshot is session.snapshot)
        await pilot.press("f9")
        await until(pilot, lambda: isinstance(app.screen, RaceScreen))
        await until(pilot, lambda: any(isinstance(command, Foresee) for command in session.commands))
        while app.screen.info.path != "optimizer.name":
            await pilot.press("right")
        session.snapshot = dataclasses.replace(session.snapshot, foresight=FOUND)
        await until(pilot, lambda: len(app.screen.order) == len(FOUND.prospects))
        await pilot.press("down", "enter")
        await until(pilot, lambda: any(isinstance(command, Apply) for command in session.commands))
        assert [c.changes for c in session.commands if isinstance(c, Apply)] == [{"optimizer.name": "lion"}]
