"""What a lesson names is on the first screen, and where only one panel is shown it is the first one shown."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from fakes import FakeSession, make_snapshot
from harness import until

from dltui.core.commands import MakeTry
from dltui.core.config import Config
from dltui.core.config.presets import list_presets, load_preset
from dltui.core.snapshot import LayerStats, Snapshot, TryState
from dltui.tui.app import DltuiApp
from dltui.tui.screens.dashboard.layout import shape_of
from dltui.tui.screens.dashboard.panels import arranged

DEEP = {
    "preset": {
        "title": "Deep",
        "lesson": "Look.",
        "panels": ["layers", "network"],
        "tries": [
            {
                "say": "Set activation to relu.",
                "change": {"network.activation": "relu"},
                "question": "And now?",
                "answer": "Now.",
                "after": 10,
                "check": "val_loss < 1",
            }
        ],
    }
}

KINDS = [make_snapshot(kind) for kind in ("spiral", "sine", "digits", "diabetes", "autoencoder")]


def snapshot_of(config: Any, n_layers: int = 9) -> Snapshot:
    layer = LayerStats("dense1", "dense", "tanh", (2, 8), 24, 0.0, 1.0, 0.0, 1.0, 1e-3, 2.0)
    return make_snapshot(config=config, layers=(layer,) * n_layers)


@pytest.mark.parametrize("size", [(120, 36), (100, 30), (200, 60)])
def test_named_panels_are_seen_and_the_table_has_a_row_for_each_layer(size: tuple[int, int]) -> None:
    infos = arranged(snapshot_of(Config.from_dict(DEEP)))
    seen = shape_of(*size).choose(infos)
    assert {"layers", "network", "lesson", "controls"} <= seen
    layers = next(info for info in infos if info.id == "layers")
    column = [info for info in infos if info.column == "left" and info.id in seen]
    share = layers.share / sum(info.share for info in column)
    assert share * (size[1] - 2) >= 12 or size[1] < 36


def test_without_a_lesson_its_panel_makes_room() -> None:
    infos = arranged(snapshot_of(Config.from_dict({})))
    assert "lesson" not in {info.id for info in infos}


@pytest.mark.parametrize("head", list_presets(), ids=lambda head: head.name)
def test_what_each_lesson_names_is_on_the_first_screen(head: Any) -> None:
    config = load_preset(head.name)
    named = config.preset.panels
    for snapshot in KINDS:
        infos = arranged(replace(snapshot, config=config))
        fitting = {info.id for info in infos}
        if set(named) <= fitting:
            assert set(named) <= shape_of(120, 36).choose(infos)
            return
    raise AssertionError(f"{head.name} names panels that fit no kind of run: {named}")


@pytest.fixture
def app() -> DltuiApp:
    def open_session(_source: str) -> FakeSession:
        session = FakeSession()
        session.snapshot = snapshot_of(Config.from_dict(DEEP))
        return session

    return DltuiApp("spiral", open_session)


async def test_a_small_terminal_begins_with_the_first_panel_named(app: DltuiApp) -> None:
    async with app.run_test(size=(80, 24)) as pilot:
        area: Any = None
        for _ in range(400):
            await pilot.pause(0.02)
            area = getattr(app.screen, "area", None)
            if area is not None and area.tab == "layers":
                break
        assert area.tab == "layers"


async def test_a_key_makes_a_try_and_says_where_there_is_none(app: DltuiApp) -> None:
    async with app.run_test(size=(120, 36)) as pilot:
        session: Any = None
        for _ in range(400):
            await pilot.pause(0.02)
            session = app.connection.session
            if getattr(app.screen, "snapshot", None) is not None:
                break
        await pilot.press("f2")
        await pilot.press("f3")
        await pilot.pause()
        assert MakeTry(0) in session.commands
        assert MakeTry(1) not in session.commands
        assert any("has 1 to try" in str(note.message) for note in app._notifications)
        assert replace(session.snapshot, step=1).step == 1


async def test_what_came_out_is_said_where_the_lesson_is_not_in_sight(app: DltuiApp) -> None:
    async with app.run_test(size=(80, 24)) as pilot:
        await until(pilot, lambda: getattr(app.screen, "snapshot", None) is not None)
        session: Any = app.connection.session
        state = TryState(0, 5, 15, {"val_loss": 0.3}, {"val_loss": 0.1}, "held")
        session.snapshot = replace(session.snapshot, tries=(state,))
        await until(pilot, lambda: any("0.3 → 0.1: as foretold. Key 9" in n.message for n in app._notifications))
        await pilot.press("9")
        session.snapshot = replace(session.snapshot, tries=(replace(state, due=25),))
        await until(pilot, lambda: getattr(app.screen, "snapshot", None) is session.snapshot)
        assert len(app._notifications) == 1
