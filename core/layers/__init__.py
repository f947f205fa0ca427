"""The layers: `base` is the contract, every other file is one member."""

DEFAULT = "dense"
"""The kind of a layer that names none, of every layer of `network.hidden`, and of the layer before the outputs."""
