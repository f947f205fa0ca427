"""The activations: `base` is the contract, every other file is one member."""

DEFAULT = "tanh"
"""The activation of a network that names none."""

NONE = "identity"
"""The activation that does nothing: the output layer's, and one that takes no part in the network."""

FOR_FILES = "tanh"
"""The activation of a network for a file that nobody prepared."""
