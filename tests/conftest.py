"""What every test stands on: one thread, no home of the user's, and one cache of compiled kernels.

The cache lies in the user's own folder under the system's temp folder and is kept between runs: compiling everything
anew would cost more than all tests together. Everything else a test writes goes to its own `tmp_path`.
"""

from __future__ import annotations

import gc
import os
import signal
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

_THREADS = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "NUMEXPR_NUM_THREADS", "NUMBA_NUM_THREADS")


def _private_folder() -> Path:
    """A folder no other user can have planted anything in."""
    folder = Path(tempfile.gettempdir()) / f"dltui-tests-{os.getuid()}"
    folder.mkdir(mode=0o700, exist_ok=True)
    status = folder.lstat()
    if folder.is_symlink() or status.st_uid != os.getuid() or status.st_mode & 0o077:
        raise pytest.UsageError(f"{folder} belongs to somebody else or is open to others; remove it and try again")
    return folder


def pytest_configure() -> None:
    """Set before the first test file imports NumPy or Numba, which read these once."""
    # Under nohup a lost connection, and in the background of a script Ctrl-C, would be ignored by every program the
    # tests start.
    signal.signal(signal.SIGHUP, signal.SIG_DFL)
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
        signal.signal(signal.SIGINT, signal.default_int_handler)
    for name in _THREADS:
        os.environ[name] = "1"
    # How long an example takes says something of the machine, not of what is tested.
    settings.register_profile("dltui", deadline=None, suppress_health_check=[HealthCheck.too_slow])
    settings.load_profile("dltui")
    folder = _private_folder()
    os.environ["DLTUI_COMPILE_AHEAD"] = "0"
    os.environ["DLTUI_TOUR"] = "0"  # every test has a home of its own, in which nobody has seen the tour
    os.environ["DLTUI_CACHE"] = os.environ["XDG_CACHE_HOME"] = str(folder)
    if sys.dont_write_bytecode:
        # Whoever wants no bytecode beside the sources gets it elsewhere: without any, each process reads them anew.
        sys.dont_write_bytecode, sys.pycache_prefix = False, str(folder / "bytecode")
        os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
        os.environ["PYTHONPYCACHEPREFIX"] = sys.pycache_prefix


@pytest.hookimpl(wrapper=True)
def pytest_collection() -> Iterator[None]:
    """Six thousand tests stay until the end: looking for garbage among them takes a tenth of the processor's time."""
    gc.disable()
    collected = yield
    gc.enable()
    gc.freeze()
    gc.set_threshold(20_000, 20)
    return collected


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_auto_num_workers() -> int:
    """With `-n auto` two for each processor: at any time about half of the tests wait for a program of their own."""
    return 2 * len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else 4


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """What was not run is said where nobody overlooks it, each with what it lacks."""
    skipped = terminalreporter.stats.get("skipped", [])
    if skipped:
        terminalreporter.section(f"{len(skipped)} NOT RUN HERE", red=True, bold=True)
        for report in skipped:
            terminalreporter.write_line(f"{report.nodeid}: {report.longrepr[-1]}")


@pytest.fixture(autouse=True)
def _own_home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DLTUI_HOME", str(tmp_path / "dltui-home"))
    for name in ("XDG_CONFIG_HOME", "XDG_DATA_HOME", "XDG_STATE_HOME"):
        monkeypatch.setenv(name, str(tmp_path / name.lower()))
