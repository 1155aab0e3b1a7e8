"""Why a bucket has no object statistics from its inventory."""

from __future__ import annotations

from typing import NamedTuple

from s3_monitor.collect.problem_log import ProblemLog


class InventoryUnavailable(NamedTuple):
    """A bucket without a usable inventory."""

    reason: str
    advice: str
    broken: bool
    """Whether there is an inventory that could not be read."""


def lose_objects(problems: ProblemLog, where: str, bucket: str, unavailable: InventoryUnavailable) -> None:
    """Report that the objects of a bucket are unknown: a gap if there is an inventory, otherwise a note."""
    problems.lose(
        where,
        [bucket],
        alone=f"its objects are unknown: {unavailable.reason}",
        together=f"buckets hold objects that are unknown: {unavailable.reason}",
        advice=unavailable.advice,
        severity="gap" if unavailable.broken else "note",
    )
