"""The policies that a report is checked against, as written in policies.yaml."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Final, Literal, get_args

import msgspec
from msgspec import Meta

from s3_monitor.model.bounds import Count
from s3_monitor.model.finding import FINDING_IDS

PolicySeverity = Literal["warn", "fail"]
PropertyId = Literal[
    "encrypted",
    "versioned",
    "public-access-blocked",
    "lifecycle-present",
    "tags-present",
    "recently-modified",
    "no-anomaly",
]
PROPERTY_IDS: Final[tuple[str, ...]] = get_args(PropertyId)
RULE_IDS: Final = (*FINDING_IDS, *PROPERTY_IDS)

# Printable text of one line: it is the name of a test suite.
Line = Annotated[str, Meta(pattern=r"^[^\x00-\x1f\x7f-\x9f\u2028\u2029]+\Z", max_length=255)]
# Without a pattern: msgspec 0.22 frees the pattern of a union with a tuple twice.
Value = Annotated[str, Meta(min_length=1, max_length=255)]
Values = Value | Annotated[tuple[Value, ...], Meta(min_length=1)]
Size = Annotated[str, Meta(pattern=r"^[0-9]{1,15}(\.[0-9]{1,6})? ?(B|[KMGTP]iB)\Z")]
_Limit = Annotated[float, Meta(ge=0, le=1e20)]


class PolicyException(msgspec.Struct, frozen=True, kw_only=True):
    """Buckets that a rule does not apply to until a day."""

    bucket: Value
    """Name or glob."""
    reason: Line
    until: date
    """Last day of the exception."""
    account: Values = ()


class Selectors(msgspec.Struct, frozen=True, kw_only=True):
    """The buckets that a policy is about. Empty: all."""

    account: Values = ()
    region: Values = ()
    bucket: Values = ()
    """Names or globs."""
    storage_type: Values = ()
    tag: Annotated[dict[Value, Values], Meta(min_length=1)] = {}
    """Tag key → allowed values or globs."""


class Budget(Selectors, frozen=True, kw_only=True):
    """Limits of a group of buckets."""

    name: Line
    max_usd_month: _Limit | None = None
    """Monthly list price of storage."""
    max_growth_usd_30d: _Limit | None = None
    """Increase of the monthly list price in 30 days."""
    max_growth_percent_30d: _Limit | None = None
    """Increase of the monthly list price in 30 days, in percent."""
    max_size: Size | _Limit | None = None
    """Bytes: a number, or a text with a unit like 10 TiB."""
    max_objects: Count | None = None
    warn_at: Annotated[float, Meta(gt=0, le=1)] | None = None
    """Share of a limit from which a warning is given."""
    severity: PolicySeverity = "fail"


class PolicyRule(Selectors, frozen=True, kw_only=True):
    """A finding that buckets must not have, or a property that they must have."""

    id: str
    """One of RULE_IDS."""
    name: Line = ""
    """Empty: the id."""
    severity: PolicySeverity = "fail"
    at_least_usd: _Limit | None = None
    """Of findings: only those that save at least this amount per month; of `no-anomaly`: only increases of the monthly
    cost by at least this amount. None: all."""
    methods: tuple[Line, ...] = ()
    """Of `encrypted`: allowed methods; empty: any."""
    tags: tuple[Line, ...] = ()
    """Of `tags-present`: required tag keys."""
    max_age_days: Annotated[int, Meta(ge=1, le=10_000)] | None = None
    """Of `recently-modified`: largest age of the newest object."""
    exceptions: tuple[PolicyException, ...] = ()

    @property
    def title(self) -> str:
        """The name, by default the id."""
        return self.name or self.id


class Policies(msgspec.Struct, frozen=True, kw_only=True):
    """The content of policies.yaml."""

    budgets: tuple[Budget, ...] = ()
    rules: tuple[PolicyRule, ...] = ()


_UNITS: Final = ("B", "KiB", "MiB", "GiB", "TiB", "PiB")


def several(value: Values) -> tuple[str, ...]:
    """Return the values of a key that has one or several."""
    return (value,) if isinstance(value, str) else value


def to_bytes(size: str | float) -> float:
    """Return the bytes of a size, which may have a unit."""
    if not isinstance(size, str):
        return float(size)
    unit = size.lstrip("0123456789. ")
    return float(size.removesuffix(unit)) * 1024.0 ** _UNITS.index(unit)
