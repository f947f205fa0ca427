"""What the status line says while there is no run to show."""

from __future__ import annotations

NO_RUN = "no run yet: p chooses a preset"
"""Said when nothing was begun."""


def waiting_text(seconds: float | None) -> str:
    """The words for a run that has been starting for so long; None when none was begun.

    Example:
        >>> waiting_text(3.5)
        'starting...  compiling, kept for the next start  4 s'
    """
    if seconds is None:
        return NO_RUN
    dots = "." * (int(seconds * 2) % 4)
    long = f"compiling, kept for the next start  {seconds:.0f} s" if seconds >= 3 else ""
    return f"starting{dots:<3}  {long}".rstrip()
