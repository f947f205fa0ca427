"""Changes of a network that keep its answers."""
