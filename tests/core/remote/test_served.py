"""How long a process goes on without a terminal, how many may, and what the next start says of one that ended."""

import json
import os
import shutil
from pathlib import Path
from typing import Any

from dltui.core.disk.home import Home
from dltui.core.remote.served import N_DETACHED, ServedSession
from dltui.core.store.interrupted import unfinished
from dltui.core.store.runs import create_run


class FakeSession:
    failure, alive = "", True

    def latest(self):
        return None

    def close(self, timeout):
        self.alive = False
        return True


def served_session(session: Any, home: Home) -> ServedSession:
    return ServedSession(session, home)


def test_forgotten_runs_cannot_pile_up(tmp_path):
    home = Home(str(tmp_path), "")
    held = [served_session(FakeSession(), home) for _ in range(N_DETACHED + 1)]
    assert [served.keep_on() for served in held[:-1]] == [""] * N_DETACHED
    assert "8 runs" in held[-1].keep_on() and "dltui stop" in held[-1].keep_on()
    held[0].close()
    assert held[-1].keep_on() == ""
    for served in held:
        served.close()
    assert "not saved" in served_session(FakeSession(), Home(str(tmp_path), "it is read-only")).keep_on()


def test_a_paused_run_waits_for_somebody_but_not_for_ever(tmp_path):
    class Paused(FakeSession):
        def latest(self):
            class Snapshot:
                run, status, saved = "", "paused", ""

            return Snapshot()

    times = iter([0.0, 1.0, 601.0])
    served = served_session(Paused(), Home(str(tmp_path), ""))
    served.work_until_end(clock=lambda: next(times))
    assert not served.alive


def test_a_run_that_nobody_can_find_ends(tmp_path):
    home = Home(str(tmp_path / "home"), "")
    os.makedirs(home.runs)
    times = iter([0.0, 1.0, 8.0, 10.0, 12.0])
    served = served_session(FakeSession(), home)
    assert served.keep_on() == ""

    def clock():
        now = next(times)
        if now == 8.0:
            shutil.rmtree(home.path)
        return now

    served.work_until_end(clock)
    assert not served.alive and next(times, None) is None


def test_the_next_start_tells_of_a_run_that_was_not_ended(tmp_path):
    home = Home(str(tmp_path), "")
    assert unfinished(home) == ""
    (tmp_path / "runs").mkdir()
    made = create_run(home.runs, config={}, seed=0, data_digest="")
    made.close()
    run = Path(made.path)
    assert unfinished(home) == ""
    broken = tmp_path / "runs" / "99991231-000000-abcd"
    broken.mkdir()
    (broken / "status.json").write_text('{"status": "training", "step": 13}')
    (run / "status.json").write_text('{"status": "training", "step": 12}')
    assert unfinished(home) == (
        f"Your last run was ended at step 12 by a crash. Go on with it: dltui resume {run.name}"
    )
    (run / "status.json").write_text('{"status": "closed", "step": 12}')
    assert unfinished(home) == ""
    (tmp_path / "interrupted.json").write_text(json.dumps({"run": run.name, "by": "SIGTERM"}))
    assert "by SIGTERM" in unfinished(home)
    assert unfinished(home) == ""
    (tmp_path / "interrupted.json").write_text("[")
    assert unfinished(home) == ""
