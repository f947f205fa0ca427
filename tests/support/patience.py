"""Waiting for what must happen, and limits that hold on a busy machine too."""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from pathlib import Path

LIMIT_S = 240.0
"""When something that must happen is given up: far past what a busy machine takes, compiling included."""


def wait_for(condition: Callable[[], object], limit_s: float = LIMIT_S) -> bool:
    """Whether the condition came to hold in time."""
    end = time.monotonic() + limit_s
    while not condition():
        if time.monotonic() > end:
            return False
        time.sleep(0.005)
    return True


def until(condition: Callable[[], object]) -> None:
    """Wait for what must happen."""
    assert wait_for(condition), "waited too long"


def shared(seconds: float) -> float:
    """What takes `seconds` alone may take as much longer as there are others for each processor."""
    others = Path("/proc/loadavg")
    load = max(float(others.read_text().split()[0]), float(others.read_text().split()[3].split("/")[0]))
    return seconds * max(1.0, 2.0 * load / (os.cpu_count() or 1))
