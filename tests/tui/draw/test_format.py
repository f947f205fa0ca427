import math

import pytest

from dltui.tui.draw import format as f


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0, "0"),
        (0.0082, "0.00820"),
        (0.981, "0.981"),
        (3e-5, "3e-5"),
        (12.53, "12.5"),
        (20600, "20 600"),
        (123456789.0, "1.2e8"),
        (-0.5, "-0.500"),
        (math.nan, "—"),
        (math.inf, "∞"),
        (-math.inf, "−∞"),
        (None, "—"),
    ],
)
def test_numbers(value, text):
    assert f.number(value) == text


@pytest.mark.parametrize(
    ("value", "text"),
    [(1_204_000, "1.2 M"), (20_000, "20 k"), (950, "950"), (2_500, "2 500"), (3e9, "3 G"), (0.01, "0.0100")],
)
def test_short_numbers(value, text):
    assert f.short(value) == text


def test_trimmed_numbers_keep_whole_zeros():
    assert [f.trimmed(v) for v in (0.01, 100.0, 2e-5, 0.5)] == ["0.01", "100", "2e-5", "0.5"]


def test_rates():
    assert f.rate(1_204_000, "steps") == "1.2 M steps/s"


def test_ticks_tell_neighbors_apart():
    assert [f.tick(v, 0.05) for v in (0.9, 0.95, 1.0)] == ["0.90", "0.95", "1.00"]
    assert [f.tick(v, 5000) for v in (0, 5000, 20000)] == ["0", "5k", "20k"]


def test_text_is_cut_by_cells():
    assert f.ellipsis("vanishing", 5) == "vani…"
    assert f.ellipsis("日本語の名前", 5) == "日本…"
    assert f.width(f.pad("日本語の名前", 6)) == 6
    assert f.pad("7", 3, "right") == "  7"
    assert f.ellipsis("abc", 0) == ""


def test_wrapping_never_makes_a_line_too_long():
    lines = f.wrap("Two classes wound around\n\neach other 日本語の名前日本語の名前", 10)
    assert all(f.width(line) <= 10 for line in lines)
    assert "" in lines


def test_of_several_changes_the_most_telling_is_named():
    assert f.main_change("learning_rate: 0.1 → 0.01, optimizer: sgd → adam") == "optimizer: sgd → adam"
    assert f.main_change("hidden: [8, 8] → [8, 16]") == "hidden: [8, 8] → [8, 16]"
    assert f.main_change("beta1: 0.9 → 0.8, eps: 1e-8 → 1e-7") == "beta1: 0.9 → 0.8"
    assert f.main_change("restart") == "restart"
