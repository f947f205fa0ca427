"""All runs: begin one, open one, list and delete them.

A folder that lies where it should is the whole truth about a run. Nothing else keeps a list, so one can be copied,
moved and deleted like any folder, and one that is broken hides no other. No path is ever made from a title or any other
text of a user.
"""

from __future__ import annotations

import os
import re
import secrets
import sys
import time
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime

from ..disk.disk import DISK, Disk
from ..disk.files import make_new_folder
from ..disk.lock import Lock, is_locked, read_holder
from ..errors import ConfigError
from ..text import safe_text
from .fingerprint import fingerprint
from .folder import RunDir, step_reached
from .meta import RunMeta, read_meta
from .status import RunStatus, read_status

_ID = re.compile(r"[a-z0-9][a-z0-9-]{0,63}")
_NAME_TIME = "%Y%m%d-%H%M%S"
_LETTERS = "abcdefghijklmnopqrstuvwxyz0123456789"


@dataclass(frozen=True)
class RunInfo:
    """One line of a list of runs."""

    id: str
    path: str
    title: str = ""
    preset: str = ""
    created: str = ""
    status: RunStatus = field(default_factory=RunStatus)
    """What its writer said last."""
    step: int | None = None
    """The step it was last shown at, which may lie beyond what the status says; None if nothing says."""
    live: bool = False
    """Whether a process holds it."""
    holder: str = ""
    """" by process 12 on host h since …" if so."""
    n_bytes: int = 0
    problem: str = ""
    """Why it cannot be opened; "" if it can."""
    damage: str = ""
    """What is not as it was written, although it can be opened."""


def create_run(
    runs: str,
    *,
    config: Mapping[str, object],
    seed: int,
    data_digest: str,
    title: str = "",
    preset: str = "",
    disk: Disk = DISK,
) -> RunDir:
    """Begin a run's folder; its lock is held.

    Args:
        runs: Folder of all runs (`Home.runs`).
        config: `Config.to_dict(dormant=True)`.
        seed: The seed in force.
        data_digest: Digest of the data as loaded.
        title: For people; any text.
        preset: Name or file it came from.
        disk: Where.

    Raises:
        OSError: It cannot be made; nothing is left behind.
        ConfigError: What was written cannot be read back, or `config` is not plain data; nothing is left behind.
    """
    path = make_new_folder(runs, _new_name, disk)
    created = time.strftime("%Y-%m-%dT%H:%M:%S%z")
    meta = RunMeta(created, title, preset, seed, config, data_digest, fingerprint(), run=os.path.basename(path))
    try:
        disk.sync_folder(runs)
        return RunDir(path, True, disk, meta)
    except BaseException:
        with suppress(OSError):
            for left in disk.names(path):
                disk.unlink(os.path.join(path, left))
            disk.rmdir(path)
        raise


def _new_name() -> str:
    """The time, and four letters that tell apart what begins in the same second."""
    return time.strftime(f"{_NAME_TIME}-") + "".join(secrets.choice(_LETTERS) for _ in range(4))


def open_run(runs: str, run: str, write: bool = True, disk: Disk = DISK) -> RunDir:
    """Open a run by its id; with `write` its lock is held.

    Raises:
        ConfigError: No such run, in use, or not usable; says why.
    """
    path = run_path(runs, run, disk)
    try:
        return RunDir(path, write, disk)
    except OSError as error:
        raise ConfigError(f"cannot be opened ({error.strerror})", file=safe_text(path)) from error


def run_path(runs: str, run: str, disk: Disk = DISK) -> str:
    """The folder of a run.

    Raises:
        ConfigError: There is none of that id; names the nearest.
    """
    names = run_names(runs, disk)
    path = os.path.join(runs, run)
    if run not in names or disk.is_link(path):
        choices = names if len(names) <= 20 else ()
        raise ConfigError("is not a run", field="run", value=safe_text(run, 80), choices=choices)
    return path


def run_names(runs: str, disk: Disk = DISK) -> list[str]:
    """Ids of all runs, in the order of the alphabet."""
    try:
        return sorted(name for name in disk.names(runs) if _ID.fullmatch(name))
    except OSError:
        return []


def by_age(runs: str, disk: Disk = DISK) -> list[str]:
    """Ids of all runs, the oldest first: by when they were begun, whatever their folders are called now."""
    return sorted(run_names(runs, disk), key=lambda name: (*_begun(os.path.join(runs, name), disk), name))


def _begun(path: str, disk: Disk) -> tuple[float, int]:
    """When a run was begun, and what tells apart those of one second; a broken one is the last of its second."""
    try:
        begun = datetime.fromisoformat(read_meta(path, disk).created).timestamp()
        return begun, os.stat(os.path.join(path, "meta.json")).st_mtime_ns
    except (ConfigError, OSError, ValueError, TypeError, OverflowError):
        with suppress(ValueError, OverflowError):
            return time.mktime(time.strptime(os.path.basename(path)[:15], _NAME_TIME)), sys.maxsize
    return 0.0, 0


def list_runs(runs: str, disk: Disk = DISK) -> list[RunInfo]:
    """Every run, the newest first; a broken one is there with its reason."""
    return [_info(runs, name, disk) for name in reversed(by_age(runs, disk))]


def live_runs(runs: str, disk: Disk = DISK) -> list[RunInfo]:
    """Runs that a process holds, the newest first."""
    names = [name for name in by_age(runs, disk) if is_locked(os.path.join(runs, name, "LOCK"), disk)]
    return [_info(runs, name, disk) for name in reversed(names)]


def _info(runs: str, name: str, disk: Disk) -> RunInfo:
    path = os.path.join(runs, name)
    try:
        if disk.is_link(path):
            raise ConfigError("is a link, not a run's folder", file=safe_text(path))
        run = RunDir(path, write=False, disk=disk)
        meta = run.meta
        lock = os.path.join(path, "LOCK")
        live = is_locked(lock, disk)
        return RunInfo(
            id=name,
            path=path,
            title=meta.title,
            preset=meta.preset,
            created=meta.created,
            status=read_status(path, meta.run, disk),
            step=step_reached(path, meta, disk),
            live=live,
            holder=read_holder(lock, disk).sentence() if live else "",
            n_bytes=_n_bytes(path),
            damage="; ".join(run.messages),
        )
    except ConfigError as error:
        return RunInfo(name, path, problem=str(error))
    except OSError as error:
        return RunInfo(name, path, problem=f"{safe_text(path)} cannot be read ({error.strerror})")


def delete_run(runs: str, run: str, disk: Disk = DISK) -> None:
    """Delete a run that nobody uses, broken or not.

    Raises:
        ConfigError: No such run, in use, or it cannot be removed; says what is left.
    """
    path = run_path(runs, run, disk)
    try:
        lock = Lock(os.path.join(path, "LOCK"), disk)
        try:
            # The lock goes last: until then nobody can open what is half gone.
            for name in sorted(disk.names(path), key=lambda name: name == "LOCK"):
                disk.unlink(os.path.join(path, name))
            disk.rmdir(path)
            disk.sync_folder(runs)
        finally:
            lock.release()
    except OSError as error:
        raise ConfigError(f"cannot be deleted ({error.strerror})", file=safe_text(path)) from error


def _n_bytes(path: str) -> int:
    total = 0
    with suppress(OSError), os.scandir(path) as entries:
        for entry in entries:
            with suppress(OSError):
                total += entry.stat(follow_symlinks=False).st_size
    return total
