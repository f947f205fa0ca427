"""What is chosen about a table becomes settings that the reader understands, whatever the columns are called."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from tables import findings_in, write_houses

from dltui.core.config import Config
from dltui.core.config.presets import load_preset
from dltui.tui.cli.tables import FileTables
from dltui.tui.screens.table_choices import SPLITS, TableChoices, can_be_filled

ODD = ("size, cm", 'the "best" one', "a=b", " blank ", "ünïcode")


@pytest.fixture
def odd(tmp_path: Path) -> Config:
    head = ",".join('"' + name.replace('"', '""') + '"' for name in ODD)
    rows = "\n".join(",".join(str(i % 6 * 1.5 + k) for k in range(len(ODD))) + f",{i % 2}" for i in range(30))
    path = tmp_path / "odd.csv"
    path.write_text(f"{head},y\n{rows}\n", encoding="utf-8")
    return load_preset(path)


@pytest.mark.parametrize("place", range(len(ODD)))
def test_a_column_of_any_name_can_be_chosen(odd: Config, place: int) -> None:
    tables = FileTables()
    column = tables.find(odd, print).columns[place]
    start = TableChoices.of(odd)
    assert start.changes(odd) == {}
    for choices, told in (
        (start.with_dropped(column.name), "left out"), (start.with_target(column.name), "target"),
        (start.with_next_fill(column), "input"), (start.with_next_kind(column), "input"),
    ):  # fmt: skip
        changed = odd.with_changes(choices.changes(odd))
        assert TableChoices.of(changed) == choices
        assert tables.find(changed, print).columns[place].role == told
        assert choices.without(column.name).changes(odd) == {}


def test_each_key_goes_round(tmp_path: Path) -> None:
    path = write_houses(tmp_path)
    config, found = load_preset(path), findings_in(path)
    rooms = next(column for column in found.columns if column.name == "rooms")
    kinds, choices = [], TableChoices.of(config)
    for _ in range(6):
        choices = choices.with_next_kind(rooms)
        kinds.append(choices.kinds.get("rooms", "as found"))
    assert kinds == ["category", "yes/no", "date", "text", "id", "as found"]
    fills = []
    for _ in range(4):
        choices = choices.with_next_fill(rooms)
        fills.append(choices.fills.get("rooms", "median"))
    assert fills == ["mean", "zero", "frequent", "median"]
    shares = []
    for _ in range(4):
        choices = choices.with_next_split()
        shares.append(choices.val_fraction)
    assert shares == [0.3, 0.5, 0.1, 0.2] and set(shares) == set(SPLITS)
    assert choices.with_other_task("values").task == "classes"
    assert choices.with_other_task("values").with_other_task("values").task == "values"
    assert choices.with_dropped("rooms").with_target("rooms").drop == ()
    assert can_be_filled(rooms) and not can_be_filled(replace(rooms, kind="category"))


def test_only_scales_that_can_be_undone_are_offered_for_the_target(tmp_path: Path) -> None:
    choices = TableChoices.of(load_preset(write_houses(tmp_path)))
    names = set()
    for _ in range(10):
        choices = choices.with_next_scaler(of_target=True)
        names.add(choices.target_scaler)
    assert "clip" not in names and {"none", "minmax", "standardize"} <= names
