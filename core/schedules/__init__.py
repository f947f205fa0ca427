"""The schedules: `base` is the contract, every other file is one member."""
