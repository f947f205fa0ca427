"""Writing the run for other programs from the dashboard."""

from typing import ClassVar

from fakes import make_snapshot
from harness import make_app, until

from dltui.core.errors import ConfigError
from dltui.tui.cli.export import HomeExporter
from dltui.tui.screens.dashboard.screen import Dashboard
from dltui.tui.screens.export_picker import ExportPicker


class FakeExporter:
    """Two formats, one of which always fails."""

    asked: ClassVar[list[tuple[str, str]]] = []

    def formats(self):
        return [("csv", "CSV", "The curves."), ("onnx", "ONNX", "The pipeline.")]

    def export(self, run, to):
        self.asked.append((run, to))
        if to == "onnx":
            raise ConfigError("needs the package onnx, which is not installed: pip install onnx", field="this format")
        return f"The run is in {run}.csv"


async def opened(pilot, app, session, exporter):
    session.snapshot = make_snapshot("spiral")
    app.exporter = exporter
    await until(pilot, lambda: isinstance(app.screen, Dashboard) and app.screen.snapshot is session.snapshot)
    await pilot.press("X")


def said(app):
    return [note.message for note in app._notifications]


async def test_a_format_is_chosen_and_what_came_of_it_is_said():
    app, session = make_app()
    async with app.run_test(size=(120, 36)) as pilot:
        await opened(pilot, app, session, FakeExporter())
        await until(pilot, lambda: isinstance(app.screen, ExportPicker))
        await pilot.press("enter")
        await until(pilot, lambda: any("The run is in" in text for text in said(app)))
        assert isinstance(app.screen, Dashboard)
        await pilot.press("X")
        await until(pilot, lambda: isinstance(app.screen, ExportPicker))
        await pilot.press("down", "enter")
        await until(pilot, lambda: any("pip install onnx" in text for text in said(app)))
        run = session.snapshot.run
        assert FakeExporter.asked == [(run, "csv"), (run, "onnx")]


async def test_the_list_lives_at_every_size():
    app, session = make_app()
    async with app.run_test(size=(120, 36)) as pilot:
        await opened(pilot, app, session, HomeExporter())
        await until(pilot, lambda: isinstance(app.screen, ExportPicker))
        for size in [(40, 10), (1, 1), (200, 60), (80, 24)]:
            await pilot.resize_terminal(*size)
            await pilot.pause()
            await pilot.press("down")
        await pilot.press("escape")
        await until(pilot, lambda: isinstance(app.screen, Dashboard))


async def test_without_a_kept_run_it_is_said():
    app, session = make_app()
    async with app.run_test(size=(80, 24)) as pilot:
        await opened(pilot, app, session, None)
        await until(pilot, lambda: any("kept" in text for text in said(app)))
