"""The exported pipeline, run by onnxruntime, answers as the run: every member, and networks and tables at random."""

import json
import os
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from exported import TOLERANCE, image_trainer, largest_difference, parsed_cells, random_run, run_onnx
from nets import CLASSES, VALUES, trainer
from own_members import own_members

from dltui.core import ConfigError, Trainer, families, load_preset
from dltui.core.conformance.layers import SHAPES
from dltui.core.export.onnx import check_answers, onnx_model
from dltui.core.export.pipeline.whole import pipeline_graph
from dltui.core.export.write import export_run, load_run
from dltui.core.predict import Predictor
from dltui.core.registry import Param, default_settings


def worst(made: Trainer) -> float:
    """The largest difference on rows of the training, and on rows far from them."""
    predictor = Predictor.of(made)
    rows = made.data.unscale(made.data.x_train[:40]).astype(np.float32).astype(np.float64)
    x = np.concatenate((rows, rows * 3.0 + 1.0))
    return largest_difference(predictor, run_onnx(predictor, {"x": x}), predictor.predict(x).outputs)


def others(param: Param) -> list[Any]:
    """Other values of a setting than its default."""
    if param.choices:
        return [choice for choice in param.choices if choice != param.default]
    if isinstance(param.default, bool):
        return [not param.default]
    if not isinstance(param.default, float):
        return []
    tried = (0.5 * param.default, param.default + 0.1, param.default - 0.1)
    low, high = (-np.inf if param.low is None else param.low), (np.inf if param.high is None else param.high)
    return [value for value in tried if value != param.default and low <= value <= high][:1]


@pytest.mark.parametrize("name", sorted(families["activations"]))
def test_every_activation(name: str) -> None:
    member = families["activations"][name]
    assert worst(trainer(steps=40, network__activation=name)) < TOLERANCE
    layers = [{"kind": "conv2d", "filters": 3, "activation": name}, {"kind": "dense", "units": 4, "activation": name}]
    assert worst(image_trainer(layers, (2, 6, 5))) < TOLERANCE
    for param in member.params:
        for value in others(param):
            changed = trainer(steps=40, **{"network__activation": name, f"network__{param.name}": value})
            assert worst(changed) < TOLERANCE, (param.name, value)


@pytest.mark.parametrize("name", sorted(families["layers"]))
def test_every_layer(name: str) -> None:
    member = families["layers"][name]
    settings = default_settings(member.params)
    if {"channels", "height", "width"} <= settings.keys():
        settings |= {"channels": 3, "height": 5, "width": 7}
    variants = [settings]
    for param in member.params:  # stride 2, padding 1, a window of 3
        if isinstance(param.default, int) and param.name in ("kernel", "stride", "padding", "output_padding", "factor"):
            variants.append(
                {**settings, param.name: param.default + 1, **({"stride": 3} if "output" in param.name else {})}
            )
    taken = 0
    for shape in SHAPES:
        for variant in variants:
            try:
                member.plan(shape, variant)
            except ConfigError:
                continue
            made = image_trainer([{"kind": name, **variant}], shape)
            assert worst(made) < TOLERANCE, (shape, variant)
            taken += 1
    assert taken


@pytest.mark.parametrize("name", sorted(families["losses"]))
def test_every_loss(name: str) -> None:
    for base, task in ((CLASSES, "classes"), (VALUES, "values")):
        if task in families["losses"][name].tasks:
            assert worst(trainer(base, 40, loss__name=name)) < TOLERANCE


@pytest.mark.parametrize("name", sorted(families["scalers"]))
def test_every_scaler(name: str) -> None:
    member = families["scalers"][name]
    variants: list[dict[str, Any]] = [{}]
    variants += [{f"data__{param.name}": value} for param in member.params for value in others(param)]
    for settings in variants:
        assert worst(trainer(steps=40, data__scaler=name, **settings)) < TOLERANCE, settings
    if member.inverse is not None:
        assert worst(trainer(VALUES, 40, data__target_scaler=name)) < TOLERANCE


@pytest.mark.parametrize("averaging", ["ema", "swa"])
@pytest.mark.parametrize("normalization", ["batch_norm", "layer_norm"])
def test_averages_and_normalizations(averaging: str, normalization: str) -> None:
    made = trainer(
        steps=60, averaging__name=averaging, network__normalization=normalization, network__activation="prelu"
    )
    assert worst(made) < TOLERANCE


def test_an_activation_that_is_still_fading() -> None:
    made = trainer(steps=40, network__blend_steps=50, network__activation="prelu")
    made.apply({"network.activation": "gelu"})
    made.advance(15)
    assert any(stage.earlier is not None for stage in made.network.stages)
    assert worst(made) < TOLERANCE


def test_members_of_ones_own() -> None:
    with own_members("smooth_relu", "scale", "group_norm"):
        assert worst(trainer(steps=40, network__activation="smooth_relu")) < TOLERANCE
        for kind in ("scale", "group_norm"):
            made = image_trainer([{"kind": kind}], (4, 4, 4))
            with pytest.raises(ConfigError, match=f"^the layer {kind} does not say what it computes"):
                pipeline_graph(Predictor.of(made))


def test_pictures_are_scaled_by_channel() -> None:
    data = {"name": "digits", "as_image": True, "scaler": "standardize"}
    layers = [{"kind": "conv2d", "filters": 3}, {"kind": "max_pool"}]
    assert worst(trainer({**CLASSES, "data": data, "network": {"layers": layers}}, 20)) < TOLERANCE


def check_random_run(folder: Path, seed: int) -> None:
    predictor, table = random_run(folder, seed)
    found = run_onnx(predictor, parsed_cells(predictor, table))
    wanted = predictor.predict_table(table)
    assert largest_difference(predictor, found, wanted.outputs) < TOLERANCE, seed
    if predictor.data.task == "classes":
        sure = np.diff(np.sort(wanted.outputs, axis=1)[:, -2:], axis=1)[:, 0] > 2.0 * TOLERANCE
        (label,) = {"label", "label_"} & set(found)
        assert [one for one, ok in zip(found[label], sure, strict=True) if ok] == [
            one for one, ok in zip(wanted.labels, sure, strict=True) if ok
        ]


@pytest.mark.parametrize("seed", range(8))
def test_random_networks_and_tables(tmp_path: Path, seed: int) -> None:
    check_random_run(tmp_path, seed)


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(8, 58))
def test_many_random_networks_and_tables(tmp_path: Path, seed: int) -> None:
    check_random_run(tmp_path, seed)


def test_the_file_says_what_it_takes_and_gives(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    rows = "\n".join(
        f"${900 + 37 * i % 1000},{('a', 'b')[i % 2]},2024-{i % 12 + 1:02}-05,{('x', 'y')[i % 2]}" for i in range(60)
    )
    Path("table.csv").write_text(f"price,kind,when,out\n{rows}\n", encoding="utf-8")
    made = Trainer(load_preset("table.csv"))
    made.advance(30)
    made.save("state.safetensors")
    done = export_run(load_run("state.safetensors"), "onnx")
    assert done.paths == ("state.onnx", "state.onnx.md")
    import onnx

    model = onnx.load("state.onnx")
    onnx.checker.check_model(model, full_check=True)
    about = {one.key: one.value for one in model.metadata_props}
    assert json.loads(about["names"]) == ["x", "y"]
    given = {one["name"]: one for one in json.loads(about["inputs"])}
    assert given["price"]["type"] == "float64" and "without its '$'" in given["price"]["give"]
    assert "seconds since 1970" in given["when"]["give"]
    text = Path("state.onnx.md").read_text(encoding="utf-8")
    assert "`kind`, string, n × 1" in text and "x, y" in text
    assert os.path.getsize("state.onnx") < 100_000


def test_a_method_that_says_wrongly_what_it_computes_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    made = trainer(steps=20, network__activation="elu")
    predictor = Predictor.of(made)
    graph = pipeline_graph(predictor)
    check_answers(onnx_model(graph, {}), graph, predictor)
    wrong = replace(families["activations"]["elu"], graph=lambda z, at: z.op("Relu"))
    monkeypatch.setitem(families["activations"]._members, "elu", wrong)
    other = Predictor.of(trainer(steps=20, network__activation="elu"))
    graph = pipeline_graph(other)
    with pytest.raises(ConfigError, match="the file answers otherwise than the run"):
        check_answers(onnx_model(graph, {}), graph, other)


@pytest.mark.parametrize("seed", range(4))
def test_the_check_of_an_export_holds(tmp_path: Path, seed: int) -> None:
    predictor, _ = random_run(tmp_path, seed)
    graph = pipeline_graph(predictor)
    check_answers(onnx_model(graph, {}), graph, predictor)


def test_a_missing_package_is_one_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "onnx", None)
    with pytest.raises(ConfigError, match="pip install onnx"):
        onnx_model(pipeline_graph(Predictor.of(trainer())), {})
