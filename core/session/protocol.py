"""Waiting for a snapshot, alike for a session of this process and for one of another."""

from __future__ import annotations

import time
from collections.abc import Callable
from threading import Condition
from typing import TYPE_CHECKING

from ..errors import ConfigError

if TYPE_CHECKING:
    from ..commands import SessionFace
    from ..snapshot import Snapshot


def wait_for(
    source: SessionFace, arrived: Condition, condition: Callable[[Snapshot], bool], timeout: float
) -> Snapshot:
    """The first snapshot that meets a condition.

    Args:
        source: Its newest snapshot and its failure change under `arrived`.
        arrived: Notified at each change.
        condition: What to wait for.
        timeout: Seconds.

    Raises:
        TimeoutError: None did in time.
        ConfigError: Nothing more will come; says why.
    """
    end = time.monotonic() + timeout
    with arrived:
        while True:
            snapshot = source.latest()
            if snapshot is not None and condition(snapshot):
                return snapshot
            if source.failure:
                raise ConfigError(source.failure)
            left = end - time.monotonic()
            if left <= 0.0:
                raise TimeoutError("no snapshot met the condition")
            arrived.wait(left)
