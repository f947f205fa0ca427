"""Every call that changes a file, and what is safe to read."""
