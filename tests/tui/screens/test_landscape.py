"""The loss around the weights, on the screen of a real run, which is not touched by it."""

from __future__ import annotations

import numpy as np
import pytest
from harness import until

from dltui.core.commands import LANDSCAPES, Pause
from dltui.core.session import Session
from dltui.core.snapshot import Landscape, LossPlane, LossSlice
from dltui.tui.app import DltuiApp
from dltui.tui.draw.cells import plain, row_width
from dltui.tui.draw.landscape_page import landscape_page
from dltui.tui.draw.look import Look
from dltui.tui.screens.landscape import LandscapeScreen

SIDE = np.linspace(-1.0, 1.0, 9)
BOWL = SIDE[None, :] ** 2 + SIDE[:, None] ** 2
FOUND = (
    Landscape("slice", 7, LossSlice(SIDE, SIDE**2, 0.5, 0.3)),
    Landscape("random", 7, plane=LossPlane(SIDE, SIDE, BOWL, np.zeros((1, 2)), 0.0)),
    Landscape("path", 7, plane=LossPlane(SIDE, SIDE, BOWL, np.array([[-0.9, -0.9], [-0.3, 0.2], [0.0, 0.0]]), 0.8)),
    Landscape("path", 7, refused="the run has not moved"),
)


@pytest.mark.parametrize("size", [(78, 20), (118, 32), (198, 56), (20, 5), (1, 1)])
@pytest.mark.parametrize("found", FOUND, ids=lambda one: one.kind)
@pytest.mark.parametrize("unicode", [True, False])
def test_it_is_drawn_in_every_size(found: Landscape, size: tuple[int, int], unicode: bool) -> None:
    rows = landscape_page(found, *size, Look(unicode=unicode))
    assert all(row_width(row) <= size[0] for row in rows[2:])
    text = "\n".join(plain([row]) for row in rows)
    assert unicode or found.plane is None or "\n".join(plain([row]) for row in rows[2:]).isascii()
    if size[0] > 70 and found.kind == "path" and found.plane is not None:
        assert text.count("•" if unicode else "o") >= 2


async def test_a_run_shows_every_view_and_goes_on_as_if_nobody_had_looked() -> None:
    app = DltuiApp("spiral", lambda source, **_: Session(source))
    async with app.run_test(size=(120, 36)) as pilot:
        latest = app.connection.latest
        await until(pilot, lambda: latest() is not None and latest().step > 50)
        app.send(Pause())
        await until(pilot, lambda: latest().status == "paused")
        await pilot.press("Q")
        await until(pilot, lambda: isinstance(app.screen, LandscapeScreen))
        screen = app.screen
        assert isinstance(screen, LandscapeScreen)
        for kind in LANDSCAPES:
            await until(pilot, lambda kind=kind: screen.found is not None and screen.found.kind == kind)
            await pilot.press("right")
        await pilot.press("escape")
        await until(pilot, lambda: latest().landscape is None)
