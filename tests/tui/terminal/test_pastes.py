"""Pasted text is text: whatever escapes it holds, no key is read from it."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st
from textual import events
from textual._xterm_parser import XTermParser

from dltui.tui.terminal.pastes import PasteFilter

START, END = b"\x1b[200~", b"\x1b[201~"


def read(data: bytes, cuts: list[int]) -> list[events.Event]:
    """What a parser makes of the data, read in pieces."""
    filter_, parser = PasteFilter(), XTermParser(False)
    found: list[events.Event] = []
    bounds = [0, *sorted(cut % (len(data) + 1) for cut in cuts), len(data)]
    for first, last in pairwise(bounds):
        text = filter_.clean(data[first:last]).decode(errors="replace")
        found += [event for event in parser.feed(text) if isinstance(event, events.Event)] if text else []
    return found


@given(st.binary(max_size=60), st.lists(st.integers(0, 200), max_size=6))
def test_no_key_is_read_from_a_paste(pasted: bytes, cuts: list[int]) -> None:
    text = bytes(byte for byte in pasted if byte < 128).replace(END, b"")
    found = read(START + text + END + b"x", cuts)
    assert [event.key for event in found if isinstance(event, events.Key)] == ["x"]
    assert sum(isinstance(event, events.Paste) for event in found) == 1


@pytest.mark.parametrize("cut", range(20))
def test_what_is_no_paste_goes_through_as_it_is(cut: int) -> None:
    data = b"a\x1b[C\x1b[<35;3;4M\x1bOPb"
    filter_ = PasteFilter()
    assert filter_.clean(data[:cut]) + filter_.clean(data[cut:]) == data


def test_an_escape_by_itself_waits_for_nothing() -> None:
    assert PasteFilter().clean(b"\x1b") == b"\x1b"
