"""What stages do, measured by running them: the values before each, the statistics, an activation by itself."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from nets import CLASSES, IMAGES, VALUES, trainer

from dltui.core import Trainer, families
from dltui.core.engine import measure
from dltui.core.engine.measure import activation_values, batch_statistics, stage_values, values_before


def before(made: Trainer, index: int, x: np.ndarray) -> np.ndarray:
    arrays = made.memory.weights, made.memory.buffers
    return values_before(made.state.network, made.config, arrays, index, x, made.step)


@pytest.mark.parametrize("base", [CLASSES, VALUES, IMAGES], ids=["classes", "values", "images"])
def test_what_a_stage_is_given_is_what_those_before_it_make(base: dict[str, Any]) -> None:
    made = trainer(base, steps=20, regularization__dropout=0.3)
    x = made.data.x_train
    n = len(made.state.network.stages)
    np.testing.assert_array_equal(before(made, 0, x), x.reshape(len(x), -1))
    for index in range(n):
        made_of_it = stage_values(
            made.state.network, made.config, (made.memory.weights, made.memory.buffers), index, before(made, index, x)
        )
        np.testing.assert_allclose(before(made, index + 1, x), made_of_it, rtol=1e-6, atol=1e-7)


def test_the_last_values_are_what_is_predicted() -> None:
    made = trainer(VALUES, steps=20)
    outputs = before(made, len(made.state.network.stages), made.data.x_val)
    scale = made.predict(made.data.x_val)
    assert outputs.shape == scale.shape
    assert np.corrcoef(outputs[:, 0], scale[:, 0])[0, 1] == pytest.approx(1.0, abs=1e-6)


def test_hooks_do_nothing_while_measuring() -> None:
    made, free = (trainer(regularization__dropout=rate) for rate in (0.9, 0.0))
    names = [stage.name for stage in made.state.network.stages]
    at = names.index("dense2")
    np.testing.assert_array_equal(before(made, at, made.data.x_train), before(free, 2, free.data.x_train))


def test_large_networks_are_measured_on_fewer_rows(monkeypatch: pytest.MonkeyPatch) -> None:
    made = trainer(data__n_samples=2000)
    assert len(before(made, 2, made.data.x_train)) == made.data.n_train
    monkeypatch.setattr(measure, "MOST_VALUES", 5 * 100)
    assert len(before(made, 2, made.data.x_train)) == 100
    monkeypatch.setattr(measure, "MOST_VALUES", 5 * 10)
    assert len(before(made, 2, made.data.x_train)) == measure.LEAST_ROWS


@pytest.mark.parametrize("base", [CLASSES, IMAGES], ids=["units", "channels"])
def test_statistics_are_those_of_all_rows_as_one_batch(base: dict[str, Any], monkeypatch: pytest.MonkeyPatch) -> None:
    made = trainer(base, steps=30, network__normalization="batch_norm")
    network, found = made.state.network, {}
    for block in (256, 7):
        monkeypatch.setattr(measure, "BLOCK", block)
        buffers = made.memory.buffers.copy()
        batch_statistics(network, made.config, (made.memory.weights, buffers), made.data.x_train, made.step)
        found[block] = {name: span.read(buffers) for name, span in network.buffers.items()}
    for name, array in found[256].items():
        np.testing.assert_allclose(found[7][name], array, rtol=2e-4, atol=1e-6, err_msg=name)
    first = next(k for k, stage in enumerate(network.stages) if stage.normalizes == "batch")
    given = before(made, first, made.data.x_train)
    columns: np.ndarray = np.moveaxis(given.reshape(len(given), network.stages[first].input[0], -1), 1, 2)
    columns = columns.reshape(-1, network.stages[first].input[0])
    mean, variance = (span.name for span in network.stages[first].buffers)
    np.testing.assert_allclose(found[256][mean], columns.mean(axis=0), rtol=1e-4, atol=1e-6)
    np.testing.assert_allclose(found[256][variance], columns.var(axis=0, ddof=1), rtol=1e-4, atol=1e-6)


@pytest.mark.parametrize("n", [1, 16, 50])
def test_an_activation_is_measured_as_it_is(n: int) -> None:
    z = np.linspace(-4, 4, n)
    found = activation_values(families["activations"]["tanh"], {}, z)
    np.testing.assert_allclose(found, np.tanh(z), rtol=1e-5, atol=1e-7)
    sloped = activation_values(families["activations"]["leaky_relu"], {"negative_slope": 0.3}, z)
    np.testing.assert_allclose(sloped, np.where(z < 0, 0.3 * z, z), rtol=1e-6)
    learned = families["activations"]["prelu"].learned[0].default_number
    np.testing.assert_allclose(
        activation_values(families["activations"]["prelu"], {}, z), np.where(z < 0, learned * z, z), rtol=1e-6
    )
