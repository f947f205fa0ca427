"""Tables written in every way, and then damaged: what is whole is read cell for cell, what is not is read or refused.

`pytest -m slow -rP` on this file prints how many of each there were.
"""

from __future__ import annotations

import gzip
import random
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from dltui.core.errors import ConfigError
from dltui.core.tables.reading.read import RawTable, read_table
from dltui.core.tables.table import Choices, understand

MARKS = {",": "comma", ";": "semicolon", "\t": "tab", "|": "bar"}
ENDS = ("\n", "\r\n", "\r")
ENCODINGS = ("utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-32", "cp1252")
LETTERS = "abcdefghijklmnopqrstuvwxyzäöüßéñ"
ODD_WORDS = (
    "two words",
    'say "no"',
    "a,b",
    "c;d",
    "tab\there",
    "a|b",
    "over\ntwo lines",
    "x" * 3000,
    "",
    "NA",
    "#7",
    "'",
)


@dataclass
class Written:
    """A table and how it stands in the file."""

    names: list[str]
    rows: list[list[str]]
    mark: str
    lines: list[int] = field(default_factory=list)
    """Line of the file each row ends on."""
    n_short: int = 0
    data: bytes = b""


def word(draw: random.Random) -> str:
    return "".join(draw.choice(LETTERS) for _ in range(draw.randint(2, 9)))


def column(draw: random.Random, n: int) -> list[str]:
    """Cells of one kind, with holes and odd ones."""
    kind = draw.randrange(4)
    words = [word(draw) for _ in range(5)]
    cells = []
    for _ in range(n):
        cell = (
            f"{draw.gauss(0, 100):.3f}" if kind < 2 else str(draw.randint(0, 99)) if kind == 2 else draw.choice(words)
        )
        cells.append(draw.choice(ODD_WORDS) if kind == 3 and draw.random() < 0.1 else cell)
    return cells


def quoted(cell: str, mark: str, draw: random.Random) -> str:
    needed = any(sign in cell for sign in (mark, '"', "\n", "\r"))
    return '"' + cell.replace('"', '""') + '"' if needed or draw.random() < 0.05 else cell


def write(draw: random.Random) -> Written:
    """A table of numbers and words in some way a program or a person writes one."""
    n, width = draw.randint(8, 40), draw.randint(2, 7)
    columns = [[f"{draw.gauss(0, 1):.4f}" for _ in range(n)], *(column(draw, n) for _ in range(width - 1))]
    names = [f"{word(draw)} no {i}" for i in range(width)]  # "kr0" is an amount of money
    made = Written(names, [list(row) for row in zip(*columns, strict=True)], draw.choice([*MARKS]))
    end, line, text = draw.choice(ENDS), 0, []

    def put(cells: list[str]) -> None:
        nonlocal line
        row = made.mark.join(quoted(cell, made.mark, draw) for cell in cells)
        text.append(row + end)
        line += 1 + row.count("\n")

    if draw.random() < 0.2:
        text.append(f"# made by {word(draw)}{end}")
        line += 1
    put(names)
    for row in made.rows:
        if draw.random() < 0.03:
            text.append(end)
            line += 1
        if width > 2 and draw.random() < 0.02 and not any(sign in cell for cell in row for sign in (made.mark, "\n")):
            row[-1] = ""
            made.n_short += 1
            put(row[:-1])
        else:
            put(row)
        made.lines.append(line)
    whole = "".join(text)
    whole = whole.removesuffix(end) if draw.random() < 0.3 else whole
    encoding = draw.choice(ENCODINGS)
    made.data = whole.encode(encoding)
    if draw.random() < 0.2:
        made.data = gzip.compress(made.data)
    return made


def texts(table: RawTable) -> list[list[str]]:
    return [
        list(row) for row in zip(*([c.text_at(i) for i in range(table.n_rows)] for c in table.columns), strict=True)
    ]


def judge_whole(path: Path, made: Written) -> None:
    path.write_bytes(made.data)
    table = read_table(path)
    assert [cells.name for cells in table.columns] == made.names
    assert table.delimiter == MARKS[made.mark]
    assert texts(table) == [[cell.strip() for cell in row] for row in made.rows]
    assert table.lines.tolist() == made.lines
    said = [note for note in table.notes if "too few" in note]
    assert bool(said) == bool(made.n_short) and all(note.startswith(f"{made.n_short} row") for note in said)


def damage(data: bytes, draw: random.Random) -> bytes:
    """Some bytes changed, taken out, doubled, or put in."""
    signs = (
        b'"',
        b",",
        b";",
        b"\n",
        b"\r",
        b"\0",
        b"\xff",
        b"\t",
        b"#",
        b'""',
        b"\n\n",
        b"\xef\xbb\xbf",
        b"1e999",
        b"\x1b[2J",
    )
    for _ in range(draw.randint(1, 4)):
        at = draw.randint(0, len(data))
        kind = draw.randrange(5)
        if kind == 0:
            data = data[:at] + draw.choice(signs) + data[at + draw.randint(0, 2) :]
        elif kind == 1:
            data = data[:at] + draw.randbytes(draw.randint(1, 4)) + data[at + draw.randint(0, 4) :]
        elif kind == 2:
            data = data[:at] + data[at + draw.randint(1, 40) :]
        elif kind == 3:
            data = data[:at] + data[max(0, at - draw.randint(1, 60)) :]
        else:
            data = data[:at]
    return data


def judge_damaged(path: Path, data: bytes) -> str:
    """Read what is damaged: "read" or "refused"; all else is a fault."""
    path.write_bytes(data)
    try:
        raw = read_table(path)
        assert raw.n_rows == len(raw.lines) == len(texts(raw)) and (raw.lines[1:] > raw.lines[:-1]).all()
        assert all(line >= 1 for line in raw.lines)
        table = understand(raw, Choices())
    except ConfigError as error:
        assert str(error).isprintable() and len(str(error)) < 1000
        return "refused"
    assert table.n_rows == raw.n_rows and len(table.columns) == len(raw.columns)
    assert len(table.inputs) + len(table.left_out) + 1 == len(table.columns)
    return "read"


def storm(path: Path, n: int, seed: int) -> Counter[str]:
    counts: Counter[str] = Counter()
    for i in range(n):
        draw = random.Random(f"{seed} {i}")
        made = write(draw)
        if i % 2:
            judge_whole(path, made)
            counts["whole"] += 1
        else:
            counts[judge_damaged(path, damage(made.data, draw))] += 1
    return counts


def test_some_tables(tmp_path: Path) -> None:
    counts = storm(tmp_path / "table.csv", 400, 1)
    print(f"{dict(counts)}")
    assert counts["whole"] == 200 and counts["read"] > 50 and counts["refused"] > 5


@pytest.mark.slow
def test_ten_thousand_tables(tmp_path: Path) -> None:
    counts = storm(tmp_path / "table.csv", 10_000, 2)
    print(f"{dict(counts)}")
    assert counts["whole"] == 5000
