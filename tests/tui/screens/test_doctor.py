"""The doctor on the screen: what it finds, what its remedy will do, and the key that makes it."""

from harness import until

from dltui.core.commands import Step
from dltui.core.session import Session
from dltui.tui.app import DltuiApp
from dltui.tui.widgets.doctor import Doctor


async def test_a_lesson_with_a_fault_is_diagnosed_and_cured_by_a_key():
    app = DltuiApp("vanishing_gradient", Session)
    async with app.run_test(size=(120, 36)) as pilot:
        latest = app.connection.latest
        await until(pilot, lambda: latest() is not None and latest().status == "paused")
        app.send(Step(600))
        await until(pilot, lambda: latest().step >= 600 and latest().status == "paused")
        await pilot.press("i")

        def page() -> str:
            panel = app.screen.query_one(Doctor)
            return "\n".join(panel.render_line(y).text for y in range(panel.size.height))

        await until(pilot, lambda: "Hardly any gradient reaches the first layers" in page())
        await until(pilot, lambda: "In 2 000 steps" in page())
        await pilot.press("f5")
        await until(pilot, lambda: latest().config.network.activation == "relu")
        app.send(Step(600))
        await until(pilot, lambda: "Nothing is wrong" in page())
