"""The optimizers: `base` is the contract, every other file is one member."""

DEFAULT = "sgd"
"""The optimizer of a run that names none."""

PLAIN = "sgd"
"""The optimizer whose step is the gradient times the learning rate."""

FOR_FILES = "adam"
"""The optimizer of a network for a file that nobody prepared."""
