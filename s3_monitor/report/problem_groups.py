"""Problems with the same code and advice as one entry: ten thousand denied buckets are one thing to read."""

from __future__ import annotations

from collections.abc import Iterable

import msgspec

from s3_monitor.model.problem import Problem
from s3_monitor.model.problem_catalogue import CATALOGUE

_SHOWN = 4  # problems with a place in a group


class ProblemGroup(msgspec.Struct, frozen=True):
    """Problems of one kind in several places."""

    shown: list[Problem]
    """The first ones, in order."""
    count: int
    """Number of problems."""
    varies: bool
    """Whether the messages differ, so that the first one does not hold for all."""

    @property
    def first(self) -> Problem:
        """Return the first problem."""
        return self.shown[0]

    @property
    def places(self) -> list[str]:
        """Return the places of the shown problems."""
        return [problem.place for problem in self.shown]


def group_problems(problems: Iterable[Problem]) -> list[ProblemGroup]:
    """Group problems by severity, code and advice: those of shards, accounts and regions first, then the most frequent.

    The advice depends on the cause, so that denied and throttled buckets are two groups.
    """
    members: dict[tuple[str, ...], list[Problem]] = {}
    for problem in problems:
        members.setdefault((problem.severity, problem.code, problem.advice or ""), []).append(problem)
    groups = [
        ProblemGroup(
            shown=same[:_SHOWN],
            count=len(same),
            varies=any(problem.message != same[0].message for problem in same),
        )
        for same in members.values()
    ]
    return sorted(groups, key=_rank)


def split_message(problem: Problem) -> tuple[str, str]:
    """Return the message without AWS's text, and that text, which may be empty."""
    kind = CATALOGUE.get(problem.code)
    if kind is None or not kind.has_detail:
        return problem.message, ""
    summary, _, detail = problem.message.partition(": ")
    return summary, detail


def _rank(group: ProblemGroup) -> tuple[bool, int, str, str]:
    return (group.first.bucket is not None, -group.count, group.first.place, group.first.message)
