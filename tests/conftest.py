"""What every test stands on: one thread, no home of the user's, and one cache of compiled kernels.

The cache lies in the user's own folder under the system's temp folder and is kept between runs: compiling everything
anew would cost more than all tests together. Everything else a test writes goes to its own `tmp_path`.
"""

from __future__ import annotations

import os
import signal
import tempfile
from pathlib import Path

import pytest

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
    # Under nohup a lost connection would be ignored by every program the tests start.
    signal.signal(signal.SIGHUP, signal.SIG_DFL)
    for name in _THREADS:
        os.environ[name] = "1"
    os.environ["DLTUI_COMPILE_AHEAD"] = "0"
    os.environ["DLTUI_CACHE"] = os.environ["XDG_CACHE_HOME"] = str(_private_folder())


@pytest.fixture(autouse=True)
def _own_home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DLTUI_HOME", str(tmp_path / "dltui-home"))
    for name in ("XDG_CONFIG_HOME", "XDG_DATA_HOME", "XDG_STATE_HOME"):
        monkeypatch.setenv(name, str(tmp_path / name.lower()))
