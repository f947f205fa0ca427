"""The learning rate under a key held down: it goes on from what was asked for, not from what a snapshot still says."""

from __future__ import annotations

import math
import time
from typing import Any

from dltui.core.errors import ConfigError

from ...widgets.controls_list import STICKY_S
from ...widgets.field import rung

FIRST = 1e-4
"""What a rate of zero is raised to."""


class HeldRate:
    """Remembers the rate last asked for, for a moment."""

    def __init__(self) -> None:
        self._asked, self._when = 0.0, -math.inf

    def next(self, config: Any, direction: int) -> float | None:
        """The next rate up or down; None where the Config does not allow it."""
        held = time.monotonic() - self._when < STICKY_S
        rate = self._asked if held else config.optimizer.learning_rate
        wanted = rung(rate, direction) if rate > 0 else FIRST
        try:
            config.with_changes({"optimizer.learning_rate": wanted})
        except ConfigError:
            return None
        self._asked, self._when = wanted, time.monotonic()
        return wanted
