"""Exceptions of policies.yaml silence the findings of their rule, bucket and account until they end."""

from __future__ import annotations

from datetime import timedelta

import pytest

from s3_monitor.findings.finding import Finding
from s3_monitor.model.finding import FindingId
from s3_monitor.model.policies import Policies, PolicyException, PolicyRule
from s3_monitor.policies.exceptions import with_exceptions
from tests.policies.fixtures import ACCOUNT, NOW, REGION

TODAY = NOW.date()


def finding(id_: FindingId = "rrs", bucket: str | None = "logs") -> Finding:
    return Finding(id_, ACCOUNT, REGION, bucket, "exact", 1.0, 1.0, 1, (), {})


def exception(name: str, days: int = 0, account: str | tuple[str, ...] = ()) -> PolicyException:
    return PolicyException(bucket=name, reason="migration", until=TODAY + timedelta(days=days), account=account)


LOGS = exception("logs")


@pytest.mark.parametrize(
    ("rules", "found", "expected"),
    [
        ([], finding(), None),
        ([PolicyRule(id="rrs")], finding(), None),
        ([PolicyRule(id="rrs", exceptions=(LOGS,))], finding(), LOGS),
        ([PolicyRule(id="rrs", exceptions=(LOGS,))], finding("sia-size"), None),
        ([PolicyRule(id="rrs", exceptions=(LOGS,))], finding(bucket="logs-2"), None),
        ([PolicyRule(id="versioned", exceptions=(LOGS,))], finding(), None),
        ([PolicyRule(id="rrs", exceptions=(exception("logs", -1),))], finding(), None),
        ([PolicyRule(id="rrs", exceptions=(exception("logs", account="9"), LOGS))], finding(), LOGS),
        (
            [PolicyRule(id="rrs", exceptions=(exception("x"),)), PolicyRule(id="rrs", exceptions=(LOGS,))],
            finding(),
            LOGS,
        ),
        (
            [PolicyRule(id="int-fee", exceptions=(exception(f"{ACCOUNT}/{REGION}"),))],
            finding("int-fee", None),
            exception(f"{ACCOUNT}/{REGION}"),
        ),
        ([PolicyRule(id="int-fee", exceptions=(exception(f"{ACCOUNT}/x"),))], finding("int-fee", None), None),
    ],
)
def test_a_finding_has_the_first_exception_that_matches_and_has_not_ended(
    rules: list[PolicyRule], found: Finding, expected: PolicyException | None
) -> None:
    others = [finding("small-objects"), finding("early-delete", None)]
    silenced = with_exceptions([*others, found], Policies(rules=tuple(rules)), TODAY)
    assert [each.exception for each in silenced] == [None, None, expected]
    assert [(each.id, each.bucket) for each in silenced] == [(each.id, each.bucket) for each in (*others, found)]
