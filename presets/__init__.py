"""Preset files and the small real data sets."""
