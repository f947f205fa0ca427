"""A run kept by an earlier version is gone on with and replayed; its folder is kept for ever and never rewritten."""

from __future__ import annotations

import shutil
from pathlib import Path

import numpy as np

from dltui.core import Trainer
from dltui.core.run.replay import replay, resume_trainer, start_trainer
from dltui.core.store.runs import list_runs, open_run

GOLDEN = Path(__file__).parent / "golden_runs"
RUN = "20260102-000000-live"


def test_an_old_live_run(tmp_path: Path) -> None:
    shutil.copytree(GOLDEN / RUN, tmp_path / RUN)
    (info,) = list_runs(str(tmp_path))
    assert (info.problem, info.damage, info.title) == ("", "", "Golden live run")
    opened = open_run(str(tmp_path), RUN)
    assert [record.kind for record in opened.records] == ["apply", "apply", "rewind", "apply", "restart", "apply"]
    trainer, messages = resume_trainer(opened, Trainer)
    assert messages == () and trainer.step == 90 and trainer.config.schedule.name == "cosine"
    again = start_trainer(opened, Trainer)
    replay(again, opened.records, [opened.last_shown()])
    assert again.step == 90 and again.config == trainer.config
    # Another processor or a kernel written anew may round differently; the same run it is all the same.
    for name, values in trainer.parameters.items():
        np.testing.assert_allclose(again.parameters[name], values, rtol=1e-3, atol=1e-4)
    trainer.advance(10)
    opened.close()
