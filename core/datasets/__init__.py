"""The datasets: `base` is the contract, every other file is one member."""
