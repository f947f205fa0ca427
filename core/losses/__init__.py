"""The losses: `base` is the contract, every other file is one member."""

from collections.abc import Mapping

DEFAULTS: Mapping[str, str] = {"classes": "cross_entropy", "values": "mse"}
"""Task -> the loss of a run that names none."""
