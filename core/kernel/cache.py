"""The folder of compiled functions, and whether what lies in it may be trusted.

Numba's cache is executable: whoever writes into it runs code here, and a flipped bit can end the process. So the folder
must be this user's alone, every file carries a digest that is checked before Numba sees it, and what does not pass is
compiled anew. Nothing about the cache is ever an error: the worst it can cost is time.

Numba notices edits in the file of a kernel, but not in others, and kernels use helpers and constants of other files:
the folder is therefore named after a digest of every file they may use, and of the compiler's version.
"""

from __future__ import annotations

import hashlib
import os
import platform
import stat
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from importlib.metadata import version
from pathlib import Path
from typing import BinaryIO

import numba
from numba.core import caching
from numba.core.compiler import CompileResult

from ..disk.files import make_folder, private_folder, read_regular
from ..errors import ConfigError

_SEAL = b"dltui-sha256:"
"""Stands before the digest at the end of a file; what Numba reads ends before it."""

_CORE = Path(__file__).parents[1]
_MACHINERY = ("simd", "kernel")
"""Folders every kernel is made with."""
_SHARED = b"@helper"
"""What stands in any other file whose functions become part of kernels elsewhere."""
MAX_FILE = 1 << 28
"""Largest file of the cache that is read, in bytes."""


def use_cache() -> None:
    """Have Numba keep what it compiles in a folder of our own, and check what it finds there."""
    numba.config.CACHE_DIR = str(cache_folder())
    setattr(caching, "IndexDataCacheFile", SealedFiles)  # noqa: B010


def cache_folder() -> Path:
    """The folder for this version of the kernels; one of this process alone where there can be no lasting one."""
    root = os.environ.get("DLTUI_CACHE", "")
    if not root:
        from platformdirs import user_cache_dir

        root = user_cache_dir("dltui", appauthor=False)
    folder = Path(root) / "kernels" / sources_digest()
    with suppress(OSError, ValueError):
        make_folder(folder)
        if all(_is_ours(path) for path in (folder, folder.parent, folder.parent.parent)) and os.access(folder, os.W_OK):
            return folder
    return Path(private_folder("dltui-kernels-"))


def shared_sources(core: Path = _CORE) -> list[Path]:
    """The files from which kernels of other files take functions or constants.

    Beside the machinery and all files with helpers, that is what a family's members share: its `base.py` and the files
    of its sub-folders.
    """

    def is_shared(file: Path) -> bool:
        folder, *rest = file.relative_to(core).parts
        return folder in _MACHINERY or file.name == "base.py" or "shared" in rest or _SHARED in file.read_bytes()

    return sorted(file for file in core.rglob("*.py") if is_shared(file))


def sources_digest(core: Path = _CORE) -> str:
    """What changes when a file that kernels share changes, or the compiler does."""
    digest = hashlib.sha256()
    for file in shared_sources(core):
        digest.update(file.read_bytes())
    for part in (version("numba"), version("llvmlite"), platform.python_version(), platform.machine()):
        digest.update(part.encode())
    return digest.hexdigest()[:16]


def _is_ours(path: Path) -> bool:
    """Whether nobody but this user can put anything there."""
    status = path.lstat()
    return stat.S_ISDIR(status.st_mode) and status.st_uid == os.getuid() and not status.st_mode & 0o022


class SealedFiles(caching.IndexDataCacheFile):
    """The files of one function, each with a digest at its end."""

    def save(self, key: tuple[object, ...], data: CompileResult) -> None:
        """Keep a compiled function, if the disk takes it."""
        with suppress(OSError):
            super().save(key, data)

    def _load_index(self) -> dict[tuple[object, ...], str]:
        return super()._load_index() if is_sealed(self._index_path) else {}

    def _load_data(self, name: str) -> CompileResult:
        path = self._data_path(name)
        if not is_sealed(path):
            raise OSError("is damaged")  # as a file that is gone: compiled anew and written again
        return super()._load_data(name)

    @contextmanager
    def _open_for_write(self, filepath: str) -> Iterator[_Summed]:
        with super()._open_for_write(filepath) as file:
            summed = _Summed(file)
            yield summed
            file.write(_SEAL + summed.digest.digest())


class _Summed:
    """A file being written, and the digest of what was."""

    def __init__(self, file: BinaryIO) -> None:
        self._file = file
        self.digest = hashlib.sha256()

    def write(self, data: bytes) -> int:
        """Write and sum."""
        self.digest.update(data)
        return int(self._file.write(data))


def is_sealed(path: str) -> bool:
    """Whether a file is this user's and as it was written."""
    try:
        status = os.lstat(path)
        if not stat.S_ISREG(status.st_mode) or status.st_uid != os.getuid():
            return False
        content = read_regular(path, MAX_FILE)
    except (OSError, ConfigError):
        return False
    at = len(content) - len(_SEAL) - hashlib.sha256().digest_size
    if at < 0 or content[at : at + len(_SEAL)] != _SEAL:
        return False
    return hashlib.sha256(memoryview(content)[:at]).digest() == content[at + len(_SEAL) :]
