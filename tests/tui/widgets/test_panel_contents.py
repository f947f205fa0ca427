from dataclasses import replace

import numpy as np
import pytest
from canned_parts import make_curve, stats
from fakes import make_snapshot
from stage import Stage, text, watch

from dltui.core.snapshot import Event, Score, Snapshot
from dltui.tui.draw.format import number
from dltui.tui.draw.line import smooth
from dltui.tui.draw.view import View
from dltui.tui.widgets.chart import SMOOTHING, mark_label
from dltui.tui.widgets.event_list import EventList
from dltui.tui.widgets.layer_pictures import LayerPictures
from dltui.tui.widgets.layer_table import LayerTable, _pace
from dltui.tui.widgets.loss_chart import LossChart
from dltui.tui.widgets.metric_chart import MetricChart
from dltui.tui.widgets.rate_chart import RateChart
from dltui.tui.widgets.samples import SamplesPanel
from dltui.tui.widgets.status_line import FootLine, status, tiny


async def test_samples_can_be_limited_to_wrong_answers():
    app = Stage(SamplesPanel())
    async with app.run_test(size=(100, 30)) as pilot:
        app.panel.show(make_snapshot("digits"))
        await pilot.pause()
        assert "9 not 4" in text(app)
        assert "0 ✓ 55%" in text(app)
        app.panel.focus()
        await pilot.press("x")
        assert "✓" not in text(app)


async def test_pictures_that_a_regularizer_changes_are_shown_as_they_were_seen():
    app = Stage(SamplesPanel())
    async with app.run_test(size=(100, 30)) as pilot:
        snapshot = make_snapshot("digits")
        assert snapshot.samples is not None
        app.panel.show(replace(snapshot, samples=replace(snapshot.samples, augmented=np.ones((8, 8, 8)))))
        await pilot.pause()
        assert "as the last step saw them" in text(app) and "9 not 4" in text(app)
        await pilot.resize_terminal(40, 6)
        await pilot.pause()
        assert "as the last step saw them" not in text(app)


async def test_the_score_is_drawn_over_what_a_constant_answer_gets():
    app = Stage(MetricChart())
    async with app.run_test(size=(80, 20)) as pilot:
        scores = (Score("accuracy", 0.9, 0.6), Score("log_loss", 0.3, 0.69))
        snapshot = make_snapshot("digits", scores=scores)
        app.panel.show(snapshot)
        await pilot.pause()
        assert "log loss" in text(app) and "0.690" in text(app)
        drawn = app.panel.series(snapshot, dict(snapshot.curves))
        assert [(one.y[0], one.counts) for one in drawn if one.dotted] == [(0.6, False)]
        plain = make_snapshot("digits")
        assert not [one for one in app.panel.series(plain, dict(plain.curves)) if one.dotted]


async def test_layers_of_pictures_can_be_leafed_through():
    app = Stage(LayerPictures())
    async with app.run_test(size=(100, 8)) as pilot:
        app.panel.show(make_snapshot("digits"))
        await pilot.pause()
        assert "conv1 maps · 8 · 1/2" in text(app)
        app.panel.focus()
        await pilot.press("right")
        assert "dense1 filters · 32 · 2/2" in text(app)


async def test_events_are_listed_newest_first_with_their_effect():
    app = Stage(EventList())
    async with app.run_test(size=(70, 10)) as pilot:
        app.panel.show(make_snapshot())
        await pilot.pause()
        lines = text(app).splitlines()
        assert "18 200 ◆ schedule: constant → cosine" in lines[1]
        assert "0.014→0.22" in lines[2]
        app.panel.focus()
        await pilot.press("down")
        assert "14 200" in text(app).splitlines()[1]


@pytest.mark.parametrize(
    ("activations", "title"), [("tanh tanh", "sat"), ("relu relu", "dead"), ("relu tanh", "dead/sat")]
)
async def test_flat_units_are_called_by_what_they_are(activations, title):
    first, second = activations.split()
    layers = stats(
        ("dense1", "dense", first, (8, 2)), ("dense2", "dense", second, (8, 8)), ("dense3", "dense", "", (1,))
    )
    app = Stage(LayerTable())
    async with app.run_test(size=(110, 8)) as pilot:
        app.panel.show(make_snapshot(layers=layers))
        await pilot.pause()
        head = text(app).splitlines()[1].split()
        assert title in head
        assert "1e-6" in head


LOG = (
    Event(1, 0, "start", "seed 0"),
    Event(2, 1_234_567, "change", "learning_rate: 0.01 → 1e+05, optimizer: adam → sgd", 3.2e-9, 0.0612),
    Event(3, 2_300_000, "change", "network.layers.0.filters: 8 → 12", 3.2e-9, 0.0612),
    Event(
        4,
        3_456_789,
        "diverged",
        "the gradient stopped being finite at step 3456789 in dense1, since step 2300000 (optimizer: adam → sgd);"
        " the weights are the last sound ones",
    ),
)


@pytest.mark.parametrize("columns", [28, 34, 40, 60, 80, 120])
async def test_what_happened_can_be_read_whole(columns):
    app = Stage(EventList())
    async with app.run_test(size=(columns, 24)) as pilot:
        app.panel.show(make_snapshot(events=LOG))
        await pilot.pause()
        shown = text(app)
        words = " ".join(" ".join(line.strip("│ ") for line in shown.splitlines()).split())
        assert "the weights are the last sound ones" in words
        assert "(optimizer: adam → sgd);" in words
        assert "filters" in words and "12" in words
        assert words.count("3e-9→0.061") == 2
        assert "0 ▶ seed 0" in words
        assert ("3.457M" if columns < 50 else "3 456 789") in words


async def test_the_legend_tells_the_value_of_the_curve_it_names():
    steps = np.arange(0, 1000, 10)
    values = np.where(np.arange(100) % 2 == 0, 1.5, 0.5)
    values[-1] = 0.0
    curves = {"train_loss": make_curve(steps, values), "val_loss": make_curve(steps, values)}
    snapshot = make_snapshot(step=1000, curves=curves, recent={}, metrics={"train_loss": 2.7e-7, "val_loss": 0.25})
    app = Stage(LossChart())
    async with app.run_test(size=(80, 20)) as pilot:
        app.panel.show(snapshot)
        await pilot.pause()
        legend = text(app).splitlines()[-1]
        smoothed = smooth(values, SMOOTHING[app.panel.smoothing])
        assert f"train {number(smoothed[-1])}" in legend and "val 0.250" in legend
        app.panel.view = View(cursor=500.0)
        await pilot.pause()
        legend = text(app).splitlines()[-1]
        assert f"train {number(smoothed[50])}" in legend and "val 1.50" in legend
        app.panel.view = View(cursor=500.0, smoothing=0)
        await pilot.pause()
        assert "train 1.50" in text(app).splitlines()[-1]


async def test_a_hidden_panel_is_painted_when_it_is_shown():
    app = Stage(LossChart())
    async with app.run_test(size=(80, 20)) as pilot:
        app.panel.display = False
        await pilot.pause()
        app.panel.show(make_snapshot())
        app.panel.display = True
        await pilot.pause()
        await pilot.pause()
        assert "◆adam" in text(app)


def test_labels_of_marks_are_one_word_or_two():
    def label(change, kind="change"):
        return mark_label(Event(1, 5, kind, change))

    assert label("optimizer: sgd → adam") == "adam"
    assert label("learning rate: 0.01 → 0.03") == "rate 0.03"
    assert label("optimizer.beta1: 0.9 → 0.95") == "beta1 0.95"
    assert label("hidden: 16 16 → 24 16 8") == "hidden 24 16 8"
    assert label("hidden: 8 → none") == "hidden none"
    assert label("shuffle: on → off") == "shuffle off"
    assert label("reset") == "reset"
    assert label("loss is not finite", "diverged") == "diverged"


def test_the_status_line_keeps_what_matters_when_room_lacks():
    snapshot = make_snapshot()
    wide = "".join(t for t, _ in status(snapshot, 120))
    assert len(wide) == 120
    for part in (
        "dltui",
        "Two spirals",
        "run 3f2a",
        "▶ training",
        "epoch 412",
        "step 20 600",
        "1.2 M steps/s",
        "val acc",
    ):
        assert part in wide
    for columns in range(1, 130):
        row = "".join(t for t, _ in status(snapshot, columns))
        assert len(row) == columns
    assert "20 600" in "".join(t for t, _ in status(snapshot, 40))


def test_a_tiny_terminal_has_loss_step_and_keys_in_one_line():
    snapshot, keys = make_snapshot(), [("space", "pause"), ("?", "help"), ("q", "quit")]

    def line(columns, **options):
        return "".join(t for t, _ in tiny(snapshot, columns, keys, **options))

    assert line(52).endswith(" space pause ? help q quit")
    assert line(36).startswith("▶ loss 0.0") and line(36).endswith(" space ? q")
    assert "step 20 600" in line(30) and line(30).endswith(" ? q")
    late = "".join(t for t, _ in tiny(make_snapshot(step=1_498_605), 30, keys))
    assert "step 1.5 M" in late and late.endswith("q")
    for columns in range(1, 60):
        assert len(line(columns)) == columns
    assert line(39, unicode=False).isascii()


def test_the_status_line_says_what_is_compiled():
    snapshot = Snapshot.starting(make_snapshot().config, "spiral", "compiling dense forward", 0.35)
    for columns in range(1, 130):
        row = "".join(t for t, _ in status(snapshot, columns))
        assert len(row) == columns
        assert "35%" in row or columns < 16
        assert "compiling dense forward" in row or columns < 70


async def test_the_last_line_shows_keys_and_vitals():
    app = Stage(FootLine([("space", "pause"), ("?", "help")]))
    async with app.run_test(size=(60, 3)) as pilot:
        app.panel.show_vitals(10, 2300, 0.12)
        await pilot.pause()
        assert "space pause" in text(app)
        assert "10 fps · 2 kB/s · 120 ms" in text(app)
        asked = watch(app.panel)
        app.panel.show_vitals(10, 2300, 0.12)
        assert asked == []


def test_a_pace_that_is_not_known_is_not_a_bad_one():
    unknown, jump = (_pace(ratio) for ratio in (float("nan"), 0.5))
    assert (unknown, jump) == ("muted", "bad")


async def test_both_learning_rates_are_written_alike():
    app = Stage(RateChart())
    async with app.run_test(size=(80, 12)) as pilot:
        app.panel.show(make_snapshot(base_rate=0.01, rate=0.01))
        await pilot.pause()
        assert "base 0.01 · now 0.01 " in text(app)


LONG = "activation: tanh → relu, initializer: auto → he_normal, dropout: 0 → 0.1"


async def test_events_stand_in_the_order_of_their_steps():
    events = (
        Event(1, 0, "start", "seed 0"),
        Event(2, 640, "change", "a: 1 → 2"),
        Event(3, 600, "spike", "loss spiked"),
    )
    app = Stage(EventList())
    async with app.run_test(size=(60, 8)):
        app.panel.snapshot = make_snapshot(events=events)
        rows = ["".join(part for part, _ in row) for row in app.panel.paint(60, 6)]
        assert [row.split()[0] for row in rows if row.strip()] == ["640", "600", "0"]


async def test_of_a_change_nothing_is_left_out_while_there_is_room():
    change = Event(2, 500, "change", LONG, 0.031, 123.0)
    others = tuple(Event(n, 500 + n, "note", f"note {n}") for n in range(3, 9))
    app = Stage(EventList())
    async with app.run_test(size=(34, 12)):
        for n_others, whole in ((0, True), (6, False)):
            app.panel.snapshot = make_snapshot(events=(change, *others[:n_others]))
            for columns in (20, 32, 50, 110):
                rows = ["".join(part for part, _ in row) for row in app.panel.paint(columns, 8)]
                text = " ".join(" ".join(rows).split())
                assert all(len(row) <= columns for row in rows) and "0.031→123" in text.replace(" ", "")
                if whole:
                    assert "dropout: 0 → 0.1" in text and "…" not in text


async def test_what_was_refused_leaves_no_flag_on_a_chart():
    app = Stage(LossChart())
    async with app.run_test(size=(80, 20)):
        painted = []
        for events in ((), (Event(1, 300, "refused", "is not allowed"),)):
            app.panel.snapshot = make_snapshot("spiral", events=events)
            painted.append(app.panel.paint(78, 18))
        assert painted[0] == painted[1]
