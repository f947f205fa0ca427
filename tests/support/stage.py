"""One panel on a whole screen, and what can be seen of it."""

from typing import Any

from textual.app import App

from dltui.tui.draw.look import Look
from dltui.tui.widgets.chart import CurveChart
from dltui.tui.widgets.panel import Panel


class Stage(App):
    """One panel on the whole screen."""

    def __init__(self, panel: Panel, look: Look | None = None) -> None:
        super().__init__()
        self.panel: Any = panel
        self.look = look or Look()
        self.moves: list[CurveChart.Moved] = []

    def compose(self):
        yield self.panel

    def on_curve_chart_moved(self, message: CurveChart.Moved) -> None:
        self.moves.append(message)


def text(app: Stage) -> str:
    """What is on the screen."""
    panel = app.panel
    return "\n".join("".join(s.text for s in panel.render_line(y)).rstrip() for y in range(panel.size.height))


def watch(panel: Panel) -> list:
    """The regions a panel asks to be sent from now on; whole repaints count as None."""
    asked: list = []
    original = panel.refresh

    def refresh(*regions, **options):
        asked.extend(regions or [None])
        return original(*regions, **options)

    panel.refresh = refresh
    return asked
