"""Findings that an exception of policies.yaml silences: they stay visible, but no sum contains them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

import msgspec

from s3_monitor.findings.finding import Finding
from s3_monitor.model.policies import Policies
from s3_monitor.policies.exceptions import Exceptions


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
