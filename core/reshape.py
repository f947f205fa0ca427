"""Changing the network without changing its output."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from .situation import Situation
    from .stages import Network


def preserve(before: Situation, now: Situation, network: Network) -> None:
    """Choose the new weights so that the network answers as before, where that can be done."""
