"""What never changes about a run, in its `meta.json`.

The file carries a digest of its own content: whether a run can be repeated depends on every word of it.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from ..disk.canonical import from_json, to_json
from ..disk.disk import DISK, Disk
from ..disk.files import read_regular
from ..errors import ConfigError
from ..text import safe_text

FORMAT = 1
MAX_META = 1 << 20


@dataclass(frozen=True)
class RunMeta:
    """What never changes about a run."""

    created: str
    """Local time with offset, ISO 8601."""
    title: str
    preset: str
    seed: int
    config: Mapping[str, Any]
    """The resolved Config at step 0, dormant settings included."""
    data_digest: str
    fingerprint: Mapping[str, Any]


def read_meta(path: str, disk: Disk = DISK) -> RunMeta:
    """What never changes about the run in a folder.

    Raises:
        ConfigError: It is not there, damaged, or of a later version.
    """
    file = os.path.join(path, "meta.json")
    shown = safe_text(file)
    content = from_json(read_regular(file, MAX_META, disk), shown)
    if not isinstance(content, dict) or "digest" not in content or "format" not in content:
        raise ConfigError("does not describe a run", file=shown)
    if content["format"] != FORMAT:
        raise ConfigError("is of another version", value=content["format"], allowed=f"version {FORMAT}", file=shown)
    digest = content.pop("digest")
    if digest != _digest(content) or set(content) != {"format", *RunMeta.__dataclass_fields__}:
        raise ConfigError("is damaged: its digest is not that of its content", file=shown)
    content.pop("format")
    return RunMeta(**content)


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


def _digest(content: Mapping[str, Any]) -> str:
    return hashlib.sha256(to_json(content).encode()).hexdigest()
