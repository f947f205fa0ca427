import functools
import math

import numpy as np
import pytest
from fakes import make_snapshot
from golden import check

from dltui.tui.draw import bars, braille, colors, fit, graph, heat, line, table
from dltui.tui.draw.axes import SUPPORTED, Axis, frame, grow, limits, nice_step, ticks
from dltui.tui.draw.cells import Grid, ascii_row, changed, fit_row, join_ends, message, plain, row_width
from dltui.tui.draw.gallery import gallery
from dltui.tui.draw.look import Look

ASCII = Look(unicode=False, color=False)
GRAY = Look(color=False)
FEW = Look(n_colors=16)
SIZES = [(1, 1), (2, 1), (1, 5), (7, 3), (16, 4), (20, 6), (40, 10), (80, 24), (200, 60)]


make_snapshot = functools.cache(make_snapshot)


def curves():
    found = make_snapshot().curves
    train, val = found["train_loss"], found["val_loss"]
    return [
        line.PlotSeries(train.steps, train.values, "train_faint", train.low, train.high, counts=False),
        line.PlotSeries(train.steps, line.smooth(train.values, 0.9), "train"),
        line.PlotSeries(val.steps, val.values, "val"),
    ]


MARKS = [line.Mark(9_300, "adam"), line.Mark(14_200, "relu"), line.Mark(18_200, "cosine")]


def drawings(columns, rows, look):
    """Every drawing of the package, with contents, at one size."""
    spiral, digits, sine = make_snapshot("spiral"), make_snapshot("digits"), make_snapshot("sine")
    yield "chart", line.chart(columns, rows, curves(), marks=MARKS, log_y=True, look=look).rows
    yield "linear", line.chart(columns, rows, curves(), cursor=5000.0, look=look).rows
    found = spiral.decision
    points = [heat.Points(found.x_val, found.y_val, hollow=True), heat.Points(found.x_train, found.y_train)]
    yield "map", heat.decision_map(columns, rows, found.values, found.low, found.high, points, look=look)
    many = np.stack([found.values, -found.values, found.values * 0], axis=2)
    yield "classes", heat.decision_map(columns, rows, many, found.low, found.high, points, n_classes=3, look=look)
    yield (
        "values",
        heat.decision_map(columns, rows, found.values, found.low, found.high, points, n_classes=0, look=look),
    )
    yield "discrete", heat.decision_map(columns, rows, found.values, found.low, found.high, discrete=True, look=look)
    yield "gallery", gallery(columns, rows, digits.samples.images, [[("7 ok", "good")]] * 24, look=look)
    yield "filters", gallery(columns, rows, digits.images[0].images, signed=True, look=look)
    yield "confusion", table.confusion(columns, rows, digits.confusion.counts, digits.confusion.names, look=look)
    yield "two", table.confusion(columns, rows, spiral.confusion.counts, spiral.confusion.names, look=look)
    weights = spiral.weights[1]
    yield "histogram", bars.histogram(columns, rows, weights.histogram, weights.edges, look=look)
    yield "network", graph.network(columns, rows, levels(spiral), look=look)
    f = sine.fit
    axes = fit.fit_axes(f.x, (f.y_train, f.y_val), f.y)
    train, val = (f.x_train, f.y_train), (f.x_val, f.y_val)
    yield "fit", fit.fit(columns, rows, f.x, f.y, train, val, axes, look=look)
    scatter = make_snapshot("diabetes").scatter
    yield "against", fit.against(columns, rows, scatter.true, scatter.predicted, look=look)[0]
    heads = [table.TableColumn("layer", 0), table.TableColumn("std", 1, "right")]
    yield "table", table.table(columns, rows, heads, [[[("dense1", "")], [("0.5", "")]]] * 5)


def levels(snapshot):
    made = [graph.Level("2", 2, names=("x1", "x2"))]
    for maps, weights in zip(snapshot.unit_maps, snapshot.weights, strict=True):
        made.append(graph.Level(f"{len(maps.maps)} tanh", len(maps.maps), maps.maps, weights.matrix))
    return made


@pytest.mark.parametrize(
    "look",
    [Look(), ASCII, GRAY, Look(dark=False), FEW, Look(unicode=False)],
    ids=["color", "ascii", "gray", "light", "few", "colored-ascii"],
)
@pytest.mark.parametrize(("columns", "rows"), SIZES)
def test_every_drawing_fits_its_size(columns, rows, look):
    for name, drawn in drawings(columns, rows, look):
        assert len(drawn) <= rows, name
        assert all(row_width(row) <= columns for row in drawn), name


@pytest.mark.parametrize(
    "name", ["chart", "linear", "map", "confusion", "two", "histogram", "network", "fit", "against"]
)
@pytest.mark.parametrize(("form", "look"), [("gray", GRAY), ("ascii", ASCII), ("few", FEW)])
def test_drawings_look_like_their_goldens(name, form, look):
    drawn = dict(drawings(60, 16, look))[name]
    check(f"{name}_{form}_60x16", drawn if look.unicode else [ascii_row(row) for row in drawn])


def edge_case(name):
    """A chart of little, of nothing that has a place, or of very much."""
    nan, steps = np.full(5, np.nan), np.arange(5)
    if name == "millions":
        steps = np.linspace(0, 10**7, 2048).astype(np.int64)
        mean = 1 / (1 + steps / 10**5)
        band = line.PlotSeries(steps, mean, "train_faint", mean * 1e-9, mean * 1e6, counts=False)
        return [band, line.PlotSeries(steps, mean, "train")]
    x, y = {
        "empty": (np.empty(0), np.empty(0)),
        "nan": (steps, nan),
        "point": (steps[:1], np.array([0.3])),
        "gap": (steps, np.array([1.0, 0.5, np.nan, np.inf, 0.1])),
    }[name]
    return [line.PlotSeries(x, y, "train")]


@pytest.mark.parametrize("name", ["empty", "nan", "point", "gap", "millions"])
@pytest.mark.parametrize(("form", "look"), [("gray", GRAY), ("ascii", ASCII)])
@pytest.mark.parametrize(("columns", "rows"), [(1, 1), (40, 10)])
def test_charts_of_little_and_of_much_look_like_their_goldens(name, form, look, columns, rows):
    drawn = line.chart(columns, rows, edge_case(name), log_y=True, look=look).rows
    check(f"chart_{name}_{form}_{columns}x{rows}", drawn if look.unicode else [ascii_row(row) for row in drawn])


@pytest.mark.parametrize(("columns", "rows"), [(0, 0), (1, 1), (30, 8), (120, 40)])
def test_nothing_and_nan_are_drawn_without_a_fuss(columns, rows):
    none = np.empty(0)
    nan = np.full(5, np.nan)
    steps = np.arange(5)
    for x, y in ((none, none), (steps, nan), (steps, np.full(5, np.inf)), (steps, np.zeros(5)), (steps, -np.ones(5))):
        for log_y in (False, True):
            line.chart(
                columns, rows, [line.PlotSeries(x, y, "train", y, y)], log_y=log_y, marks=[line.Mark(math.nan, "x")]
            )
    heat.decision_map(
        columns, rows, np.full((8, 8), np.nan), (0, 0), (0, 0), [heat.Points(np.full((3, 2), np.nan), nan[:3])]
    )
    heat.decision_map(columns, rows, np.empty((0, 0)), (0, 0), (1, 1))
    gallery(columns, rows, np.full((3, 5, 5), np.nan), signed=True)
    gallery(columns, rows, np.empty((0, 8, 8)))
    bars.histogram(columns, rows, np.zeros(24), np.zeros(25))
    bars.histogram(columns, rows, none, none)
    table.confusion(columns, rows, np.zeros((3, 3), int), ("a", "b", "c"))
    table.confusion(columns, rows, np.empty((0, 0), int), ())
    graph.network(columns, rows, [])
    graph.network(
        columns, rows, [graph.Level("2", 2), graph.Level("1", 1, np.full((1, 4, 4), np.nan), np.full((1, 2), np.nan))]
    )
    fit.fit(columns, rows, none, none, (none, none), (none, none), fit.fit_axes(none, (none, none), none))
    fit.against(columns, rows, nan, nan)
    assert len(message("nothing", columns, rows)) == rows


def test_a_gap_at_nan_is_not_bridged():
    x, y = np.arange(100.0), np.full(100, 5.0)
    y[40:60] = np.nan
    low, high = braille.spans_numpy(x, y, 100)
    assert np.isnan(low[41:59]).all()
    assert np.isfinite(low[:39]).all()
    assert (high[61:99] == 5).all()


def test_no_spike_is_lost():
    x = np.linspace(0, 49.99, 4000)
    y = np.zeros(4000)
    y[1777] = 1e3
    low, high = braille.spans_numpy(x, y, 50)
    assert high.max() == 1e3
    assert low.min() == 0


def test_the_compiled_loop_draws_what_numpy_draws():
    from dltui.tui.draw import raster  # loads the compiler

    rng = np.random.default_rng(0)
    for n in (0, 1, 2, 50, 4000):
        x = np.sort(rng.uniform(-20, 260, n))
        y = rng.uniform(-10, 150, n)
        y[rng.random(n) < 0.05] = np.nan
        for found, expected in zip(raster.spans(x, y, 240), braille.spans_numpy(x, y, 240), strict=True):
            np.testing.assert_allclose(found, expected, atol=1e-9)


def test_smoothing_is_the_bias_corrected_average():
    values = np.random.default_rng(1).uniform(0, 1, 2000)
    values[[5, 900]] = np.nan
    for weight in (0.5, 0.9, 0.99):
        state = mass = 0.0
        expected = []
        for value in values:
            known = math.isfinite(value)
            state = weight * state + (1 - weight) * (value if known else 0.0)
            mass = weight * mass + (1 - weight) * known
            expected.append(state / mass if known else math.nan)
        np.testing.assert_allclose(line.smooth(values, weight), expected, rtol=1e-10)


def test_plotext_is_laid_out_as_the_frame_reads_it():
    import plotext

    assert plotext.__version__.startswith(SUPPORTED), "look at draw/axes.py: the private matrix may have changed"
    found = frame(60, 12, Axis(0, 25_000), Axis(-2, 0, log=True))
    assert found is not None
    assert (found.left, found.top, found.columns, found.rows) == (5, 0, 55, 10)
    text = ["".join(map(chr, row)) for row in found.codes]
    assert text[0].startswith("   1┤")
    assert text[9].startswith("0.01┤")
    assert text[10].startswith("    └┬")
    assert "25k" in text[11]


def test_a_frame_is_not_cut_to_the_real_terminal(monkeypatch):
    monkeypatch.setenv("COLUMNS", "40")
    monkeypatch.setenv("LINES", "10")
    assert frame(200, 60, Axis(0, 1), Axis(0, 1)) is not None


def test_limits_hold_still_while_the_data_fit():
    first = limits(0.012, 0.9, log=True)
    assert limits(0.013, 0.95, log=True, old=first) is first
    assert limits(0.004, 0.95, log=True, old=first).low < first.low
    assert limits(0.5, 0.52, old=Axis(0.0, 1.0)).high < 1
    assert limits(math.nan, math.nan) == Axis(0.0, 1.0)
    assert limits(3.0, 3.0).low < 3 < limits(3.0, 3.0).high


def test_the_axis_of_steps_grows_by_a_quarter_at_most():
    ends = [grow(step) for step in range(1, 100_000, 37)]
    assert all(end >= step for end, step in zip(ends, range(1, 100_000, 37), strict=True))
    assert len(set(ends)) < 60


@pytest.mark.parametrize(
    "axis", [Axis(0, 1), Axis(-1.5, 1.5), Axis(0, 25_000), Axis(-3, 0.3, True), Axis(-0.6, -0.3, True)]
)
@pytest.mark.parametrize("n", [1, 2, 5, 12])
def test_ticks_are_few_and_inside(axis, n):
    places, labels = ticks(axis, n)
    assert len(places) == len(labels) <= 2 * n + 3
    assert all(axis.low - 1e-9 <= place <= axis.high + 1e-9 for place in places)
    assert nice_step(0, 3) == 1


def test_marks_lie_at_their_step_and_are_labeled():
    drawn = line.chart(80, 16, curves(), marks=MARKS, log_y=True)
    text = plain(drawn.rows)
    for mark in MARKS:
        assert f"◆{mark.label}" in text
        column = drawn.left + round(mark.step / drawn.x.high * (drawn.columns - 1))
        assert abs(drawn.step_at(column) - mark.step) < drawn.x.high / drawn.columns


def test_a_value_is_that_of_the_stretch_it_lies_in():
    series = line.PlotSeries(np.array([0, 10, 20]), np.array([1.0, 2.0, 3.0]), "train")
    assert [line.value_at(series, s) for s in (0, 9, 10, 99)] == [1, 1, 2, 3]
    assert math.isnan(line.value_at(series, -1))


def test_curves_in_the_same_cells_take_turns_and_later_ones_win_elsewhere():
    x = np.arange(10.0)
    flat = [line.PlotSeries(x, np.full(10, 0.5), role) for role in ("train", "val")]
    roles = {role for row in line.chart(40, 10, flat).rows for text, role in row if any("⠀" < c <= "⣿" for c in text)}
    assert roles == {"train", "val"}
    band = line.PlotSeries(x, np.full(10, 0.5), "train_faint", np.full(10, 0.45), np.full(10, 0.55))
    rows = line.chart(40, 10, [band, flat[0]]).rows
    (row,) = [row for row in rows if any(role == "train" for _, role in row)]
    assert "train_faint" not in {role for _, role in row}


def test_points_of_a_fit_lie_on_the_curve_they_were_made_from():
    x = np.linspace(-3, 3, 200)
    points = (np.linspace(-3, 3, 60), np.sin(np.linspace(-3, 3, 60)))
    axes = fit.fit_axes(x, (points[1],), np.sin(x))
    none = (np.empty(0), np.empty(0))
    curve, both, shown, true = (
        fit.fit(60, 16, x, y, train, none, axes, true=truth, look=Look())
        for y, train, truth in (
            (np.sin(x), none, None),
            (np.sin(x), points, None),
            (x * np.nan, points, None),
            (x * 0, none, np.sin(x)),
        )
    )
    assert sum("⠀" < sign <= "⣿" for sign in plain(shown)) > 30

    def places(rows):
        return {(i, j) for i, line in enumerate(plain(rows).splitlines()) for j, c in enumerate(line) if "⠀" < c <= "⣿"}

    assert places(shown) <= places(both)
    near = {(i + a, j + b) for i, j in places(curve) for a in (-1, 0, 1) for b in (-1, 0, 1)}
    assert places(shown) <= near
    assert {"output", "output_over_train_point"} <= {role for row in both for _, role in row}
    assert "truth" in {role for row in true for _, role in row}


def test_only_changed_cells_are_reported():
    old = [("loss ", "muted"), ("0.0131", "strong"), ("   ", "")]
    assert changed(old, list(old)) is None
    assert changed(old, [("loss ", "muted"), ("0.0129", "strong"), ("   ", "")]) == (9, 11)
    assert changed(old, [("loss ", "muted"), ("0.0131", "bad"), ("   ", "")]) == (5, 11)
    assert changed([("日本x", "")], [("日本y", "")]) == (4, 5)


def test_rows_are_cut_by_cells():
    row = [("日本", "a"), ("語", "b")]
    assert row_width(fit_row(row, 5)) == 5
    assert row_width(join_ends([("left", "")], [("right", "")], 6)) == 6
    grid = Grid(4, 1)
    grid.put(2, 0, "日本")
    assert plain(grid.lines()) == "  日\n"


def test_colors_are_symmetric_and_bounded():
    for dark in (True, False):
        scale = colors.diverging(np.array([-9.0, -1, 0, 1, 9, np.nan]), dark)
        assert (scale[0] == scale[1]).all()
        assert (scale[3] == scale[4]).all()
        assert (scale[2] == scale[5]).all()
        assert scale[1][0] > scale[1][2]
        assert scale[3][2] > scale[3][0]
    assert len({colors.hue(i) for i in range(10)}) == 10


def test_the_look_follows_the_environment():
    assert Look.detect({"TERM": "xterm-256color"}, "utf-8") == Look()
    assert not Look.detect({"TERM": "linux"}, "UTF-8").unicode
    assert not Look.detect({"TERM": "xterm"}, "latin-1").unicode
    assert not Look.detect({"TERM": "xterm", "NO_COLOR": "1"}, "utf-8").color
    assert not Look.detect({}, None).unicode


@pytest.mark.parametrize(
    ("environ", "unicode"),
    [
        ({"LC_ALL": "C"}, False),
        ({"LC_ALL": "POSIX", "LANG": "de_DE.UTF-8"}, False),
        ({"LC_ALL": "ISO-8859-1"}, False),
        ({"LC_ALL": "de_DE.ISO-8859-15@euro"}, False),
        ({"LANG": "de_DE.ISO-8859-1", "LC_CTYPE": "C.UTF-8"}, False),
        ({"LC_CTYPE": "de_DE.utf8", "LANG": "de_DE.ISO-8859-1"}, True),
        ({"LC_ALL": "en_US.UTF-8", "LC_CTYPE": "C"}, True),
        ({"LC_ALL": "de_DE"}, True),
        ({"LANG": "C"}, True),
        ({"LANG": "C", "LC_CTYPE": "C.UTF-8"}, True),
        ({}, True),
    ],
)
def test_a_locale_that_is_not_utf_8_asks_for_ascii(environ, unicode):
    assert Look.detect({"TERM": "xterm-256color", **environ}, "utf-8").unicode == unicode


@pytest.mark.parametrize(
    ("environ", "n_colors"),
    [
        ({"TERM": "xterm"}, 16),
        ({"TERM": "xterm", "COLORTERM": "truecolor"}, 1 << 24),
        ({"TERM": "screen"}, 8),
        ({"TERM": "screen-256color"}, 256),
        ({"TERM": "linux"}, 8),
        ({"TERM": "xterm-16color"}, 16),
        ({}, 256),
    ],
)
def test_colors_are_counted_by_the_name_of_the_terminal(environ, n_colors):
    look = Look.detect(environ, "utf-8")
    assert look.n_colors == n_colors and look.color
    assert look.shaded == (n_colors >= 256) == (not look.strokes) or not look.unicode


def test_meters_have_their_width():
    for share in (0.0, 0.33, 1.0, 7.0, -1.0, math.nan):
        for cells in (0, 1, 8):
            assert row_width(bars.meter(share, cells)) == cells
            assert row_width(bars.meter(share, cells, look=ASCII)) == cells


def test_columns_of_low_rank_give_way_first():
    heads = [
        table.TableColumn("layer", 0),
        table.TableColumn("shape", 9, "right"),
        table.TableColumn("std", 1, "right"),
    ]
    line_ = [[("dense1", "")], [("32x64", "")], [("0.5", "")]]
    narrow = plain(table.table(14, 3, heads, [line_]))
    assert "std" in narrow
    assert "shape" not in narrow
    assert "more" in plain(table.table(40, 4, heads, [line_] * 9))
