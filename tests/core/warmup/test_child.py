"""The process that compiles ahead says what it is at, waits when told to, and never outlives its session.

It finds its modules where the session found them, and nowhere else.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from nets import CLASSES
from patience import until

from dltui.core.warmup.child import CompileRequest, CompilerProcess
from dltui.core.warmup.program import all_functions

REQUEST: CompileRequest = {"config": CLASSES, "input_shape": (2,), "task": "classes", "n_outputs": 2}

PLANTED = """
import json, sys
with open({place!r}, "w") as file:
    json.dump(sys.path, file)
raise SystemExit
"""

SESSION = f"""
import time
from dltui.core.warmup.child import CompilerProcess
ahead = CompilerProcess()
ahead.start({REQUEST!r})
while not ahead.at:
    time.sleep(0.01)
ahead.pause()
print(ahead._process.pid, flush=True)
time.sleep(600)
"""


def state(pid):
    """Letter of the kernel's: R, S, T …; "" when there is no such process."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except (FileNotFoundError, ProcessLookupError):
        return ""


@pytest.fixture
def cold(tmp_path, monkeypatch):
    monkeypatch.setenv("DLTUI_CACHE", str(tmp_path / "cache"))


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="not run: /proc is read")
def test_it_says_what_it_is_at_and_waits(cold):
    ahead = CompilerProcess()
    assert ahead.at == "" and not ahead.started
    ahead.pause()
    ahead.start(REQUEST)
    until(lambda: ahead.at)
    assert ahead.at.startswith("dltui.core.")
    pid = ahead._process.pid
    ahead.pause()
    until(lambda: state(pid) == "T")
    at = ahead.at
    ahead.resume()
    until(lambda: ahead.at != at)
    ahead.pause()
    ahead.close()
    assert state(pid) == "" and ahead.at == ""


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="not run: /proc is read")
def test_a_waiting_one_ends_with_a_session_that_was_killed(cold):
    session = subprocess.Popen([sys.executable, "-c", SESSION], stdout=subprocess.PIPE, text=True)
    pid = int(session.stdout.readline())
    until(lambda: state(pid) == "T")
    os.kill(session.pid, signal.SIGKILL)
    session.wait(10)
    session.stdout.close()
    until(lambda: state(pid) in ("", "Z"))


@pytest.fixture
def ahead(cold):
    made = CompilerProcess()
    yield made
    made.close()


@pytest.mark.parametrize("module", ["numba", "numpy", "json", "dltui"])
def test_a_module_in_the_current_folder_is_not_run(tmp_path, monkeypatch, ahead, module):
    mark = tmp_path / "ran"
    (tmp_path / f"{module}.py").write_text(f"open({str(mark)!r}, 'w').close()\nraise SystemExit\n")
    monkeypatch.chdir(tmp_path)
    ahead.start(REQUEST)
    until(lambda: ahead.at or mark.exists())
    assert not mark.exists() and ahead.at in {function.name for function in all_functions()}


def test_modules_are_looked_for_where_the_session_looks(tmp_path, monkeypatch, ahead):
    place, folder = tmp_path / "path", tmp_path / "added"
    folder.mkdir()
    (folder / "numba.py").write_text(PLANTED.format(place=str(place)))
    monkeypatch.syspath_prepend(str(folder))
    ahead.start({})
    until(lambda: place.exists() and place.read_text().endswith("]"))
    assert json.loads(place.read_text()) == sys.path
