"""What a measurement brings: figures, each with the limit it must keep, and tables to read."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import msgspec


class Figure(msgspec.Struct, frozen=True):
    """One measured number. ``most``, ``least``: what it may be at most, at least; both null: for reading only.

    ``name`` is what the figure of another commit is found by.
    """

    name: str
    value: float
    unit: str = ""
    most: float | None = None
    least: float | None = None

    @property
    def holds(self) -> bool | None:
        """Null where there is no limit."""
        if self.most is None and self.least is None:
            return None
        return (self.most is None or self.value <= self.most) and (self.least is None or self.value >= self.least)

    @property
    def limit(self) -> str:
        parts = [f"≤ {number(self.most)}" if self.most is not None else ""]
        parts.append(f"≥ {number(self.least)}" if self.least is not None else "")
        return " and ".join(part for part in parts if part)


class Table(msgspec.Struct, frozen=True):
    """Rows of text under a heading, the first column on the left."""

    heading: list[str]
    rows: list[list[str]]
    note: str = ""


class Result(msgspec.Struct, frozen=True):
    """What one measurement brought."""

    figures: list[Figure]
    tables: list[Table] = []


class Setting(NamedTuple):
    """How it is to be measured. ``folder``: for files on the way; ``tell``: hears what is being done."""

    quick: bool
    folder: Path
    tell: Callable[[str], None]


def number(value: float | None) -> str:
    """Three digits that count, thousands grouped; a dash for null."""
    if value is None:
        return "–"
    if value == int(value) or abs(value) >= 1000:
        return f"{value:,.0f}"
    digits = 1 if abs(value) >= 100 else 2 if abs(value) >= 1 else 3
    return f"{value:.{digits}f}".rstrip("0").rstrip(".") or "0"


def table(of: Table) -> str:
    """In Markdown."""
    lines = [of.heading, ["---", *["---:" for _ in of.heading[1:]]], *of.rows]
    text = "".join(f"| {' | '.join(line)} |\n" for line in lines)
    return text + (f"\n{of.note}\n" if of.note else "")
