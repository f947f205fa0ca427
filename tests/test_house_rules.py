"""Rules no linter knows, checked on the syntax tree of every source file."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
SOURCES = sorted(path for folder in ("core", "tui", "presets") for path in (ROOT / folder).rglob("*.py"))
EVERYTHING = SOURCES + sorted((ROOT / "tests").rglob("*.py"))
LONGEST = 300
"""Lines a file may have; past that it wants to be two."""

FORBIDDEN_CALLS = {"eval", "exec", "compile", "__import__"}
FORBIDDEN_IMPORTS = {"pickle", "cPickle", "dill", "cloudpickle", "joblib", "marshal", "shelve"}
FORBIDDEN_ARGUMENTS = {"allow_pickle": True, "shell": True, "fastmath": True}
FROM_ANOTHER_THREAD = {"call_from_thread", "post_message"}


def name_of(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def nodes(path: Path) -> Iterator[ast.AST]:
    return ast.walk(ast.parse(path.read_text(encoding="utf-8"), name_of(path)))


def calls(path: Path) -> Iterator[tuple[str, ast.Call]]:
    """(last part of the name called, call) for every call in a file."""
    for node in nodes(path):
        if isinstance(node, ast.Call):
            if isinstance(node.func, ast.Attribute):
                yield f".{node.func.attr}", node
            elif isinstance(node.func, ast.Name):
                yield node.func.id, node


def imported(path: Path) -> Iterator[str]:
    """First part of every absolute import."""
    for node in nodes(path):
        if isinstance(node, ast.Import):
            yield from (alias.name.split(".")[0] for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.level == 0 and node.module:
            yield node.module.split(".")[0]


def in_core(path: Path) -> bool:
    return name_of(path).startswith("core/")


every_source = pytest.mark.parametrize("path", SOURCES, ids=name_of)
every_core_file = pytest.mark.parametrize("path", [path for path in SOURCES if in_core(path)], ids=name_of)


@every_source
def test_no_text_becomes_code(path: Path) -> None:
    assert not [f"line {call.lineno}: {name}" for name, call in calls(path) if name in FORBIDDEN_CALLS]
    assert not FORBIDDEN_IMPORTS & set(imported(path))


@every_source
def test_no_forbidden_switch(path: Path) -> None:
    """`fastmath=True` deletes the checks for NaN; the other two run what a file or a name says."""
    found = [
        f"line {call.lineno}: {keyword.arg}=True"
        for _, call in calls(path)
        for keyword in call.keywords
        if keyword.arg in FORBIDDEN_ARGUMENTS
        and isinstance(keyword.value, ast.Constant)
        and keyword.value.value is FORBIDDEN_ARGUMENTS[keyword.arg]
    ]
    assert not found


@every_source
def test_text_from_data_is_never_markup(path: Path) -> None:
    found = [
        f"line {call.lineno}"
        for name, call in calls(path)
        for keyword in call.keywords
        if keyword.arg == "markup" and not (isinstance(keyword.value, ast.Constant) and keyword.value.value is False)
    ]
    assert not found
    assert not [call.lineno for name, call in calls(path) if name == ".from_markup"]


@every_source
def test_a_module_says_why_it_exists(path: Path) -> None:
    assert ast.get_docstring(ast.parse(path.read_text(encoding="utf-8")))


@every_core_file
def test_training_never_waits_for_the_screen(path: Path) -> None:
    used = {node.attr for node in nodes(path) if isinstance(node, ast.Attribute)}
    assert not FROM_ANOTHER_THREAD & used


@every_core_file
def test_core_prints_nothing(path: Path) -> None:
    assert not [f"line {call.lineno}" for name, call in calls(path) if name in ("print", "input", "breakpoint")]


@pytest.mark.parametrize("path", EVERYTHING, ids=name_of)
def test_no_file_is_long(path: Path) -> None:
    n_lines = len(path.read_text(encoding="utf-8").splitlines())
    assert n_lines <= LONGEST, f"{n_lines} lines"
