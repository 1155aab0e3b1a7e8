"""The problems of a shard: a thousand failures with the same cause are one problem."""

from __future__ import annotations

import logging
from functools import partial
from typing import Any, NamedTuple

from s3_monitor.model.errors import AwsError, UserError
from s3_monitor.model.problem import Problem, create_problem, in_order

_log = logging.getLogger(__name__)
_MAX_SINGLE = 10  # problems of single buckets with the same cause
_DISK_ADVICE = "free space in the folder for temporary files, or name another with TMPDIR"

# The kinds of errors after which every request to the same endpoint fails; "credentials": of a UserError.
ENDS_REGION = frozenset(("unreachable", "expired", "invalid-credentials", "credentials"))


class Cause(NamedTuple):
    """Why a request failed."""

    text: str
    advice: str
    kind: str


def cause_of(error: Exception) -> Cause:
    """Return the cause of any error that a task raises. A defect of this program is logged with its traceback."""
    if isinstance(error, AwsError):
        return Cause(str(error), error.advice, error.kind)
    if isinstance(error, UserError):
        return Cause(str(error), error.advice, "credentials")
    if isinstance(error, OSError):  # errors of the network are AwsErrors
        # Without the names of temporary files, which differ between runs.
        return Cause(f"could not store the files: {error.strerror or error}", _DISK_ADVICE, "disk")
    _log.error("a request failed unexpectedly", exc_info=error)
    return Cause(f"unexpected {type(error).__name__}: {error}", "report this as a defect of s3-monitor", "defect")


class _Kind(NamedTuple):
    """What the problems of several buckets have in common."""

    code: str
    account: str
    region: str | None
    advice: str
    values: tuple[tuple[str, Any], ...]


class ProblemLog:
    """Collects the problems of a shard. Those of more than ten buckets with the same cause become one problem."""

    def __init__(self) -> None:
        self._others: set[Problem] = set()
        self._of_buckets: dict[_Kind, set[tuple[str, str | None]]] = {}

    def add(self, problem: Problem) -> None:
        """Add a problem of the shard, an account or a region."""
        self._others.add(problem)

    def report(self, code: str, *, cause: Cause | None = None, **values: Any) -> None:
        """Add a problem of the shard, an account or a region. ``values``: see create_problem."""
        if cause is not None:
            values |= {"detail": cause.text, "advice": cause.advice}
        self.add(create_problem(code, **values))

    def add_for_bucket(
        self,
        code: str,
        place: tuple[str, str | None],
        bucket: str,
        storage_type: str | None = None,
        *,
        cause: Cause | None = None,
        advice: str = "",
        **values: Any,
    ) -> None:
        """Add a problem of a bucket. ``place``: account id and, if known, region. ``values``: see the catalogue."""
        if cause is not None:
            values["detail"], advice = cause.text, advice or cause.advice
        kind = _Kind(code, *place, advice, tuple(sorted(values.items())))
        self._of_buckets.setdefault(kind, set()).add((bucket, storage_type))

    def problems(self) -> list[Problem]:
        """Return all problems, gaps first."""
        problems = set(self._others)
        for kind, series in self._of_buckets.items():
            create = partial(create_problem, kind.code, account=kind.account, region=kind.region, advice=kind.advice)
            values = dict(kind.values)
            if len(series) <= _MAX_SINGLE:
                problems.update(create(bucket=bucket, storage_type=type_, **values) for bucket, type_ in series)
            else:
                problems.add(create(names=["/".join(filter(None, one)) for one in series], **values))
        return in_order(problems)
