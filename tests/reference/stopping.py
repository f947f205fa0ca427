"""Early stopping: what was best comes back.

The best is the smallest validation loss of an evaluation. Where an evaluation looks at averaged weights, the average is
what was best, so weights, statistics and average come back together. That holds whether patience ends the run or its
last step does.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any


@dataclass
class Stopper:
    """The best so far."""

    best: float = float("inf")
    waited: int = 0
    kept: Any = None
    """What was evaluated."""

    def hears(self, loss: float, patience: int, keep: Callable[[], Any]) -> bool:
        """Take in an evaluation; whether patience is at its end."""
        if loss < self.best:
            self.best, self.waited, self.kept = loss, 0, keep()
            return False
        self.waited += 1
        return self.waited >= patience and self.kept is not None
