"""The user's tables as a screen is shown them."""

from argparse import Namespace
from pathlib import Path

import pytest
from tables import write_houses

from dltui.core.errors import ConfigError
from dltui.core.tables.reading import keep
from dltui.core.tables.reading.read import RawTable, read_table
from dltui.tui.cli.tables import FileTables


def test_a_table_is_known_by_its_name_and_only_where_it_is(tmp_path: Path) -> None:
    tables = FileTables()
    assert tables.is_table(str(write_houses(tmp_path)))
    assert not tables.is_table(str(tmp_path / "none.csv"))
    assert not tables.is_table(str(tmp_path))
    (tmp_path / "a.toml").write_text("")
    assert not tables.is_table(str(tmp_path / "a.toml"))
    assert not tables.is_table("spiral")


def test_it_is_opened_as_the_command_line_says(tmp_path: Path) -> None:
    path = str(write_houses(tmp_path))
    config, found = FileTables(path, Namespace(target="rooms", drop=None, task="values")).open(path, print)
    assert (found.target, found.task) == ("rooms", "values")
    other = str(write_houses(tmp_path, name="other.csv"))
    assert FileTables(path, Namespace(target="rooms", drop=None, task=None)).open(other, print)[1].target == "price"
    again = FileTables().find(config.with_changes({"data.target": "garden", "data.task": "auto"}), print)
    assert (again.target, again.task) == ("garden", "classes")
    with pytest.raises(ConfigError, match="is not a column"):
        FileTables().find(config.with_changes({"data.target": "gradne"}), print)


def test_its_lines_are_shown_as_they_stand_but_for_what_a_terminal_would_obey(tmp_path: Path) -> None:
    path = tmp_path / "t.csv"
    path.write_text("a;b\n1;\x1b[31mred\n" + "2;x\n" * 20, encoding="utf-16")
    config, _ = FileTables().open(str(path), print)
    lines = FileTables().lines(config, 3)
    assert lines[0] == "a;b" and "red" in lines[1] and "\x1b" not in lines[1] and len(lines) == 3


def test_a_table_that_is_read_plainly_has_no_findings(tmp_path: Path) -> None:
    path = tmp_path / "t.csv"
    path.write_text("a,b\n" + "1,2\n2,3\n" * 10)
    config, _ = FileTables().open(str(path), print)
    with pytest.raises(ConfigError, match="of which anything is found"):
        FileTables().find(config.with_changes({"data.reading": "plain"}), print)


def test_a_table_is_read_once_while_it_is_looked_at(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    n_read: list[object] = []

    def counted(path: str, delimiter: str, header: str) -> RawTable:
        n_read.append(path)
        return read_table(path, delimiter, header)

    monkeypatch.setattr(keep, "read_table", counted)
    path = write_houses(tmp_path)
    tables = FileTables()
    config, _ = tables.open(str(path), print)
    found = tables.find(config.with_changes({"data.target": "rooms"}), print)
    assert found.target == "rooms" and len(n_read) == 1
    write_houses(tmp_path, 100)
    assert tables.find(config, print).n_rows == 100 and len(n_read) == 2
    tables.forget()
    tables.find(config, print)
    assert len(n_read) == 3
