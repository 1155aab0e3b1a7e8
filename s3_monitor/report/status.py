"""The status of a report: what its gaps make unknown, not that there are gaps."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Literal, NamedTuple

from s3_monitor.model.bucket import Bucket
from s3_monitor.model.problem import Problem, hides_totals
from s3_monitor.model.problem_type import Affected
from s3_monitor.model.summary import Group, Summary
from s3_monitor.report import formats

Level = Literal["good", "warn", "bad"]
_NAMED = 2  # places in the text
_NOUNS: dict[Affected, str] = {
    "last_modified": "date",
    "objects": "object count",
    "configuration": "configuration",
    "requests": "request figure",
    "bill": "bill",
}


class Status(NamedTuple):
    """The consequence of all gaps."""

    level: Level
    """good: complete; warn: the costs are complete; bad: the costs are not."""
    text: str
    buckets: int
    """Number of buckets in the report that the gaps concern."""
    share: float | None
    """Their share of the known cost; None: there is no cost."""


def status_of(summary: Summary, buckets: Sequence[Bucket]) -> Status:
    """Return the status of a report."""
    gaps = [problem for problem in summary.problems if problem.severity == "gap"]
    if not gaps:
        return Status("good", "Complete" if _is_exact(summary.totals) else "All data received", 0, None)
    hiding = [gap for gap in gaps if hides_totals(gap.severity, gap.affects)]
    count, share = _concerned(hiding or gaps, buckets, summary.totals.cost)
    if not hiding:
        return Status("warn", f"Costs complete, {_missing(gaps)}", count, share)
    if summary.totals.size is None:
        return Status("bad", "No usable data", count, share)
    places = _places(hiding)
    return Status("bad", f"Cost incomplete: {places}" if places else "Cost incomplete", count, share)


def _is_exact(totals: Group) -> bool:
    return not (totals.cost_is_lower_bound or totals.cost_is_upper_bound or totals.objects_is_lower_bound)


def _missing(gaps: Sequence[Problem]) -> str:
    """Return ``1 date missing`` or ``12 dates and 1 bill missing``; the most frequent kinds."""
    counts: Counter[Affected] = Counter()
    for gap in gaps:
        for affected in gap.affects:
            counts[affected] += gap.count or 1
    if not counts:
        return formats.plural(len(gaps), "gap")
    kinds = [formats.plural(number, _NOUNS[affected]) for affected, number in counts.most_common(_NAMED)]
    return f"{' and '.join(kinds)} missing"


def _places(gaps: Sequence[Problem]) -> str:
    """Return the regions or accounts with missing costs."""
    names = sorted({gap.region or gap.account or gap.shard or "" for gap in gaps} - {""})
    more = len(names) - _NAMED
    return f"{', '.join(names[:_NAMED])}{f' and {more} more' if more > 0 else ''}"


def _concerned(gaps: Sequence[Problem], buckets: Sequence[Bucket], cost: float | None) -> tuple[int, float | None]:
    """Return the number of the buckets of some gaps, and their share of the known cost."""
    places = {(gap.account, gap.region, gap.bucket) for gap in gaps}
    known = 0.0
    count = 0
    for bucket in buckets:
        levels = (bucket.account, bucket.region, bucket.name)
        if any((*levels[:depth], *[None] * (3 - depth)) in places for depth in (1, 2, 3)):
            count += 1
            known += bucket.least_cost or 0.0
    return count, known / cost if cost else None
