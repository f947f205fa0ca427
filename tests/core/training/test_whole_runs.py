"""Whole training runs, step by step, against PyTorch: recorded, and made on the spot where torch is installed."""

from __future__ import annotations

import importlib.util
from typing import Any

import numpy as np
import pytest
from references import make_runs

from dltui.core import Config, Trainer

RECORDED = np.load(make_runs.FILE, allow_pickle=False)


def _ours(case: dict[str, Any]) -> dict[str, np.ndarray]:
    config = Config.from_dict(
        {
            "network": {
                "hidden": [7, 6],
                "activation": case["activation"],
                "normalization": case.get("normalization", "none"),
            },
            "loss": {"name": case["loss"]},
            "optimizer": {"name": case["optimizer"], "learning_rate": case.get("rate", make_runs.RATE)},
            "regularization": case.get("regularization", {}),
            "training": {"batch_size": make_runs.BATCH, "shuffle": False},
        }
    )
    x, y = make_runs.samples(case)
    made = Trainer(config, data=(x, y, x, y))
    made.set_parameters(make_runs.first_weights(case))
    assert made.advance(make_runs.STEPS).n_steps == make_runs.STEPS
    parameters = {name: array for name, array in made.parameters.items() if name.startswith("dense")}
    return {"losses": made.history["train_loss"][1], "predictions": made.predict(x), **parameters}


@pytest.mark.parametrize("name", make_runs.cases())
def test_a_run_is_pytorchs_run(name: str, note: Any) -> None:
    case = make_runs.cases()[name]
    ours = _ours(case)
    references = [{key: RECORDED[f"{name}|{key}"] for key in ours}]
    if importlib.util.find_spec("torch") is not None:
        references.append(make_runs.with_torch(case))
    for reference in references:
        for key, array in ours.items():
            if "norm" in case and case["norm"] == "BatchNorm1d" and key in ("dense1.bias", "dense2.bias"):
                # Batch normalization takes a bias before it out again: its gradient is rounding noise alone.
                continue
            error = float(np.abs(array - reference[key]).max() / max(np.abs(reference[key]).max(), 1e-3))
            note("runs", name, **{"losses": error} if key == "losses" else {"weights": error})
            assert error < 2e-5, key
