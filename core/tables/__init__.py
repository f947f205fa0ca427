"""A table that nobody prepared, read rightly: text, columns, kinds, what is done with each, and all of it said."""
