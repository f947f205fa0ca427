"""Finding a learning rate: each is looked ahead with, and the one taken is a number."""

import dataclasses

import numpy as np
from fakes import make_snapshot
from harness import make_app, until

from dltui.core.commands import Apply, Foresee
from dltui.core.config import Config
from dltui.core.snapshot import Foresight, Prospect
from dltui.tui.screens.dashboard.screen import Dashboard
from dltui.tui.screens.rate_picker import RATES, RatePicker

CONFIG = Config.from_dict({"optimizer": {"name": "sgd", "learning_rate": 0.5}})
PATH = "optimizer.learning_rate"


async def test_every_rate_is_looked_ahead_with_and_one_is_taken():
    app, session = make_app()
    async with app.run_test(size=(120, 36)) as pilot:
        session.snapshot = make_snapshot("spiral", config=CONFIG)
        await until(pilot, lambda: isinstance(app.screen, Dashboard) and app.screen.snapshot is session.snapshot)
        await pilot.press("F")
        await until(pilot, lambda: isinstance(app.screen, RatePicker) and app.screen.query_one("#choices").has_focus)
        await until(pilot, lambda: any(isinstance(command, Foresee) for command in session.commands))
        asked = next(command for command in session.commands if isinstance(command, Foresee))
        assert {one[PATH] for one in asked.candidates if one} == set(RATES) and {} in asked.candidates
        one = Prospect({PATH: 0.01}, np.arange(3), np.array([1.0, 0.5, 0.2]), {"val_loss": 0.2}, 40, "", 1.0, "")
        session.snapshot = dataclasses.replace(session.snapshot, foresight=Foresight(5, 40, (one,), False))
        choices = app.screen.query_one("#choices")
        await until(pilot, lambda: choices.get_option("choice-0.01").prompt.plain.endswith("0.200"))
        await pilot.press("f6", "home", "enter")
        await until(pilot, lambda: any(isinstance(command, Apply) for command in session.commands))
        applied = next(command for command in session.commands if isinstance(command, Apply))
        assert dict(applied.changes) == {PATH: 0.01}
