"""The activations: `base` is the contract, every other file is one member."""

DEFAULT = "tanh"
"""The activation of a network that names none."""

NONE = "identity"
"""The activation that does nothing: the output layer's, and one that takes no part in the network."""

FOR_FILES = "tanh"
"""The activation of a network for a file that nobody prepared."""

FOR_DEPTH = "relu"
"""The activation whose slope does not shrink a gradient on its way back through many layers."""

NEVER_SILENT = "leaky_relu"
"""The activation that has a slope where the one `FOR_DEPTH` has none."""
