"""Where a run stands in a tree of runs: written beside it, and believed only where it makes sense."""

from __future__ import annotations

from pathlib import Path

import pytest

from dltui.core.run.tree import NAME, TreePlace, front_of, read_place, tree_of, write_place

ROOT = TreePlace("root-1", name="trunk")
BRANCH = TreePlace("root-1", "root-1", 500, "other", in_front=True)


def folder(runs: Path, name: str) -> str:
    (runs / name).mkdir(parents=True)
    return str(runs / name)


def test_a_tree_is_found_from_any_of_its_runs(tmp_path: Path) -> None:
    write_place(folder(tmp_path, "root-1"), ROOT)
    write_place(folder(tmp_path, "branch-1"), BRANCH)
    write_place(folder(tmp_path, "elsewhere"), TreePlace("elsewhere"))
    folder(tmp_path, "alone")
    for run in ("root-1", "branch-1"):
        assert tree_of(str(tmp_path), run) == {"root-1": ROOT, "branch-1": BRANCH}
        assert front_of(str(tmp_path), run) == "branch-1"
    assert tree_of(str(tmp_path), "alone") == {} and front_of(str(tmp_path), "alone") == "alone"
    write_place(str(tmp_path / "branch-1"), TreePlace("root-1", "root-1", 500, "other", in_front=True, ended=True))
    assert front_of(str(tmp_path), "root-1") == "root-1"


LONG = '{"root":"a","name":"' + "x" * 300 + '"}'


@pytest.mark.parametrize("content", ["", "{", "[]", '{"root":3}', '{"root":"a","step":-1}', LONG, "é" * 5000])
def test_what_no_dltui_writes_is_no_place(tmp_path: Path, content: str) -> None:
    (tmp_path / NAME).write_text(content)
    place = read_place(str(tmp_path))
    assert place is None or len(place.name) <= 40


def test_names_are_safe_to_show(tmp_path: Path) -> None:
    write_place(str(tmp_path), TreePlace("r", name="\x1b[31mred"))
    place = read_place(str(tmp_path))
    assert place is not None and place.name.isprintable()
