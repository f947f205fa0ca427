"""A run here, a terminal elsewhere."""
