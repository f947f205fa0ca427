"""The thread of a run: commands in, snapshots out."""

from __future__ import annotations

from .session import (
    Session,
)

__all__ = [
    "Session",
]
