"""Where runs are kept, and what to say when they cannot be.

Training never depends on it: a home that is unset, read-only or full costs the saved runs, said once, and nothing else.
"""

from __future__ import annotations

import errno
import os
import shutil
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass

import platformdirs

from ..text import byte_size, safe_text
from .disk import DISK, Disk
from .files import make_folder, write_atomic

NOT_SAVED = "this run is not saved: "


@dataclass(frozen=True)
class Home:
    """The folder of all runs."""

    path: str
    """Absolute; "" when there is no place at all."""
    problem: str
    """One sentence: what is not saved, where and why; "" when all is well."""

    @property
    def reason(self) -> str:
        """The same without what it means for one run."""
        return self.problem.removeprefix(NOT_SAVED)

    @property
    def runs(self) -> str:
        """The folder that holds one folder for each run."""
        return os.path.join(self.path, "runs")

    @property
    def sweeps(self) -> str:
        """The folder that holds one folder for each sweep; it need not exist."""
        return os.path.join(self.path, "sweeps")


def home_folder(environ: Mapping[str, str] | None = None) -> str:
    """The folder named by `DLTUI_HOME`, by default the user's data folder; it need not exist, "" if there is none."""
    named = (os.environ if environ is None else environ).get("DLTUI_HOME", "")
    path = named or platformdirs.user_data_dir("dltui", appauthor=False)
    # A shell that does not know "~" passes it on; a folder of that name is never what was meant.
    is_none = path.startswith("~") or (not named and not os.path.isabs(path))
    return "" if is_none else os.path.abspath(path)


def find_home(environ: Mapping[str, str] | None = None, disk: Disk = DISK) -> Home:
    """The folder of `home_folder`, made and tried by writing to it."""
    path = home_folder(environ)
    if not path:
        return Home("", f"{NOT_SAVED}there is no home folder; set DLTUI_HOME to a folder to keep runs in")
    try:
        home = Home(path, "")
        make_folder(home.runs, disk)
        probe = os.path.join(home.runs, ".probe")
        write_atomic(probe, b"x", disk)
        with suppress(FileNotFoundError):  # another instance tries the same
            disk.unlink(probe)
    except (OSError, ValueError) as error:
        return Home(path, f"{NOT_SAVED}{describe_failure(error, path)}")
    return home


def describe_failure(error: BaseException, path: str, needed: int = 0) -> str:
    """Why something could not be written to `path`, with the room needed and free where that is the reason."""
    reason = error.strerror if isinstance(error, OSError) and error.strerror else str(error) or type(error).__name__
    text = f"{safe_text(path, 120)}: {safe_text(reason)}"
    full = isinstance(error, OSError) and error.errno in (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)
    if full:
        with suppress(OSError, ValueError):
            free = shutil.disk_usage(_existing(path)).free
            text += f" (needs {byte_size(needed)}, {byte_size(free)} free)" if needed else f" ({byte_size(free)} free)"
    return text


def _existing(path: str) -> str:
    while path and not os.path.exists(path) and path != os.path.dirname(path):
        path = os.path.dirname(path)
    return path or "."
