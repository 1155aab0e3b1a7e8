"""The results of policies, in report/summary.json."""

from __future__ import annotations

from datetime import date
from typing import Literal

import msgspec

from s3_monitor.model.policies import PolicySeverity

PolicyStatus = Literal["pass", "warn", "fail", "unknown"]
ExceptionStatus = Literal["active", "ending", "expired", "unused"]
CaseStatus = Literal["pass", "near", "warn", "fail", "unknown", "excepted"]


class PolicyCase(msgspec.Struct, frozen=True, gc=False):
    """The result of a policy for a bucket, an account and region, or a limit of a budget."""

    name: str
    """Name of the bucket, `ACCOUNT/REGION`, or the key of the limit."""
    account: str | None
    """Account id; null: not about a single account."""
    region: str | None
    """Region; null: not about a single region."""
    status: CaseStatus
    """pass, near (pass, but close to the limit), warn (violated, with severity warn), fail (violated), unknown (data is
    missing), or excepted (violated, with an exception)."""
    message: str
    """The reason, for readers; empty: pass."""
    value: float | None = None
    """The value: in the currency of the report per month, percent, bytes, or a number of objects; null: unknown, or the
    policy has no limit."""
    limit: float | None = None
    """The limit: in the currency of the report per month, percent, bytes, or a number of objects; null: none."""


class ExceptionResult(msgspec.Struct, frozen=True):
    """An exception of a rule."""

    bucket: str
    """Bucket name or glob."""
    reason: str
    """Reason, as written in policies.yaml."""
    until: date
    """Last day of the exception."""
    status: ExceptionStatus
    """active, ending (within 14 days), expired (it no longer applies), or unused (it matches no bucket)."""


class PolicyResult(msgspec.Struct, frozen=True):
    """The result of a budget or a rule."""

    name: str
    """Name of the policy."""
    kind: Literal["budget", "rule"]
    """Kind of policy."""
    id: str | None
    """Id of the finding or property that a rule is about; null: a budget."""
    severity: PolicySeverity
    """Severity of a violation. fail: exit status 5."""
    status: PolicyStatus
    """pass, warn (violated with severity warn, close to a limit, or an exception expired), fail (violated), or unknown
    (not proven to be violated, but data is missing)."""
    message: str
    """The reason, for readers; empty: pass."""
    passed: int
    """Number of cases that pass, also if they are close to the limit."""
    violated: int
    """Number of violated cases."""
    unknown: int
    """Number of cases for which data is missing."""
    excepted: int
    """Number of violated cases with an exception."""
    cases: list[PolicyCase]
    """The cases that do not pass, violated ones first; at most 100 of each status. Of a budget, all limits."""
    exceptions: list[ExceptionResult] = []
    """The exceptions of a rule."""
