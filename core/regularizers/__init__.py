"""The regularizers: `base` is the contract, every other file is one member."""

FOR_LONG_GRADIENTS = "clip_norm"
"""The regularizer that shortens a gradient which is too long."""

FOR_OVERFITTING = "l2"
"""The regularizer that suits every network which learns its samples by heart."""
