"""The drawing of a network: as large as there is room, and still drawn where there is little."""

from dataclasses import replace

import numpy as np
import pytest
from fakes import make_snapshot
from stage import Stage, text

from dltui.core.snapshot import LayerImages, LayerWeights
from dltui.tui.draw.cells import plain
from dltui.tui.draw.graph import Level, network
from dltui.tui.draw.look import Look
from dltui.tui.widgets.network_view import NetworkView

LOOKS = [Look(), Look(n_colors=16), Look(color=False), Look(unicode=False, color=False)]


def deep(n_layers, units=8, k=16):
    maps = np.linspace(-1, 1, units * k * k).reshape(units, k, k)
    return [
        Level("2", 2, maps[:2], names=("x1", "x2")),
        *[Level(f"{units} tanh", units, maps, np.ones((units, units))) for _ in range(n_layers)],
        Level("1", 1, maps[:1], np.ones((1, units))),
    ]


def tile_widths(rows):
    """Widths of the colored stretches of each row."""
    return [len(part) for row in rows for part, role in row if "#" in role and " on " in role]


@pytest.mark.parametrize("look", LOOKS, ids=["color", "few", "gray", "ascii"])
def test_a_deep_network_is_drawn_in_a_narrow_panel(look):
    drawn = plain(network(32, 13, deep(8), look=look))
    assert "→" not in drawn and "8>8" not in drawn
    assert drawn.splitlines()[-1].split() == ["2", *["8"] * 8, "1"]
    assert sum(any("⠀" < char <= "⣿" or char in "-|'." for char in line) for line in drawn.splitlines()[:-1]) >= 10


def test_a_network_deeper_than_the_panel_is_wide_is_told_in_words():
    assert "2→8→8" in plain(network(60, 13, deep(24)))


@pytest.mark.parametrize(("columns", "rows", "least"), [(32, 13, 2), (60, 30, 3), (196, 56, 5)])
def test_units_grow_with_the_room(columns, rows, least):
    drawn = network(columns, rows, deep(2, units=16), look=Look())
    assert max(tile_widths(drawn)) >= least
    assert max(tile_widths(network(columns, rows, deep(2, units=4), look=Look()))) >= max(least, 3)
    for row in drawn:
        assert sum(len(part) for part, _ in row) == columns


def test_units_do_not_touch_where_there_is_room_for_half_a_cell_between_them():
    drawn = network(60, 13, deep(1, units=8), look=Look())
    signs = "".join(part for row in drawn for part, _ in row)
    assert "▀" in signs and "▄" in signs


async def test_layers_that_answer_with_pictures_show_them():
    pictures = np.zeros((4, 6, 6), np.float32)
    pictures[:, 2:4] = 1.0
    snapshot = make_snapshot(
        "digits",
        images=(LayerImages("input", "maps", pictures[:1]), LayerImages("conv1.relu", "maps", pictures)),
        layers=convolutional(),
        weights=(LayerWeights("dense1", np.eye(10, 8, dtype=np.float32), np.zeros(10), np.ones(24), np.arange(25)),),
    )
    app = Stage(NetworkView(framed=False))
    async with app.run_test(size=(60, 20)) as pilot:
        app.panel.show(snapshot)
        await pilot.pause()
        shown = text(app)
        assert "1×8×8" in shown and "4 relu" in shown and "10" in shown
        assert shown.count("●") == 10, "only the classes have no picture"
        roles = {role for row in app.panel.paint(60, 20) for _, role in row}
        assert "positive" in roles, "links of a layer over flattened pictures are drawn"


def convolutional():
    """Lines of the layer table for a convolution of 4 channels and a layer of 10 classes over two values of each."""
    first, last = make_snapshot("digits").layers
    return (
        replace(first, name="conv1", kind="conv2d", activation="relu", shape=(4, 6, 6), n_parameters=40),
        replace(last, name="dense1", kind="dense", activation="", shape=(10,), n_parameters=90),
    )


def test_a_picture_is_gray_and_nothing_has_no_sign():
    few = Look(n_colors=16)
    picture = np.zeros((1, 4, 4))
    picture[:, :2] = 1.0
    for gray, roles in ((True, {""}), (False, {"positive_mid", "muted"})):
        drawn = network(40, 12, [Level("1×4×4", 1, picture, gray=gray), Level("1", 1)], look=few)
        assert roles == {role for row in drawn for text, role in row if "█" in text or "▒" in text}
