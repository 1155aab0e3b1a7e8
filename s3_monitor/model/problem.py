"""A gap or a note: what could not be had, or what a reader should know, as a record."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Literal

import msgspec

Severity = Literal["gap", "note"]


class Problem(msgspec.Struct, frozen=True, order=True):
    """One thing that is missing or odd.

    ``severity``: a *gap* is something asked for that could not be had (exit status 3); a *note* explains a
    figure and changes nothing (exit status 0). ``where`` names the place, from coarse to fine, by slashes:
    account, region, bucket, storage type; or ``shard NAME``, or a file. ``what`` says what happened, ``advice``
    what the reader can do.
    """

    severity: Severity
    where: str
    what: str
    advice: str = ""


def gap(where: str, what: str, advice: str = "") -> Problem:
    return Problem("gap", where, what, advice)


def note(where: str, what: str, advice: str = "") -> Problem:
    return Problem("note", where, what, advice)


def in_order(problems: Iterable[Problem]) -> list[Problem]:
    """Each problem once, gaps first, then by place: the same set gives the same list."""
    return sorted(set(problems))


def has_gap(problems: Iterable[Problem]) -> bool:
    return any(problem.severity == "gap" for problem in problems)
