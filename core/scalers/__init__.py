"""The scalers: `base` is the contract, every other file is one member."""

DEFAULT = "none"
"""The scaler of data that name none."""

FOR_TABLES = "standardize"
"""The scaler of inputs and values of a table that nobody prepared."""
