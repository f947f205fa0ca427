"""A run as a journal of decisions: what cannot be done is not written down."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from nets import config

from dltui.core import Config, ConfigError, Trainer
from dltui.core.disk.home import find_home
from dltui.core.run.run import JournaledRun
from dltui.core.store.keeper import Keeper


def a_run(asked: Config) -> JournaledRun:
    trainer = Trainer(asked)
    about = {"preset": "", "title": "run", "seed": 0, "data_digest": trainer.data.digest}
    return JournaledRun(trainer, Keeper.begin(find_home(), config=asked.to_dict(dormant=True), **about))  # type: ignore[arg-type]


def test_a_restart_that_cannot_be_is_no_decision(tmp_path: Path) -> None:
    file = tmp_path / "data.npz"
    rng = np.random.default_rng(0)
    np.savez(file, x=rng.normal(size=(40, 2)), y=rng.integers(0, 2, 40))
    run = a_run(config(data__name="npz", data__path=str(file)))
    run.advance(5)
    assert run.keeper is not None
    before, digest = run.keeper.last_n, run.trainer.digest()
    file.unlink()
    with pytest.raises(ConfigError, match="cannot be read"):
        run.restart(7)
    assert (run.keeper.last_n, run.trainer.digest()) == (before, digest)
    run.restart()
    assert (run.keeper.last_n, run.trainer.step) == (before + 1, 0)
    assert run.close(run.about("closed"), 20.0)


def test_a_state_that_cannot_be_kept_is_said_at_once(tmp_path) -> None:
    run = a_run(config())
    made = run.trainer
    assert run.keeper is not None
    made.advance(5)
    sound = made.memory.weights[0]
    made.memory.weights[0] = np.inf
    run.write_state()
    said = "states are not saved: the state at step 5 holds numbers that are not finite"
    assert (run.keeper.problem, run.keeper.saved) == (said, said)
    made.memory.weights[0] = sound
    run.write_state()
    assert run.keeper.problem == "" and run.close(run.about("closed"), 20.0)
