"""Panels use the room they get: what is drawn grows with it, and where there is little nothing that proves is cut."""

from dataclasses import replace

import numpy as np
import pytest
from canned_parts import stats
from fakes import make_snapshot
from harness import make_app, until
from stage import Stage, text

from dltui.core.config import Config
from dltui.core.snapshot import LayerImages
from dltui.tui.draw.cells import plain
from dltui.tui.draw.gallery import gallery
from dltui.tui.draw.look import Look
from dltui.tui.draw.table import confusion
from dltui.tui.screens.dashboard.screen import Dashboard
from dltui.tui.widgets.layer_pictures import LayerPictures
from dltui.tui.widgets.layer_table import LayerTable

IMAGES = tuple(
    LayerImages(name, kind, np.ones((8, side, side), np.float32) * np.arange(1, 9)[:, None, None])
    for name, kind, side in (
        ("conv1", "filters", 3),
        ("conv2", "filters", 3),
        ("input", "maps", 8),
        ("conv1", "maps", 8),
        ("conv2", "maps", 4),
    )
)


def deep(n):
    made = stats(*[(f"dense{i + 1}", "dense", "sigmoid", (8,)) for i in range(n)])
    return tuple(replace(layer, gradient_norm=10.0 ** (i - n)) for i, layer in enumerate(made))


@pytest.mark.parametrize("size", [(43, 6), (43, 8), (60, 6), (118, 34), (198, 58)])
async def test_nine_layers_are_all_in_the_table_with_their_gradients(size):
    app = Stage(LayerTable())
    async with app.run_test(size=size) as pilot:
        app.panel.show(make_snapshot(layers=deep(9)))
        await pilot.pause()
        shown = text(app)
        assert "more" not in shown
        gradients = ("1e-9", "1e-8", "1e-7", "1e-6", "1e-5", "1e-4", "0.0010", "0.010", "0.10")
        for i, gradient in enumerate(gradients):
            _, name, rest = shown.partition(f"dense{i + 1}")
            assert name and gradient in rest[:40].replace("│", " ").split(), (i, gradient)


@pytest.mark.parametrize(("columns", "rows", "zoom"), [(40, 5, 1), (40, 12, 1), (80, 24, 2), (196, 56, 4)])
def test_images_grow_until_they_fill_the_room(columns, rows, zoom):
    images = np.tile(np.eye(8), (10, 1, 1))
    drawn = gallery(columns, rows, images, look=Look(unicode=False, color=False))
    widest = max((len(run) for line in plain(drawn).splitlines() for run in line.split()), default=0)
    assert widest >= zoom
    for n in (1, 2, 5):
        few = gallery(columns, rows, images[:n], look=Look(unicode=False, color=False))
        used = [line for line in plain(few).splitlines() if line.strip()]
        assert len(used) >= 0.6 * rows or max(map(len, used)) >= 0.6 * columns


async def test_filters_and_maps_are_seen_together_and_all_of_them_where_there_is_room():
    app = Stage(LayerPictures())
    snapshot = make_snapshot("digits", images=IMAGES)
    async with app.run_test(size=(34, 14)) as pilot:
        app.panel.show(snapshot)
        await pilot.pause()
        assert "conv1 filters" in text(app) and "conv1 maps" in text(app) and "1 to 2 of 5" in text(app)
        app.panel.focus()
        await pilot.press("right")
        assert "conv1 filters" not in text(app) and "conv2 filters" in text(app)
    app = Stage(LayerPictures())
    async with app.run_test(size=(198, 58)) as pilot:
        app.panel.show(snapshot)
        await pilot.pause()
        lines = text(app).splitlines()
        names = ("input", "conv1 filters", "conv1 maps", "conv2 filters", "conv2 maps")
        places = [next(i for i, line in enumerate(lines) if f"│{name}" in line) for name in names]
        assert places == sorted(places)


@pytest.mark.parametrize("n", [2, 3, 10])
def test_the_cells_of_a_confusion_matrix_grow(n):
    counts = np.eye(n, dtype=int) * 40 + 1
    names = [str(i) for i in range(n)]
    for columns, rows in ((36, 13), (80, 24), (196, 56)):
        drawn = confusion(columns, rows, counts, names, look=Look())
        assert len(drawn) == rows
        colored = sum(any(" on #" in role for _, role in row) for row in drawn)
        assert colored >= min(n, rows - 1)
        assert colored >= min(5 * n, rows - n - 1) or colored == n == 10


async def test_what_has_no_room_in_a_frame_follows_in_the_next_ones():
    app = Stage(LayerTable(framed=False))
    async with app.run_test(size=(80, 12)) as pilot:
        app.panel.show(make_snapshot(layers=deep(9)))
        await pilot.pause()
        changed = tuple(replace(layer, gradient_norm=layer.gradient_norm * 3) for layer in deep(9))
        app.panel.room = 2
        after, n_frames = make_snapshot(layers=changed), 0
        app.panel.show(after)
        assert 0 < app.panel.sent <= 12 and app.panel.unfinished
        while app.panel.unfinished:
            app.panel.show(after)
            n_frames += 1
            assert n_frames < 20 and app.panel.sent <= 12
        assert n_frames >= 3
        app.panel.show(after)
        assert app.panel.sent == 0, "nothing is sent while nothing changes"
    at_once = Stage(LayerTable(framed=False))
    async with at_once.run_test(size=(80, 12)) as pilot:
        at_once.panel.show(after)
        await pilot.pause()
        assert list(app.panel._rows) == at_once.panel._rows


@pytest.mark.parametrize("columns", [34, 120, 200])
async def test_a_value_stands_near_its_name_and_what_it_is_beside_it(columns):
    app, session = make_app()
    async with app.run_test(size=(max(columns, 100), 60)) as pilot:
        session.snapshot = make_snapshot("spiral", config=Config.from_dict({}))
        await until(pilot, lambda: isinstance(app.screen, Dashboard) and app.screen.snapshot is session.snapshot)
        if columns > 34:
            app.screen.action_show_panel("controls")
        controls = app.screen.controls.list
        await until(pilot, lambda: controls.rows and controls.size.width >= (columns if columns > 34 else 20) - 6)
        lines = ["".join(segment.text for segment in controls.render_line(y)) for y in range(8)]
        line = next(line for line in lines if "learning rate" in line)
        assert len(line) == controls.scrollable_content_region.width
        value = line.index("0.03")
        assert value < 60 and (columns == 34 or line[value + 6 :].strip())
