"""A file is enough: what a preset leaves open is filled in, the network learns, and what was found is said."""

import gc
import json
import math
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from dltui.core import Config, ConfigError, Trainer, load_preset
from dltui.core.config.presets import preset_text, save_preset
from dltui.core.data import prepare
from dltui.core.data.preparation import data_without_rows, preparation_of
from dltui.core.tables.report import as_text, bars
from dltui.core.tables.table import Table

Write = Callable[..., Path]


@pytest.fixture
def write(tmp_path: Path) -> Write:
    def write(text: str, name: str = "table.csv") -> Path:
        path = tmp_path / name
        path.write_text(text, encoding="utf-8")
        return path

    return write


def houses(n: int = 200) -> str:
    rng = np.random.default_rng(0)
    rows = ["sqft,bedrooms,year_built,price"]
    for size, rooms, year in zip(
        rng.integers(500, 4500, n), rng.integers(1, 6, n), rng.integers(1900, 2020, n), strict=True
    ):
        price = 190 * size + 9000 * rooms + 400 * (year - 1900) + rng.normal() * 15000
        rows.append(f"{size},{rooms},{year},{price:.0f}")
    return "\n".join(rows) + "\n"


def trained(config: Config) -> Trainer:
    trainer = Trainer(config)
    while trainer.stopped is None:
        trainer.advance(10_000)
    return trainer


def test_prices_in_dollars_are_learned_with_the_file_name_alone(write: Write) -> None:
    path = write(houses())
    trainer = trained(load_preset(path))
    assert trainer.evaluate("val")["r2"] > 0.95
    assert trainer.stopped in ("early stopping", "finished")
    row = np.array([[3000.0, 3.0, 1990.0]])
    assert trainer.predict(row)[0, 0] == pytest.approx(190 * 3000 + 27000 + 36000, rel=0.1)
    again = Trainer(load_preset(path))
    again.advance(50)
    assert again.digest() == (lambda one: (one.advance(50), one.digest())[1])(Trainer(load_preset(path)))


def test_a_preset_that_names_the_file_learns_too_and_what_it_states_wins(write: Write) -> None:
    write(houses())
    config = load_preset(write('[data]\nname = "csv"\npath = "table.csv"\n', "bare.toml"))
    assert trained(config).evaluate("val")["r2"] > 0.95
    stated = load_preset(
        write(
            '[data]\nname = "csv"\npath = "table.csv"\nval_fraction = 0.3\nscaler = "minmax"\n[network]\nhidden = [3]\n'
            'activation = "relu"\n[optimizer]\nname = "sgd"\n[training]\nbatch_size = 7\nmax_steps = 9\n',
            "stated.toml",
        )
    )
    assert (stated.data.val_fraction, stated.data.scaler, stated.network.hidden) == (0.3, "minmax", (3,))
    assert (stated.network.activation, stated.optimizer.name) == ("relu", "sgd")
    assert stated.optimizer.learning_rate == Config.from_dict({}).optimizer.learning_rate
    assert (stated.training.batch_size, stated.training.max_steps, stated.training.max_epochs) == (7, 9, 0)
    assert stated.data.target_scaler == config.data.target_scaler != "none"


def test_a_written_preset_says_it_all(write: Write, tmp_path: Path) -> None:
    config = load_preset(write(houses()))
    save_preset(config, tmp_path / "whole.toml")
    assert load_preset(tmp_path / "whole.toml") == config
    assert preset_text(config) == (tmp_path / "whole.toml").read_text()
    assert Config.from_dict(config.to_dict()) == config


def test_presets_without_a_file_are_as_they_were() -> None:
    for name in ("spiral", "iris", "digits"):
        config = load_preset(name)
        assert config.data.target_scaler == "none"


def test_what_a_run_of_before_says_is_read_as_it_was(write: Write) -> None:
    path = write("a,id,kind\n" + "".join(f"{i * 7 % 11}.5,{i + 1},{'xy'[i % 2]}\n" for i in range(20)))
    values = load_preset(path).to_dict()
    before = {"name", "path", "target", "task", "delimiter", "header", "max_rows", "val_fraction", "scaler"}
    old = Config.from_dict(values | {"data": {key: value for key, value in values["data"].items() if key in before}})
    assert old.data.settings["reading"] == "plain"
    assert prepare(old.data, 0).input_names == ("a", "id")
    new = Config.from_dict({"data": {"name": "csv", "path": str(path)}})
    assert prepare(new.data, 0).input_names == ("a",)


def test_values_are_learned_scaled_and_shown_in_their_unit(write: Write) -> None:
    config = load_preset(write(houses()))
    data = prepare(config.data, 0)
    y = data.y_train.astype(np.float64)
    assert y.mean() == pytest.approx(0.0, abs=1e-5)
    assert y.std() == pytest.approx(1.0, abs=1e-5)
    raw = data.in_unit(data.y_train)
    assert 100_000 < raw.min() < raw.max() < 1_500_000
    plain = prepare(config.with_changes({"data.target_scaler": "none"}).data, 0)
    np.testing.assert_allclose(raw, plain.y_train, rtol=1e-5)
    for name in ("linear", "minmax", "robust", "log"):
        other = prepare(config.with_changes({"data.target_scaler": name}).data, 0)
        np.testing.assert_allclose(other.in_unit(other.y_train), plain.y_train, rtol=1e-3)
    with pytest.raises(ConfigError, match="scalers"):
        config.with_changes({"data.target_scaler": "clip"})


def test_the_scaler_of_the_target_can_be_switched_in_mid_run(write: Write) -> None:
    trainer = Trainer(load_preset(write(houses())))
    trainer.advance(200)
    event = trainer.apply({"data.target_scaler": "minmax"})
    assert event is not None
    assert event.segment
    trainer.advance(200)
    assert math.isfinite(trainer.evaluate("val")["r2"])


def test_only_training_rows_are_learned_from(write: Write) -> None:
    """A change in the validation rows changes nothing that is learned about the data."""
    rng = np.random.default_rng(0)
    rows = [
        f"{a:.3f},{'' if i % 9 == 0 else f'{b:.3f}'},{'pqr'[i % 3]},{a + b:.3f}"
        for i, (a, b) in enumerate(rng.normal(size=(60, 2)))
    ]
    config = load_preset(write("a,b,w,y\n" + "\n".join(rows)))
    one = prepare(config.data, 0)
    kept = list(rows)
    for place in _val_rows(one, rows):
        kept[place] = "9000,8000,new,-7000"
    other = prepare(load_preset(write("a,b,w,y\n" + "\n".join(kept))).data, 0)
    np.testing.assert_array_equal(one.x_train, other.x_train)
    np.testing.assert_array_equal(one.y_train, other.y_train)
    assert one.encoder == other.encoder
    assert {key: value.tolist() for key, value in one.target_fitted.items()} == {
        key: value.tolist() for key, value in other.target_fitted.items()
    }


def _val_rows(data, rows):
    """Rows of the file that are in the validation part, found by their target."""
    val = {f"{value:.3f}" for value in data.in_unit(data.y_val)[:, 0]}
    return [i for i, row in enumerate(rows) if row.rsplit(",", 1)[1] in val]


def test_a_file_of_its_own_to_judge_by(write: Write, tmp_path: Path) -> None:
    train = "a,w,kind\n" + "".join(f"{i * 7 % 11}.5,{'pq'[i % 2]},{'xyz'[i % 3]}\n" for i in range(30))
    write("w,kind,a\n" + "p,y,1.5\nnew,x,\nq,unknown,2\nq,,3\np,z,4\n", "test.csv")
    config = load_preset(write(train)).with_changes({"data.validation": "test.csv"})
    data = prepare(config.data, 0)
    assert (data.n_train, data.n_val) == (30, 3)
    assert data.y_val.tolist() == [1, 0, 2]
    assert data.findings is not None
    assert any("test.csv" in note for note in data.findings.notes)
    assert Trainer(config).advance(5).n_steps == 5


def test_findings_say_what_was_done(write: Write) -> None:
    rng = np.random.default_rng(0)
    rows = [
        f"{i + 1},{size},{'' if i % 10 == 0 else 'old' if size > 2500 else 'new'},"
        f"{'NA' if i % 20 == 19 else size * 100}"
        for i, size in enumerate(rng.integers(500, 4500, 100))
    ]
    data = prepare(load_preset(write("id,size,age,price\n" + "\n".join(rows))).data, 0)
    found = data.findings
    assert found is not None
    assert (found.target, found.task, found.n_rows, found.n_used) == ("price", "values", 100, 95)
    assert (found.n_train, found.n_val) == (data.n_train, data.n_val)
    by_name = {column.name: column for column in found.columns}
    assert [by_name[name].role for name in ("id", "size", "age", "price")] == ["left out", "input", "input", "target"]
    assert by_name["size"].relation == pytest.approx(1.0)
    assert by_name["age"].n_missing == 10
    assert 0.5 < by_name["age"].relation < 1.0
    text = as_text(found)
    for words in (
        "it is the last column",
        "counts the rows from 1",
        "5 rows without a target left out",
        "alone gives the target away",
    ):
        assert words in text
    plain = json.loads(json.dumps(found.to_plain()))
    assert plain["columns"][1]["name"] == "size"
    assert bars((0, 4, 8)) == " ▄█"


def test_rows_that_are_not_drawn_are_not_said_to_lack_a_target(write: Write) -> None:
    text = "x,price\n" + "".join(f"{i * 7 % 11}.5,{i}.25\n" for i in range(98)) + "1.5,\n2.5,\n"
    config = load_preset(write(text)).with_changes({"data.max_rows": 50})
    found = prepare(config.data, 0).findings
    assert found is not None
    assert "2 rows without a target left out" in found.notes
    assert "50 of 98 rows are used, drawn at random (data.max_rows)" in found.notes
    whole = prepare(load_preset(write(text)).data, 0).findings
    assert whole is not None and whole.n_used == 98


def test_a_table_does_not_outlive_its_use(write: Write) -> None:
    path = write("x,price\n" + "".join(f"{i * 7 % 11}.5,{i}.25\n" for i in range(60)))
    gc.collect()
    gc.disable()
    try:
        prepare(load_preset(path).data, 0)
        assert not [each for each in gc.get_objects() if isinstance(each, Table)]
    finally:
        gc.enable()


def test_unequal_classes_are_said(write: Write) -> None:
    text = "x,kind\n" + "".join(f"{i * 7 % 11}.5,{'rare' if i % 10 == 0 else 'common'}\n" for i in range(100))
    found = prepare(load_preset(write(text)).data, 0).findings
    assert found is not None
    assert any("unequal" in note for note in found.notes)
    assert found.classes == {"common": 90, "rare": 10}


def test_the_report_says_what_is_scaled_and_shows_a_time_as_a_time(write: Write) -> None:
    text = "clock,size,price\n" + "".join(f"{i % 24}:{10 + i % 50},{i * 7 % 11}.5,{i}.25\n" for i in range(60))
    found = prepare(load_preset(write(text)).data, 0).findings
    assert found is not None
    said = as_text(found, "standardize", "robust").splitlines()
    assert "00:10 … 23:57" in said[2]
    assert said[3].endswith("scaled: standardize")
    assert "target scaled: robust" in said[5]
    assert "taken as it is" in as_text(found)


def test_names_that_are_alike_at_their_beginning_are_told_apart(write: Write) -> None:
    names = [f"Escherichia coli serotype O157:H7 strain number {letter}" for letter in "ABC"]
    heads = [f"Average number of employees in the firm during the fiscal year {year}" for year in (2019, 2020)]
    text = f"{heads[0]},{heads[1]},strain\n" + "".join(f"{i}.5,{i * 7 % 11}.5,{names[i % 3]}\n" for i in range(60))
    data = prepare(load_preset(write(text)).data, 0)
    assert len(set(data.class_names)) == 3
    assert len(set(data.input_names)) == 2
    by_name = load_preset(write(text)).with_changes({"data.target": heads[1]})
    assert prepare(by_name.data, 0).task == "values"


def test_text_of_a_file_is_never_obeyed_by_a_terminal(write: Write) -> None:
    text = "x\x1b[2J,kind\x07\n" + "1.5,a\x1b]52;c;aGk=\x07\n2.5,b\n" * 10 + "oops\x1b[31m,a\n"
    data = prepare(load_preset(write(text)).data, 0)
    assert data.findings is not None
    said = as_text(data.findings) + json.dumps(data.findings.to_plain(), ensure_ascii=False) + "".join(data.class_names)
    assert "\x1b" not in said
    assert "\x07" not in said


@pytest.mark.parametrize("name", ["digits", "spiral"])
def test_a_preset_wins_over_a_file_of_its_name(name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / name).write_text("a,b\n1,2\n")
    monkeypatch.chdir(tmp_path)
    assert load_preset(name).data.name == name
    assert load_preset(f"./{name}").data.name == "csv"


def test_what_is_no_data_is_refused(tmp_path: Path) -> None:
    (tmp_path / "notes").write_bytes(b"\x00\x01\x02" * 100)
    with pytest.raises(ConfigError, match="not data that can be read"):
        load_preset(tmp_path / "notes")
    with pytest.raises(ConfigError, match="not there"):
        load_preset(tmp_path / "nothing.csv")


def test_what_was_found_and_chosen_is_kept_with_the_run(write: Write) -> None:
    first, _, rest = houses().partition("\n")
    config = load_preset(write(f"{first}\n{rest[rest.index(',') :]}")).with_changes(
        {"data.fill": "sqft=mean", "data.drop": "year_built"}
    )
    trainer = Trainer(config)
    kept = data_without_rows(preparation_of(trainer.data), "run")
    assert kept.findings is not None
    assert kept.findings.to_plain() == trainer.data.findings.to_plain()
    assert [column.role for column in kept.findings.columns].count("left out") == 1
    assert kept.encoder.plans[0].filled == "mean"
