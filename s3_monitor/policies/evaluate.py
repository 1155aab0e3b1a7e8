"""Evaluation of all policies on the buckets of a report."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from typing import Final, NamedTuple

import msgspec

from s3_monitor.findings.finding import Finding
from s3_monitor.model.bucket import Bucket
from s3_monitor.model.policies import Policies, PolicySeverity
from s3_monitor.model.policy_result import CaseStatus, ExceptionResult, PolicyCase, PolicyResult, PolicyStatus
from s3_monitor.model.summary import Summary
from s3_monitor.policies.budgets import BudgetSums
from s3_monitor.policies.rules import RuleChecker

_IN_SUMMARY = 100  # cases of each status
_MOST_CASES = 1000  # of each status: Jenkins keeps test cases in memory
_ORDER: Final[tuple[CaseStatus, ...]] = ("fail", "warn", "unknown", "near", "excepted", "pass")


class EvaluatedPolicy(NamedTuple):
    """The result of a policy, and its cases."""

    result: PolicyResult
    cases: list[PolicyCase]
    """At most 1,000 cases of each status, violated ones first."""


class _Cases:
    """The cases of a policy: all are counted, the first ones of each status are kept."""

    def __init__(self) -> None:
        self.counts: Counter[CaseStatus] = Counter()
        self._kept: defaultdict[CaseStatus, list[PolicyCase]] = defaultdict(list)

    def add(self, case: PolicyCase) -> None:
        self.counts[case.status] += 1
        if len(self._kept[case.status]) < _MOST_CASES:
            self._kept[case.status].append(case)

    def first(self, most: int, statuses: Sequence[CaseStatus] = _ORDER) -> list[PolicyCase]:
        return [case for status in statuses for case in self._kept[status][:most]]


def evaluate_policies(
    policies: Policies, buckets: Iterable[Sequence[Bucket]], findings: Sequence[Finding], summary: Summary
) -> list[EvaluatedPolicy]:
    """Return the result of each budget, then of each rule, in the order of the file."""
    budgets = [BudgetSums(budget) for budget in policies.budgets]
    rules = [(RuleChecker(rule, findings, summary), _Cases()) for rule in policies.rules]
    for chunk in buckets:
        for bucket in chunk:
            for budget in budgets:
                budget.add(bucket)
            for checker, cases in rules:
                if (case := checker.case(bucket)) is not None:
                    cases.add(case)
    results = [_budget(budget, summary) for budget in budgets]
    return results + [_rule(checker, cases) for checker, cases in rules]


def _budget(sums: BudgetSums, summary: Summary) -> EvaluatedPolicy:
    cases, of_limits = _Cases(), sums.cases(summary)
    for case in of_limits:
        cases.add(case)
    result = _result(sums.budget.name, None, sums.budget.severity, cases, [])
    return EvaluatedPolicy(msgspec.structs.replace(result, cases=of_limits), of_limits)


def _rule(checker: RuleChecker, cases: _Cases) -> EvaluatedPolicy:
    for case in checker.place_cases():
        cases.add(case)
    if not cases.counts:
        cases.add(PolicyCase("no bucket", None, None, "unknown", "selects no bucket"))
    rule = checker.rule
    result = _result(rule.title, rule.id, rule.severity, cases, checker.exceptions.results())
    return EvaluatedPolicy(result, cases.first(_MOST_CASES))


def _result(
    name: str, id_: str | None, severity: PolicySeverity, cases: _Cases, exceptions: list[ExceptionResult]
) -> PolicyResult:
    counts = cases.counts
    violated = counts["fail"] + counts["warn"]
    expired = [exception for exception in exceptions if exception.status == "expired"]
    status: PolicyStatus = "pass"
    if violated:
        status = severity
    elif counts["unknown"]:
        status = "unknown"
    elif counts["near"] or expired:
        status = "warn"
    return PolicyResult(
        name=name,
        kind="budget" if id_ is None else "rule",
        id=id_,
        severity=severity,
        status=status,
        message=_message(cases, expired) if status != "pass" else "",
        passed=counts["pass"] + counts["near"],
        violated=violated,
        unknown=counts["unknown"],
        excepted=counts["excepted"],
        cases=cases.first(_IN_SUMMARY, _ORDER[:-1]),
        exceptions=exceptions,
    )


def _message(cases: _Cases, expired: Sequence[ExceptionResult]) -> str:
    """Return the reason of the status: the first case, and the number of the others with its status."""
    first = next(iter(cases.first(1, _ORDER[:4])), None)
    if first is None:
        return f"the exception of {expired[0].bucket} ended on {expired[0].until}"
    others = cases.counts[first.status] - 1
    return f"{first.name}: {first.message}" + (f" (and {others:,} more)" if others else "")
