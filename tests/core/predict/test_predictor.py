"""A kept run answers for new rows without the file it learned from, as it answered while it was trained."""

import csv
import io
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from dltui.core import Config, ConfigError, Trainer, load_preset
from dltui.core.predict import Predictor
from dltui.core.predict.answers import answered
from dltui.core.run.run import JournaledRun
from dltui.core.run.start import keep_run
from dltui.core.tables.reading.read import read_table


@pytest.fixture(autouse=True)
def _home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DLTUI_HOME", str(tmp_path / "home"))


@pytest.fixture
def table(tmp_path: Path) -> Path:
    rng = np.random.default_rng(0)
    rows = ["id,size,color,when,price,kind"]
    for i in range(80):
        size = int(rng.integers(10, 99))
        color = ("red", "green", "blue", "")[i % 4]
        known = size if i % 9 else ""
        rows.append(f'{i + 1},{known},{color},2024-{i % 12 + 1:02}-03,"${size * 100:,}",{"ab"[size > 50]}')
    path = tmp_path / "table.csv"
    path.write_text("\n".join(rows) + "\n", encoding="utf-8")
    return path


def trained(source: Path | str, steps: int = 300, **changes: object) -> Trainer:
    paths = {path.replace("__", "."): value for path, value in changes.items()}
    trainer = Trainer(load_preset(source).with_changes(paths))
    trainer.advance(steps)
    return trainer


@pytest.mark.parametrize("target", ["kind", "price"])
def test_the_answers_are_those_of_the_trainer(table: Path, tmp_path: Path, target: str) -> None:
    trainer = trained(table, data__target=target)
    trainer.save(tmp_path / "state.safetensors")
    found = Predictor.of(trainer).predict(table)
    later = tmp_path / "elsewhere.csv"
    table.rename(later)
    again = Predictor.load(tmp_path / "state.safetensors").predict(later)
    np.testing.assert_array_equal(found.outputs, again.outputs)
    assert found.names == again.names == (("a", "b") if target == "kind" else ("price",))
    if target == "kind":
        np.testing.assert_allclose(found.outputs.sum(axis=1), 1.0, rtol=1e-5)
        assert found.labels[0] in ("a", "b")
    else:
        assert 500 < found.outputs.mean() < 10_000


def test_a_kept_run_is_loaded_by_its_id(table: Path) -> None:
    trainer = trained(table, 0)
    run = JournaledRun(trainer, keep_run(trainer, "", ""))
    run.advance(200)
    assert run.close(run.about("finished"), 60.0)
    assert run.keeper is not None
    assert run.keeper.run is not None
    table.unlink()
    row = {"size": 70, "color": "red", "when": "2024-05-03", "price": "$7,000"}
    one = Predictor.load(run.keeper.run.id).predict([row])
    np.testing.assert_array_equal(one.outputs, Predictor.of(trainer).predict([row]).outputs)
    np.testing.assert_array_equal(one.outputs, Predictor.load(run.keeper.run.path).predict([row]).outputs)
    with pytest.raises(ConfigError, match="not a run"):
        Predictor.load("nothing")


@pytest.mark.parametrize("averaging", ["ema", "swa"])
@pytest.mark.parametrize("normalization", ["none", "batch_norm"])
def test_averaged_and_normalized_networks(table: Path, tmp_path: Path, averaging: str, normalization: str) -> None:
    trainer = trained(table, averaging__name=averaging, network__normalization=normalization)
    trainer.save(tmp_path / "s")
    expected = Predictor.of(trainer).predict(table).outputs
    np.testing.assert_array_equal(Predictor.load(tmp_path / "s").predict(table).outputs, expected)
    table.rename(tmp_path / "moved.csv")
    if normalization == "none":
        assert len(Predictor.load(tmp_path / "s").predict(tmp_path / "moved.csv")) == 80
    else:
        with pytest.raises(ConfigError, match="needs the data it was trained on"):
            Predictor.load(tmp_path / "s")


def test_two_classes_through_one_output(tmp_path: Path) -> None:
    config = Config.from_dict({"data": {"name": "moons"}, "loss": {"name": "binary_cross_entropy"}})
    trainer = Trainer(config)
    trainer.advance(50)
    found = Predictor.of(trainer).predict(np.zeros((3, 2)))
    assert found.outputs.shape == (3, 2)
    np.testing.assert_allclose(found.outputs.sum(axis=1), 1.0, rtol=1e-6)


def test_rows_with_the_answers_beside_them(table: Path, tmp_path: Path) -> None:
    trainer = trained(table)
    rows = read_table(table)
    text = answered(rows, Predictor.of(trainer).predict_table(rows))
    head, *body = csv.reader(io.StringIO(text))
    assert head == ["id", "size", "color", "when", "price", "kind", "prediction", "probability_a", "probability_b"]
    assert len(body) == 80
    assert body[8][4] == rows.columns[4].text_at(8)
    assert all(row[6] == ("a" if float(row[7]) > float(row[8]) else "b") for row in body)
    (tmp_path / "again.csv").write_text(text, encoding="utf-8")
    again = answered(read_table(tmp_path / "again.csv"), Predictor.of(trainer).predict(tmp_path / "again.csv"))
    assert next(csv.reader(io.StringIO(again)))[-3:] == ["prediction_", "probability_a_", "probability_b_"]


def test_one_row_and_a_wrong_schema(table: Path, tmp_path: Path) -> None:
    predictor = Predictor.of(trained(table))
    one = tmp_path / "one.csv"
    one.write_text("price,when,color,size\n$100,2024-01-03,red,50\n", encoding="utf-8")
    assert len(predictor.predict(one)) == 1
    one.write_text("price,when,colour,size\n$100,2024-01-03,red,50\n", encoding="utf-8")
    with pytest.raises(
        ConfigError, match=r"'color' is a column it was trained on, and is missing.*did you mean 'colour'"
    ):
        predictor.predict(one)
    with pytest.raises(ConfigError, match="wrong shape"):
        predictor.predict(np.zeros((2, 3)))


def test_a_program_that_predicts_imports_nothing_of_the_terminal() -> None:
    shown = "print({'textual', 'rich', 'dltui.tui'} & set(sys.modules))"
    code = f"import sys; from dltui.core.predict import Predictor; {shown}"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=240, check=False)
    assert done.stdout.strip() == "set()", done.stderr
