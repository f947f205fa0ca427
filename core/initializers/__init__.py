"""The initializers: `base` is the contract, every other file is one member."""

DEFAULT = "auto"
"""The initializer of a network that names none."""
