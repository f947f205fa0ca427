"""The notches of slow motion."""

from __future__ import annotations

SPEEDS = (1.0, 2.0, 5.0, 10.0, 30.0, 100.0, 1_000.0, 10_000.0, 0.0)
"""Steps a second to choose from; 0 is as fast as possible."""
