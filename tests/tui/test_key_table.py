"""The rows of the key table: no key does two things in one place, and each can be read and shown."""

from __future__ import annotations

import pytest

from dltui.tui.key_table import KEYS, Key
from dltui.tui.keys import PANEL_GROUPS, WHERE

DASHBOARD = ("run", "change", "look", "app")


@pytest.mark.parametrize("places", [DASHBOARD, *((where,) for where in (*PANEL_GROUPS, "controls"))], ids=str)
def test_a_key_does_one_thing_where_it_is_bound(places: tuple[str, ...]) -> None:
    keys = [key for row in KEYS if row.where in places for key in row.keys]
    assert len(keys) == len(set(keys))


def test_a_key_that_reaches_its_panel_from_anywhere_is_nobody_elses() -> None:
    relayed = [key for row in KEYS if row.anywhere for key in row.keys]
    assert len(relayed) == len(set(relayed))
    assert not set(relayed) & {key for row in KEYS if row.where in DASHBOARD for key in row.keys}
    assert all(row.where in PANEL_GROUPS for row in KEYS if row.anywhere)


@pytest.mark.parametrize("row", KEYS, ids=lambda row: f"{row.where} {row.text}")
def test_each_row_says_what_it_does(row: Key) -> None:
    assert row.where in WHERE and row.action
    assert row.help[0].isupper() and row.help.endswith(".") and len(row.help) < 100
    assert 0 < len(row.label) <= 16 and row.label[0].islower()
    assert row.text == (row.shown or row.keys[0]) and len(row.text) <= 9
    assert row.text.isprintable() and "_" not in row.text


def test_the_footer_writes_each_row_short() -> None:
    assert all(len(row.footer or row.text) + len(row.word or row.label) <= 18 for row in KEYS if row.rank)


def test_rows_of_one_action_are_told_in_other_words() -> None:
    told = [(row.where, row.help) for row in KEYS]
    assert len(told) == len(set(told))
