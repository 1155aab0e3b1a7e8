"""What could not be had, gathered by cause: a thousand failures of one cause are one Problem."""

from __future__ import annotations

import logging
from collections.abc import Iterable
from functools import partial
from typing import Any, NamedTuple

from s3_monitor.model.errors import AwsError, UserError
from s3_monitor.model.problem import Problem, create_problem, gap, in_order, note
from s3_monitor.model.problem_catalogue import Severity

_log = logging.getLogger(__name__)
_NAMED_ALONE = 10
_NAMED_TOGETHER = 3


# The kinds of errors after which every request to the same endpoint fails; "credentials": of a UserError.
ENDS_REGION = frozenset(("unreachable", "expired", "invalid-credentials", "credentials"))


class Cause(NamedTuple):
    """Why a request failed."""

    text: str
    advice: str
    kind: str


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


class _Kind(NamedTuple):
    """What the problems of several buckets have in common."""

    code: str
    account: str
    region: str
    advice: str
    values: tuple[tuple[str, Any], ...]


class ProblemLog:
    """``lose`` as often as something is lost; ``problems`` once at the end."""

    def __init__(self) -> None:
        self._plain: set[Problem] = set()
        self._lost: dict[_Loss, list[str]] = {}
        self._of_buckets: dict[_Kind, set[tuple[str, str | None]]] = {}

    def add(self, problem: Problem) -> None:
        self._plain.add(problem)

    def add_for_bucket(
        self,
        code: str,
        place: tuple[str, str],
        bucket: str,
        storage_type: str | None = None,
        *,
        cause: Cause | None = None,
        advice: str = "",
        **values: Any,
    ) -> None:
        """Add a problem of a bucket. ``place``: account and region; ``values``: those of the catalogue's templates."""
        if cause is not None:
            values["detail"], advice = cause.text, advice or cause.advice
        kind = _Kind(code, *place, advice, tuple(sorted(values.items())))
        self._of_buckets.setdefault(kind, set()).add((bucket, storage_type))

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
            few, make = sorted(set(names)), gap if loss.severity == "gap" else note
            if len(few) <= _NAMED_ALONE:
                found.update(make(f"{loss.where}/{name}", loss.alone, loss.advice) for name in few)
            else:
                some = ", ".join(few[:_NAMED_TOGETHER])
                what = f"{len(few):,} {loss.together} ({some}, …)"
                found.add(make(loss.where, what, loss.advice))
        for kind, series in self._of_buckets.items():
            create = partial(create_problem, kind.code, account=kind.account, region=kind.region, advice=kind.advice)
            values = dict(kind.values)
            if len(series) <= _NAMED_ALONE:
                found.update(create(bucket=bucket, storage_type=type_, **values) for bucket, type_ in series)
            else:
                found.add(create(names=["/".join(filter(None, one)) for one in series], **values))
        return in_order(found)
