"""Pictures of a run: SVG that is sound, PNG and GIF of the right size, and frames of exactly what there was."""

import io
import sys
import xml.etree.ElementTree as ET
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from nets import IMAGES, config, trainer
from PIL import Image, ImageSequence

from dltui.core import ConfigError, Trainer
from dltui.core.export.gif import frame_points
from dltui.core.export.sheet import mark_lines, run_sheet, trainer_of
from dltui.core.export.write import exported_bytes, load_run
from dltui.core.pictures.answers import map_shapes
from dltui.core.pictures.chart import MAX_POINTS, ChartBox, PlottedCurve, chart_shapes, lighter, round_numbers
from dltui.core.pictures.pixels import gif_of, png_of
from dltui.core.pictures.shapes import Lettering, Patch, Picture, Spots, Stroke, Tiles, pieces, rectangle
from dltui.core.pictures.svg import png_bytes, svg_of
from dltui.core.run.run import JournaledRun
from dltui.core.run.start import keep_run
from dltui.core.snapshot import DecisionMap, Event
from dltui.core.store.runs import open_run


@pytest.fixture(autouse=True)
def _home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DLTUI_HOME", str(tmp_path / "home"))
    monkeypatch.chdir(tmp_path)


def kept(trainer: Trainer, change: Any = None) -> str:
    """Id of a kept run of 80 steps with a change in its middle."""
    run = JournaledRun(trainer, keep_run(trainer, "", ""))
    run.advance(40)
    if change is not None:
        run.apply(change)
    run.advance(40)
    assert run.close(run.about("finished"), 60.0)
    assert run.keeper is not None and run.keeper.run is not None
    return run.keeper.run.id


def frames(content: bytes) -> list[np.ndarray]:
    """The frames of an animation."""
    image = Image.open(io.BytesIO(content))
    return [np.asarray(frame.convert("RGB")).astype(int) for frame in ImageSequence.Iterator(image)]


def kinds(svg: bytes) -> dict[str, int]:
    """How many elements of each kind a sound SVG holds."""
    found: dict[str, int] = {}
    for element in ET.fromstring(svg.decode()).iter():
        kind = element.tag.rpartition("}")[2]
        found[kind] = found.get(kind, 0) + 1
    return found


def test_curves_marks_and_map_are_in_the_picture() -> None:
    run = kept(Trainer(config(preset__title="A <run> & more")), {"optimizer.learning_rate": 0.5})
    svg = exported_bytes(load_run(run), "svg")
    found = kinds(svg)
    assert found["image"] == 1 and found["circle"] == 60 and found["polyline"] > 20
    text = svg.decode()
    assert "A &lt;run&gt; &amp; more, step 80" in text and "step 40: " in text and "0.5" in text
    image = Image.open(io.BytesIO(exported_bytes(load_run(run), "png")))
    assert image.width == 2540
    colors = image.convert("RGB").getcolors(1 << 24)
    assert colors is not None and len(colors) > 100


@pytest.mark.parametrize("base", [IMAGES, {"data": {"name": "sine", "n_samples": 40}}])
def test_other_inputs(base: dict[str, Any]) -> None:
    made = trainer(base, 30)
    made.save("state.safetensors")
    found = kinds(exported_bytes(load_run("state.safetensors"), "svg"))
    assert "image" not in found
    assert ("circle" in found) is (base is not IMAGES)


def test_curves_stand_alone_where_the_data_is_gone(tmp_path: Path) -> None:
    rows = "\n".join(f"{i / 9},{(i * 7) % 11},{i % 2}" for i in range(60))
    (tmp_path / "table.csv").write_text(f"a,b,c\n{rows}\n", encoding="utf-8")
    made = Trainer(config({"data": {"name": "csv", "path": str(tmp_path / "table.csv")}}))
    made.advance(20)
    made.save("state.safetensors")
    (tmp_path / "table.csv").unlink()
    run = load_run("state.safetensors")
    with pytest.raises(ConfigError):
        trainer_of(run)
    assert "circle" not in kinds(exported_bytes(run, "svg"))


def test_the_animation_shows_what_there_was() -> None:
    run = load_run(kept(Trainer(config()), {"network.activation": "relu"}))
    content = exported_bytes(run, "gif")
    shown = frames(content)
    assert shown[0].shape[1] == 480 and 20 < len(shown) <= 52
    assert np.abs(shown[0] - shown[-1]).mean() > 1.0
    assert exported_bytes(run, "gif") == content


def test_an_animation_of_another_run_is_refused() -> None:
    run = load_run(kept(Trainer(config())))
    run.bookmark.state.memory.weights[:] += 1.0
    with pytest.raises(ConfigError, match="comes out otherwise here"):
        exported_bytes(run, "gif")


def test_an_animation_needs_the_way_and_a_plane() -> None:
    trainer(steps=5).save("state.safetensors")
    with pytest.raises(ConfigError, match="is a state alone"):
        exported_bytes(load_run("state.safetensors"), "gif")
    run = kept(Trainer(config(IMAGES)))
    with pytest.raises(ConfigError, match="neither a line nor a plane"):
        exported_bytes(load_run(run), "gif")


def test_frames_follow_a_run_back(tmp_path: Path) -> None:
    made = Trainer(config())
    run = JournaledRun(made, keep_run(made, "", ""))
    run.advance(40)
    run.apply({"optimizer.learning_rate": 0.02})
    run.advance(20)
    run.undo()
    run.advance(30)
    assert run.close(run.about("finished"), 60.0)
    assert run.keeper is not None and run.keeper.run is not None
    name = run.keeper.run.id
    folder = open_run(str(tmp_path / "home" / "runs"), name, write=False)
    points = frame_points(folder.records, (folder.resume().n, load_run(name).bookmark.state.step))
    assert points[0] == (0, 0) and len(points) == len(set(points))
    assert len(frames(exported_bytes(load_run(name), "gif"))) > 20


def test_pillow_is_asked_for(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("PIL", "PIL.Image"):
        monkeypatch.setitem(sys.modules, name, None)
    trainer(steps=5).save("state.safetensors")
    with pytest.raises(ConfigError, match="pip install pillow"):
        exported_bytes(load_run("state.safetensors"), "png")
    assert exported_bytes(load_run("state.safetensors"), "svg")


def test_every_shape_is_drawn_in_both() -> None:
    picture = Picture(40.0, 30.0)
    pixels = np.zeros((2, 2, 3), np.uint8)
    pixels[0, 0] = (255, 0, 0)
    picture.add(Tiles(0.0, 0.0, 10.0, 10.0, pixels), Patch(rectangle(20.0, 20.0, 10.0, 10.0), "#00ff00"))
    picture.add(Stroke(np.array([[0.0, 25.0], [np.nan, 0.0], [5.0, 28.0], [15.0, 28.0]]), "#0000ff", 2.0))
    picture.add(Stroke(np.array([[30.0, 2.0], [30.0, 18.0]]), "#0000ff", 1.0, (4.0, 2.0)))
    picture.add(Spots(np.array([[35.0, 25.0]]), ("#ff00ff",), 2.0), Lettering(12.0, 12.0, "R² → <b>", bold=True))
    found = kinds(svg_of(picture, "two & two").encode())
    assert (found["image"], found["polygon"], found["polyline"], found["circle"], found["text"]) == (1, 1, 2, 1, 1)
    image = Image.open(io.BytesIO(png_of(picture, 1.0))).convert("RGB")
    assert image.size == (40, 30)
    colors = np.asarray(image).astype(int)
    for row, column, color in ((2, 2, (255, 0, 0)), (25, 25, (0, 255, 0)), (0, 39, (255, 255, 255))):
        assert np.abs(colors[row, column] - color).max() < 12  # what is brought down in size swings a little
    own = np.asarray(Image.open(io.BytesIO(png_bytes(pixels))))
    assert (own == pixels).all()
    again = Image.open(io.BytesIO(gif_of([picture, picture, picture], [0.1, 0.1, 1.0])))
    assert again.size == (40, 30)


@pytest.mark.parametrize("values", [[], [np.nan, np.nan], [3.0], [2.0, 2.0], [-1.0, 0.0, np.inf], [1e-9, 1.0, 1e9]])
def test_any_curve_is_drawn(values: list[float]) -> None:
    y = np.array(values, np.float64)
    curve = PlottedCurve("a", np.arange(len(y)), y, y, y, "#2f7cd6")
    shapes = chart_shapes(ChartBox(0.0, 0.0, 400.0, 200.0, 0, max(1, len(y) - 1)), "value", [curve, curve], [0])
    picture = Picture(400.0, 200.0, list(shapes))
    assert "nan" not in svg_of(picture) and "inf" not in svg_of(picture)
    assert png_of(picture, 1.0)


def test_a_long_curve_keeps_its_extremes() -> None:
    y = np.sin(np.arange(100_000) / 1000.0)
    y[77_777] = 5.0
    curve = PlottedCurve("a", np.arange(len(y)), y, y, y, "#2f7cd6")
    shapes = chart_shapes(ChartBox(0.0, 0.0, 400.0, 200.0, 0, len(y)), "value", [curve])
    lines = [shape for shape in shapes if isinstance(shape, Stroke) and shape.color == "#2f7cd6"]
    (band,) = [shape for shape in shapes if isinstance(shape, Patch)]
    assert len(lines[0].points) <= MAX_POINTS
    assert band.points[:, 1].min() == pytest.approx(26.0 + 150.0 * 0.04 / 1.08, abs=1.0)


def test_numbers_of_an_axis_are_round() -> None:
    assert round_numbers(0.0, 1.0) == pytest.approx([0.0, 0.2, 0.4, 0.6, 0.8, 1.0])
    assert round_numbers(-3.0, 117.0) == pytest.approx([0.0, 50.0, 100.0])
    assert round_numbers(2.0, 2.0) == [2.0]
    assert lighter("#000000", 0.5) == "#808080"
    assert [len(piece) for piece in pieces(np.array([[0, 0], [1, 1], [np.nan, 0], [2, 2], [3, 3]], float))] == [2, 2]


def test_a_map_of_many_classes_and_of_values() -> None:
    points, rng = np.array([[0.0, 0.0], [1.0, 1.0]]), np.random.default_rng(0)
    for values, y in (
        (rng.dirichlet(np.ones(4), (8, 8)), np.array([0, 3])),
        (rng.uniform(-1, 1, (8, 8)), np.array([0.2, -0.9])),
    ):
        found = DecisionMap((-1.0, -1.0), (2.0, 2.0), values.astype(np.float32), points, y, points[:0], y[:0])
        shapes = map_shapes(found, 10.0, 10.0, 90.0)
        (train,) = [shape for shape in shapes if isinstance(shape, Spots) and len(shape.points)]
        assert train.points[0].tolist() == [40.0, 70.0]
        assert len(set(train.colors)) == 2


def test_many_marks_are_counted() -> None:
    marks = [Event(number=i, step=i, kind="change", text="x") for i in range(20)]
    assert mark_lines(marks)[-1] == "and 6 more"
    assert run_sheet(load_run(kept(Trainer(config())))).shapes
