"""What never changes about a run, in its `meta.json`.

The file carries a digest of its own content: whether a run can be repeated depends on every word of it. It names the
run, and every other file of the run names it too, so that a file of another run is known for what it is wherever it
lies. The name is that of the folder the run was begun in; a folder that is copied or renamed keeps it.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Mapping
from dataclasses import dataclass, replace

from ..disk.canonical import from_json, to_json
from ..disk.disk import DISK, Disk
from ..disk.files import read_regular
from ..errors import ConfigError
from ..text import safe_text

FORMAT = 2
UNNAMED = 1
"""The format of runs that did not say their name."""
MAX_META = 1 << 20

_TYPES = {
    "created": str,
    "title": str,
    "preset": str,
    "seed": int,
    "config": dict,
    "data_digest": str,
    "fingerprint": dict,
    "run": str,
}


@dataclass(frozen=True)
class RunMeta:
    """What never changes about a run."""

    created: str
    """Local time with offset, ISO 8601."""
    title: str
    preset: str
    seed: int
    config: Mapping[str, object]
    """The resolved Config at step 0, dormant settings included."""
    data_digest: str
    fingerprint: Mapping[str, object]
    run: str = ""
    """Name of the run; "" in a run of a version that named none."""


def read_meta(path: str, disk: Disk = DISK) -> RunMeta:
    """What never changes about the run in a folder; its texts are safe to show.

    Raises:
        ConfigError: It is not there, damaged, or of a later version.
    """
    file = os.path.join(path, "meta.json")
    where = safe_text(file)
    content = from_json(read_regular(file, MAX_META, disk), where)
    if not isinstance(content, dict) or "digest" not in content or "format" not in content:
        raise ConfigError("does not describe a run", file=where)
    if content["format"] not in (UNNAMED, FORMAT):
        raise ConfigError("is of another version", value=content["format"], allowed=f"version {FORMAT}", file=where)
    digest = content.pop("digest")
    if digest != _digest(content):
        raise ConfigError("is damaged: its digest is not that of its content", file=where)
    named = content.pop("format") == FORMAT
    expected = {name: kind for name, kind in _TYPES.items() if named or name != "run"}
    if set(content) != set(expected) or any(type(content[name]) is not kind for name, kind in expected.items()):
        raise ConfigError("does not describe a run", file=where)
    meta = RunMeta(**content)
    return replace(
        meta, title=safe_text(meta.title), preset=safe_text(meta.preset), created=safe_text(meta.created, 40)
    )


def meta_bytes(meta: RunMeta) -> bytes:
    """The content of `meta.json`.

    Raises:
        ConfigError: It holds what is not plain data, or too much.
    """
    content = {"format": FORMAT, **vars(meta)}
    data = to_json({**content, "digest": _digest(content)}).encode()
    if len(data) > MAX_META:
        raise ConfigError("is too large for a run's meta.json", allowed=f"at most {MAX_META} bytes")
    return data


def _digest(content: Mapping[str, object]) -> str:
    return hashlib.sha256(to_json(content).encode()).hexdigest()
