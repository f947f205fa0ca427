"""What is imported when: seconds of a user's life, and the floor between core and terminal."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

GOLDEN_RUN = Path(__file__).parent / "core" / "store" / "golden_runs" / "20260102-000000-live"

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


def test_what_an_export_needs_is_imported_when_it_is_asked_for(tmp_path: object) -> None:
    statement = (
        "import dltui.tui.app, dltui.tui.cli.export\nfrom dltui.core.export import export_formats\nexport_formats()"
    )
    assert not loaded_after(statement, ("onnx", "google", "tensorboardX", "torch", "PIL"), tmp_path)
    statement = "import dltui.tui.cli.main, dltui.tui.app, dltui.tui.cli.dashboard"
    assert not loaded_after(statement, ("dltui.core.export", "dltui.core.pictures.chart"), tmp_path)


@pytest.mark.parametrize("family", ["activations", "layers", "optimizers", "datasets"])
def test_a_family_never_loads_the_terminal(family: str, tmp_path: object) -> None:
    statement = f"from dltui.core.registry import families\nassert families[{family!r}]"
    assert not loaded_after(statement, ("textual", "rich", "dltui.tui"), tmp_path)


def test_the_first_paint_needs_no_compiler(tmp_path: object) -> None:
    assert not loaded_after("import dltui.tui.app, dltui.tui.cli.main", HEAVY, tmp_path)


def test_help_needs_neither_compiler_nor_terminal(tmp_path: object) -> None:
    statement = "from dltui.tui.cli import main\ntry:\n    main(['--help'])\nexcept SystemExit:\n    pass"
    assert not loaded_after(statement, (*HEAVY, "textual"), tmp_path)


REFUSED = [
    ("spirl", "is not a preset"),
    ("no_such_file.csv", "is not a preset"),
    ("train spirl", "is not a preset"),
    ("train no_such_folder/file.csv", "is not there"),
    ("train README.md", "is not data that can be read"),
    ("train spiral --steps x", "is not a whole number"),
    ("train spiral --set optimizer.nam=adam", "is not a setting"),
    ("train spiral --set optimizer.name=adm", "is not an optimizer"),
    ("train spiral --set network.activation=tahn", "is not an activation"),
    ("train spiral --set optimizer.learning_rate=-1", "is not allowed"),
    ("train spiral --at 5:schedule.name=cosin", "is not a schedule"),
    ("train spiral --at five:schedule.name=cosine", "is not allowed"),
    ("train spiral --target price", "is not a setting"),
    ("train spiral --until step>", "cannot be read"),
    ("train spiral --until val_r2>0.5", "is not a metric of this run"),
    ("train spiral --plugin no_such_file.py", "cannot be read"),
    ("train spirl --detach", "is not a preset"),
    ("train spiral --detach --set optimizer.nam=adam", "is not a setting"),
    ("data spirl", "is not a preset"),
    ("data README.md", "is not data that can be read"),
    ("data spiral --set data.noise=9", "is not allowed"),
    ("presets more", "is one word too many"),
    ("preset-of spirl", "is not a preset"),
    ("preset-of spiral -o no_such_folder/my.toml", "cannot be written"),
    ("runs --delete no-such-run", "is not a run"),
    ("evaluate no-such-run", "is not a run"),
    ("evaluate RUN no_such_file.csv", "No such file"),
    ("predict no-such-run rows.csv", "is not a run"),
    ("predict RUN no_such_file.csv", "No such file"),
    ("predict RUN README.md", ""),
    ("resume no-such-run", "is not a run"),
    ("resume RUN --steps 5 --at five:optimizer.name=adam", "is not allowed"),
    ("resume RUN --steps 5 --until step>", "cannot be read"),
    ("resume RUN --steps 5 --plugin no_such_file.py", "cannot be read"),
    ("replay no-such-run", "is not a run"),
    ("replay RUN --plugin no_such_file.py", "cannot be read"),
    ("ps more", "is one word too many"),
    ("attach no-such-run", "is not a run"),
    ("stop no-such-run", "is not a run"),
]
"""Command and words of its refusal, none of which needs a compiled function."""


def test_nothing_is_refused_by_a_compiler(tmp_path: Path) -> None:
    """A mistyped word is answered at once: Numba alone takes half a second to import."""
    run = shutil.copytree(GOLDEN_RUN, tmp_path / "home" / "runs" / GOLDEN_RUN.name).name
    shutil.copy(Path(__file__).parents[1] / "README.md", tmp_path)
    commands = [command.replace("RUN", run) for command, _ in REFUSED]
    program = """if True:
        import json, os, sys
        sys.modules["numba"] = None  # whoever imports it fails, in the processes of --detach as well
        from dltui.tui.cli.main import main
        for command in json.load(sys.stdin):
            print("?", command, file=sys.stderr, flush=True)
            try:
                main(command.split())
            except SystemExit as ended:
                assert ended.code == 2, (command, ended.code)
        assert sys.modules["numba"] is None
    """
    done = subprocess.run(
        [sys.executable, "-c", program],
        input=json.dumps(commands),
        capture_output=True,
        text=True,
        timeout=240,
        cwd=tmp_path,
        env={**os.environ, "DLTUI_HOME": str(tmp_path / "home")},
        check=False,
    )
    assert done.returncode == 0, done.stderr
    answers = dict(answer.split("\n", 1) for answer in done.stderr.split("? ")[1:])
    for command, (_, words) in zip(commands, REFUSED, strict=True):
        assert answers[command].startswith("dltui: ") and words in answers[command], (command, answers[command])


def test_core_alone_is_cheap(tmp_path: object) -> None:
    assert not loaded_after("import dltui.core", (*HEAVY, "numpy", "safetensors", "tomlkit"), tmp_path)


def test_core_offers_the_public_names(tmp_path: object) -> None:
    names = "Config, ConfigError, Session, Trainer, families, load_preset"
    assert not loaded_after(f"from dltui.core import {names}", ("textual", "rich"), tmp_path)
