"""Merge the parts of a plan into one set of data."""
