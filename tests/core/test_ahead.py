"""The process that compiles ahead finds its modules where its session found them, and nowhere else."""

import json
import sys
import time

import pytest

from dltui.core import Config
from dltui.core.ahead import Ahead
from dltui.core.warm import everything

PLANTED = """
import json, sys
with open({place!r}, "w") as file:
    json.dump(sys.path, file)
raise SystemExit
"""


@pytest.fixture
def ahead():
    made = Ahead()
    yield made
    made.close()


def wait_for(condition):
    end = time.monotonic() + 60
    while not (found := condition()) and time.monotonic() < end:
        time.sleep(0.01)
    return found


@pytest.mark.parametrize("module", ["numba", "numpy", "json", "dltui"])
def test_a_module_in_the_current_folder_is_not_run(tmp_path, monkeypatch, ahead, module):
    mark = tmp_path / "ran"
    (tmp_path / f"{module}.py").write_text(f"open({str(mark)!r}, 'w').close()\nraise SystemExit\n")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("DLTUI_CACHE", str(tmp_path / "cache"))
    request = {"config": Config.from_dict({}).to_dict(), "input_shape": [2], "task": "classes", "n_outputs": 2}
    ahead.start(request)
    at = wait_for(lambda: ahead.at or mark.exists())
    assert not mark.exists() and at in {function.name for function in everything()}


def test_modules_are_looked_for_where_the_session_looks(tmp_path, monkeypatch, ahead):
    place, folder = tmp_path / "path", tmp_path / "added"
    folder.mkdir()
    (folder / "numba.py").write_text(PLANTED.format(place=str(place)))
    monkeypatch.syspath_prepend(str(folder))
    ahead.start({})
    assert wait_for(lambda: place.exists() and place.read_text().endswith("]"))
    assert json.loads(place.read_text()) == sys.path
