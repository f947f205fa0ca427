"""What is imported when: seconds of a user's life, and the floor between core and terminal."""

from __future__ import annotations

import subprocess
import sys

import pytest

HEAVY = ("numba", "llvmlite", "torch", "sklearn", "scipy")


def loaded_after(statement: str, names: tuple[str, ...], tmp_path: object) -> set[str]:
    """Which of `names` a fresh interpreter has loaded after `statement`."""
    code = f"{statement}\nimport sys\nprint('loaded:', *(name for name in {names!r} if name in sys.modules))"
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, timeout=240, cwd=str(tmp_path), check=False
    )
    assert done.returncode == 0, done.stderr
    return set(done.stdout.split("loaded:")[-1].split())


def test_a_session_never_loads_the_terminal(tmp_path: object) -> None:
    assert not loaded_after(
        "import dltui.core.session, dltui.core.training.trainer", ("textual", "rich", "dltui.tui"), tmp_path
    )


@pytest.mark.parametrize("family", ["activations", "layers", "optimizers", "datasets"])
def test_a_family_never_loads_the_terminal(family: str, tmp_path: object) -> None:
    statement = f"from dltui.core.registry import families\nassert families[{family!r}]"
    assert not loaded_after(statement, ("textual", "rich", "dltui.tui"), tmp_path)


def test_the_first_paint_needs_no_compiler(tmp_path: object) -> None:
    assert not loaded_after("import dltui.tui.app, dltui.tui.cli.main", HEAVY, tmp_path)


def test_help_needs_neither_compiler_nor_terminal(tmp_path: object) -> None:
    statement = "from dltui.tui.cli import main\ntry:\n    main(['--help'])\nexcept SystemExit:\n    pass"
    assert not loaded_after(statement, (*HEAVY, "textual"), tmp_path)


def test_core_alone_is_cheap(tmp_path: object) -> None:
    assert not loaded_after("import dltui.core", (*HEAVY, "numpy", "safetensors", "tomlkit"), tmp_path)


def test_core_offers_the_public_names(tmp_path: object) -> None:
    names = "Config, ConfigError, Session, Trainer, families, load_preset"
    assert not loaded_after(f"from dltui.core import {names}", ("textual", "rich"), tmp_path)
