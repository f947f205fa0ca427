"""What never changes about a run: written with a digest of itself, and refused where a word of it is another."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from dltui.core import ConfigError
from dltui.core.store.meta import MAX_META, RunMeta, meta_bytes, read_meta

META = RunMeta("2026-01-01T00:00:00+01:00", "Title", "xor", 3, {"data": {"name": "xor"}}, "d", {"cpu": "x"}, "run-1")


def written(folder: Path, **changes: Any) -> str:
    content = json.loads(meta_bytes(META)) | changes
    (folder / "meta.json").write_text(json.dumps(content))
    return str(folder)


def test_it_reads_back_as_it_was_written(tmp_path: Path) -> None:
    (tmp_path / "meta.json").write_bytes(meta_bytes(META))
    assert read_meta(str(tmp_path)) == META
    assert meta_bytes(META) == meta_bytes(META)


@pytest.mark.parametrize(
    ("field", "value"),
    [("seed", 4), ("title", "Titel"), ("config", {"data": {"name": "and"}}), ("data_digest", "e"), ("run", "run-2")],
)
def test_another_word_in_it_is_noticed(tmp_path: Path, field: str, value: object) -> None:
    with pytest.raises(ConfigError, match=r"meta\.json: is damaged: its digest is not that of its content"):
        read_meta(written(tmp_path, **{field: value}))


def test_a_later_version_is_refused_by_name(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="is of another version; allowed: version 2"):
        read_meta(written(tmp_path, format=9))


@pytest.mark.parametrize("content", ["[]", "{}", '{"format": 2}', "3", '"x"', "{"])
def test_what_describes_no_run_is_said(tmp_path: Path, content: str) -> None:
    (tmp_path / "meta.json").write_text(content)
    with pytest.raises(ConfigError, match=r"meta\.json"):
        read_meta(str(tmp_path))
    with pytest.raises(ConfigError, match=r"meta\.json"):
        read_meta(str(tmp_path / "nowhere"))


def test_its_texts_are_safe_to_show(tmp_path: Path) -> None:
    (tmp_path / "meta.json").write_bytes(meta_bytes(replace(META, title="\x1b[2Jx", preset="a\u202eb")))
    meta = read_meta(str(tmp_path))
    assert meta.title.isprintable() and "\u202e" not in meta.preset


def test_too_much_is_not_written() -> None:
    with pytest.raises(ConfigError, match=f"at most {MAX_META} bytes"):
        meta_bytes(replace(META, title="x" * MAX_META))
    with pytest.raises(ConfigError):
        meta_bytes(replace(META, config={"x": object()}))
