"""The command line in processes of their own that need no start: forked from one that has imported everything.

A new interpreter takes a second to import Numba and load the functions of a network, which is most of what a short
command takes. So a test of what a command says and does runs it here; one of how a process starts, or of what surrounds
it, starts a real one.
"""

from __future__ import annotations

import atexit
import json
import os
import subprocess
import sys
import threading
import traceback
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import IO, Any

from patience import LIMIT_S


def run_warm(
    *words: str, env: Mapping[str, str] = os.environ, cwd: str | os.PathLike[str] | None = None
) -> subprocess.CompletedProcess[str]:
    """What `dltui WORDS` does: its exit code and what it wrote, as `subprocess.run` would say it."""
    with TemporaryDirectory() as folder:
        out, err = Path(folder, "out"), Path(folder, "err")
        request = {"words": words, "env": dict(env), "cwd": os.fspath(cwd or os.getcwd())}
        answer = _ask({**request, "out": str(out), "err": str(err)})
        return subprocess.CompletedProcess(words, answer, out.read_text("utf-8"), err.read_text("utf-8"))


_lock = threading.Lock()


def _ask(request: dict[str, Any]) -> int:
    with _lock, _limit(_server()) as server:
        assert server.stdin is not None and server.stdout is not None
        server.stdin.write(json.dumps(request) + "\n")
        server.stdin.flush()
        answer = server.stdout.readline()
    assert answer, "the process that commands are forked from has died"
    return int(answer)


@contextmanager
def _limit(server: subprocess.Popen[str]) -> Iterator[subprocess.Popen[str]]:
    timer = threading.Timer(LIMIT_S, server.kill)
    timer.start()
    try:
        yield server
    finally:
        timer.cancel()


@cache
def _server() -> subprocess.Popen[str]:
    server = subprocess.Popen([sys.executable, __file__], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    atexit.register(_end, server)
    return server


def _end(server: subprocess.Popen[str]) -> None:
    server.kill()
    server.wait()


def serve(requests: IO[str], answers: IO[str]) -> None:
    """Fork a process for each request, and answer with its exit code."""
    for line in requests:
        request = json.loads(line)
        child = os.fork()
        if child == 0:
            os._exit(_run(request))
        code = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
        answers.write(f"{code}\n")
        answers.flush()


def _run(request: dict[str, Any]) -> int:
    """Run a command in this process, with nothing left of the one it was forked from but what is imported."""
    from dltui.tui.cli.main import main

    os.chdir(request["cwd"])
    os.environ.clear()
    os.environ.update(request["env"])
    for number, (path, flags) in enumerate(
        ((os.devnull, os.O_RDONLY), *((request[name], os.O_WRONLY | os.O_CREAT) for name in ("out", "err")))
    ):
        opened = os.open(path, flags, 0o600)
        os.dup2(opened, number)
        os.close(opened)
    for name, number, mode in (("stdin", 0, "r"), ("stdout", 1, "w"), ("stderr", 2, "w")):
        stream = open(number, mode, encoding="utf-8", closefd=False)  # noqa: SIM115
        setattr(sys, name, stream)
        setattr(sys, f"__{name}__", stream)
    try:
        main(request["words"])
    except SystemExit as ended:
        code = ended.code if isinstance(ended.code, int) else 1
    except BaseException:
        traceback.print_exc()
        code = 1
    sys.stdout.flush()
    sys.stderr.flush()
    return code


def _import_everything() -> None:
    from dltui.core import Trainer, load_preset
    from dltui.core.config.presets import list_presets
    from dltui.tui.cli.main import SUBCOMMANDS, subcommand

    for name in SUBCOMMANDS:
        subcommand(name)
    list_presets()
    Trainer(load_preset("spiral")).advance(10)


if __name__ == "__main__":
    _import_everything()
    serve(sys.stdin, sys.stdout)
