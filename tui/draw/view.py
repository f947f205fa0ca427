"""What part of a run the charts show: plain data and arithmetic, so that all charts share one window of steps.

A window depends on the view and the step alone, never on what one chart has drawn: that is what keeps the charts of a
screen in line. It moves by leaps, so that between two of them only the end of a curve changes.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

from .axes import Axis, grow, nice_step

RECENT_SHARE = 0.1
"""Share of the run that is recent."""
RECENT_STEPS = 2000
"""Steps that are recent in any case."""
LEAST_STEPS = 4.0
"""The narrowest window."""
ROOM = 1.1
"""How far the whole run's window reaches at least: there the future is drawn."""


@dataclass(frozen=True)
class View:
    """What part of the run the charts show, and how; shared by all of them."""

    recent: bool = False
    """Only the last stretch."""
    left: float | None = None
    """With `right`: a window in steps, which stays put while data arrive. None: all there is."""
    right: float | None = None
    cursor: float | None = None
    """Step under the cursor."""
    log_x: bool = False
    """Whether steps are drawn by their logarithm."""
    smoothing: int = 2
    """Which of the weights of the moving average is in use."""

    @property
    def is_zoomed(self) -> bool:
        """Whether a window is set."""
        return self.left is not None and self.right is not None

    def window(self, step: int, ahead: float = 0.0) -> Axis:
        """The steps that are shown.

        Args:
            step: The newest step.
            ahead: A step to come that the whole has to reach.
        """
        if self.left is not None and self.right is not None:
            return self._axis(self.left, max(self.right, self.left + 1))
        if not self.recent:
            return self.whole(step, ahead)
        n = max(step * RECENT_SHARE, RECENT_STEPS)
        leap = nice_step(n, 5)
        return self._axis(max((step - n) // leap * leap, 0.0), (step // leap + 1) * leap)

    def whole(self, step: int, ahead: float = 0.0) -> Axis:
        """All there is, with some room for what comes."""
        return self._axis(0.0, max(grow(max(step * ROOM, ahead)), 10.0))

    def zoomed(self, factor: float, shown: Axis, whole: Axis, around: float | None = None) -> View:
        """This view with its window `factor` times as wide.

        Args:
            factor: Below 1 shows fewer steps.
            shown: The window now.
            whole: The widest window.
            around: Share of the window that holds still; None: that of the cursor, or else the middle.
        """
        if around is None:
            around = share_of(shown, self.cursor) if self.cursor is not None else 0.5
            around = around if 0 <= around <= 1 else 0.5
        width = (shown.high - shown.low) * factor
        if width >= whole.high - whole.low:
            return replace(self, left=None, right=None, recent=False)
        return self._at(shown.low + around * (shown.high - shown.low - width), width, whole)

    def panned(self, share: float, shown: Axis, whole: Axis) -> View:
        """This view with its window moved by a share of its width, inside the whole."""
        width = shown.high - shown.low
        return self if width >= whole.high - whole.low else self._at(shown.low + share * width, width, whole)

    def _at(self, low: float, width: float, whole: Axis) -> View:
        low = max(min(low, whole.high - width), whole.low)
        ends = Axis(low, low + width, whole.log)
        left, right = ends.value(0.0), ends.value(1.0)
        if right - left < LEAST_STEPS:
            return self
        return replace(self, left=left if left > 1e-9 else 0.0, right=right)

    def _axis(self, left: float, right: float) -> Axis:
        if not self.log_x:
            return Axis(left, right)
        # Step 0 has no logarithm; it lies with step 1.
        low = math.log10(max(left, 1.0))
        return Axis(low, max(math.log10(max(right, 1.0)), low + 0.1), True)


def share_of(axis: Axis, step: float) -> float:
    """Where a step lies on an axis of steps, 0 at its low end and 1 at its high one."""
    place = math.log10(max(step, 1.0)) if axis.log else step
    return (place - axis.low) / (axis.high - axis.low)
