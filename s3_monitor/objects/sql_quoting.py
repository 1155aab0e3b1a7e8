"""Quoting in SQL."""

from __future__ import annotations


def quote_text(text: object) -> str:
    """Return a string literal."""
    return "'" + str(text).replace("'", "''") + "'"


def quote_name(name: str) -> str:
    """Return a quoted identifier."""
    return '"' + name.replace('"', '""') + '"'
