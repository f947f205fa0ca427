from fakes import make_snapshot
from test_panels import Stage, text, watch

from dltui.core.snapshot import Event, Snapshot
from dltui.tui.widgets.chart import mark_label
from dltui.tui.widgets.event_list import EventList
from dltui.tui.widgets.images import LayerPictures
from dltui.tui.widgets.loss_chart import LossChart
from dltui.tui.widgets.rate_chart import RateChart
from dltui.tui.widgets.samples import Samples
from dltui.tui.widgets.status_line import FootLine, status, tiny


async def test_samples_can_be_limited_to_wrong_answers():
    app = Stage(Samples())
    async with app.run_test(size=(100, 30)) as pilot:
        app.panel.show(make_snapshot("digits"))
        await pilot.pause()
        assert "9 not 4" in text(app)
        assert "0 ✓ 55%" in text(app)
        app.panel.focus()
        await pilot.press("x")
        assert "✓" not in text(app)


async def test_layers_of_pictures_can_be_leafed_through():
    app = Stage(LayerPictures())
    async with app.run_test(size=(100, 30)) as pilot:
        app.panel.show(make_snapshot("digits"))
        await pilot.pause()
        assert "dense1 filters · 32 · 1/2" in text(app)
        app.panel.focus()
        await pilot.press("right")
        assert "conv1 maps · 8 · 2/2" in text(app)


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


async def test_both_learning_rates_are_written_alike():
    app = Stage(RateChart())
    async with app.run_test(size=(80, 12)) as pilot:
        app.panel.show(make_snapshot(base_rate=0.01, rate=0.01))
        await pilot.pause()
        assert "base 0.01 · now 0.01 " in text(app)
