"""The folders, the list of packages and the built wheel agree.

`packages` is an explicit list: a folder missing there works in a checkout and is absent from the wheel.
"""

from __future__ import annotations

import shutil
import subprocess
import sys
import tomllib
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
SOURCES = ("core", "tui", "presets")
VISIBLE = {
    *("core", "tui", "presets", "tests"),
    *("pyproject.toml", "README.md", "Makefile", "CHANGELOG.md", "CONTRIBUTING.md"),
}
BUILD = "import sys; from setuptools import build_meta; print(build_meta.build_wheel(sys.argv[1]))"


def package_files(root: Path) -> set[str]:
    """Every file a wheel must hold, by its name in the wheel."""
    return {
        f"dltui/{path.relative_to(root).as_posix()}"
        for source in SOURCES
        for path in (root / source).rglob("*")
        if path.is_file() and "__pycache__" not in path.parts
    }


def folders() -> set[Path]:
    """Every folder with Python in it, from the root."""
    return {path.parent.relative_to(ROOT) for source in SOURCES for path in (ROOT / source).rglob("*.py")}


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> zipfile.Path:
    """A wheel built from a copy with a new file in each package, which nobody has named anywhere.

    A copy, so that nothing left in the checkout's build folder can hide an omission.
    """
    place = tmp_path_factory.mktemp("wheel")
    copy = place / "checkout"
    copy.mkdir()
    for name in ("pyproject.toml", "README.md"):
        shutil.copy(ROOT / name, copy)
    for source in SOURCES:
        shutil.copytree(ROOT / source, copy / source, ignore=shutil.ignore_patterns("__pycache__"))
    for folder in folders():
        (copy / folder / "brand_new.py").write_text("")
    done = subprocess.run(
        [sys.executable, "-c", BUILD, str(place)], cwd=copy, capture_output=True, text=True, timeout=240
    )
    assert done.returncode == 0, done.stderr
    return zipfile.Path(place / done.stdout.split()[-1])


def test_every_folder_with_python_in_it_is_listed() -> None:
    listed = set(tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["setuptools"]["packages"])
    assert listed == {"dltui." + ".".join(folder.parts) for folder in folders()}


def test_every_package_has_an_init_file() -> None:
    assert not [folder for folder in folders() if not (ROOT / folder / "__init__.py").is_file()]


def test_the_wheel_holds_every_file(wheel: zipfile.Path) -> None:
    held = {name for name in wheel.root.namelist() if not name.endswith("/") and ".dist-info/" not in name}
    assert held == package_files(ROOT) | {f"dltui/{folder.as_posix()}/brand_new.py" for folder in folders()}


def test_the_wheel_claims_no_name_but_dltui(wheel: zipfile.Path) -> None:
    tops = {name.split("/")[0] for name in wheel.root.namelist()}
    assert {top for top in tops if not top.endswith(".dist-info")} == {"dltui"}


def test_the_wheel_starts_the_command_line(wheel: zipfile.Path) -> None:
    info = next(item for item in wheel.iterdir() if item.name.endswith(".dist-info"))
    assert "dltui = dltui.tui.cli:main" in (info / "entry_points.txt").read_text()


def test_type_checkers_see_the_same_packages() -> None:
    links = {path.name: path.resolve() for path in (ROOT / ".typing" / "dltui").iterdir()}
    assert links == {source: ROOT / source for source in SOURCES}


def test_the_visible_top_level_stays_small() -> None:
    tracked = subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, timeout=240)
    if tracked.returncode:
        pytest.skip("not a git checkout")
    tops = {line.split("/")[0] for line in tracked.stdout.splitlines()}
    assert {top for top in tops if not top.startswith(".")} <= VISIBLE
