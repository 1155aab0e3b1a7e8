"""A gap or a note: what could not be had, or what a reader should know, as a record."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Literal

import msgspec

Severity = Literal["gap", "note"]


class Problem(msgspec.Struct, frozen=True, order=True):
    """Missing data, or an explanation of a figure."""

    severity: Severity
    """gap: requested data is missing (exit status 3); note: explains a figure (exit status 0)."""
    where: str
    """Place, from coarse to fine, separated by slashes: account, region, bucket, storage type; or `shard NAME`, or a
    file."""
    what: str
    """What happened."""
    advice: str = ""
    """What to do about it; empty: nothing."""


def gap(where: str, what: str, advice: str = "") -> Problem:
    return Problem("gap", where, what, advice)


def note(where: str, what: str, advice: str = "") -> Problem:
    return Problem("note", where, what, advice)


def in_order(problems: Iterable[Problem]) -> list[Problem]:
    """Each problem once, gaps first, then by place: the same set gives the same list."""
    return sorted(set(problems))


def has_gap(problems: Iterable[Problem]) -> bool:
    return any(problem.severity == "gap" for problem in problems)
