"""Charts of a sweep as text: at every size, in every look, with nothing to show as well."""

from __future__ import annotations

import math

import numpy as np
import pytest

from dltui.tui.draw.cells import plain, row_width
from dltui.tui.draw.look import Look
from dltui.tui.draw.sweep_page import SweptAxis, SweptPage, sweep_page


def page(n: int = 40) -> SweptPage:
    rng = np.random.default_rng(2)
    places = np.sort(rng.random(n))[::-1]
    rate = SweptAxis("optimizer.learning_rate", 0.62, rng.random(n), [(0.0, "0.0001"), (0.5, "0.01"), (1.0, "1")])
    words = [(k / 3 + 1 / 6, word) for k, word in enumerate(("tanh", "relu", "gelu"))]
    activation = SweptAxis("network.activation", math.nan, np.array([words[k % 3][0] for k in range(n)]), words)
    return SweptPage([activation, rate], SweptAxis("val_loss", math.nan, places, [(0.0, "0.9"), (1.0, "0.1")]))


@pytest.mark.parametrize("look", [Look(), Look(unicode=False), Look(color=False)], ids=["full", "ascii", "gray"])
@pytest.mark.parametrize("columns", [1, 12, 40, 80, 200])
def test_every_row_is_as_wide_as_it_may_be(columns: int, look: Look) -> None:
    rows = sweep_page(page(), columns, look)
    assert {row_width(row) for row in rows} == {columns}
    if not look.unicode:
        assert plain(rows).isascii()


def test_what_matters_most_is_first_and_every_value_is_named() -> None:
    text = plain(sweep_page(page(), 80))
    assert text.index("optimizer.learning_rate") < text.index("network.activation") and "62%" in text
    assert "too few trials to tell" in text and "val_loss over network.activation" in text
    for word in ("tanh", "relu", "gelu", "0.0001"):
        assert word in text


def test_without_a_figure_it_says_so() -> None:
    nothing = SweptPage(page(3).axes, SweptAxis("val_loss", math.nan, np.full(3, math.nan), []))
    assert plain(sweep_page(nothing, 60)).strip() == "no trial has a figure yet"
