"""Buckets and facts for policies."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

from s3_monitor.findings.finding import Finding
from s3_monitor.model.bucket import Bucket, StorageLine
from s3_monitor.model.policies import Budget, Policies, PolicyRule
from s3_monitor.model.policy_result import PolicyResult
from s3_monitor.model.problem import Problem
from s3_monitor.model.summary import Summary
from s3_monitor.policies.evaluate import EvaluatedPolicy, evaluate_policies
from tests.report import builder

NOW = datetime(2026, 11, 22, 3, 4, 5, tzinfo=UTC)
ACCOUNT, REGION = "111122223333", "eu-west-1"


def bucket(name: str = "logs", cost: float | None = 10.0, size: float | None = 1000.0, **fields: Any) -> Bucket:
    """Return a bucket in Standard; ``size`` None: unknown."""
    lines = {} if size is None else {"StandardStorage": StorageLine(size, cost)}
    values: dict[str, Any] = {
        "name": name,
        "creation_date": "2020-01-01 00:00:00+00:00",
        "region": REGION,
        "storage": lines,
        "total_size": size,
        "total_cost": None if size is None else cost,
        "num_objects": 5.0,
        "last_modified": "2026-11-21 03:04:05+00:00",
        "account": ACCOUNT,
        "kind": "general-purpose",
        "state": "measured" if size is not None else "incomplete",
        "as_of": NOW.date(),
        "cost_change_30d": 2.0,
    }
    return Bucket(**{**values, **fields})


def summary(problems: Sequence[Problem] = (), **fields: Any) -> Summary:
    """Return the summary of a report without a bill."""
    return builder.summary([], problems, **{"as_of": NOW, **fields})


def evaluate(
    policy: Budget | PolicyRule,
    buckets: Sequence[Bucket],
    findings: Sequence[Finding] = (),
    problems: Sequence[Problem] = (),
    **fields: Any,
) -> EvaluatedPolicy:
    policies = Policies(budgets=(policy,)) if isinstance(policy, Budget) else Policies(rules=(policy,))
    (evaluated,) = evaluate_policies(policies, [buckets], findings, summary(problems, **fields))
    return evaluated


def result(policy: Budget | PolicyRule, buckets: Sequence[Bucket], *more: Any, **options: Any) -> PolicyResult:
    return evaluate(policy, buckets, *more, **options).result
