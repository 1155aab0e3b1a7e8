"""Rules: findings that buckets must not have, and properties that they must have."""

from __future__ import annotations

from collections.abc import Sequence

from msgspec import UNSET

from s3_monitor.findings.catalogue import RULES
from s3_monitor.findings.finding import Finding
from s3_monitor.findings.rule import Rule
from s3_monitor.model.bucket import Bucket
from s3_monitor.model.bucket_config import BucketConfig
from s3_monitor.model.policies import PolicyRule
from s3_monitor.model.policy_result import PolicyCase
from s3_monitor.model.priced_object_stats import PricedObjectStats
from s3_monitor.model.problem_type import Affected
from s3_monitor.model.request_metrics import RequestCosts
from s3_monitor.model.summary import Summary
from s3_monitor.policies.exceptions import Exceptions
from s3_monitor.policies.properties import Violation, check_property
from s3_monitor.policies.scope import Scope


class RuleChecker:
    """Checks a rule for every bucket."""

    def __init__(self, rule: PolicyRule, findings: Sequence[Finding], summary: Summary) -> None:
        self.rule = rule
        self.scope = Scope(rule)
        self.exceptions = Exceptions(rule.exceptions, summary.as_of.date())
        self._summary = summary
        self._finding_rule = next((each for each in RULES.values() if each.id == rule.id), None)
        self._is_about_places = self._finding_rule is not None and self._finding_rule.find is None
        own = [finding for finding in findings if finding.id == rule.id]
        self._of_buckets = {each.key: each for each in own}

    def case(self, bucket: Bucket) -> PolicyCase | None:
        """Return the result for a bucket; None: the rule is not about it."""
        belongs = self.scope.has(bucket)
        if belongs is False or self._is_about_places:
            return None
        violation = self._violation(bucket)
        if violation is not None and belongs is None:
            violation = Violation("tags or storage types unknown", is_known=False)
        return self._result(bucket.name, bucket.account, bucket.region, violation)

    def place_cases(self) -> list[PolicyCase]:
        """Return the results that are not about a bucket: findings about accounts and regions, and missing data."""
        places = [
            self._result(f"{account}/{region}", account, region, _violation_of(finding, self.rule.at_least_usd))
            for (account, region, bucket), finding in self._of_buckets.items()
            if bucket is None and self.scope.has_place(account, region)
        ]
        if gap := self.scope.gap(self._summary, *self._affected()):
            return [*places, PolicyCase("other buckets", None, None, "unknown", gap)]
        if places or not self._is_about_places:
            return places
        bill, no_bill = self._summary.bill, Violation("the bill was not requested or not received", is_known=False)
        has_bill = bill is not UNSET and bill.billed is not None
        return [self._result("all accounts", None, None, None if has_bill else no_bill)]

    def _affected(self) -> tuple[Affected, ...]:
        """Return the data that the rule needs."""
        if self._finding_rule is not None or self.rule.id == "no-anomaly":
            return ("cost", "size")
        return ("last_modified",) if self.rule.id == "recently-modified" else ("configuration",)

    def _violation(self, bucket: Bucket) -> Violation | None:
        if self._finding_rule is None:
            return check_property(self.rule, bucket, self._summary)
        finding = self._of_buckets.get((bucket.account, bucket.region, bucket.name))
        if finding is not None:
            return _violation_of(finding, self.rule.at_least_usd)
        missing = _missing_facts(self._finding_rule, bucket)
        return Violation(missing, is_known=False) if missing else None

    def _result(self, name: str, account: str | None, region: str | None, violation: Violation | None) -> PolicyCase:
        if violation is None:
            return PolicyCase(name, account, region, "pass", "")
        exception = self.exceptions.of(name, account or "")
        if not violation.is_known:
            return PolicyCase(name, account, region, "unknown", violation.message)
        if exception is not None:
            message = f"excepted until {exception.until}: {exception.reason} ({violation.message})"
            return PolicyCase(name, account, region, "excepted", message)
        return PolicyCase(name, account, region, self.rule.severity, violation.message)


def _violation_of(finding: Finding, at_least: float | None) -> Violation | None:
    """Return the violation; None: the saving is smaller than the threshold. A threshold needs a proven saving."""
    if finding.high is None:
        return Violation(f"{RULES[finding.id].title}: amount unknown", is_known=False)
    amount = {"exact": f"{finding.high:,.2f}", "at-most": f"at most {finding.high:,.2f}"}.get(
        finding.kind, f"{finding.low or 0:,.2f} to {finding.high:,.2f}"
    )
    violation = Violation(f"{RULES[finding.id].title}: saves {amount} per month")
    if at_least is None or (finding.low is not None and finding.low >= at_least and finding.kind != "at-most"):
        return violation
    return None if finding.high < at_least else violation._replace(is_known=False)


def _missing_facts(rule: Rule, bucket: Bucket) -> str:
    """Return why the absence of a finding proves nothing; empty: it does."""
    if bucket.state == "incomplete":
        return "data of the bucket is missing"
    if rule.types is not None and rule.types.isdisjoint(bucket.storage):
        return ""
    sources = {measure.source for measure in rule.evidence}
    if ("config" in rule.needs or "configuration" in sources) and not isinstance(bucket.details, BucketConfig):
        return "needs the configuration of the bucket: set `details: true`"
    is_measured = isinstance(bucket.requests, RequestCosts) and bucket.requests.source == "cloudwatch"
    if "access" in rule.needs and not is_measured:
        return "needs the request metrics of the bucket: set `requests: true`"
    is_listed = isinstance(bucket.objects, PricedObjectStats) and bucket.objects.complete and not bucket.objects.keys
    if "objects" in rule.needs and not is_listed:
        return "needs the objects of the bucket: set `objects: auto`"
    return ""
