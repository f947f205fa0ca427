"""A run is written in every format there is, never over a file that is there, and what cannot be is one sentence."""

import csv
import io
import json
import os
import sys
from pathlib import Path

import numpy as np
import pytest
from nets import config
from safetensors.numpy import load

from dltui.core import ConfigError, Trainer
from dltui.core.export import ExportedRun, base, export_formats, export_run
from dltui.core.export.write import exported_bytes, load_run


@pytest.fixture(autouse=True)
def _home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DLTUI_HOME", str(tmp_path / "home"))
    monkeypatch.chdir(tmp_path)


@pytest.fixture
def trainer() -> Trainer:
    trainer = Trainer(config(training__seed=5, network__hidden=[4, 3]))
    trainer.advance(30)
    mark = trainer.apply({"optimizer.learning_rate": 0.02})
    assert mark is not None
    trainer.advance(30)
    return trainer


@pytest.fixture
def run(trainer: Trainer, tmp_path: Path) -> ExportedRun:
    trainer.save(tmp_path / "state.safetensors")
    return load_run(str(tmp_path / "state.safetensors"))


def test_every_file_of_the_folder_is_found() -> None:
    formats = export_formats()
    assert {"csv", "jsonl", "safetensors"} <= set(formats)
    assert all(one.suffix.startswith(".") and one.summary.endswith(".") for one in formats.values())
    assert len({one.suffix for one in formats.values()}) == len(formats)


def test_weights_have_the_names_and_shapes_of_pytorch(run: ExportedRun, trainer: Trainer) -> None:
    arrays = load(exported_bytes(run, "safetensors"))
    assert set(arrays) == set(trainer.parameters)
    for name, array in trainer.parameters.items():
        np.testing.assert_array_equal(arrays[name], array)


@pytest.mark.parametrize("method", ["ema", "swa"])
def test_averaged_weights_are_those_the_network_answers_with(method: str, tmp_path: Path) -> None:
    trainer = Trainer(config(averaging__name=method, network__normalization="batch_norm"))
    trainer.advance(40)
    trainer.save(tmp_path / "averaged.safetensors")
    arrays = load(exported_bytes(load_run("averaged.safetensors"), "safetensors"))
    twin = Trainer(config(network__normalization="batch_norm"))
    twin.set_parameters(arrays)
    x = trainer.data.unscale(trainer.data.x_train[:20])
    np.testing.assert_allclose(twin.predict(x), trainer.predict(x), atol=1e-6)
    assert any((arrays[name] != array).any() for name, array in trainer.parameters.items())


def test_curves_are_whole_and_carry_their_marks(run: ExportedRun, trainer: Trainer) -> None:
    rows = list(csv.DictReader(io.StringIO(exported_bytes(run, "csv").decode())))
    steps, values = trainer.history["train_loss"]
    found = {int(row["step"]): float(row["train_loss"]) for row in rows if row["train_loss"]}
    assert found == pytest.approx(dict(zip(steps.tolist(), values.tolist(), strict=True)))
    (marked,) = [row for row in rows if "learning_rate" in row["marks"]]
    assert marked["step"] == "30"
    lines = [json.loads(line) for line in exported_bytes(run, "jsonl").decode().splitlines()]
    assert [line["step"] for line in lines] == sorted(line["step"] for line in lines)
    (mark,) = [line for line in lines if line.get("kind") == "change"]
    assert mark["step"] == 30 and mark["before"] == pytest.approx(mark["after"])
    again = {line["step"]: line["train_loss"] for line in lines if "train_loss" in line}
    assert again == pytest.approx(found, rel=1e-6)


def test_a_long_run_keeps_its_extremes(trainer: Trainer, tmp_path: Path) -> None:
    noise = np.sin(np.arange(100_000)).astype(np.float32)
    trainer.history.of("noise").extend(1, noise)
    trainer.save(tmp_path / "long.safetensors")
    lines = [json.loads(line) for line in exported_bytes(load_run("long.safetensors"), "jsonl").decode().splitlines()]
    spread = [line["low_high"]["noise"] for line in lines if "noise" in line.get("low_high", {})]
    assert min(low for low, _ in spread) == pytest.approx(float(noise.min()))
    assert max(high for _, high in spread) == pytest.approx(float(noise.max()))


def test_nothing_is_written_over(run: ExportedRun, tmp_path: Path) -> None:
    assert export_run(run, "csv").paths == ("state.csv",)
    (tmp_path / "state.csv").write_text("mine")
    with pytest.raises(ConfigError, match=r"state.csv: is there already; --force"):
        export_run(run, "csv")
    assert (tmp_path / "state.csv").read_text() == "mine"
    export_run(run, "csv", force=True)
    assert (tmp_path / "state.csv").read_text().startswith("step,")
    (tmp_path / "sub").mkdir()
    assert export_run(run, "csv", "sub").paths == (os.path.join("sub", "state.csv"),)
    assert export_run(run, "other.JSONL").paths == ("other.JSONL",)


@pytest.mark.parametrize("to", ["parquet", "curves.xls", ""])
def test_an_unknown_format_is_one_sentence(run: ExportedRun, to: str) -> None:
    with pytest.raises(ConfigError, match=r"--to.*is no format; allowed: .*csv, .*\.csv"):
        export_run(run, to)


def test_a_folder_takes_all_formats_that_can_be(run: ExportedRun, tmp_path: Path) -> None:
    done = export_run(run, "all/")
    assert {"state.csv", "state.jsonl", "state.safetensors"} <= set(os.listdir(tmp_path / "all"))
    assert len(done.paths) == len(os.listdir(tmp_path / "all"))
    assert [sentence[:4] for sentence in done.refused] == ["GIF:", "PyTo"]  # of a state alone nobody knows the way


def test_what_is_of_no_use_alone_goes_into_no_pipe(run: ExportedRun) -> None:
    assert exported_bytes(run, "onnx").startswith(b"\x08")
    with pytest.raises(ConfigError, match="is 2 files and cannot go into one stream"):
        exported_bytes(run, "torch")


def test_a_missing_library_is_told_with_the_command(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "onnx", None)
    with pytest.raises(ConfigError, match=r"not installed: pip install onnx$"):
        base.library("onnx", "onnx")
