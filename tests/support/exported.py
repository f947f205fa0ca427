"""Exported networks run by others, beside the answers of the run itself."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from dltui.core import Config, Trainer, families, load_preset
from dltui.core.export.onnx import onnx_model
from dltui.core.export.pipeline.whole import pipeline_graph
from dltui.core.predict import Predictor
from dltui.core.tables.cells.missing import signs_of
from dltui.core.tables.columns import CATEGORY, YES_NO
from dltui.core.tables.later import column_like, find_columns
from dltui.core.tables.reading.read import RawTable, read_table

TOLERANCE = 1e-5


def run_onnx(predictor: Predictor, inputs: Mapping[str, np.ndarray]) -> dict[str, np.ndarray]:
    """What onnxruntime makes of the exported pipeline, by output."""
    import onnxruntime

    model = onnx_model(pipeline_graph(predictor), {})
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    session = onnxruntime.InferenceSession(model.SerializeToString(), options, providers=["CPUExecutionProvider"])
    wide = {one.name: np.float64 if "double" in one.type else np.float32 for one in session.get_inputs()}
    given = {name: array if array.dtype == object else array.astype(wide[name]) for name, array in inputs.items()}
    names = [one.name for one in session.get_outputs()]
    return dict(zip(names, session.run(names, given), strict=True))


def parsed_cells(predictor: Predictor, table: RawTable) -> dict[str, np.ndarray]:
    """The columns of a table as an exported pipeline takes them: (n, 1) each."""
    encoder = predictor.data.encoder
    assert encoder is not None
    found = find_columns(table, [(plan.name, plan.place) for plan in encoder.plans], encoder.wide)
    columns = {}
    for plan, cells in zip(encoder.plans, found, strict=True):
        if plan.kind in (CATEGORY, YES_NO):
            texts = cells.all_texts()
            columns[plan.name] = np.array([texts.texts[code] for code in texts.codes], object)[:, None]
        else:
            values = column_like(cells, plan.kind, plan.form, plan.yes, signs_of(encoder.missing)).values
            assert values is not None
            columns[plan.name] = values[:, None]
    return columns


def largest_difference(predictor: Predictor, found: Mapping[str, np.ndarray], wanted: np.ndarray) -> float:
    """The largest difference between two sets of answers; for values beside their spread and size."""
    outputs = found["probabilities"] if predictor.data.task == "classes" else found["prediction"]
    assert outputs.shape == wanted.shape
    scale = 1.0 if predictor.data.task == "classes" else float(wanted.std(axis=0).max()) + np.abs(wanted)
    return float(np.max(np.abs(outputs - wanted) / np.maximum(scale, 1e-30)))


def image_trainer(layers: list[dict[str, object]], shape: tuple[int, ...], **changes: Any) -> Trainer:
    """A network of these layers, after some steps on random inputs of a shape."""
    from nets import config

    rng = np.random.default_rng(4)
    x = rng.normal(size=(60, *shape)).astype(np.float32)
    y = rng.integers(0, 3, 60)
    made = Trainer(config(network__layers=layers, **changes), data=(x, y, x[:10], y[:10]))
    made.advance(12)
    return made


def random_table(path: Path, seed: int, n: int = 120) -> None:
    """A table of nobody's preparation: holes, rare words, units, dates, yes and no, in a random choice of columns."""
    rng = np.random.default_rng(seed)
    size = rng.normal(1000.0 * 10.0 ** rng.integers(-2, 5), 250.0, n)

    def holes(cells: list[str], share: float) -> list[str]:
        signs = ("", "NA", "n/a", "?", "NaN")
        return [signs[rng.integers(5)] if rng.random() < share else cell for cell in cells]

    days = rng.integers(0, 3000, n)
    start = np.datetime64("1999-12-30")
    words = ("red", "green", "Blue", "x", "väldigt", "3")
    columns = {
        "size": holes([f"{value:.3f}" for value in size], 0.1),
        "price": holes([f"${value:,.0f}" for value in rng.gamma(2.0, 30_000.0, n)], 0.05 * (seed % 3)),
        "color": holes([words[min(5, int(k))] for k in rng.geometric(0.4, n)], 0.08),
        "label": [("yes", "no")[int(k)] if k < 2 else "" for k in rng.integers(0, 2 + seed % 2, n)],
        "when": holes([str(start + np.timedelta64(int(day), "D")) for day in days], 0.04),
        "at": [f"{minute // 60:02d}:{minute % 60:02d}" for minute in rng.integers(0, 1440, n)],
        "v1": [f"{value:.2f}" for value in rng.lognormal(0.0, 3.0, n)],
    }  # fmt: skip
    chosen = [name for name in columns if rng.random() < 0.7] or ["size", "color"]
    signal = (size - size.mean()) / size.std() + (np.array([len(cell) for cell in columns["color"]]) > 3)
    noisy = signal + rng.normal(0.0, 0.2, n)
    kinds = np.array(["low", "middle, so to say", "high"])
    target = [*kinds[np.digitize(noisy, (-0.3, 0.9))]] if seed % 2 else [f"{40_000 + 9_000 * v:.1f}" for v in noisy]
    lines = [",".join((*chosen, "target"))]
    for i in range(n):
        lines.append(",".join(f'"{cell}"' for cell in (*(columns[name][i] for name in chosen), str(target[i]))))
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")


def random_run(folder: Path, seed: int) -> tuple[Predictor, RawTable]:
    """A network of a random make, trained a little on a random table, and rows for it that it has not seen."""
    rng = np.random.default_rng(seed + 1000)
    first, later = folder / f"table{seed}.csv", folder / f"later{seed}.csv"
    random_table(first, seed)
    random_table(later, seed)
    lines = later.read_text(encoding="utf-8").splitlines()
    # Other rows of the same columns: words nobody has seen, and holes where there were none.
    cells = [line[1:-1].split('","') for line in lines[1:]]
    for row in cells:
        for place in range(len(row) - 1):
            if rng.random() < 0.1:
                row[place] = ("", "N/A", "unheard of")[rng.integers(3)]
    later.write_text("\n".join([lines[0], *(",".join(f'"{cell}"' for cell in row) for row in cells)]) + "\n", "utf-8")

    def any_of(family: str) -> str:
        names = sorted(families[family])
        return names[rng.integers(len(names))]

    config = load_preset(str(first)).with_changes(
        {
            "network.hidden": [int(units) for units in rng.integers(1, 20, rng.integers(1, 4))],
            "network.activation": any_of("activations"),
            "network.normalization": ("none", "batch_norm", "layer_norm")[rng.integers(3)],
            "averaging.name": ("none", "ema", "swa")[rng.integers(3)],
            "regularization.dropout": 0.2 * float(rng.integers(2)),
            "training.seed": seed,
        }
    )
    inputs, target = any_of("scalers"), any_of("scalers")
    trainer = _scaled_by(config, inputs, target if families["scalers"][target].inverse is not None else "none")
    trainer.advance(40)
    predictor = Predictor.of(trainer)
    return predictor, read_table(str(later), least=1, known=predictor.columns)


def _scaled_by(config: Config, inputs: str, target: str) -> Trainer:
    """A trainer with these scalers; with the usual one where inputs stay too large for 32 bits to hold them well."""
    changes: dict[str, object] = {"data.scaler": inputs, "data.target_scaler": target}
    chosen = [
        any(param.name == "standardize" for param in families["scalers"][name].params) for name in (inputs, target)
    ]
    if any(chosen):
        changes["data.standardize"] = True
    if all(chosen):
        changes["data.target_scaler_standardize"] = True
    trainer = Trainer(config.with_changes(changes))
    if np.abs(trainer.data.x_train).max() > 100.0:
        return Trainer(config.with_changes({"data.scaler": "standardize", "data.target_scaler": target}))
    return trainer
