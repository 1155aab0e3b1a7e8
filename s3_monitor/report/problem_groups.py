"""Problems that are alike, told once: ten thousand denied buckets are one thing to read."""

from __future__ import annotations

import re
from collections.abc import Iterable

import msgspec

from s3_monitor.model.problem import Problem, Severity

_BUCKETS = re.compile(r"\d[\d,]* buckets?(?: \([^)]*\))?")  # so many, and the names of some
_NUMBER = re.compile(r"\d[\d,.:T+-]*")


class ProblemGroup(msgspec.Struct, frozen=True):
    """Problems that say the same of different places: one of them in full, and the first places.
    ``varied``: the others differ from it in numbers or names."""

    severity: Severity
    what: str
    advice: str
    places: list[str]
    count: int
    varied: bool


def group_problems(problems: Iterable[Problem]) -> list[ProblemGroup]:
    """Problems that differ only in places and numbers, together: first those of whole shards, accounts and regions,
    then the most frequent."""
    found: dict[tuple[str, str, str], list[Problem]] = {}
    for problem in problems:
        found.setdefault(_kind(problem), []).append(problem)
    groups = [
        ProblemGroup(
            severity=same[0].severity,
            what=same[0].what,
            advice=same[0].advice,
            places=[one.where for one in same[:4]],
            count=len(same),
            varied=any(one.what != same[0].what for one in same),
        )
        for same in found.values()
    ]
    return sorted(groups, key=lambda group: (_is_of_a_bucket(group), -group.count, group.places[0], group.what))


def _is_of_a_bucket(group: ProblemGroup) -> bool:
    """Places are written account/region/bucket/storage type."""
    return group.places[0].count("/") > 1


def _kind(problem: Problem) -> tuple[str, str, str]:
    """What problems of one kind have in common: their words, without names of places and without numbers."""
    what, advice = problem.what, problem.advice
    for place in sorted(problem.where.replace("shard ", "").split("/"), key=len, reverse=True):
        if len(place) > 2:
            what, advice = what.replace(place, "…"), advice.replace(place, "…")
    what = _BUCKETS.sub("# buckets", what)
    return problem.severity, _NUMBER.sub("#", what), _NUMBER.sub("#", advice)
