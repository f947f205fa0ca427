"""Every window there is, closed while it opens, at each moment of its opening: the program goes on."""

from __future__ import annotations

import asyncio
import importlib
import inspect
import pkgutil
from collections.abc import Iterator, Mapping
from types import SimpleNamespace
from typing import Any

import pytest
from fakes import FakeShelf, make_snapshot
from harness import make_app, until
from textual.content import Content
from textual.screen import ModalScreen

from dltui.tui import screens
from dltui.tui.screens.course import Course
from dltui.tui.screens.dashboard.screen import Dashboard
from dltui.tui.screens.window import Window
from dltui.tui.widgets.overlays import Overlays
from dltui.tui.widgets.verbs import InHand

MOMENTS = (*range(12), 20, 40)
"""Turns of the event loop between the opening of a window and its closing."""


def windows() -> Iterator[type[Window[Any]]]:
    """The classes of all files of screens that are windows, but for those that only others stand on."""
    for file in pkgutil.walk_packages(screens.__path__, f"{screens.__name__}."):
        for found in vars(importlib.import_module(file.name)).values():
            if inspect.isclass(found) and found.__module__ == file.name and issubclass(found, ModalScreen):
                assert issubclass(found, Window), f"{found.__name__} is a window that is no Window"
                if "compose" in vars(found) or "__init__" in vars(found):
                    yield found


WINDOWS = tuple(windows())


def arguments(window: type[Window[Any]]) -> dict[str, Any]:
    """Something for each argument that a window must be given, by its type."""
    snapshot = make_snapshot()
    exporter = SimpleNamespace(formats=lambda: [("csv", "CSV", "The curves.")])
    rate = next(info for info in snapshot.config.fields() if info.path == "optimizer.learning_rate")
    some: Mapping[str, Any] = {
        "str": "text",
        "Config": snapshot.config,
        "Content": Content("text"),
        "Course": Course(),
        "Exporter": exporter,
        "FieldInfo": rate,
        "InHand": InHand("dense1", 0),
        "Overlays": Overlays(),
        "Shelf | None": FakeShelf(),
        "Snapshot": snapshot,
        "TableReader | None": None,
    }
    needed = [one for one in inspect.signature(window).parameters.values() if one.default is one.empty]
    return {one.name: some[str(one.annotation)] for one in needed}


def test_the_windows_are_found() -> None:
    assert {"Picker", "HelpScreen", "TourScreen", "PresetPicker"} <= {window.__name__ for window in WINDOWS}


@pytest.mark.parametrize("window", WINDOWS, ids=lambda window: window.__name__)
async def test_a_window_closed_as_it_opens_ends_nothing(window: type[Window[Any]]) -> None:
    app, _ = make_app()
    async with app.run_test(size=(120, 36)) as pilot:
        await until(pilot, lambda: isinstance(app.screen, Dashboard) and app.screen.is_mounted)
        for moment in MOMENTS:
            opened = window(**arguments(window))
            app.push_screen(opened)
            for _ in range(moment):
                await asyncio.sleep(0)
            opened.dismiss()
            await until(pilot, lambda opened=opened: app.error is not None or not opened.is_running)
            assert app.error is None
        assert isinstance(app.screen, Dashboard)


@pytest.mark.parametrize("window", WINDOWS, ids=lambda window: window.__name__)
async def test_leaving_while_a_window_opens_is_no_error(window: type[Window[Any]]) -> None:
    app, _ = make_app()
    async with app.run_test(size=(120, 36)) as pilot:
        await until(pilot, lambda: isinstance(app.screen, Dashboard) and app.screen.is_mounted)
        app.push_screen(window(**arguments(window)))
        app.exit()
    assert app.error is None
