"""The datasets: `base` is the contract, every other file is one member."""

DEFAULT = "spiral"
"""The data of a run that names none."""
