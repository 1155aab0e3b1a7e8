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


def report_unavailable(
    problems: ProblemLog, place: tuple[str, str], bucket: str, unavailable: InventoryUnavailable
) -> None:
    """Report missing statistics of objects: a gap if the bucket has an inventory, otherwise a note."""
    code = "inventory-report-unreadable" if unavailable.broken else "inventory-report-unavailable"
    problems.add_for_bucket(code, place, bucket, advice=unavailable.advice, detail=unavailable.reason)
