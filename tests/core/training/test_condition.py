"""Conditions on a run's metrics: what is read, what is needed, and what is refused."""

import pytest
from nets import trainer

from dltui.core.errors import ConfigError
from dltui.core.training.condition import measure, read_condition


def test_a_condition_says_what_it_needs_and_when_to_look() -> None:
    goal = read_condition("val_accuracy >= 0.95 or step >= 250")
    assert goal.needs == {"val_accuracy", "step"} and goal.stops == (250,)
    assert goal.holds({"val_accuracy": 0.2, "step": 250.0})
    assert not goal.holds({"val_accuracy": 0.2, "step": 249.0})
    assert not goal.holds({"step": 249.0}), "what is not known is never enough"


@pytest.mark.parametrize("text", ["val_loss", "1 + 1", "open('x')", "lossy < 1"])
def test_what_is_no_condition_is_refused(text: str) -> None:
    with pytest.raises(ConfigError, match="--until"):
        read_condition(text)


def test_a_metric_the_run_does_not_have_is_refused() -> None:
    goal = read_condition("val_r2 > 0.5")
    goal.check_known(["val_r2"])
    with pytest.raises(ConfigError, match="is not a metric of this run"):
        goal.check_known(["val_loss", "val_accuracy"])


def test_only_the_parts_that_are_needed_are_measured() -> None:
    run = trainer(steps=20)
    found = measure(run, frozenset({"val_loss", "step"}), 0.5)
    assert found["val_loss"] == run.evaluate("val")["loss"] and found["step"] == 20.0 and found["elapsed_s"] == 0.5
    assert "train_loss" not in found
