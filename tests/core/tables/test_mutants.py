"""Damaged tables of every kind: each is read, with rows and columns as they are, or refused by the one error."""

import csv
import gzip
import io
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from dltui.core.errors import ConfigError
from dltui.core.tables.encode import fit
from dltui.core.tables.findings import findings_of
from dltui.core.tables.report import as_text
from dltui.core.tables.table import Choices, open_table

Rng = np.random.Generator
Change = Callable[[bytes, Rng], bytes]

WORDS = [
    b"", b"\0", b"\xff\xfe", b"\xef\xbb\xbf", b"nan", b"inf", b"NA", b",", b";", b"\t", b"|", b'"', b'""', b"'", b"\n",
    b"\r", b"\r\n", b"#", b"# x", b"sep=;\n", b"1e999", b"-1", b"1,234", b"1.234,5", b"$5", b"5%", b"2024-01-01",
    b"99/99/9999", b"\x1b[2J", "\u202e".encode(), b"0x1F", b"id", b" ", b"\\", b"=1+1", b"\x1a",
]  # fmt: skip


def sound(rng: Rng) -> bytes:
    """A table with columns of every kind, in some dialect and encoding."""
    n = int(rng.integers(5, 40))
    columns: list[list[str]] = [
        [str(i + 1) for i in range(n)],
        [f"{value:.3f}" for value in rng.normal(size=n)],
        [f"${value:,}" for value in rng.integers(0, 10**6, n)],
        ["red" if value else "blue, dark" for value in rng.integers(0, 2, n)],
        ["yes" if value else "" for value in rng.integers(0, 2, n)],
        [f"2024-{value:02}-01" for value in rng.integers(1, 13, n)],
        [f"name {value}" for value in rng.integers(0, 10**6, n)],
        ["ab"[value] for value in rng.integers(0, 2, n)],
    ]
    chosen = [columns[i] for i in rng.permutation(len(columns))[: int(rng.integers(2, 9))]]
    stream = io.StringIO()
    delimiter = ",;\t|"[int(rng.integers(4))]
    writer = csv.writer(stream, delimiter=delimiter, lineterminator=("\n", "\r\n")[int(rng.integers(2))])
    if rng.integers(2):
        writer.writerow([f"col {i}" for i in range(len(chosen))])
    writer.writerows(zip(*chosen, strict=True))
    data = stream.getvalue().encode(("utf-8", "utf-8-sig", "utf-16", "cp1252")[int(rng.integers(4))])
    return gzip.compress(data) if rng.integers(8) == 0 else data


def flipped(data: bytes, rng: Rng) -> bytes:
    i = int(rng.integers(len(data)))
    return data[:i] + bytes([data[i] ^ 1 << int(rng.integers(8))]) + data[i + 1 :]


def inserted(data: bytes, rng: Rng) -> bytes:
    i = int(rng.integers(len(data) + 1))
    return data[:i] + WORDS[int(rng.integers(len(WORDS)))] + data[i + int(rng.integers(3)) :]


def cut(data: bytes, rng: Rng) -> bytes:
    i, j = sorted(rng.integers(0, len(data) + 1, 2).tolist())
    return data[:i] + data[j:] if rng.integers(2) else data[:i]


def doubled(data: bytes, rng: Rng) -> bytes:
    i, j = sorted(rng.integers(0, len(data) + 1, 2).tolist())
    return data[:j] + data[i:]


def cell(data: bytes, rng: Rng) -> bytes:
    """A word in place of what stands between two delimiters."""
    places = [i for i, byte in enumerate(data) if byte in b",;\t|\n"] or [0]
    k = int(rng.integers(len(places)))
    end = places[k + 1] if k + 1 < len(places) else len(data)
    return data[: places[k] + 1] + WORDS[int(rng.integers(len(WORDS)))] + data[end:]


def lines(data: bytes, rng: Rng) -> bytes:
    """The lines in another order, or with some left out."""
    parts = data.split(b"\n")
    kept = [parts[i] for i in rng.permutation(len(parts))] if rng.integers(2) else parts[:: int(rng.integers(1, 4))]
    return b"\n".join(kept)


CHANGES: tuple[Change, ...] = (flipped, inserted, cut, doubled, cell, lines)


def storm(n: int, path: Path, seed: int) -> int:
    """Read `n` mutants; how many were refused."""
    rng, refused = np.random.default_rng(seed), 0
    for _ in range(n):
        data = sound(rng)
        for _ in range(int(rng.integers(1, 5))):
            data = CHANGES[int(rng.integers(len(CHANGES)))](data, rng) or b"x"
        path.write_bytes(data)
        started = time.process_time()
        try:
            look_at(path)
        except ConfigError as error:
            refused += 1
            assert "\n" not in str(error)
            assert "\x1b" not in str(error)
        assert time.process_time() - started < 5.0, data
    return refused


def look_at(path: Path) -> None:
    """All that is done with a table before a network sees it; every number that comes out is finite."""
    table = open_table(path, Choices())
    n = table.n_rows
    assert len({column.name for column in table.columns}) == len(table.columns) >= 2
    for column in table.columns:
        assert len(column.values if column.values is not None else column.codes) == n
    assert (np.diff(table.lines) >= 0).all()
    assert 1 <= table.lines[0] <= table.lines[-1] <= 4000
    encoder = fit([table.columns[place] for place in table.inputs], table.rows)
    by_name = {column.name: column for column in table.columns}
    if encoder.plans:
        x = encoder.encode([by_name[plan.name] for plan in encoder.plans])
        assert x.shape == (n, len(encoder.input_names()))
        assert np.isfinite(x).all()
    text = as_text(findings_of(table, encoder, len(table.rows), 0))
    assert "\x1b" not in text


@pytest.mark.parametrize("seed", range(3))
def test_mutants(tmp_path: Path, seed: int) -> None:
    assert storm(100, tmp_path / "table", seed) < 90


@pytest.mark.slow
def test_ten_thousand_mutants(tmp_path: Path) -> None:
    refused = storm(10_000, tmp_path / "table", 99)
    assert 100 < refused < 9_000
