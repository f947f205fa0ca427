"""The session as a script for PyTorch: where that is installed it is run, and its losses are those of the session."""

from __future__ import annotations

import ast
import subprocess
import sys
from collections.abc import Mapping
from importlib.util import find_spec
from pathlib import Path

import pytest
from kept_runs import kept_run
from nets import CLASSES, VALUES, config

from dltui.core import Config, ConfigError, Trainer, families, load_preset
from dltui.core.export.formats import format_named
from dltui.core.export.session import session_files
from dltui.core.export.write import export_run, load_run
from dltui.core.registry import default_settings
from dltui.core.run.course import Course

HAS_TORCH = find_spec("torch") is not None
DRIVER = """
import runpy, sys
for file in sys.argv[1:]:
    made = runpy.run_path(file)
    difference = made["check"]()
    print(file, made["COMPARED"], difference)
    assert difference < made["TOLERANCE"], file
"""
Changes = tuple[tuple[int, Mapping[str, object]], ...]


def written(folder: Path, name: str, start: Config, n_steps: int, changes: Changes = ()) -> Path:
    files = session_files(Trainer(start), Course(start, changes), n_steps, name)
    for file, content in files.items():
        (folder / file).write_bytes(content)
    script = folder / f"{name}.session.py"
    ast.parse(script.read_text(encoding="utf-8"))
    return script


def run_all(scripts: list[Path]) -> None:
    """Let scripts check themselves, where PyTorch is installed."""
    if HAS_TORCH and scripts:
        words = [sys.executable, "-c", DRIVER, *map(str, scripts)]
        done = subprocess.run(words, capture_output=True, text=True, timeout=1200, check=False)
        assert done.returncode == 0, done.stdout + done.stderr


def compared(script: Path) -> int:
    """First steps whose losses are compared."""
    (line,) = (line for line in script.read_text(encoding="utf-8").splitlines() if line.startswith("COMPARED, "))
    return int(line.partition("= ")[2].partition(",")[0])


def test_every_member_that_pytorch_has_trains_as_ours_does(tmp_path: Path) -> None:
    scripts, refused = [], set()
    made = {f"activation_{name}": config(network__activation=name) for name in families["activations"]}
    made |= {
        f"optimizer_{name}": config(optimizer__name=name, optimizer__learning_rate=member.usual_rate)
        for name, member in families["optimizers"].items()
    }
    made |= {
        f"loss_{name}_{task}": config(base, loss__name=name)
        for name, member in families["losses"].items()
        for base, task in ((CLASSES, "classes"), (VALUES, "values"))
        if task in member.tasks
    }
    made |= {
        f"regularizer_{name}": config(CLASSES, **{f"regularization__{name}": 0.1})
        for name, member in families["regularizers"].items()
        if not member.of_pictures
    }
    made |= {f"normalization_{name}": config(network__normalization=name) for name in ("batch_norm", "layer_norm")}
    made["balanced"] = config(loss__class_weights="balanced")
    for name, start in made.items():
        try:
            scripts.append(written(tmp_path, name, start, 60))
        except ConfigError:
            refused.add(name)
    assert refused == {
        "optimizer_lion",
        "optimizer_muon",
        *(f"regularizer_{name}" for name in RANDOM),
        "regularizer_max_norm",
    }
    run_all(scripts)


RANDOM = ("dropout", "alpha_dropout", "spatial_dropout", "input_noise", "gradient_noise", "mixup")

SWITCHES: Changes = (
    (150, {"optimizer.name": "adam", "optimizer.learning_rate": 0.01}),
    (300, {"training.batch_size": 17, "regularization.l2": 1e-4}),
    (300, {"optimizer.beta2": 0.99}),
    (450, {"optimizer.name": "rmsprop", "optimizer.learning_rate": 0.001}),
    (600, {"network.activation": "prelu"}),
    (700, {"optimizer.name": "momentum", "optimizer.learning_rate": 0.01, "training.shuffle": False}),
    (800, {"schedule.name": "cosine", "regularization.label_smoothing": 0.05}),
    (900, {"optimizer.name": "nag", "regularization.clip_norm": 0.5}),
    (950, {"optimizer.learning_rate": 0.02}),
)


def test_every_switch_of_a_thousand_steps_happens_in_the_script(tmp_path: Path) -> None:
    script = written(tmp_path, "spiral", load_preset("spiral"), 1000, SWITCHES)
    assert compared(script) == 1000
    assert script.read_text(encoding="utf-8").count("    dict(") == 1 + len(SWITCHES)
    run_all([script])


PRESETS = ("iris", "wine", "xor", "diabetes", "perceptron", "vanishing_cured_by_batch_norm", "schedule_plateau",
           "full_batch", "jump_start")  # fmt: skip


def test_presets_are_trained_as_here(tmp_path: Path) -> None:
    run_all([written(tmp_path, name, load_preset(name), 100) for name in PRESETS])


@pytest.mark.slow
def test_every_preset_is_trained_for_a_thousand_steps_as_here(tmp_path: Path) -> None:
    scripts = []
    for path in sorted((Path(__file__).parents[3] / "presets").glob("*.toml")):
        try:
            scripts.append(written(tmp_path, path.stem, load_preset(path.stem), 1000))
        except ConfigError as error:
            assert "random numbers" in str(error) or "not among PyTorch's" in str(error), path.stem
    assert len(scripts) > 55
    run_all(scripts)


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"network.hidden": (9, 9, 9)}, "other weights in mid-run|cannot take over"),
        ({"optimizer.name": "lion"}, "not among PyTorch's"),
        ({"regularization.dropout": 0.1}, "random numbers"),
        ({"network.activation": "relu", "network.blend_steps": 10}, "fades"),
    ],
)
def test_what_pytorch_cannot_do_so_is_refused_by_its_name(changes: Mapping[str, object], said: str) -> None:
    start = config()
    with pytest.raises(ConfigError, match=said):
        session_files(Trainer(start), Course(start, ((20, changes),)), 40, "net")


def test_where_a_rounding_decides_less_is_compared_and_that_is_said(tmp_path: Path) -> None:
    script = written(tmp_path, "wild", load_preset("learning_rate_too_large"), 400)
    assert 0 < compared(script) < 400
    assert "no further are the losses compared" in script.read_text(encoding="utf-8")
    run_all([script])


def test_a_kept_run_is_exported_with_its_decisions(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DLTUI_HOME", str(tmp_path / "home"))
    folder, _ = kept_run()
    target = tmp_path / "session.py"
    found = format_named(str(target))
    assert found is not None and found.name == "session"
    paths = export_run(load_run(folder), str(target)).paths
    assert [Path(path).name for path in paths] == ["session.py", "session.arrays.safetensors"]
    assert target.read_text(encoding="utf-8").count("    dict(") == 3
    run_all([target])


def test_every_optimizer_names_all_of_its_state() -> None:
    for member in families["optimizers"].values():
        settings = default_settings(member.params)
        if member.torch:
            assert [slot for slot, _ in member.torch_slots] == list(member.slots), member.name
            assert "{" not in member.torch.format(**settings)
