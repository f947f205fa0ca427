"""The plan of a sweep: what is left open, what is refused before the first trial, and what tells two apart."""

from __future__ import annotations

from dataclasses import replace

import pytest
from nets import IMAGES
from sweeps import METRICS, OVERS, RATES, plan_of

from dltui.core.disk.canonical import from_json, to_json
from dltui.core.errors import ConfigError
from dltui.core.sweep.plan import SweepPlan, check_points


def test_what_nobody_said_is_filled_in() -> None:
    plan = plan_of()
    assert (plan.sampler, plan.metric, plan.n_points, plan.n_trials, len(plan.data)) == ("grid", "val_loss", 6, 6, 64)
    assert plan_of("optimizer.learning_rate=1e-4:1:log").n_points == 20
    assert plan_of(n_points=4, n_seeds=3).n_trials == 12


def test_trials_of_one_setting_differ_in_the_seed_alone() -> None:
    (generation,) = plan_of(n_seeds=3).generations()
    assert [trial.number for trial in generation.trials] == list(range(18))
    assert [(trial.point, trial.seed) for trial in generation.trials[:4]] == [(0, 3), (0, 4), (0, 5), (1, 3)]


def test_a_plan_survives_the_disk() -> None:
    plan = plan_of(n_seeds=2, until="val_loss < 0.1", prune="median")
    again = SweepPlan.from_plain(from_json(to_json(plan.plain()), ""))
    assert again == plan and again.digest() == plan.digest()


def test_what_decides_about_the_table_tells_sweeps_apart_and_nothing_else() -> None:
    plan = plan_of()
    renamed = replace(plan, source="x", config=plan.config.with_changes({"preset.title": "y"}))
    assert renamed.digest() == plan.digest()
    for other in (
        plan_of(n_seeds=2), plan_of(n_steps=61), plan_of(RATES), plan_of(sampler="random"), replace(plan, data="0"),
        replace(plan, config=plan.config.with_changes({"optimizer.beta1": 0.8})),
    ):  # fmt: skip
        assert other.digest() != plan.digest()


@pytest.mark.parametrize(
    ("overs", "asked", "problem"),
    [
        (OVERS, {"metric": "val_r2"}, "--metric"),
        (OVERS, {"sampler": "gird"}, "grid"),
        (OVERS, {"until": "elapsed_s > 3"}, "never the same twice"),
        (OVERS, {"until": "val_r2 > 1"}, "--until"),
        (OVERS, {"prune": "half"}, "--prune"),
        (OVERS, {"n_seeds": 50_000}, "300000 trials"),
        (("optimizer.learning_rate=1:2",), {"sampler": "grid"}, "no end of values"),
    ],
)
def test_what_is_wrong_is_refused(overs: tuple[str, ...], asked: dict, problem: str) -> None:
    with pytest.raises(ConfigError, match=problem):
        plan_of(*overs, **asked)


@pytest.mark.parametrize(
    ("overs", "asked", "problem"),
    [
        (("optimizer.learning_rate=0.1,-1",), {}, "-1"),
        (("optimizer.beta1=0.5:2",), {"sampler": "tpe"}, "beta1"),
        (("optimizer.name=adam,sgd", "optimizer.beta1=0.5,0.6"), {}, "beta1"),
        (("network.layers.1.kernel=3,9",), {"base": IMAGES}, "kernel"),
    ],
)
def test_settings_and_shapes_that_do_not_fit_are_told_before_the_first_trial(
    overs: tuple[str, ...], asked: dict, problem: str
) -> None:
    plan = plan_of(*overs, **asked)
    with pytest.raises(ConfigError, match=problem):
        check_points(plan, plan.bench())


def test_every_setting_is_looked_at() -> None:
    seen: list[int] = []
    plan = plan_of()
    check_points(plan, plan.bench(), seen.append)
    assert seen == [1, 2, 3, 4, 5, 6] and "val_loss" in METRICS
