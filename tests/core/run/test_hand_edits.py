"""Whatever is done by hand is a decision: a session of random edits replays to the same digest, and resumes to it."""

from __future__ import annotations

import random
from contextlib import suppress

import pytest
from kept_runs import resumed, verified
from nets import config

from dltui.core import ConfigError, Trainer
from dltui.core.config import by_hand
from dltui.core.config.by_hand import point_added, point_removed
from dltui.core.config.config import Config
from dltui.core.run.run import JournaledRun
from dltui.core.run.start import start_run
from dltui.core.store.status import RunStatus


def edit(run: JournaledRun, rng: random.Random) -> None:
    """One edit, whatever it may be."""
    trainer = run.trainer
    settings: Config = trainer.config
    weights = [stage for stage in trainer.network.stages if stage.weights]
    stage = rng.choice(weights)
    layer, unit = stage.owner, rng.randrange(stage.output[0])
    hidden = rng.choice([*by_hand.layer_names(settings), "input"])
    match rng.randrange(14):
        case 0 | 1 | 2:
            n_inputs = stage.weights[0].shape[1]
            run.overwrite("edit weight", layer, unit, rng.randrange(-1, n_inputs), rng.gauss(0, 1))
        case 3:
            run.overwrite("reinitialize", layer, unit)
        case 4:
            run.overwrite("reinitialize", layer)
        case 5:
            run.apply(by_hand.muted_turned(settings, layer, unit))
        case 6:
            run.apply(by_hand.frozen_turned(settings, layer))
        case 7:
            run.apply(by_hand.with_activation(settings, hidden, rng.choice(["relu", "tanh", "gelu"])))
        case 8:
            run.apply(by_hand.wider(settings, hidden, rng.choice([-1, 1])))
        case 9:
            change = by_hand.without_layer if len(settings.network.layers) > 2 else by_hand.with_layer_behind
            run.apply(change(settings, hidden))
        case 10:
            run.apply(by_hand.input_turned(settings, rng.choice(["x1^2", "x1*x2", "sin(x1)"])))
        case 13:
            at = rng.uniform(-1, 1), rng.uniform(-1, 1)
            word = point_added(*at, rng.randrange(2)) if rng.random() < 0.7 else point_removed(*at)
            run.apply({"data.points": (*settings.data.points, word)})
        case 11:
            run.undo()
        case 12:
            run.redo()


def session(seed: int, n_edits: int) -> None:
    rng = random.Random(seed)
    run = start_run(config(training__seed=seed), "", lambda asked, title: Trainer(asked), True, lambda: 0.0)
    made = 0
    while made < n_edits:
        with suppress(ConfigError):
            edit(run, rng)
            made += 1
        if run.trainer.stopped is not None:
            run.undo()
        run.advance(rng.randrange(4))
    trainer = run.trainer
    digest = trainer.digest()
    run.show(RunStatus("training", trainer.step))
    assert run.keeper is not None and run.keeper.run is not None
    folder = run.keeper.run.path
    assert run.close(RunStatus("closed", trainer.step), 60.0)
    assert not verified(folder).problems
    assert resumed(folder)[0] == digest


@pytest.mark.parametrize("seed", range(2))
def test_a_session_of_edits_replays_and_resumes_to_the_bit(seed: int) -> None:
    session(seed, 25)


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(20))
def test_a_long_session_of_edits_replays_and_resumes_to_the_bit(seed: int) -> None:
    session(100 + seed, 100)


def test_an_edited_weight_can_be_undone_and_stays_where_it_was_set() -> None:
    run = start_run(config(), "", lambda asked, title: Trainer(asked), False, lambda: 0.0)
    run.advance(20)
    before = run.trainer.parameters
    run.overwrite("edit weight", "dense2", 1, 3, 0.5)
    run.overwrite("edit weight", "dense1", 4, -1, -2.0)
    after = run.trainer.parameters
    assert after["dense2.weight"][1, 3] == 0.5 and after["dense1.bias"][4] == -2.0
    assert sum((before[name] != after[name]).sum() for name in before) == 2
    run.undo()
    run.undo()
    assert all((before[name] == value).all() for name, value in run.trainer.parameters.items())
    for wrong in (("dense2", 9, 0, 1.0), ("dense2", 0, 99, 1.0), ("dense9", 0, 0, 1.0), ("dense2", 0, 0, 1e38)):
        with pytest.raises(ConfigError):
            run.overwrite("edit weight", *wrong)


def test_one_unit_begins_anew_and_no_other() -> None:
    run = start_run(config(), "", lambda asked, title: Trainer(asked), False, lambda: 0.0)
    first = run.trainer.parameters
    run.advance(40)
    learned = run.trainer.parameters
    run.overwrite("reinitialize", "dense1", 2)
    again = run.trainer.parameters
    for name in first:
        new = first[name].copy()
        for unit in range(len(new)):
            if not (name.startswith("dense1") and unit == 2):
                new[unit] = learned[name][unit]
        assert (again[name] == new).all()
