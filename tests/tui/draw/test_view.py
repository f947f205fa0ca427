"""One window of steps for all charts: where it lies, and how it is moved."""

import math

import pytest

from dltui.tui.draw.axes import Axis
from dltui.tui.draw.view import LEAST_STEPS, RECENT_STEPS, View


def test_the_whole_run_is_shown_with_room_for_what_comes():
    for step in (0, 1, 5, 999, 20_600, 10**7, 10**12):
        axis = View().window(step)
        assert axis.low == 0 and step * 1.1 <= axis.high <= max(step * 1.1 * 1.3, 10)
    assert View().window(0, ahead=200).high >= 200


@pytest.mark.parametrize("step", [0, 3, 1_999, 2_001, 20_600, 10**7])
def test_the_recent_window_reaches_the_present_and_moves_by_leaps(step):
    axis = View(recent=True).window(step)
    assert axis.low <= max(step - max(step / 10, RECENT_STEPS), 0) and step <= axis.high
    assert axis.high - axis.low < 2 * max(step / 10, RECENT_STEPS)
    ends = {View(recent=True).window(later) for later in range(step, step + 500)}
    assert len(ends) <= 3


def test_zoom_in_and_out_again_passes_the_same_windows():
    whole = View().whole(1000)
    views = [View()]
    for _ in range(5):
        views.append(views[-1].zoomed(0.5, views[-1].window(1000), whole))
    widths = [view.window(1000).high - view.window(1000).low for view in views]
    assert widths == [widths[0] / 2**i for i in range(6)]
    view = views[-1]
    for width in widths[-2:0:-1]:
        view = view.zoomed(2.0, view.window(1000), whole)
        assert view.is_zoomed and view.window(1000).high - view.window(1000).low == pytest.approx(width)
    assert view.zoomed(2.0, view.window(1000), whole) == View()


def test_a_zoomed_window_stays_while_data_arrive():
    view = View(cursor=300.0).zoomed(0.5, Axis(0, 1000), Axis(0, 1000))
    assert (view.left, view.right) == (150, 650)
    assert view.window(1000) == view.window(10**6) == Axis(150, 650)


def test_zoom_holds_the_place_it_is_given():
    view = View(cursor=100.0).zoomed(0.5, Axis(0, 1000), Axis(0, 1000), around=0.8)
    assert (view.left, view.right) == (400, 900)
    assert View(cursor=5000.0).zoomed(0.5, Axis(0, 1000), Axis(0, 1000)).left == 250


def test_a_window_never_leaves_the_run_nor_gets_too_narrow():
    whole = Axis(0, 1000)
    view = View(left=100, right=200)
    assert view.panned(-5, view.window(0), whole).left == 0
    assert view.panned(50, view.window(0), whole).right == 1000
    assert View().panned(0.5, whole, whole) == View()
    for _ in range(40):
        view = view.zoomed(0.5, view.window(0), whole)
    axis = view.window(0)
    assert axis.high - axis.low >= LEAST_STEPS


def test_steps_on_a_logarithmic_axis():
    view = View(log_x=True)
    axis = view.window(10**6)
    assert axis.log and axis.low == 0 and axis.value(1.0) >= 10**6
    zoomed = view.zoomed(0.5, axis, axis, around=0.0)
    shown = zoomed.window(10**6)
    assert shown.low == 0 and shown.value(1.0) == pytest.approx(math.sqrt(axis.value(1.0)))
    moved = zoomed.panned(0.5, shown, axis).window(10**6)
    assert moved.low > 0 and moved.log
