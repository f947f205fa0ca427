"""The schedules: `base` is the contract, every other file is one member."""

DEFAULT = "constant"
"""The schedule of a run that names none."""
