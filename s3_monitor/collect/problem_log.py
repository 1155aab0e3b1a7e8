"""What could not be had, gathered by cause: a thousand failures of one cause are one Problem."""

from __future__ import annotations

import logging
from collections.abc import Iterable
from typing import NamedTuple

from s3_monitor.model.errors import AwsError, UserError
from s3_monitor.model.problem import Problem, Severity

_log = logging.getLogger(__name__)
_NAMED_ALONE = 10
_NAMED_TOGETHER = 3


class Cause(NamedTuple):
    """Why a question failed. ``hopeless``: the same question would fail again, about whatever it is asked."""

    text: str
    advice: str
    kind: str

    @property
    def hopeless(self) -> bool:
        return self.kind in ("denied", "expired", "invalid-credentials", "unreachable", "credentials")


def cause_of(error: Exception) -> Cause:
    """Of anything a question can raise; a defect of this program is one cause more, and logged whole."""
    if isinstance(error, AwsError):
        return Cause(str(error), error.advice, error.kind)
    if isinstance(error, UserError):
        return Cause(str(error), error.advice, "credentials")
    _log.error("a question failed unexpectedly", exc_info=error)
    return Cause(f"unexpected {type(error).__name__}: {error}", "report this as a defect of s3-monitor", "defect")


class _Loss(NamedTuple):
    severity: Severity
    where: str
    alone: str
    together: str
    advice: str


class ProblemLog:
    """``lose`` as often as something is lost; ``problems`` once at the end."""

    def __init__(self) -> None:
        self._plain: set[Problem] = set()
        self._lost: dict[_Loss, list[str]] = {}

    def add(self, problem: Problem) -> None:
        self._plain.add(problem)

    def lose(
        self,
        where: str,
        names: Iterable[str],
        *,
        alone: str,
        together: str,
        advice: str = "",
        severity: Severity = "gap",
    ) -> None:
        """A few ``names`` below ``where`` become a Problem each that says ``alone``; many become one that says
        how many ``together``: they are of one cause."""
        self._lost.setdefault(_Loss(severity, where, alone, together, advice), []).extend(names)

    def deleted(self, where: str, bucket: str) -> None:
        """A bucket below ``where`` is gone that was there when the asking began: worth a note, and no gap."""
        what = "deleted while it was being asked about"
        self.lose(where, [bucket], alone=what, together=f"buckets were {what}", severity="note")

    def bad_creation_date(self, where: str, bucket: str) -> None:
        """Record that AWS sent a creation date out of bounds for a bucket below ``where``."""
        what = "AWS did not send a time between 1970 and 2099"
        self.lose(
            where,
            [bucket],
            alone=f"Could not read the creation date: {what}",
            together=f"creation dates unknown: {what}",
        )

    def problems(self) -> list[Problem]:
        found = set(self._plain)
        for loss, names in self._lost.items():
            few = sorted(set(names))
            if len(few) <= _NAMED_ALONE:
                found.update(Problem(loss.severity, f"{loss.where}/{name}", loss.alone, loss.advice) for name in few)
            else:
                some = ", ".join(few[:_NAMED_TOGETHER])
                what = f"{len(few):,} {loss.together} ({some}, …)"
                found.add(Problem(loss.severity, loss.where, what, loss.advice))
        return sorted(found)
