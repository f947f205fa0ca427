"""Spikes of the loss are found, and noise is not taken for one."""

from __future__ import annotations

import numpy as np
import pytest
from nets import trainer

from dltui.core.observe.observer import Observer
from dltui.core.observe.spikes import MIN_STEPS, Spike, SpikeFinder
from dltui.core.training.history import BoundedSeries


def _found(values: np.ndarray, chunk: int) -> list[Spike]:
    series, finder, found = BoundedSeries(), SpikeFinder(), []
    for start in range(0, len(values), chunk):
        series.extend(start, values[start : start + chunk].astype(np.float32))
        spike = finder.look(series)
        if spike is not None:
            found.append(spike)
    return found


@pytest.mark.parametrize("chunk", [100, 1000])
@pytest.mark.parametrize("seed", range(10))
def test_a_rise_is_found_where_it_is(seed: int, chunk: int) -> None:
    numbers = np.random.default_rng(seed)
    values = 0.3 + 0.7 * np.exp(-np.arange(9000) / 2000) + 0.2 * np.abs(numbers.normal(size=9000))
    values[7000 : 7000 + 3 * MIN_STEPS] *= 6.0
    found = _found(values, chunk)
    assert found
    assert abs(found[0].step - 7000) <= 4 * MIN_STEPS
    assert found[0].value > 2 * found[0].usual


def test_noise_is_no_spike() -> None:
    alarms, n_steps = 0, 0
    for seed in range(40):
        numbers = np.random.default_rng(seed)
        decay = 0.05 + np.exp(-np.arange(50_000) / numbers.uniform(500, 20_000))
        values = decay * numbers.gamma(2.0, 0.5, size=50_000)
        alarms += len(_found(values, 2000))
        n_steps += len(values)
    assert n_steps == 2_000_000
    assert alarms == 0


def test_spikes_in_a_row_are_one_event() -> None:
    made, observer = trainer(), Observer(lambda: 0.0)
    losses = made.history.of("train_loss")
    for start in range(0, 40_000, 100):
        values = np.full(100, 0.5, np.float32)
        if start in (8_000, 20_000, 32_000):
            values *= 5.0
        losses.extend(start, values)
        observer.note_spike(made)
        if start == 25_000:
            made.note("note", "something else")
    spikes = [event for event in made.events if event.kind == "spike"]
    assert [event.text for event in spikes] == ["2 spikes, loss up to 2.5", "loss 0.5 → 2.5"]
    assert all(abs(event.step - at) <= 4 * MIN_STEPS for event, at in zip(spikes, (20_000, 32_000), strict=True))
    assert [event.number for event in made.events] == [1, 2, 3]
