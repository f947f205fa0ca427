"""Compiling functions before they are needed."""
