"""What to say at the start about a run that its user did not end.

A run that is stopped by a signal, a crash or a machine that goes down loses nothing, but nobody may know. So whoever is
told to stop leaves a word in the home, and a run whose last status is not an end speaks for itself.
"""

from __future__ import annotations

import os
from contextlib import suppress

from ..disk.canonical import from_json, to_json
from ..disk.disk import DISK, Disk
from ..disk.files import read_regular, write_atomic
from ..disk.home import Home
from ..disk.lock import is_locked
from ..errors import ConfigError
from ..text import safe_text
from .folder import step_reached
from .meta import RunMeta, read_meta
from .runs import by_age
from .status import RunStatus, read_status

_ENDS = frozenset(("closed", "finished", "diverged", "failed"))


def note_interrupted(home: Home, run: str, by: str, disk: Disk = DISK) -> None:
    """Leave a word for the next start."""
    with suppress(OSError):
        write_atomic(_note(home), to_json({"run": run, "by": by}).encode(), disk)


def interrupted_notice(home: Home, disk: Disk = DISK) -> str:
    """One sentence about the newest run if its user did not end it, and how to go on; "" otherwise. Said once."""
    sound = ((name, _meta_of(home, name, disk)) for name in reversed(by_age(home.runs, disk)))
    newest, meta = next(((name, meta) for name, meta in sound if meta is not None), ("", None))
    if meta is None:
        return ""
    path = os.path.join(home.runs, newest)
    by = ""
    with suppress(OSError, ConfigError):
        note = from_json(read_regular(_note(home), 4096, disk), _note(home))
        by = safe_text(note["by"], 40) if isinstance(note, dict) and note.get("run") == newest and "by" in note else ""
        disk.unlink(_note(home))
    if is_locked(os.path.join(path, "LOCK"), disk):
        return ""
    status = read_status(path, meta.run, disk)
    if not by and (status == RunStatus() or status.status in _ENDS):
        return ""
    step = step_reached(path, meta, disk)
    at = f" at step {step}" if step is not None else ""
    return f"Your last run was ended{at} by {by or 'a crash'}. Resume it: dltui resume {newest}"


def _meta_of(home: Home, run: str, disk: Disk) -> RunMeta | None:
    with suppress(ConfigError):
        return read_meta(os.path.join(home.runs, run), disk)
    return None


def _note(home: Home) -> str:
    return os.path.join(home.path, "interrupted.json")
