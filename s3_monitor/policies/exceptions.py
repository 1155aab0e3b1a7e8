"""Exceptions of rules: they end, and are reported when they do. Findings with an exception are not in any sum."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta

import msgspec

from s3_monitor.findings.finding import Finding
from s3_monitor.model.patterns import matcher
from s3_monitor.model.policies import Policies, PolicyException, several
from s3_monitor.model.policy_result import ExceptionResult, ExceptionStatus

_ENDING_DAYS = 14


class Exceptions:
    """The exceptions of a rule."""

    def __init__(self, exceptions: Sequence[PolicyException], today: date) -> None:
        self._today = today
        self._all = [(each, matcher((each.bucket,)), frozenset(several(each.account))) for each in exceptions]
        self._used: set[int] = set()

    def of(self, bucket: str, account: str) -> PolicyException | None:
        """Return the exception of a bucket that has not ended; None: it has none."""
        for number, (exception, matches, accounts) in enumerate(self._all):
            if matches(bucket) and (not accounts or account in accounts):
                self._used.add(number)
                if exception.until >= self._today:
                    return exception
        return None

    def results(self) -> list[ExceptionResult]:
        """Return the state of each exception, after the last bucket."""
        return [
            ExceptionResult(exception.bucket, exception.reason, exception.until, self._status(number, exception))
            for number, (exception, _, _) in enumerate(self._all)
        ]

    def _status(self, number: int, exception: PolicyException) -> ExceptionStatus:
        if exception.until < self._today:
            return "expired"
        if number not in self._used:
            return "unused"
        return "ending" if exception.until <= self._today + timedelta(days=_ENDING_DAYS) else "active"


def with_exceptions(findings: Sequence[Finding], policies: Policies, today: date) -> list[Finding]:
    """Return the findings with the exceptions that have not ended."""
    of_id: dict[str, list[Exceptions]] = {}
    for rule in policies.rules:
        if rule.exceptions:
            of_id.setdefault(rule.id, []).append(Exceptions(rule.exceptions, today))
    if not of_id:
        return list(findings)
    return [_with_exception(finding, of_id.get(finding.id, ())) for finding in findings]


def _with_exception(finding: Finding, rules: Sequence[Exceptions]) -> Finding:
    name = finding.bucket or f"{finding.account}/{finding.region}"
    for exceptions in rules:
        exception = exceptions.of(name, finding.account)
        if exception is not None:
            return msgspec.structs.replace(finding, exception=exception)
    return finding
