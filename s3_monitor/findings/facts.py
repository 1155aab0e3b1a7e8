"""The facts of a bucket that findings are derived from."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

import msgspec

from s3_monitor.findings.bucket_bill import BucketBill
from s3_monitor.findings.finding import Dates, Finding, Missing, Value
from s3_monitor.merge.merged_data import ResolvedBucket
from s3_monitor.model.bucket_config import BucketConfig, Coverage, Lifecycle, LifecycleAction
from s3_monitor.model.finding import FindingId, FindingKind
from s3_monitor.model.object_stats import ObjectStats
from s3_monitor.model.request_metrics import RequestMetrics
from s3_monitor.money.list_pricing import Exact, to_dollars
from s3_monitor.money.marginal_prices import PlacePrices

# Smaller amounts are shown only where they are exact.
_CENT = 10**74


def total(*amounts: Exact | None) -> Exact | None:
    """Return the sum of amounts, or None if an amount is unknown."""
    return None if None in amounts else sum(amounts)  # type: ignore[arg-type]


def difference(now: Exact | None, then: Exact | None) -> Exact | None:
    """Return ``now - then``, or None if either is unknown."""
    return None if now is None or then is None else now - then


class BucketFacts(msgspec.Struct, gc=False):
    """A bucket with everything that is known about it. None: unknown."""

    bucket: ResolvedBucket
    prices: PlacePrices
    sizes: Mapping[str, int | float]
    """Storage type → bytes."""
    dates: Dates
    age: int | None
    """Days since the bucket was created."""
    size: int | float
    """Bytes of all storage types."""
    objects: ObjectStats | None
    """Statistics of all keys. None also if they are lower bounds."""
    config: BucketConfig | None = None
    requests: RequestMetrics | None = None
    bill: BucketBill | None = None
    """From a billing export."""
    empty_days: int | None = None
    """Days for which the bucket has been empty. None: it is not empty, or unknown."""
    bucket_fee: Exact | None = None
    """The fee that deleting the bucket saves, if the account has to pay for it."""
    copied_from: tuple[tuple[str, int], ...] = ()
    """Buckets of the report that replicate into this bucket, with their bytes in Standard."""

    @property
    def access(self) -> RequestMetrics | int | None:
        """Return what shows whether the bucket is used: request metrics, or days since the last request on the bill."""
        return self.requests if self.requests is not None or self.bill is None else self.bill.days_since_request

    def coverage(self, action: LifecycleAction) -> Coverage | Literal["none"] | None:
        """Return the objects that enabled lifecycle rules apply an action to; None: unknown."""
        lifecycle = None if self.config is None else self.config.lifecycle
        if not isinstance(lifecycle, Lifecycle):
            return "none" if lifecycle == "none" else None
        return None if lifecycle.coverage is None else lifecycle.coverage.get(action, "none")

    def saving(self, source: str, target: str, size: float) -> Exact | None:
        """Return what bytes cost less in another storage type; None: a price is unknown."""
        return difference(self.prices.removed(source, size), self.prices.added(target, size))

    def exact(
        self,
        id_: FindingId,
        saving: Exact | None,
        scope: int,
        values: tuple[Value, ...],
        types: tuple[str, ...] = (),
        *,
        once: Exact | None = None,
    ) -> Finding | None:
        """Return a finding with an exact saving, or None if there is none.

        ``types``: the storage types whose prices the saving contains. If a price is an upper bound, so is the saving.
        """
        if saving is None:
            return self.unknown(id_, "prices", scope, values)
        if saving <= 0:
            return None
        usd = to_dollars(saving)
        if self.prices.bounds and not self.prices.bounds.isdisjoint(types):
            return self.finding(id_, "at-most", 0.0, usd, scope, values, once, "prices")
        return self.finding(id_, "exact", usd, usd, scope, values, once)

    def bounded(
        self,
        id_: FindingId,
        kind: Literal["at-most", "range"],
        low: Exact | None,
        high: Exact | None,
        scope: int,
        values: tuple[Value, ...],
        *,
        missing: Missing = "",
        once: Exact | None = None,
    ) -> Finding | None:
        """Return a finding with bounds, or None if the upper bound is less than a cent.

        ``low`` None: of at-most, without a lower bound; of a range, unknown.
        """
        if high is None or (low is None and kind == "range"):
            return self.unknown(id_, "prices", scope, values)
        if high < _CENT:
            return None
        usd_low = None if low is None else to_dollars(low)
        return self.finding(id_, kind, usd_low, to_dollars(high), scope, values, once, missing)

    def unknown(self, id_: FindingId, missing: Missing, scope: int, values: tuple[Value, ...]) -> Finding:
        """Return a finding of unknown amount."""
        return self.finding(id_, "unknown", None, None, scope, values, None, missing)

    def finding(
        self,
        id_: FindingId,
        kind: FindingKind,
        low: float | None,
        high: float | None,
        scope: int,
        values: tuple[Value, ...],
        once: Exact | None = None,
        missing: Missing = "",
    ) -> Finding:
        """Return a finding with these bounds in dollars."""
        usd_once = None if once is None else to_dollars(once)
        place = (self.bucket.account, self.bucket.region, self.bucket.name)
        return Finding(id_, *place, kind, low, high, scope, values, self.dates, usd_once, missing)
