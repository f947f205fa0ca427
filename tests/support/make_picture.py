"""Makes the picture of the README: the real dashboard on two spirals, 120×36, in the middle of a run with two changes.

`python tests/support/make_picture.py` writes `.assets/dashboard.png`; needs chromium to turn Textual's SVG into pixels.
"""

from __future__ import annotations

import asyncio
import re
import subprocess
import tempfile
from collections.abc import Callable
from pathlib import Path

from dltui.core.commands import Apply, Pause, SetSpeed
from dltui.core.session import Session
from dltui.tui.app import DltuiApp
from dltui.tui.draw.look import Look

FILE = Path(__file__).parents[2] / ".assets" / "dashboard.png"
SPEED = 5_000.0
"""Steps a second: slow enough to make the changes at about their steps."""
CHANGES = (
    (6_000, {"optimizer.name": "rmsprop", "optimizer.learning_rate": 0.002}),
    (12_000, {"schedule.name": "cosine", "schedule.t_max": 8_000}),
)
END = 16_500


async def make_svg() -> str:
    """The dashboard as an SVG."""
    app = DltuiApp("spiral", lambda source: Session(source))
    app.look = Look()
    async with app.run_test(size=(120, 36)) as pilot:

        async def until(condition: Callable[..., bool]) -> None:
            while app.connection.latest() is None or not condition(app.connection.latest()):
                await pilot.pause(0.02)

        app.send(SetSpeed(SPEED))
        for step, changes in CHANGES:
            await until(lambda snapshot, step=step: snapshot.step >= step)
            app.send(Apply(changes))
        await until(lambda snapshot: snapshot.step >= END)
        svg = app.export_screenshot(title="dltui spiral")
        app.send(Pause())
        app.save()
    return svg


def main() -> None:
    """Write the picture."""
    svg = asyncio.run(make_svg())
    found = re.search(r'viewBox="0 0 ([\d.]+) ([\d.]+)"', svg)
    assert found is not None
    width, height = (round(float(size)) for size in found.groups())
    page = f"<style>body{{margin:0;background:#101216}}svg{{width:{width}px;height:{height}px}}</style>{svg}"
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "dashboard.html"
        file.write_text(page, encoding="utf-8")
        FILE.parent.mkdir(exist_ok=True)
        subprocess.run(
            [
                "chromium",
                "--headless",
                "--no-sandbox",
                "--disable-gpu",
                "--hide-scrollbars",
                f"--screenshot={FILE}",
                f"--window-size={width},{height}",
                str(file),
            ],
            check=True,
            capture_output=True,
        )


if __name__ == "__main__":
    main()
