"""Which shape the dashboard takes at which size, and which panels find room in it."""

from __future__ import annotations

from pathlib import Path

import pytest
from fakes import make_snapshot
from hypothesis import given
from hypothesis import strategies as st
from tables import write_houses

from dltui.core.config.presets import load_preset
from dltui.tui.screens.dashboard.layout import SHAPES, Shape, columns_of, shape_of
from dltui.tui.screens.dashboard.panels import PANELS, arranged

sizes = st.tuples(st.integers(1, 300), st.integers(1, 100))


@given(sizes, st.integers(0, 50), st.integers(0, 50))
def test_a_larger_terminal_never_shows_less(size: tuple[int, int], wider: int, taller: int) -> None:
    first, second = shape_of(*size), shape_of(size[0] + wider, size[1] + taller)
    assert SHAPES.index(second.name) <= SHAPES.index(first.name)


@given(sizes)
def test_columns_fill_the_terminal_without_touching_each_other(size: tuple[int, int]) -> None:
    shape = shape_of(*size)
    if shape.tabs:
        return
    cells: set[tuple[int, int]] = set()
    for left, top, width, height in columns_of(shape, *size).values():
        assert width > 0 and height > 0
        own = {(x, y) for x in range(left, left + width) for y in range(top, top + height)}
        assert not cells & own
        cells |= own
    assert cells == {(x, y) for x in range(size[0]) for y in range(1, size[1] - 1)}


@given(sizes)
def test_panels_that_are_seen_fit_into_their_column(size: tuple[int, int]) -> None:
    shape = shape_of(*size)
    seen = shape.choose(PANELS)
    assert seen <= {panel.id for panel in PANELS}
    for column in ("left", "middle", "right"):
        mine = sorted((panel for panel in PANELS if panel.column == column), key=lambda panel: panel.rank)
        shown = [panel for panel in mine if panel.id in seen]
        assert shown and shown[0] is mine[0], "the first of a column is always seen"
        room = shape.rows if shape.name != "medium" or column == "left" else shape.rows - shape.rows // 2
        if len(shown) > 1:
            assert sum(panel.rows for panel in shown) <= room


@pytest.mark.parametrize(
    ("columns", "rows", "name"),
    [
        (100, 24, "wide"),
        (99, 24, "tabs"),
        (99, 30, "medium"),
        (69, 60, "tabs"),
        (40, 10, "tabs"),
        (39, 10, "line"),
        (200, 9, "line"),
    ],
)
def test_the_borders_between_shapes(columns: int, rows: int, name: str) -> None:
    assert shape_of(columns, rows).name == name


def test_one_panel_at_a_time_is_shown_where_there_is_no_room_for_columns() -> None:
    assert [Shape(name).tabs for name in SHAPES] == [False, False, True, True]
    assert shape_of(200, 1).rows == 0 and shape_of(80, 24).rows == 21


def test_a_table_of_ones_own_has_its_figures_on_the_first_screen(tmp_path: Path) -> None:
    config = load_preset(write_houses(tmp_path))
    infos = {info.id: info for info in arranged(make_snapshot("diabetes", config=config))}
    ranks = {name: info.rank for name, info in infos.items() if info.column == "left"}
    assert sorted(ranks, key=lambda name: ranks[name])[:2] == ["loss", "score"]
