"""From a Config to steps, and the switch between two steps."""
