"""A run as a journal of decisions."""
