"""The regularizers: `base` is the contract, every other file is one member."""
