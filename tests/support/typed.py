"""`dltui` as it is typed, in this process, which has the compiler loaded already."""

import io
import json
from contextlib import redirect_stderr, redirect_stdout
from dataclasses import dataclass

import pytest

from dltui.tui.cli import main


@dataclass
class Done:
    returncode: int
    stdout: str
    stderr: str


def command(*args):
    out, err = io.StringIO(), io.StringIO()
    with redirect_stdout(out), redirect_stderr(err), pytest.raises(SystemExit) as ended:
        main(args)
    assert isinstance(ended.value.code, int)
    return Done(ended.value.code, out.getvalue(), err.getvalue())


def answer(*args, code=0):
    done = command(*args, "--json")
    assert done.returncode == code, done.stderr
    return json.loads(done.stdout.splitlines()[-1])


def train(*args, code=0):
    return answer("train", "spiral", "--set", "training.max_epochs=0", *args, code=code)
