"""Every schedule against PyTorch's over 1,000 steps, and what all of them promise."""

from __future__ import annotations

import importlib.util
from types import MappingProxyType
from typing import Any

import numpy as np
import pytest
from references import make_schedules as reference

from dltui.core.config import Config
from dltui.core.errors import ConfigError
from dltui.core.registry import families
from dltui.core.schedules.base import WITHOUT_END, Clock, learning_rates

TORCH = importlib.util.find_spec("torch") is not None
NAMES = sorted(families["schedules"])


@pytest.fixture(scope="module")
def recorded() -> dict[str, np.ndarray]:
    with np.load(reference.FILE) as file:
        return dict(file)


def settings_of(name: str, **changes: object) -> dict:
    params = {param.name: param for param in families["schedules"][name].params}
    settings = {key: param.default for key, param in params.items()} | {
        key: params[key].check(value, key) for key, value in changes.items()
    }
    return dict(families["schedules"][name].settings_over(settings, WITHOUT_END))


def clock(start: int, stop: int) -> Clock:
    t = np.arange(start, stop)
    return Clock(t=t, epoch=t // reference.STEPS_PER_EPOCH)


def trajectory(case: reference.Case) -> np.ndarray:
    """Our rates, asked for in chunks of uneven length as a trainer does."""
    schedule = families["schedules"][case.schedule]
    settings = settings_of(case.schedule, **reference.ours(case.settings))
    memory, found, at = dict(schedule.memory or {}), [], 0
    seen = reference.losses(case.noisy)
    for length in [reference.STEPS_PER_EVALUATION] * (reference.N_STEPS // reference.STEPS_PER_EVALUATION):
        found.append(learning_rates(schedule, case.base, clock(at, at + length), settings, memory, case.warmup))
        if schedule.observe is not None:
            memory = dict(schedule.observe(seen[at // length], settings, memory, case.base))
        at += length
    return np.concatenate(found)


@pytest.mark.parametrize("name", reference.CASES)
def test_a_schedule_equals_pytorch_step_by_step(name: str, recorded: dict[str, np.ndarray], note: Any) -> None:
    case = reference.CASES[name]
    rates = trajectory(case)
    assert rates.dtype == np.float64 and rates.shape == (reference.N_STEPS,)
    answers = {"recorded": (rates[reference.KEPT], recorded[name])}
    if TORCH:
        answers["torch"] = rates, reference.derive(case)
    for column, (ours, theirs) in answers.items():
        note("schedules", case.schedule, **{column: np.abs(ours - theirs).max() / case.base})
        np.testing.assert_allclose(ours, theirs, rtol=1e-9, atol=1e-12 * case.base)


def test_every_schedule_has_a_reference(recorded: dict[str, np.ndarray]) -> None:
    without = set(NAMES) - {case.schedule for case in reference.CASES.values()}
    assert not without, f"add cases for {sorted(without)} to {reference.__file__} and run it"
    assert set(recorded) == set(reference.CASES), f"run {reference.__file__}"
    assert reference.FILE.stat().st_size < 200_000


def test_plateau_falls_in_every_reference(recorded: dict[str, np.ndarray]) -> None:
    for name, case in reference.CASES.items():
        if case.schedule == "plateau":
            assert len(set(recorded[name])) >= 3, f"{name} hardly falls, so it proves little"


@pytest.mark.parametrize("name", NAMES)
def test_rates_do_not_depend_on_how_they_are_asked_for(name: str) -> None:
    schedule, settings = families["schedules"][name], settings_of(name)
    memory = schedule.memory or {}
    for warmup in (0, 1, 37):
        whole = learning_rates(schedule, 0.1, clock(0, 3000), settings, memory, warmup)
        one_by_one = [learning_rates(schedule, 0.1, clock(t, t + 1), settings, memory, warmup)[0] for t in range(200)]
        assert whole[:200].tolist() == one_by_one
        parts = [
            learning_rates(schedule, 0.1, clock(t, t + 250), settings, memory, warmup) for t in range(0, 3000, 250)
        ]
        assert np.concatenate(parts).tolist() == whole.tolist()
        assert learning_rates(schedule, 0.1, clock(5, 5), settings, memory, warmup).shape == (0,)


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("base", [0.0, 1e-6, 0.1, 10.0, 1e6])
def test_rates_are_never_negative_and_always_finite(name: str, base: float) -> None:
    schedule = families["schedules"][name]
    far = np.unique(np.concatenate([np.arange(3000), np.geomspace(3000, 2**52, 300).astype(np.int64)]))
    for settings in extremes(name, base):
        rates = learning_rates(
            schedule, base, Clock(t=far, epoch=far // 3), settings, MappingProxyType(schedule.memory or {})
        )
        assert np.isfinite(rates).all(), settings
        assert (rates >= 0).all(), settings


def extremes(name: str, base: float) -> list[dict]:
    """The defaults, and each setting at the ends of its range where the schedule allows that."""
    schedule = families["schedules"][name]
    found = [settings_of(name)]
    for param in schedule.params:
        for value in (param.low, param.high, *param.choices):
            if value is None or isinstance(param.default, tuple):
                continue
            try:
                changed = settings_of(name, **{param.name: value})
                if schedule.check is not None:
                    schedule.check(changed, base)
            except ConfigError:
                continue
            found.append(changed)
    return found


def test_the_first_step_of_a_warmup_is_not_lost() -> None:
    schedule = families["schedules"]["constant"]
    rates = learning_rates(schedule, 0.4, clock(0, 6), {}, {}, 3)
    np.testing.assert_allclose(rates, [0.1, 0.2, 0.3, 0.4, 0.4, 0.4], rtol=1e-15)


def test_a_schedule_holds_its_last_value() -> None:
    for name, changes, last in (
        ("cosine", {"t_max": 50, "eta_min": 0.02}, 0.02),
        ("one_cycle", {"total_steps": 50}, 0.1 / 25 / 1e4),
        ("linear", {"total_iters": 50, "end_factor": 0.5}, 0.05),
        ("polynomial", {"total_iters": 50}, 0.0),
    ):
        rates = learning_rates(families["schedules"][name], 0.1, clock(60, 70), settings_of(name, **changes), {})
        np.testing.assert_allclose(rates, last, rtol=1e-12)


def test_phases_of_one_cycle_that_do_not_fit_are_refused() -> None:
    start = Config.from_dict({"schedule": {"name": "one_cycle"}})
    for changes in (
        {"pct_start": 1.0},
        {"pct_start": 0.0},
        {"pct_start": 0.5, "three_phase": True},
        {"total_steps": 3},
    ):
        with pytest.raises(ConfigError) as caught:
            start.with_changes({f"schedule.{key}": value for key, value in changes.items()})
        assert caught.value.field == "schedule.pct_start"


def test_plateau_is_not_moved_by_a_loss_that_is_not_a_number() -> None:
    schedule, settings = families["schedules"]["plateau"], settings_of("plateau", patience=2)
    assert schedule.memory is not None and schedule.observe is not None
    memory = dict(schedule.memory)
    for _ in range(3):
        memory = dict(schedule.observe(float("nan"), settings, memory, 0.0))
    assert memory["best"] == float("inf")
    assert memory["scale"] == 1.0
