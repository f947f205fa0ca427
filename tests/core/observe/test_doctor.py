"""The doctor at the lessons: each that shows a fault is diagnosed rightly, and no healthy one hears a complaint."""

from __future__ import annotations

import numpy as np
import pytest

from dltui.core import Trainer, load_preset
from dltui.core.config.presets import list_presets
from dltui.core.observe.doctor import examine
from dltui.core.observe.layers import layer_stats
from dltui.core.snapshot import Finding

FAULTY = {
    "exploding_gradient": "diverged",
    "vanishing_gradient": "vanishing gradient",
    "dead_relu": "dead units",
    "unscaled_input": "unscaled inputs",
    "linear_stack": "a stack of linear layers",
    "xor_without_hidden_layer": "no hidden layer",
    "learning_rate_too_large": "learning rate too large",
    "learning_rate_too_small": "learning rate too small",
    "local_minimum": "the loss is flat",
    "overfitting": "overfitting",
}
"""Lesson -> the gravest finding at the end of its story."""
OTHERS = [head.name for head in list_presets() if head.name not in FAULTY]
SAMPLE = OTHERS[::6]
"""Those that are looked at each time."""
LATER = 2000
"""Steps after which a remedy is judged."""


def told(trainer: Trainer, n_steps: int) -> tuple[Finding, ...]:
    """What the doctor finds after so many steps more, the last of which is measured."""
    trainer.advance(n_steps - 1)
    before = trainer.memory.weights.copy()
    trainer.advance(1)
    with np.errstate(all="ignore"):
        return examine(trainer, layer_stats(trainer, before))


@pytest.mark.parametrize("name", FAULTY)
def test_a_lesson_that_shows_a_fault_is_diagnosed(name: str) -> None:
    config = load_preset(name)
    findings = told(Trainer(config), config.preset.steps)
    assert findings and findings[0].name == FAULTY[name]
    first = findings[0]
    assert first.says.endswith(".") and first.why.endswith(".") and first.advice.endswith(".") and first.evidence


@pytest.mark.parametrize(
    "name", [pytest.param(name, marks=[] if name in SAMPLE else [pytest.mark.slow]) for name in OTHERS]
)
def test_a_healthy_lesson_hears_no_complaint(name: str) -> None:
    config = load_preset(name)
    trainer = Trainer(config)
    story = config.preset.steps or 1000
    for share in (0.3, 0.6, 1.0):
        n_steps = int(share * story) - trainer.step
        if trainer.stopped is None and n_steps > 1:
            assert [finding.name for finding in told(trainer, n_steps)] == []


@pytest.mark.parametrize("name", FAULTY)
def test_a_remedy_leads_to_a_lower_loss_than_going_on(name: str) -> None:
    config = load_preset(name)
    trainer = Trainer(config)
    (first, *_) = told(trainer, config.preset.steps)
    if trainer.stopped == "diverged":  # the way back is to begin with the remedy
        trainer.restart()
    cured, uncured = trainer.copy(), trainer.copy()
    cured.apply(first.remedy)
    for run in (cured, uncured):
        run.advance(LATER)
    part = "val" if name == "overfitting" else "train"
    assert cured.stopped != "diverged"
    if uncured.stopped != "diverged":
        assert cured.evaluate(part)["loss"] < uncured.evaluate(part)["loss"]
