"""What one cell of a table says: a number, a date, or nothing."""
