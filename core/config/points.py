"""How an edit of a point is written: "+0.5:-1.2=1" puts one of class 1 (or of value 1) in, "-0.5:-1.2" takes one out.

What is taken out is the training point that lies nearest.
"""

from __future__ import annotations

import re

_NUMBER = r"[+-]?(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d{1,2})?"
EDIT = re.compile(rf"(?:\+({_NUMBER}):({_NUMBER})=({_NUMBER})|-({_NUMBER}):({_NUMBER}))")
"""An edit: what is put in, or else the place of what is taken out."""
FIELD = "data.points"
"""The setting that holds the edits."""


def added(x1: float, x2: float, y: float) -> str:
    """The word that puts a point in."""
    return f"+{x1:.4g}:{x2:.4g}={y:.4g}"


def removed(x1: float, x2: float) -> str:
    """The word that takes out what lies nearest."""
    return f"-{x1:.4g}:{x2:.4g}"
