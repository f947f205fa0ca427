"""What part of a run the charts show: plain data, so that several charts can share one."""

from __future__ import annotations

from dataclasses import dataclass, replace


@dataclass(frozen=True)
class View:
    """What part of the run the charts show; shared by all of them."""

    recent: bool = False
    """Only the last stretch, at full resolution."""
    left: float | None = None
    """With `right`: a window in steps, which stays put while data arrive. None: all there is."""
    right: float | None = None
    cursor: float | None = None
    """Step under the cursor."""

    def window(self, low: float, high: float) -> tuple[float, float]:
        """Ends of the window, given the ends of the data."""
        if self.left is None or self.right is None:
            return (low, high)
        return (self.left, self.right)

    def zoomed(self, factor: float, low: float, high: float) -> View:
        """This view `factor` times as wide, around the cursor or else the middle; `low` and `high` are shown now."""
        left, right = self.window(low, high)
        center = self.cursor if self.cursor is not None and left <= self.cursor <= right else (left + right) / 2
        wide = max((right - left) * factor, 4.0)
        if wide >= (high - low) and factor > 1:
            return replace(self, left=None, right=None)
        share = (center - left) / max(right - left, 1e-9)
        start = max(center - share * wide, 0.0)
        return replace(self, left=start, right=start + wide)

    def panned(self, share: float, low: float, high: float) -> View:
        """This view with its window moved by a share of its width."""
        left, right = self.window(low, high)
        start = max(left + share * (right - left), 0.0)
        return replace(self, left=start, right=start + right - left)
