"""All that a worker needs for a sweep, by content: no path of the driver's means anything to it.

A worker on this machine reads the files where they lie. One elsewhere gets their bytes and puts them into a folder
named by what they hold, so that a second sweep of the same data finds them there.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ..disk.files import make_folder, read_regular, write_atomic
from ..errors import ConfigError
from ..store.fingerprint import PACKAGES, fingerprint
from ..text import safe_text
from .plan import SweepPlan

MAX_BYTES = 2 << 30
"""Bytes of all files of a parcel."""
PATHS = ("data.path", "jump_start.path")
"""Settings that name files."""
SOURCES = "sources"
"""Key of the digest of the program in a fingerprint."""


@dataclass(frozen=True)
class Parcel:
    """What is sent to each worker once."""

    plan: dict[str, Any]
    """`SweepPlan.plain()`."""
    print: dict[str, Any]
    """Versions and processor of the driver."""
    files: Mapping[str, Mapping[str, bytes]]
    """Path as the driver says it -> name of each file below it -> its content; {} where the disk is shared."""
    plugins: tuple[str, ...]
    """Paths of files with the user's own methods, as the driver says them."""

    def key(self) -> str:
        """What the worker keeps it under."""
        return SweepPlan.from_plain(self.plan).digest()[:24]

    def unpack(self, folder: str) -> dict[str, str]:
        """Write the files; path as the driver says it -> path here."""
        found = {}
        for path, files in self.files.items():
            sha = hashlib.sha256()
            for name, content in sorted(files.items()):
                sha.update(f"{name}\0{len(content)}\0".encode())
                sha.update(content)
            place = os.path.join(folder, "dltui-files", sha.hexdigest()[:32])
            base = os.path.basename(os.path.normpath(path))
            found[path] = os.path.join(place, base)
            for name, content in files.items():
                file = os.path.join(place, base, name) if name else os.path.join(place, base)
                if not os.path.exists(file):
                    make_folder(os.path.dirname(file))
                    write_atomic(file, content)
        return found


def pack(plan: SweepPlan, plugins: Sequence[str], *, with_files: bool) -> Parcel:
    """What workers need for a sweep.

    Args:
        plan: Of the sweep.
        plugins: Files with the user's own methods.
        with_files: Whether they have another disk.

    Raises:
        ConfigError: A file cannot be read, or they are too large.
    """
    paths = [os.path.abspath(path) for path in plugins]
    files: dict[str, Mapping[str, bytes]] = {}
    if with_files:
        files = {path: _content(path) for path in (*file_paths(plan), *paths)}
        size = sum(len(content) for of_path in files.values() for content in of_path.values())
        if size > MAX_BYTES:
            raise ConfigError(f"are too large to be sent ({size} bytes)", field="the files", allowed=f"{MAX_BYTES}")
    return Parcel(plan.plain(), own_print(), files, tuple(paths))


def file_paths(plan: SweepPlan) -> list[str]:
    """The files and folders that trials read, as the plan names them."""
    named: list[str] = []
    for setting in PATHS:
        axis = next((axis for axis in plan.axes if axis.path == setting), None)
        try:
            values = axis.values if axis is not None else (str(plan.config.get(setting)),)
        except ConfigError:  # data that is made, not read
            values = ()
        named += [value for value in values if value]
    return list(dict.fromkeys(named))


def own_print() -> dict[str, Any]:
    """Versions and processor of this process, and the digest of the program itself."""
    sha = hashlib.sha256()
    root = Path(__file__).parent.parent
    for path in sorted(root.rglob("*.py")):
        sha.update(f"{path.relative_to(root)}\0".encode())
        sha.update(path.read_bytes())
    return {**fingerprint(), SOURCES: sha.hexdigest()}


def refusal(driver: Mapping[str, Any], worker: Mapping[str, Any]) -> str:
    """Why a worker of other versions cannot take part; "" if it can."""
    for name in (*PACKAGES, SOURCES):
        if driver.get(name) != worker.get(name):
            if name == SOURCES:
                return "its dltui is not the one used here, although both say the same version"
            return f"it has {name} {worker.get(name) or 'missing'}, here it is {driver.get(name) or 'missing'}"
    return ""


def mark_of(driver: Mapping[str, Any], worker: Mapping[str, Any]) -> str:
    """What to say of rows from a worker whose processor computes otherwise; "" if it does not."""
    if all(driver.get(name) == worker.get(name) for name in ("features", "machine")):
        return ""
    return safe_text(f"trained on another processor: {worker.get('cpu')}", 200)


def _content(path: str) -> dict[str, bytes]:
    """Name of each file below a path -> its content; "" is the path itself."""
    if not os.path.isdir(path):
        return {"": read_regular(path, MAX_BYTES)}
    found: dict[str, bytes] = {}
    for folder, _, names in os.walk(path):
        for name in sorted(names):
            file = os.path.join(folder, name)
            if os.path.isfile(file):
                found[os.path.relpath(file, path)] = read_regular(file, MAX_BYTES)
    return found
