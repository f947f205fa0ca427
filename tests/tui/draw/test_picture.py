"""Charts as files: SVG that is XML, PNG that opens, CSV that is the numbers shown."""

import csv
import io
import xml.etree.ElementTree as ET

import numpy as np
import pytest

from dltui.tui.draw.axes import Axis
from dltui.tui.draw.line import Mark, PlotSeries
from dltui.tui.draw.picture import SIZE, Plotted, chart_shapes, png, svg, table

STEPS = np.arange(0, 1000, 10)
EVIL = "a<b>&\"c' ∇ → é"


def plots(values=None):
    y = np.linspace(1.0, 0.01, 100) if values is None else values
    return [
        Plotted(PlotSeries(STEPS, y, "band", y * 0.5, y * 2.0), "lowest to highest", "#b9d3ee"),
        Plotted(PlotSeries(STEPS, y, "ghost0", dash=(6, 4)), EVIL, "#a3347f"),
        Plotted(PlotSeries(STEPS, y, "train"), "train_loss", "#1368c0"),
    ]


def shapes(values=None, x=None, y=None):
    return chart_shapes(
        plots(values), x or Axis(0, 1000), y or Axis(-2, 0, True), [Mark(500, EVIL)] * 3, f"title {EVIL}"
    )


def test_an_svg_is_well_formed_and_has_every_curve_and_name():
    root = ET.fromstring(svg(shapes()))
    name = "{http://www.w3.org/2000/svg}"
    texts = [element.text for element in root.iter(f"{name}text")]
    assert EVIL in texts and f"title {EVIL}" in texts and "train_loss" in texts and "steps" in texts
    strokes = {element.get("stroke") for element in root.iter(f"{name}polyline")}
    assert {"#a3347f", "#1368c0"} <= strokes
    assert root.find(f"{name}polygon") is not None


def test_a_png_has_the_colors_of_the_curves():
    image = pytest.importorskip("PIL.Image")
    picture = image.open(io.BytesIO(png(shapes())))
    assert picture.size == SIZE
    pixels = np.asarray(picture.convert("RGB")).reshape(-1, 3)
    assert (np.abs(pixels.astype(int) - [0x13, 0x68, 0xC0]).sum(axis=1) < 12).any()


@pytest.mark.parametrize(
    "values",
    [np.full(100, np.nan), np.full(100, np.inf), np.zeros(100), -np.ones(100), np.where(STEPS % 20, 0.5, np.nan)],
)
@pytest.mark.parametrize("log", [False, True])
def test_gaps_and_what_has_no_place_are_drawn_without_a_fuss(values, log):
    made = shapes(values, y=Axis(-2, 0, log))
    ET.fromstring(svg(made))
    assert b"nan" not in svg(made) and b"inf" not in svg(made)
    pytest.importorskip("PIL")
    assert png(made)


def test_a_table_has_one_line_a_step_and_only_those_that_are_shown():
    half = Plotted(PlotSeries(STEPS[::2], STEPS[::2] * 1.0, "val"), "val_loss", "#c25e00")
    rows = list(csv.reader(io.StringIO(table([*plots()[1:], half], Axis(100, 200)).decode())))
    assert rows[0] == ["step", EVIL, "train_loss", "val_loss"]
    assert [int(row[0]) for row in rows[1:]] == list(range(100, 201, 10))
    assert rows[1][3] == "100.0" and rows[2][3] == ""


def test_steps_on_a_logarithmic_axis_are_drawn_from_the_first():
    made = svg(shapes(x=Axis(0, 3, True)))
    assert b"nan" not in made and ET.fromstring(made) is not None
