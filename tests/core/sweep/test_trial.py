"""A trial is the run that its settings make; what goes wrong in it is its row and nobody else's."""

from __future__ import annotations

import math
from dataclasses import replace

import pytest
from nets import CLASSES, VALUES, config

from dltui.core import Trainer
from dltui.core.disk.canonical import from_json, to_json
from dltui.core.errors import ConfigError
from dltui.core.sweep.trial import Bench, Trial, TrialRow
from dltui.core.training.condition import read_condition

TEXTS = {"optimizer.name": "momentum", "optimizer.momentum": "0.8", "data.noise": "0.2"}


def _timeless(row: TrialRow | None) -> TrialRow:
    assert row is not None
    return replace(row, elapsed_s=0.0)


@pytest.mark.parametrize("base", [CLASSES, VALUES], ids=["classes", "values"])
def test_a_trial_is_the_run_that_its_settings_make(base: dict) -> None:
    row = Bench(config(base), "val_loss", 150).run(Trial(0, 0, TEXTS, 5))
    changes = {"optimizer.name": "momentum", "optimizer.momentum": 0.8, "data.noise": 0.2, "training.seed": 5}
    run = Trainer(config(base).with_changes(changes))
    run.aim(150)
    run.advance(150)
    assert row is not None and (row.digest, row.data, row.step) == (run.digest(), run.data.digest, 150)
    assert row.metrics["val_loss"] == run.evaluate("val")["loss"] and row.stopped == "finished"


def test_the_order_of_trials_shows_in_no_row() -> None:
    trials = [Trial(k, k, {"optimizer.learning_rate": f"{0.01 * (k + 1)}"}, k % 3) for k in range(6)]
    benches = Bench(config(), "val_loss", 80), Bench(config(), "val_loss", 80)
    one = [_timeless(benches[0].run(trial)) for trial in trials]
    other = [_timeless(benches[1].run(trial)) for trial in reversed(trials)]
    assert one == other[::-1]


def test_what_diverges_is_refused_or_raises_is_a_row_with_the_reason(monkeypatch: pytest.MonkeyPatch) -> None:
    bench = Bench(config(VALUES, network__activation="relu"), "val_loss", 400)
    diverged = bench.run(Trial(0, 0, {"optimizer.name": "sgd", "optimizer.learning_rate": "1e6"}, 0))
    assert diverged.stopped == "diverged" and diverged.reason and not diverged.metrics and not diverged.trained
    refused = bench.run(Trial(1, 1, {"optimizer.learning_rate": "-1"}, 0))
    assert refused.stopped == "refused" and "-1" in refused.reason
    monkeypatch.setattr(Trainer, "advance", lambda *_: 1 / 0)
    raised = bench.run(Trial(2, 2, {}, 0))
    assert (raised.stopped, raised.reason) == ("raised", "ZeroDivisionError: division by zero")


def test_a_condition_ends_a_trial_at_a_step_that_does_not_depend_on_speed() -> None:
    bench = Bench(config(), "val_loss", 1000, read_condition("train_loss < 9 or step >= 5000"))
    assert bench.run(Trial(0, 0, {}, 0)).step == 100
    bench = Bench(config(), "val_loss", 1000, read_condition("step >= 130"))
    assert (row := bench.run(Trial(0, 0, {}, 0))).step == 130 and row.stopped == "until" and row.trained


def test_a_trial_is_given_up_at_its_cut() -> None:
    bench = Bench(config(), "val_loss", 100)
    free = bench.run(Trial(0, 0, {}, 0, ((0.25, math.inf), (0.5, math.inf))))
    assert free.step == 100 and len(free.rungs) == 2
    cut = bench.run(Trial(0, 0, {}, 0, ((0.25, free.rungs[0]), (0.5, free.rungs[1] / 2))))
    assert (cut.stopped, cut.step, cut.rungs) == ("pruned", 50, free.rungs) and cut.metrics


def test_it_can_be_called_off() -> None:
    assert Bench(config(), "val_loss", 10**9).run(Trial(0, 0, {}, 0), lambda: True) is None


def test_a_run_with_an_end_of_its_own_is_trained_to_it() -> None:
    bench = Bench(config(training__max_epochs=3), "val_loss")
    by_batch = [bench.run(Trial(0, 0, {"training.batch_size": size}, 0)) for size in ("6", "12")]
    assert [row.step for row in by_batch] == [18, 9] and {row.epoch for row in by_batch} == {3}


def test_trials_and_rows_survive_the_wire_and_the_disk() -> None:
    trial = Trial(3, 1, TEXTS, 2**62, ((0.5, math.inf), (0.75, -0.5)))
    assert Trial.from_plain(from_json(to_json(trial.plain()), "")) == trial
    row = Bench(config(), "val_loss", 20).run(Trial(0, 0, {}, 0))
    assert row is not None and TrialRow.from_plain(from_json(to_json(row.plain()), "")) == row
    for name, value in (("number", -1), ("stopped", 5), ("metrics", {"val_loss": "x"}), ("texts", []), ("rungs", 1)):
        with pytest.raises(ConfigError, match=name):
            TrialRow.from_plain({**row.plain(), name: value})
