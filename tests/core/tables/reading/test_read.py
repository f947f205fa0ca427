"""A file of text as columns: encodings, delimiters, quotes, headings, remarks, and rows that do not fit."""

import codecs
import csv
import gzip
import io
from collections.abc import Callable
from pathlib import Path
from typing import Literal

import numpy as np
import pytest

from dltui.core.errors import ConfigError
from dltui.core.tables.reading.read import RawTable, read_table

Read = Callable[..., RawTable]
Quoting = Literal[0, 1, 2, 3]

NAMES = ["size", "price, net", "kind"]
ROWS = [["1.5", "10", "a"], ["2.5", "20", "b"], ["3.5", "30", "a"], ["4.5", "40", "b b"], ["5.5", "50", "a"]] * 3


@pytest.fixture
def read(tmp_path: Path) -> Read:
    def read(content: str | bytes, delimiter: str = "auto", header: str = "auto") -> RawTable:
        path = tmp_path / "table"
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return read_table(path, delimiter, header)

    return read


def text_of(
    delimiter: str = ",", names: list[str] | None = NAMES, end: str = "\n", quoting: Quoting = csv.QUOTE_MINIMAL
) -> str:
    stream = io.StringIO()
    writer = csv.writer(stream, delimiter=delimiter, lineterminator=end, quoting=quoting)
    writer.writerows([*([names] if names else []), *ROWS])
    return stream.getvalue()


def cells(table: RawTable) -> list[list[str]]:
    return [[column.text_at(row) for column in table.columns] for row in range(table.n_rows)]


@pytest.mark.parametrize("quoting", [csv.QUOTE_MINIMAL, csv.QUOTE_ALL, csv.QUOTE_NONNUMERIC])
@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|", " "])
def test_every_delimiter_line_end_and_way_of_quoting(read: Read, delimiter: str, end: str, quoting: Quoting) -> None:
    table = read(text_of(delimiter, end=end, quoting=quoting))
    assert [column.name for column in table.columns] == NAMES
    assert cells(table) == ROWS
    assert table.lines.tolist() == list(range(2, 17))


@pytest.mark.parametrize(
    ("encoding", "mark"),
    [
        ("utf-8", b""), ("utf-8", codecs.BOM_UTF8), ("utf-16-le", codecs.BOM_UTF16_LE),
        ("utf-16-be", codecs.BOM_UTF16_BE),
        ("utf-16-le", b""), ("utf-16-be", b""), ("utf-32-le", codecs.BOM_UTF32_LE), ("cp1252", b""), ("latin-1", b""),
    ],
)  # fmt: skip
@pytest.mark.parametrize("packed", [False, True])
def test_every_encoding(read: Read, encoding: str, mark: bytes, packed: bool) -> None:
    text = "größe,länge,art\n" + "".join(f"{i}.5,{i},{'Löwe' if i % 2 else 'Bär'}\n" for i in range(20))
    data = mark + text.encode(encoding)
    table = read(gzip.compress(data) if packed else data)
    assert [column.name for column in table.columns] == ["größe", "länge", "art"]
    assert sorted(table.columns[2].texts) == ["Bär", "Löwe"]


def test_a_name_is_the_same_in_every_form_of_its_letters(read: Read) -> None:
    table = read("gro\u0308\u00dfe ,b\n1,2\n3,4\n5,6\n7,8\n")
    assert [column.name for column in table.columns] == ["gr\u00f6\u00dfe", "b"]


@pytest.mark.parametrize(
    ("first", "is_heading"),
    [
        ("0,1,2,species", True),
        ("1,2,3,kind", True),
        ("a,b,c,d", True),
        ("a,,c,d", True),
        (",x,y,kind", True),
        ("a,a,a,a", True),
        ("1.5,2.5,0.5,red", False),
        ("3,2.5,0.5,blue", False),
        ("?,2.5,0.5,blue", False),
        ("x1,2.5,0.5,blue", False),
    ],
)
def test_the_heading_of_numbers_and_words(read: Read, first: str, is_heading: bool) -> None:
    rng = np.random.default_rng(0)
    body = "".join(f"{a:.3f},{b:.3f},{c:.3f},{'red' if a > 0 else 'blue'}\n" for a, b, c in rng.normal(size=(30, 3)))
    table = read(f"{first}\n{body}")
    assert (table.has_header, table.n_rows) == (is_heading, 30 if is_heading else 31)
    assert read(f"{first}\n{body}", header="no").n_rows == 31
    assert read(f"{first}\n{body}", header="yes").n_rows == 30


def test_years_as_headings(read: Read) -> None:
    body = "".join(f"land {i},{1000 + 7 * i},{2000 + 5 * i},{5000 - i}\n" for i in range(20))
    table = read("country,2010,2011,2012\n" + body)
    assert [column.name for column in table.columns] == ["country", "2010", "2011", "2012"]
    body = "".join(f"{1990 + i},{3 * i},{i}\n" for i in range(20))
    assert not read(body).has_header


def test_a_wide_heading_of_counting_numbers_over_whole_numbers(read: Read) -> None:
    rng = np.random.default_rng(0)
    body = "\n".join(",".join(map(str, row)) for row in rng.integers(0, 17, (20, 12)))
    assert read(",".join(map(str, range(12))) + "\n" + body).has_header
    assert not read(body).has_header


def test_a_table_of_words_alone(read: Read) -> None:
    body = "\n".join(f"{'red' if i % 2 else 'blue'},{'big' if i % 3 else 'small'}" for i in range(30))
    assert read("color,size\n" + body).has_header
    assert not read(body).has_header


def test_names_are_whole_and_different(read: Read) -> None:
    long = "Average number of employees in the firm during the fiscal year "
    table = read(f"{long}2019,{long}2020,x,x,,\n" + "1,2,3,4,5,6\n2,3,4,5,6,7\n" * 4)
    names = [column.name for column in table.columns]
    assert names == [f"{long}2019", f"{long}2020", "x", "x_2", "column5", "column6"]
    assert any("'x'" in note for note in table.notes)


@pytest.mark.parametrize(
    ("text", "rows"),
    [
        ("sep=;\nx;y\n" + "0,5;1\n1,5;0\n" * 5, 10),
        ("# measured in May\n# by hand\nx,y\n" + "1.5,1\n2.5,0\n" * 5, 10),
        ("# x, y\n" + "1.5,1\n2.5,0\n" * 5, 10),
        ("Weather station 12,,\ntemp,rain,label\n" + "1.5,2.5,a\n2.5,1.5,b\n" * 5, 10),
        ("|1x3 Cross validator\n" + "1.5, 2, <=50K.\n2.5, 3, >50K.\n" * 5, 10),
        ("Report of 2024\n\nx,y,z\n" + "1.5,1,3\n2.5,0,4\n" * 5 + "\nSource: the office\n", 10),
        ("x,y\n" + "1.5,1\n2.5,0\n" * 3 + "# break\n" + "1.5,1\n2.5,0\n" * 2, 10),
        ("x,y\n" + "1.5,1\n\n2.5,0\n,\n" * 5, 10),
    ],
)
def test_what_stands_around_a_table(read: Read, text: str, rows: int) -> None:
    table = read(text)
    assert table.n_rows == rows
    assert len(table.columns) == (3 if ",z" in text or ",label" in text or "50K" in text else 2)


def test_a_heading_in_a_remark(read: Read) -> None:
    table = read("# x, y\n" + "1.5,1\n2.5,0\n" * 5)
    assert [column.name for column in table.columns] == ["x", "y"]


def test_commas_in_headings_do_not_part_semicolons_and_tabs(read: Read) -> None:
    heading = ["Sepal length, cm", "Sepal width, cm", "Species, name"]
    for mark in ";\t":
        table = read(
            mark.join(f'"{name}"' for name in heading) + "\n" + f"1.5{mark}2.5{mark}a\n2.5{mark}3.5{mark}b\n" * 5
        )
        assert [column.name for column in table.columns] == heading
    assert read("a;b;c\n" + "0,75;-0,10;x\n-0,91;-0,78;y\n" * 5).delimiter == "semicolon"


def test_runs_of_blanks_and_a_tab_before_a_quoted_name(read: Read) -> None:
    text = '18.0   8   307.0      130.0\t"chevrolet chevelle"\n15.0   8   350.0      ?\t"buick skylark"\n' * 5
    table = read(text)
    assert (table.delimiter, len(table.columns), table.n_rows) == ("space", 5, 10)
    assert sorted(table.columns[4].texts) == ["buick skylark", "chevrolet chevelle"]


def test_long_words_do_not_make_blanks_a_delimiter(read: Read) -> None:
    name = "Escherichia coli serotype O157:H7 strain number"
    table = read("x,y,strain\n" + f"-0.48,-0.55,{name} A\n0.01,-0.07,{name} B\n" * 10)
    assert (table.delimiter, len(table.columns)) == ("comma", 3)


def test_trailing_delimiters(read: Read) -> None:
    for heading in ("a,b,label,", "a,b,label"):
        table = read(heading + "\n" + "1.5,2,0,\n2.5,3,1,\n" * 5)
        assert [column.name for column in table.columns] == ["a", "b", "label"]
    table = read("a,b,label\n" + "1.5,2,0\n2.5,3,1\n" * 5 + ",,\n,,\n")
    assert (table.n_rows, len(table.columns)) == (10, 3)


def test_names_of_rows_without_a_name(read: Read) -> None:
    table = read("a b label\n" + "".join(f"r{i} {i}.5 {i} {i % 2}\n" for i in range(10)))
    assert [column.name for column in table.columns] == ["column1", "a", "b", "label"]


def test_quoted_cells_over_lines_keep_the_numbers_of_the_lines(read: Read) -> None:
    table = read('a,b,c\n1,"two\nlines",x\n2,"a ""b""",y\n3,"c,d",z\n4,e,x\n')
    assert cells(table) == [["1", "two\nlines", "x"], ["2", 'a "b"', "y"], ["3", "c,d", "z"], ["4", "e", "x"]]
    assert table.lines.tolist() == [3, 4, 5, 6]


def test_a_quote_that_is_not_closed_does_not_swallow_the_rest(read: Read) -> None:
    rows = [f"{i},{i}.5,x" for i in range(60)]
    rows[30] = '30,"12 inches,x'
    table = read("a,b,c\n" + "\n".join(rows) + "\n")
    assert table.n_rows == 60
    assert table.columns[1].text_at(30) == '"12 inches'
    rows[40] = '40,"quoted, cell",x'
    with pytest.raises(ConfigError, match=r"not closed|more cells"):
        read("a,b,c\n" + "\n".join([*rows, *(f'{i},"x, y",z' for i in range(200))]) + '\n5,"open,x\n')


def test_rows_of_another_width_are_counted_and_said(read: Read) -> None:
    rows = ["1.5,2,a", "2.5,3,b"] * 30
    table = read("x,y,z\n" + "\n".join([*rows[:20], "1,2", *rows[20:40], "1,2,3,4", *rows[40:]]))
    assert table.n_rows == 61
    assert table.columns[2].text_at(20) == ""
    assert any("1 row with too few cells" in note for note in table.notes)
    assert any("1 row with too many cells" in note and "line 43" in note for note in table.notes)
    with pytest.raises(ConfigError) as caught:
        read("x,y,z\n" + "\n".join(["1.5,2,a"] * 20 + ["1,2,3,4"] * 5))
    assert caught.value.line == 22


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"", "is empty"), (b"\n\n", "is empty"), (b"a\n1\n2\n3\n4\n", "one column"), (b"a,b\n1,2\n", "1 rows"),
        (b"PK\x03\x04rest", "workbook"), (b"\xd0\xcf\x11\xe0", "workbook"), (b"PAR1", "Parquet"), (b"%PDF-1.4", "PDF"),
        (b"<!DOCTYPE html><html>", "page"), (b"\x00\x01\x02\x03" * 100, "not text"),
        (bytes(range(1, 9)) * 50, "not text"),
        (gzip.compress(b"0" * 10_000_000)[:200], "gzip"),
    ],
)  # fmt: skip
def test_what_is_no_table_is_refused_in_one_sentence(read: Read, data: bytes, words: str) -> None:
    with pytest.raises(ConfigError, match=words) as caught:
        read(data)
    assert "\n" not in str(caught.value)


def test_a_bomb_is_refused(read: Read) -> None:
    with pytest.raises(ConfigError, match="too large"):
        read(gzip.compress(b"1,2\n" * 50_000_000, 9))


def test_a_large_table_is_held_as_numbers_and_reads_the_same(read: Read, monkeypatch: pytest.MonkeyPatch) -> None:
    rng = np.random.default_rng(0)
    numbers = rng.normal(size=(3000, 3))
    rows = [
        f"{a:.6g},{b:.6g},{c:.6g},{'ab'[i % 2]},{'' if i % 7 else 'NA'}{i if i % 7 else ''}"
        for i, (a, b, c) in enumerate(numbers)
    ]
    text = "p,q,r,kind,n\n" + "\n".join(rows) + "\n"
    as_texts = read(text)
    monkeypatch.setattr("dltui.core.tables.reading.read._AS_TEXT", 10)
    monkeypatch.setattr("dltui.core.tables.reading.read._PIECE_CELLS", 1000)
    as_numbers = read(text)
    assert as_texts.columns[0].values is None
    assert as_numbers.columns[0].values is not None
    np.testing.assert_allclose(as_numbers.columns[0].values, numbers[:, 0], rtol=1e-5)
    for one, other in zip(as_texts.columns, as_numbers.columns, strict=True):
        assert [one.text_at(row) for row in range(3000)][3:] == [other.text_at(row) for row in range(3000)][3:]
    assert as_texts.lines.tolist() == as_numbers.lines.tolist()
    alone = "\n".join(",".join(f"{value:.6g}" for value in row) for row in numbers)
    plain = read("p,q,r\n" + alone + "\n")
    assert plain.columns[2].values is not None
    np.testing.assert_allclose(plain.columns[2].values, numbers[:, 2], rtol=1e-5)
