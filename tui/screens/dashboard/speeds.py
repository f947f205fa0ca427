"""The notches of slow motion."""

from __future__ import annotations

SPEEDS = (1.0, 2.0, 5.0, 10.0, 30.0, 100.0, 1_000.0, 10_000.0)
"""Steps a second to choose from."""


def next_speed(limit: float, by: int) -> float:
    """The next notch above or below a limit; 0, as fast as possible, lies above the last."""
    if by < 0:
        return max((speed for speed in SPEEDS if not limit or speed < limit), default=SPEEDS[0])
    return min((speed for speed in SPEEDS if limit and speed > limit), default=0.0)
