"""The network as a table of rows over flat arrays, and the loops that run it."""
