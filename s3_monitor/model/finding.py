"""report/findings.json: what can be saved, with the evidence."""

from __future__ import annotations

from datetime import date, datetime
from typing import Final, Literal, get_args

import msgspec
from msgspec import UNSET, UnsetType

FORMAT = 1
FindingKind = Literal["exact", "at-most", "range", "unknown"]
FindingId = Literal[
    "archive-class-size",
    "delete-markers",
    "early-delete",
    "empty-bucket",
    "express-leftover",
    "glacier-overhead",
    "ia-candidate",
    "int-candidate",
    "int-fee",
    "int-small",
    "kms-no-bucket-key",
    "mpu-no-abort",
    "no-access",
    "noncurrent-kept",
    "replica",
    "rrs",
    "sia-size",
    "small-objects",
    "unused-features",
]
FINDING_IDS: Final[tuple[FindingId, ...]] = get_args(FindingId)
# Where a value comes from.
FactSource = Literal["CloudWatch", "objects", "configuration", "request metrics", "bill", "price list", "AWS"]


class Evidence(msgspec.Struct, frozen=True, gc=False):
    """A value that a finding is derived from."""

    name: str
    """Name of the value, for readers."""
    value: float | str | None
    """The value, in `unit`; null: unknown."""
    unit: str
    """Unit: bytes, objects, requests, days, USD (the currency of the report), USD per GB-month, or empty."""
    source: FactSource
    """Source of the value."""
    as_of: date | None = None
    """UTC day of the value; null: it has no date."""


class KnownBy(msgspec.Struct, frozen=True, gc=False):
    """What would make the amount of a finding known."""

    how: str
    """What to request, for readers."""
    usd: float | None
    """What this costs in USD, per `per`; null: unknown."""
    per: Literal["run", "month"]
    """Whether the cost is per run or per month."""


class FindingException(msgspec.Struct, frozen=True, gc=False):
    """An exception of policies.yaml that silences a finding."""

    reason: str
    """Reason, as written in policies.yaml."""
    until: date
    """Last day of the exception."""


class FindingEntry(msgspec.Struct, frozen=True, gc=False):
    """A finding about a bucket, or about an account and region."""

    id: FindingId
    """Id of the rule, see `rules`."""
    bucket: str | None
    """Name of the bucket; null: the finding is about the account and region."""
    account: str
    """Account id of the owner."""
    region: str
    """Region."""
    kind: FindingKind
    """exact: the change saves usd_month; at-most: it saves usd_month or less; range: it saves between usd_month_low and
    usd_month_high, which may be negative; unknown: see known_by."""
    usd_month: float | None
    """Saving in the currency of the report per month, or its upper bound if kind is at-most; null: a range, or
    unknown."""
    usd_month_low: float | None
    """Smallest saving in the currency of the report per month; null: unknown, or without a lower bound."""
    usd_month_high: float | None
    """Largest saving in the currency of the report per month; null: unknown."""
    usd_once: float | None
    """Cost of the change itself, in the currency of the report, paid once; null: none, or unknown."""
    bytes_of: list[str]
    """The bytes that the finding is about: storage types, behind a colon only a part of them (current, noncurrent,
    uploads); or the charge. Findings with common entries are alternatives, and count only once in sums."""
    evidence: list[Evidence]
    """The values that the amounts are derived from."""
    fix: str
    """The change that saves the amount, for readers. It is never made by this program."""
    lifecycle_rule: str | None
    """The lifecycle rule of `fix`, as JSON for S3's API; null: none. PutBucketLifecycleConfiguration replaces all
    rules: add it to those of the bucket."""
    known_by: KnownBy | None
    """What would make an unknown amount known, or a bound exact; null: nothing is missing."""
    exception: FindingException | None = None
    """The exception that silences the finding, so that sums do not contain it; null: none."""


class FindingRuleText(msgspec.Struct, frozen=True):
    """The description of a rule."""

    title: str
    """Name for readers."""
    condition: str
    """When a bucket has the finding."""


class FindingTotals(msgspec.Struct, frozen=True):
    """Sums of findings. Findings about the same bytes are alternatives: only the largest of them counts."""

    findings: int
    """Number of findings."""
    buckets: int
    """Number of buckets with a finding."""
    usd_month_low: float
    """Saving that is certain, in the currency of the report per month: the lower bounds, where these are above 0."""
    usd_month_high: float
    """Largest saving, in the currency of the report per month. Findings of unknown amount are not included."""
    unknown: int
    """Number of findings of unknown amount."""
    incomplete_buckets: int = 0
    """Number of buckets with missing data, for which there are no findings."""


class FindingSums(msgspec.Struct, frozen=True):
    """The findings in summary.json."""

    totals: FindingTotals
    """All findings without exceptions."""
    excepted: int
    """Number of findings that exceptions of policies.yaml silence. The other figures do not contain them."""
    by_id: dict[str, FindingTotals]
    """Id of the rule → its findings. Sums over ids may count bytes twice."""
    by_account: dict[str, FindingTotals]
    """Account id → its findings."""
    by_tag: dict[str, dict[str, FindingTotals]] | UnsetType = UNSET
    """Tag key → value → the findings of its buckets. Only if details were requested."""


class FindingsFile(msgspec.Struct, frozen=True):
    """report/findings.json."""

    as_of: datetime
    """Time of the plan, UTC."""
    currency: str
    """Currency of all amounts except `known_by`."""
    totals: FindingTotals
    """Sums of all findings without exceptions."""
    rules: dict[str, FindingRuleText]
    """Id → description of the rule."""
    format: int = FORMAT
    """Version of this file format."""
    findings: list[FindingEntry] = []
    """The findings, the largest first."""
