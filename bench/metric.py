"""Results of a measurement: figures with limits, and tables."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import msgspec


class Figure(msgspec.Struct, frozen=True):
    """One measured number, with limits or without."""

    name: str  # identifies the figure across commits
    value: float
    unit: str = ""
    most: float | None = None
    least: float | None = None

    @property
    def holds(self) -> bool | None:
        """Whether the limits hold; None without limits."""
        if self.most is None and self.least is None:
            return None
        return (self.most is None or self.value <= self.most) and (self.least is None or self.value >= self.least)

    @property
    def limit(self) -> str:
        parts = [f"≤ {number(self.most)}" if self.most is not None else ""]
        parts.append(f"≥ {number(self.least)}" if self.least is not None else "")
        return " and ".join(part for part in parts if part)


class Table(msgspec.Struct, frozen=True):
    """Rows of text; all columns except the first are aligned right."""

    heading: list[str]
    rows: list[list[str]]
    note: str = ""


class Result(msgspec.Struct, frozen=True):
    """Result of one measurement."""

    figures: list[Figure]
    tables: list[Table] = []


class Setting(NamedTuple):
    """Settings of a measurement."""

    quick: bool  # small sizes
    folder: Path  # for temporary files
    report: Callable[[str], None]  # prints the progress


def number(value: float | None) -> str:
    """Return three significant digits, thousands grouped; a dash for None."""
    if value is None:
        return "–"
    if value == int(value) or abs(value) >= 1000:
        return f"{value:,.0f}"
    digits = 1 if abs(value) >= 100 else 2 if abs(value) >= 1 else 3
    return f"{value:.{digits}f}".rstrip("0").rstrip(".") or "0"


def table(of: Table) -> str:
    """Return the table in Markdown."""
    lines = [of.heading, ["---", *["---:" for _ in of.heading[1:]]], *of.rows]
    text = "".join(f"| {' | '.join(line)} |\n" for line in lines)
    return text + (f"\n{of.note}\n" if of.note else "")
