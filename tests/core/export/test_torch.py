"""The script for PyTorch: its plain Python makes the inputs of the run, and where PyTorch is installed it is run."""

import ast
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from exported import image_trainer, random_run
from nets import CLASSES, VALUES, trainer
from own_members import own_members
from safetensors.numpy import load_file

from dltui.core import ConfigError, Trainer, families
from dltui.core.conformance.layers import SHAPES
from dltui.core.engine.state import TrainState
from dltui.core.export.base import ExportedRun
from dltui.core.export.pipeline.samples import sample_inputs
from dltui.core.export.write import export_run
from dltui.core.predict import Predictor
from dltui.core.registry import default_settings
from dltui.core.training.bookmark import Bookmark
from dltui.core.training.history import History

HAS_TORCH = find_spec("torch") is not None
DRIVER = """
import runpy, sys
for file in sys.argv[1:]:
    difference = runpy.run_path(file)["check"]()
    print(file, difference)
    assert difference < 1e-5, file
"""


def exported(state: TrainState, folder: Path, name: str) -> Path:
    """The script of a network, read once as Python."""
    run = ExportedRun(name, Bookmark(state, History(), ()), name)
    path = folder / f"{name}.py"
    assert len(export_run(run, "torch", str(path)).paths) == 2
    ast.parse(path.read_text(encoding="utf-8"))
    return path


def run_all(scripts: list[Path]) -> None:
    """Let scripts check themselves, where PyTorch is installed."""
    if HAS_TORCH:
        words = [sys.executable, "-c", DRIVER, *map(str, scripts)]
        done = subprocess.run(words, capture_output=True, text=True, timeout=600, check=False)
        assert done.returncode == 0, done.stdout + done.stderr


def plain_part(script: Path) -> dict[str, Any]:
    """What a script says of rows, without PyTorch: its data and its functions of Python alone."""
    tree = ast.parse(script.read_text(encoding="utf-8"))
    wanted = ("COLUMNS", "HOLES", "SCALED", "seconds_of", "circle", "parts_of", "encode")
    kept: list[ast.stmt] = [
        node
        for node in tree.body
        if (isinstance(node, ast.FunctionDef) and node.name in wanted)
        or (isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name) and node.targets[0].id in wanted)
        or (isinstance(node, ast.Import | ast.ImportFrom) and "torch" not in ast.unparse(node))
    ]
    names: dict[str, Any] = {}
    exec(compile(ast.Module(kept, []), str(script), "exec"), names)
    return names


@pytest.mark.parametrize("seed", range(8))
def test_rows_become_the_inputs_of_the_run(tmp_path: Path, seed: int) -> None:
    predictor, _ = random_run(tmp_path, seed)
    encode = plain_part(exported(predictor.state, tmp_path, f"net{seed}"))["encode"]
    columns, _ = sample_inputs(predictor, 40)
    rows = [dict(zip(columns, cells, strict=True)) for cells in zip(*(c[:, 0] for c in columns.values()), strict=True)]
    encoder = predictor.data.encoder
    assert encoder is not None
    wanted = encoder.encode(_columns(predictor, columns))
    is_number = encoder.numbers()
    for row, inputs in zip(rows, wanted, strict=True):
        numbers, others = encode(row)
        np.testing.assert_allclose(numbers, inputs[is_number], rtol=1e-12)
        np.testing.assert_allclose(others, inputs[~is_number], atol=1e-9)


def _columns(predictor: Predictor, columns: dict[str, np.ndarray]) -> list[Any]:
    """The columns as the run reads them from the cells of a file."""
    from dltui.core.tables.cells.missing import signs_of
    from dltui.core.tables.columns import Column
    from dltui.core.tables.later import column_like
    from dltui.core.tables.reading.read import table_of_rows

    encoder = predictor.data.encoder
    assert encoder is not None
    found: list[Column] = []
    for plan, (name, cells) in zip(encoder.plans, columns.items(), strict=True):
        if cells.dtype == object:
            raw = table_of_rows({name: cells[:, 0].tolist()}).columns[0]
            found.append(column_like(raw, plan.kind, plan.form, plan.yes, signs_of(encoder.missing)))
        else:
            found.append(Column(name, plan.place, plan.kind, values=cells[:, 0]))
    return found


def test_dates_can_be_text(tmp_path: Path) -> None:
    predictor, _ = random_run(tmp_path, 2)
    names = plain_part(exported(predictor.state, tmp_path, "net"))
    seconds = np.datetime64("2003-05-04T06:00").astype("datetime64[s]").astype(int)
    assert names["seconds_of"]("2003-05-04 06:00") == seconds == names["seconds_of"](str(float(seconds)))
    assert names["seconds_of"]("06:30") == 6.5 * 3600
    assert np.isnan(names["seconds_of"]("yesterday"))


def test_random_networks_and_tables_check_themselves(tmp_path: Path) -> None:
    run_all([exported(random_run(tmp_path, seed)[0].state, tmp_path, f"net{seed}") for seed in range(8)])


@pytest.mark.slow
def test_many_random_networks_and_tables_check_themselves(tmp_path: Path) -> None:
    run_all([exported(random_run(tmp_path, seed)[0].state, tmp_path, f"net{seed}") for seed in range(8, 58)])


def test_every_member_has_a_form(tmp_path: Path) -> None:
    made: dict[str, Trainer] = {name: trainer(steps=20, network__activation=name) for name in families["activations"]}
    for name, member in families["losses"].items():
        for base, task in ((CLASSES, "classes"), (VALUES, "values")):
            if task in member.tasks:
                made[f"{name}_{task}"] = trainer(base, 20, loss__name=name)
    for name, scaler in families["scalers"].items():
        made[f"by_{name}"] = trainer(steps=20, data__scaler=name)
        if scaler.inverse is not None:
            made[f"to_{name}"] = trainer(VALUES, 20, data__target_scaler=name)
    for name, layer in families["layers"].items():
        settings = default_settings(layer.params)
        if {"channels", "height", "width"} <= settings.keys():
            settings |= {"channels": 3, "height": 5, "width": 7}
        for place, shape in enumerate(SHAPES):
            try:
                layer.plan(shape, settings)
            except ConfigError:
                continue
            made[f"{name}{place}"] = image_trainer([{"kind": name, **settings}], shape)
    made["normalized"] = trainer(steps=20, network__normalization="batch_norm", averaging__name="ema")
    with own_members("smooth_relu"):
        made["own"] = trainer(steps=20, network__activation="smooth_relu")
        run_all([exported(one.state, tmp_path, name) for name, one in made.items()])


def test_weights_lie_beside_it_under_their_names(tmp_path: Path) -> None:
    made = trainer(steps=5, network__normalization="batch_norm")
    path = exported(made.state, tmp_path, "net")
    arrays = load_file(path.with_suffix(".torch.safetensors"))
    own = {name: array for name, array in arrays.items() if not name.startswith("beside.")}
    assert own.keys() == made.parameters.keys() | made.buffers.keys()
    text = path.read_text(encoding="utf-8")
    assert "self.dense1 = Arrays({'weight': (5, 2), 'bias': (5,)}, {})" in text
    assert "F.linear(" in text and "training=self.training" in text


def test_a_name_that_is_no_module_is_no_harm(tmp_path: Path) -> None:
    run_all([exported(trainer(steps=5).state, tmp_path, '20260101-it\'s "mine"')])
