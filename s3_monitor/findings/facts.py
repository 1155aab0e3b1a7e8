"""The facts of a bucket that findings are derived from. Every source fills the fields that it has."""

from __future__ import annotations

from collections.abc import Mapping

import msgspec

from s3_monitor.findings.finding import FactDates, Finding, Missing, Value
from s3_monitor.merge.merged_data import ResolvedBucket
from s3_monitor.model.bucket_config import BucketConfig, Coverage, LifecycleAction
from s3_monitor.model.finding import FindingId, FindingKind
from s3_monitor.model.object_stats import Amount, ObjectStats
from s3_monitor.model.request_metrics import RequestMetrics
from s3_monitor.money.list_pricing import Exact, to_dollars
from s3_monitor.money.marginal_prices import PlacePrices

# Smaller amounts are shown only where they are exact.
_CENT = 10**74


class BucketFacts(msgspec.Struct, gc=False):
    """A bucket with everything that is known about it. None: unknown."""

    bucket: ResolvedBucket
    prices: PlacePrices
    sizes: Mapping[str, int | float]
    """Storage type → bytes."""
    dates: FactDates
    age: int | None
    """Days since the bucket was created."""
    size: int | float
    """Bytes of all storage types."""
    config: BucketConfig | None = None
    lifecycle: Mapping[LifecycleAction, Coverage] | None = None
    """Action of the enabled lifecycle rules → which objects it applies to; an action without a rule is not present."""
    objects: ObjectStats | None = None
    """Statistics of all keys. None also if they are lower bounds."""
    requests: RequestMetrics | None = None
    noncurrent: Mapping[str, Amount] | None = None
    """Storage class → noncurrent versions."""
    uploads: Amount | None = None
    """Incomplete multipart uploads, including recent ones."""
    old_uploads: Amount | None = None
    """Incomplete multipart uploads that were started more than 7 days ago."""
    delete_markers: int | None = None
    monitoring_fee: Exact | None = None
    """Billed monitoring fee of Intelligent-Tiering in the last complete month."""
    replicated_bytes: int | None = None
    """Bytes of replicas in this bucket, of all storage classes and versions."""
    days_since_request: int | None = None
    """Days since the last read or write on the bill, at least."""
    empty_days: int | None = None
    """Days for which the bucket has been empty. None: it is not empty, or unknown."""
    bucket_fee: Exact | None = None
    """The fee that deleting the bucket saves, if the account has to pay for it."""
    copied_from: tuple[tuple[str, int], ...] = ()
    """Buckets of the report that replicate into this bucket, with their bytes in Standard."""

    def coverage(self, action: LifecycleAction) -> Coverage | None:
        """Return whether enabled lifecycle rules apply an action; None: no rule does, or unknown."""
        return None if self.lifecycle is None else self.lifecycle.get(action)

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
            return self._finding(id_, "at-most", 0.0, usd, scope, values, once, "prices")
        return self._finding(id_, "exact", usd, usd, scope, values, once)

    def at_most(
        self,
        id_: FindingId,
        saving: Exact | None,
        scope: int,
        values: tuple[Value, ...],
        *,
        missing: Missing = "",
        once: Exact | None = None,
        low: float | None = 0.0,
    ) -> Finding | None:
        """Return a finding with an upper bound, or None if it is less than a cent."""
        if saving is None:
            return self.unknown(id_, "prices", scope, values)
        if saving < _CENT:
            return None
        return self._finding(id_, "at-most", low, to_dollars(saving), scope, values, once, missing)

    def range(
        self,
        id_: FindingId,
        low: Exact | None,
        high: Exact | None,
        scope: int,
        values: tuple[Value, ...],
        *,
        missing: Missing = "",
        once: Exact | None = None,
    ) -> Finding | None:
        """Return a finding with bounds, or None if the upper bound is less than a cent."""
        if low is None or high is None:
            return self.unknown(id_, "prices", scope, values)
        if high < _CENT:
            return None
        return self._finding(id_, "range", to_dollars(low), to_dollars(high), scope, values, once, missing)

    def unknown(self, id_: FindingId, missing: Missing, scope: int, values: tuple[Value, ...]) -> Finding:
        """Return a finding of unknown amount."""
        return self._finding(id_, "unknown", None, None, scope, values, None, missing)

    def without_amount(self, id_: FindingId, scope: int, values: tuple[Value, ...]) -> Finding:
        """Return a finding that saves nothing."""
        return self._finding(id_, "exact", 0.0, 0.0, scope, values)

    def _finding(
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
        bucket, usd_once = self.bucket, None if once is None else to_dollars(once)
        return Finding(
            id_,
            bucket.account,
            bucket.region,
            bucket.name,
            kind,
            low,
            high,
            scope,
            values,
            self.dates,
            usd_once,
            missing,
        )
