"""Legends and labels: what is drawn can be told apart and is named, with and without color."""

from typing import Any

import numpy as np
import pytest
from fakes import make_snapshot
from stage import Stage, text

from dltui.tui.draw import graph, line
from dltui.tui.draw.cells import plain
from dltui.tui.draw.look import Look
from dltui.tui.draw.map_legend import map_legend
from dltui.tui.widgets.confusion import ConfusionMatrix
from dltui.tui.widgets.loss_chart import LossChart
from dltui.tui.widgets.network_view import NetworkView

ASCII = Look(unicode=False, color=False)
GRAY = Look(color=False)


def test_without_color_the_validation_curve_has_gaps_and_the_legend_shows_them():
    steps = np.arange(100)
    flat = [line.PlotSeries(steps, np.full(100, level), role) for level, role in ((1.0, "train"), (2.0, "val"))]
    signs: dict[Any, Any] = {}
    for look in (GRAY, ASCII):
        for row in line.chart(60, 12, flat, look=look).rows:
            for signs_drawn, role in row:
                if role in ("train", "val"):
                    signs.setdefault(role, []).append(signs_drawn)
        assert len(signs["val"]) > 5 * len(signs["train"])
        assert line.stroke("train", look) != line.stroke("val", look)
    assert line.stroke("train", Look()) == line.stroke("val", Look()) == "━"


def test_the_legend_of_a_map_uses_the_signs_that_are_drawn():
    def legend(columns, names, n_classes, look):
        return "".join(text for text, _ in map_legend(columns, names, n_classes, look))

    assert legend(40, ("0", "1"), 2, Look()) == "● 0  ● 1  ● train  ∘ val"
    assert legend(40, ("0", "1"), 2, GRAY) == "○◇ 0  ●◆ 1  ○● train  ◇◆ val"
    assert legend(40, ("no", "yes"), 2, ASCII) == "oO no  xX yes  ox train  OX val"
    assert legend(40, ("a", "b", "c"), 3, ASCII) == "0 a  1 b  2 c  "
    assert legend(60, (), 0, ASCII) == "oO up to 0  xX above 0  ox train  OX val"
    assert legend(30, ("arm 1", "arm 2"), 2, GRAY) == "○◇ arm 1  ●◆ arm 2  ◇◆ val"
    for columns in (20, 30, 36):
        text = legend(columns, ("inside the ring", "outside of it"), 2, Look())
        assert len(text) <= columns and "in" in text
    assert legend(30, ("inside the ring", "outside of it"), 2, Look()).endswith("… ∘ val")


def test_labels_of_the_network_are_cut_only_where_the_line_is_full():
    shown = [
        graph.Level("8×8", 64),
        *[graph.Level(f"{n} relu", n) for n in (32, 8, 32)],
        graph.Level("64 identity", 64),
    ]
    label = plain(graph.network(60, 12, shown)).splitlines()[-1]
    assert "…" not in label and all(level.label in label for level in shown)
    assert "12 of 32 relu" in plain(graph.network(100, 13, shown)).splitlines()[-1]
    assert plain(graph.network(30, 12, shown)).splitlines()[-1].split() == ["8×8", "32", "8", "32", "64"]
    for columns in range(20, 100):
        assert len(plain(graph.network(columns, 12, shown)).splitlines()[-1]) <= columns


def test_names_of_inputs_have_the_room_the_links_leave():
    shown = [graph.Level("3", 3, names=("age", "sex", "blood pressure")), graph.Level("8 relu", 8), graph.Level("1", 1)]
    assert "blood press" in plain(graph.network(34, 12, shown))


@pytest.mark.parametrize("look", [GRAY, ASCII], ids=["gray", "ascii"])
@pytest.mark.parametrize("panel", [LossChart, NetworkView])
async def test_without_color_a_legend_tells_its_entries_apart_by_signs(panel, look):
    app = Stage(panel(), look)
    async with app.run_test(size=(60, 20)) as pilot:
        app.panel.show(make_snapshot())
        await pilot.pause()
        signs = [text.split()[:-1] for text, _ in app.panel.legend() if len(text.split()) > 1]
        assert len(signs) > 1 and all(signs.count(sign) == 1 for sign in signs)


async def test_the_confusion_matrix_says_which_side_is_predicted():
    app = Stage(ConfusionMatrix())
    async with app.run_test(size=(36, 13)) as pilot:
        app.panel.show(make_snapshot("digits"))
        await pilot.pause()
        assert "true ↓  predicted →" in text(app)
