"""Nothing that a terminal would obey gets through."""

from __future__ import annotations

import time
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dltui.core.text import MAX_MARKS, byte_size, safe_text

PAYLOADS = [
    "\x1b]52;c;ZXZpbA==\x07",
    "\x1b]0;title\x1b\\",
    "\x1b[2J\x1b[31m",
    "\x9b31m\x90q\x9c\x85",
    "a\rb\bc\x07\td\ne\x0bf\x0c\x7f\x00",
    "\u202eevil\u202c \u2066x\u2069 \u200e\u200f\u061c",
    "zero\u200b\u200c\u200d\u2060\ufeffwidth\u00ad",
    "\ud800 \udfff",
    "a" + "\u0301" * 10_000,
    "\u2028line\u2029para",
    "❤\ufe0f \U000e0041 \u3164 \u034f",
]


def acts(character: str) -> bool:
    return unicodedata.category(character) in ("Cc", "Cf", "Cs", "Zl", "Zp")


@pytest.mark.parametrize("payload", PAYLOADS, ids=ascii)
@pytest.mark.parametrize("frame", ["{}", "name {} end", "[b]{}[/b]"])
def test_payloads_are_shown(payload, frame):
    shown = safe_text(frame.format(payload))
    assert not any(acts(c) for c in shown)
    assert len(shown) <= 200
    shown.encode("utf-8")


@given(st.text(st.characters(), max_size=300), st.integers(1, 250))
def test_any_text(text, limit):
    shown = safe_text(text, limit)
    assert len(shown) <= limit
    assert not any(acts(c) for c in shown)
    assert safe_text(shown, limit) == shown
    marks = 0
    for c in shown:
        marks = marks + 1 if unicodedata.category(c).startswith("M") else 0
        assert marks <= MAX_MARKS


def test_symbols():
    assert safe_text("a\x1b[2J\tb\n\x7f") == "a␛[2J␉b␊␡"
    assert safe_text("\u202ex\x9b\ud800") == "‹202E›x‹009B›‹D800›"
    assert safe_text("\u0301x") == "◌\u0301x"
    assert safe_text("e\u0301") == "é"
    assert safe_text("plain [b] text") == "plain [b] text"
    assert safe_text("ἐν ἀρχῇ 日本語 🙂") == "ἐν ἀρχῇ 日本語 🙂"
    assert safe_text(None) == "None"
    assert safe_text("") == ""


def test_length():
    assert safe_text("x" * 200) == "x" * 200
    assert safe_text("x" * 201) == "x" * 199 + "…"
    assert safe_text("abc", 1) == "…"


def test_a_flood_is_quick():
    flood = "a" + "".join(chr(0x300 + i % 0x30) for i in range(2_000_000))
    begin = time.thread_time()
    safe_text(flood)
    assert time.thread_time() - begin < 0.5


def test_numbers_of_bytes():
    assert [byte_size(n) for n in (0, 340, 2400, 148_000_000, 3 * 10**9)] == [
        "0 B",
        "340 B",
        "2.4 kB",
        "148.0 MB",
        "3.0 GB",
    ]
