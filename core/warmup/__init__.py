"""Compiling before it is wanted."""
