"""The import contracts hold: each is broken on a copy of the sources, in every way it forbids, and notices."""

from __future__ import annotations

import itertools
import json
import os
import shutil
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parent.parent
BREAKER = Path(__file__).parent / "support" / "break_contracts.py"
SETTINGS = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["importlinter"]
CONTRACTS: dict[str, dict[str, Any]] = {contract["name"]: contract for contract in SETTINGS["contracts"]}
CIRCLES = {
    "core/training/switch.py": "from . import trainer",
    "core/store/journal.py": "from . import keeper",
    "core/layers/base.py": "from . import dense",
    "core/layers/shared/windows.py": "from .. import conv2d",
    "core/datasets/formats/csv_table.py": "from .. import csv",
    "tui/draw/cells.py": "from . import gallery",
    "tui/widgets/panel.py": "from . import chart",
    "tui/screens/dashboard/panels.py": "from . import screen",
}
"""File -> an import that closes a circle among files or folders of one package."""

Case = tuple[str, str, str]
"""A file, the line added to it, and the words of the report that name it."""


def lint(folder: Path, rounds: list[list[tuple[str, str]]]) -> list[tuple[bool, str]]:
    """For each round of (file, line) whether a copy with these lines added is green, and what the linter says."""
    for name in ("core", "tui"):
        shutil.copytree(ROOT / name, folder / "dltui" / name, ignore=shutil.ignore_patterns("__pycache__"))
    done = subprocess.run(
        [sys.executable, str(BREAKER), str(folder), str(ROOT / "pyproject.toml")],
        input=json.dumps(rounds),
        capture_output=True,
        text=True,
        timeout=240,
        env=os.environ | {"PYTHONPATH": str(folder)},
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return [(green, report) for green, report in json.loads(done.stdout)]


def forbidden(importing: str, imported: str) -> Case:
    """An import from a module, or for a package from a new file in it."""
    path = importing.removeprefix("dltui.").replace(".", "/")
    file = f"{path}/brand_new.py" if (ROOT / path).is_dir() else f"{path}.py"
    return file, f"import {imported}", f"{importing} is not allowed to import {imported}:"


def against_floors(contract: dict[str, Any]) -> Iterator[Case]:
    """Up: from each package to the floor above. Sideways: to the next of its floor, from the last to the first."""
    (container,) = contract["containers"]
    floors = [[f"{container}.{part.strip()}" for part in floor.split("|")] for floor in contract["layers"]]
    for above, floor in itertools.pairwise(floors):
        for importing in floor:
            yield forbidden(importing, above[0])
    for floor in floors:
        for importing, imported in zip(floor, floor[1:] + floor[:1], strict=True):
            if importing != imported:
                yield forbidden(importing, imported)


def against_what_is_forbidden(contract: dict[str, Any]) -> Iterator[Case]:
    """From each that may not, and to each that is not for them."""
    first = contract["forbidden_modules"][0]
    for importing in contract["source_modules"]:
        yield forbidden(importing, first)
    for imported in contract["forbidden_modules"][1:]:
        yield forbidden(contract["source_modules"][0], imported)


def against_circles() -> Iterator[Case]:
    for file, line in CIRCLES.items():
        assert (ROOT / file).is_file(), file
        folder = Path(file).parent.parent if ".." in line else Path(file).parent
        yield file, line, f"No cycles are allowed in dltui.{'.'.join(folder.parts)}."


def cases(name: str) -> list[Case]:
    contract = CONTRACTS[name]
    if contract["type"] == "layers":
        return list(against_floors(contract))
    if contract["type"] == "forbidden":
        return list(against_what_is_forbidden(contract))
    return list(against_circles())


@pytest.mark.parametrize("name", CONTRACTS)
def test_a_contract_notices_every_way_to_break_it(name: str, tmp_path: Path) -> None:
    """One broken in one place, then one broken in every place at once: each is named."""
    wanted = cases(name)
    ((green, report), (_, whole)) = lint(tmp_path, [[wanted[0][:2]], [case[:2] for case in wanted]])
    assert not green and f"{name} BROKEN" in report and wanted[0][2] in report
    assert not [case for case in wanted if case[2] not in whole]


def test_a_folder_that_stands_on_no_floor_is_noticed(tmp_path: Path) -> None:
    for (green, report), top in zip(
        lint(tmp_path, [[(f"{top}/brand_new/__init__.py", "")] for top in ("core", "tui")]),
        ("core", "tui"),
        strict=True,
    ):
        assert not green and f"Floors of {top}: a package imports only from floors below its own BROKEN" in report


def test_a_new_file_needs_no_edit_anywhere_else(tmp_path: Path) -> None:
    """One in every package of core and tui that imports what is below all of them."""
    folders = {path.parent for top in ("core", "tui") for path in (ROOT / top).rglob("*.py")}
    new = [
        (f"{folder.relative_to(ROOT).as_posix()}/brand_new.py", "from dltui.core import text")
        for folder in sorted(folders - {ROOT / "core", ROOT / "tui"})
    ]
    ((green, report),) = lint(tmp_path, [new])
    assert green, report
